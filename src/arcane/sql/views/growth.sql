-- Croissance d'un suivi entre deux périodes alignées jour pour jour : une ligne par mesure, ou le motif de son absence.
-- Growth of a tracker between two periods set side by side day for day: one row a measure, or why it is unknown.
-- Grain: (measure)
-- Source: posted_tweets, days, pages, schema_version
-- Formula (v1): growth_rate = (value - base_value) / base_value. The nth day of the period is compared with the nth of
-- the base. A day takes no part, nor does the one that faces it, where it ended after the newest reading, or less than
-- 24 hours (measures at 24 h) or 7 days (at 7 d, engagement_rate) before; or where its coverage_rate is under 0.95.
-- Means are sums over the tweets measured at that age / their number; engagement_rate = sum(shown_interaction_count) /
-- sum(impression_count) over the tweets last read at 7 days of age or more.
-- Caveats: exclusions are left out but in raw_tweet_count. day_count says how many days were compared: read it beside
-- the value. Choose periods of whole weeks that begin on the same weekday. Means over under 20 tweets give no rate,
-- over more, one loud account can make them still (concentration).
-- Column: measure = cle_mesure | What is compared | Ce qui est comparé
-- Column: label_fr = mesure | The same in French | La même chose en français
-- Column: day_count = nb_jours_compares | Days of the period that are compared: old enough, and read to 95 % as is the day that they face | Jours de la période qui sont comparés : assez anciens, et lus à 95 % comme le jour qui leur fait face
-- Column: value = valeur | Over the period | Sur la période
-- Column: base_value = valeur_base | Over the base period | Sur la période de comparaison
-- Column: growth_rate = taux_croissance | (value - base value) / base value, over the days that take part; NULL where a reason is given | Écart entre les deux périodes, rapporté à la période de comparaison, sur les jours comparés ; NULL si le motif dit pourquoi
-- Column: measured_tweet_count = nb_tweets_mesures | Tweets of the period that the value is computed on: those read at that age, on the days compared | Publications sur lesquelles la valeur de la période est calculée : celles qui ont été lues à l'âge voulu, les jours comparés
-- Column: base_measured_tweet_count = nb_tweets_mesures_base | Tweets that the value of the base stands on | Publications sur lesquelles repose la valeur de la base
-- Column: coverage_rate = taux_couverture | Share of X's count of the period that was read; NULL where X did not count all of it | Part du décompte de X sur la période qui a été lue ; NULL si X n'a pas tout compté
-- Column: base_coverage_rate = taux_couverture_base | The same of the base period | De même pour la période de comparaison
-- Column: reason_fr = motif | Why there is no growth rate, in French; NULL where there is | Pourquoi il n'y a pas de taux ; NULL s'il y en a un
with

measures as (
    select 'tweet_count' as measure, 'tweets' as label_fr, 0 as age_days, false as is_mean
    union all
    select 'raw_tweet_count', 'tweets, exclusions comprises', 0, false
    union all
    select 'author_count', 'auteurs distincts', 0, false
    union all
    select 'interactions_per_tweet_at_24h', 'interactions par tweet à 24 h', 1, true
    union all
    select 'interactions_per_tweet_at_7d', 'interactions par tweet à 7 jours', 7, true
    union all
    select 'engagement_rate', "taux d'engagement", 7, true
),

posted as (
    select
        false as is_base,
        date_diff(local_date, @first_date, day) as day_offset,
        author_id,
        interaction_count_at_24h,
        interaction_count_at_7d,
        shown_interaction_count,
        impression_count,
        timestamp_diff(metrics_observed_at, created_at, hour) >= 168 as is_week_old,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
    union all
    select
        true as is_base,
        date_diff(local_date, @base_first_date, day) as day_offset,
        author_id,
        interaction_count_at_24h,
        interaction_count_at_7d,
        shown_interaction_count,
        impression_count,
        timestamp_diff(metrics_observed_at, created_at, hour) >= 168 as is_week_old,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @base_first_date and @base_last_date
),

covered as (
    select
        local_date,
        expected_count,
        coverage_rate,
    from days
    where tracker = @tracker_name
),

newest as (
    select max(observed_at) as read_at
    from pages
),

read_until as (
    select date(newest.read_at, zone.time_zone) as read_date
    from newest
    cross join schema_version as zone
),

asked as (
    select
        day_offset,
        cast(date_add(@first_date, interval day_offset day) as date) as local_date,
        cast(date_add(@base_first_date, interval day_offset day) as date) as base_date,
    from unnest(
        generate_array(
            0, least(date_diff(@last_date, @first_date, day), date_diff(@base_last_date, @base_first_date, day))
        )
    ) as day_offset
),

pairs as (
    select
        asked.day_offset,
        date_diff(read_until.read_date, greatest(asked.local_date, asked.base_date), day) - 1 as age_days,
        coalesce(covered.coverage_rate, 0) >= 0.95 and coalesce(base.coverage_rate, 0) >= 0.95 as is_covered,
        covered.expected_count,
        covered.coverage_rate,
        base.expected_count as base_expected_count,
        base.coverage_rate as base_coverage_rate,
    from asked
    cross join read_until
    left join covered on covered.local_date = asked.local_date
    left join covered as base on base.local_date = asked.base_date
),

old_enough as (
    select
        m.measure,
        p.day_offset,
        p.is_covered,
        p.expected_count,
        p.coverage_rate,
        p.base_expected_count,
        p.base_coverage_rate,
    from measures as m
    inner join pairs as p on p.age_days >= m.age_days
),

coverages as (
    select
        measure,
        count(*) as old_day_count,
        countif(is_covered) as day_count,
        if(
            count(coverage_rate) = count(*),
            if(sum(expected_count) = 0, 1, sum(coverage_rate * expected_count) / sum(expected_count)),
            null
        ) as coverage_rate,
        if(
            count(base_coverage_rate) = count(*),
            if(
                sum(base_expected_count) = 0,
                1,
                sum(base_coverage_rate * base_expected_count) / sum(base_expected_count)
            ),
            null
        ) as base_coverage_rate,
    from old_enough
    group by measure
),

by_day as (
    select
        is_base,
        day_offset,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        sum(if(is_in_scope, interaction_count_at_24h, null)) as interaction_count_at_24h,
        count(if(is_in_scope, interaction_count_at_24h, null)) as tweet_count_at_24h,
        sum(if(is_in_scope, interaction_count_at_7d, null)) as interaction_count_at_7d,
        count(if(is_in_scope, interaction_count_at_7d, null)) as tweet_count_at_7d,
        sum(if(is_in_scope and is_week_old, shown_interaction_count, null)) as shown_interaction_count,
        sum(if(is_in_scope and is_week_old, impression_count, null)) as impression_count,
        count(if(is_in_scope and is_week_old, impression_count, null)) as shown_tweet_count,
    from posted
    group by is_base, day_offset
),

parts as (
    select
        is_base,
        day_offset,
        'tweet_count' as measure,
        cast(tweet_count as float64) as numerator,
        cast(null as int64) as denominator,
        tweet_count as measured_tweet_count,
    from by_day
    union all
    select is_base, day_offset, 'raw_tweet_count', raw_tweet_count, null, raw_tweet_count
    from by_day
    union all
    select
        is_base,
        day_offset,
        'interactions_per_tweet_at_24h',
        interaction_count_at_24h,
        tweet_count_at_24h,
        tweet_count_at_24h,
    from by_day
    union all
    select
        is_base,
        day_offset,
        'interactions_per_tweet_at_7d',
        interaction_count_at_7d,
        tweet_count_at_7d,
        tweet_count_at_7d,
    from by_day
    union all
    select is_base, day_offset, 'engagement_rate', shown_interaction_count, impression_count, shown_tweet_count
    from by_day
),

authors_of_days as (
    select
        posted.is_base,
        o.measure,
        count(distinct posted.author_id) as author_count,
        count(*) as measured_tweet_count,
    from old_enough as o
    inner join posted on posted.day_offset = o.day_offset
    where o.measure = 'author_count' and o.is_covered and posted.is_in_scope
    group by posted.is_base, o.measure
),

summed as (
    select
        p.is_base,
        p.measure,
        sum(p.numerator) as numerator,
        sum(p.denominator) as denominator,
        sum(p.measured_tweet_count) as measured_tweet_count,
    from old_enough as o
    inner join parts as p on p.measure = o.measure and p.day_offset = o.day_offset
    where o.is_covered
    group by p.is_base, p.measure
    union all
    select is_base, measure, author_count, null, measured_tweet_count
    from authors_of_days
),

compared as (
    select
        m.measure,
        m.label_fr,
        m.age_days,
        m.is_mean,
        coalesce(c.old_day_count, 0) as old_day_count,
        coalesce(c.day_count, 0) as day_count,
        c.coverage_rate,
        c.base_coverage_rate,
        coalesce(s.measured_tweet_count, 0) as measured_tweet_count,
        coalesce(base.measured_tweet_count, 0) as base_measured_tweet_count,
        case
            when m.is_mean then safe_divide(s.numerator, s.denominator)
            when c.day_count > 0 then coalesce(s.numerator, 0)
        end as value,
        case
            when m.is_mean then safe_divide(base.numerator, base.denominator)
            when c.day_count > 0 then coalesce(base.numerator, 0)
        end as base_value,
    from measures as m
    left join coverages as c on c.measure = m.measure
    left join summed as s on s.measure = m.measure and not s.is_base
    left join summed as base on base.measure = m.measure and base.is_base
),

judged as (
    select
        measure,
        label_fr,
        day_count,
        value,
        base_value,
        measured_tweet_count,
        base_measured_tweet_count,
        coverage_rate,
        base_coverage_rate,
        case
            when @last_date < @first_date or @base_last_date < @base_first_date then 'dates dans le désordre'
            when
                date_diff(@last_date, @first_date, day) != date_diff(@base_last_date, @base_first_date, day)
                then 'périodes de longueurs différentes'
            when old_day_count = 0 and age_days = 0 then "trop récent : aucun jour terminé n'a été lu"
            when old_day_count = 0 then
                concat('trop récent : aucun jour lu au moins ', cast(age_days * 24 as string), ' h après sa fin')
            when coverage_rate is null and base_coverage_rate is null then 'couverture inconnue sur les deux périodes'
            when coverage_rate is null then 'couverture inconnue sur la période'
            when base_coverage_rate is null then 'couverture inconnue sur la période de comparaison'
            when coverage_rate < 0.95 and base_coverage_rate < 0.95 then 'couverture sous 95 % sur les deux périodes'
            when coverage_rate < 0.95 then 'couverture sous 95 % sur la période'
            when base_coverage_rate < 0.95 then 'couverture sous 95 % sur la période de comparaison'
            when day_count = 0 then 'aucun jour couvert à 95 % dans les deux périodes'
            when is_mean and measured_tweet_count < 20 then 'moins de 20 tweets mesurés sur la période'
            when is_mean and base_measured_tweet_count < 20 then
                'moins de 20 tweets mesurés sur la période de comparaison'
            when base_value = 0 then 'valeur nulle sur la période de comparaison'
        end as reason_fr,
    from compared
),

final as (
    select
        measure,
        label_fr,
        day_count,
        value,
        base_value,
        if(reason_fr is null, safe_divide(value - base_value, base_value), null) as growth_rate,
        measured_tweet_count,
        base_measured_tweet_count,
        coverage_rate,
        base_coverage_rate,
        reason_fr,
    from judged
)

select * from final
