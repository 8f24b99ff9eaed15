-- Pour chaque suivi et chaque jour : ses publications face à celles des 28 jours d'avant, et si c'est un pic.
-- For each tracker and day: its tweets beside those of the 28 days before, and whether that is a spike.
-- Grain: (tracker, local_date)
-- Source: days, posted_tweets
-- Formula (v1): z_score = (tweet_count - median) / (1.4826 * greatest(mad, 1, 0.05 * median)), median and mad (median
-- of the distances to the median) over the days known of the 28 before, 21 at least. A spike: z_score >= 4 and
-- tweet_count >= 20. A day is known where its coverage_rate is 0.95 or more.
-- Caveats: a day that is not known has no verdict and is in no baseline; nor has one of the first 28 days of a tracker.
-- Weekends are not told from other days: a loud Monday after quiet days is judged by all of them. The day after a spike
-- is judged by a baseline that holds that spike, which a median hardly feels.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope; NULL where none is known and the day is not whole | Publications du périmètre ; NULL si aucune n'est connue et que le jour n'est pas complet
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
-- Column: is_known = jour_connu | True where the day can have a verdict and be in the baseline of others | Vrai si le jour peut avoir un verdict et servir de référence à d'autres
-- Column: base_day_count = nb_jours_reference | Days known of the 28 before | Jours connus parmi les 28 précédents
-- Column: median_tweet_count = mediane_tweets | What is usual: half of the days known of the 28 before had fewer tweets, half had more | L'ordinaire : parmi les jours connus des 28 précédents, la moitié ont eu moins de publications, l'autre davantage
-- Column: z_score = score_z | How far the day is from that median, measured in the usual spread of these days (robust standard deviations); NULL without verdict | Distance du jour à cette médiane, mesurée en écarts habituels de ces jours (écarts-types robustes) ; NULL sans verdict
-- Column: is_spike = est_pic | True where the z score is 4 or more and the day has 20 tweets or more; NULL without verdict | Vrai si le score z vaut au moins 4 et que le jour compte au moins 20 publications ; NULL sans verdict
-- Column: reason_fr = motif | Why there is no verdict, in French; NULL where there is one | Pourquoi il n'y a pas de verdict ; NULL s'il y en a un
with

posted as (
    select
        tracker,
        local_date,
        countif(exclusion_reason is null) as tweet_count,
        count(*) as raw_tweet_count,
    from posted_tweets
    group by tracker, local_date
),

daily as (
    select
        days.tracker,
        days.local_date,
        days.coverage_rate,
        coalesce(posted.tweet_count, if(days.is_whole, 0, null)) as tweet_count,
        coalesce(posted.raw_tweet_count, if(days.is_whole, 0, null)) as raw_tweet_count,
        coalesce(days.coverage_rate >= 0.95 and (posted.tweet_count is not null or days.is_whole), false) as is_known,
        date_diff(days.local_date, min(days.local_date) over (partition by days.tracker), day) as day_number,
    from days
    left join posted on posted.tracker = days.tracker and posted.local_date = days.local_date
),

known as (
    select
        tracker,
        local_date,
        tweet_count,
    from daily
    where is_known
),

before as (
    select
        daily.tracker,
        daily.local_date,
        known.tweet_count,
        percentile_cont(known.tweet_count, 0.5) over (
            partition by daily.tracker, daily.local_date
        ) as median_tweet_count,
    from daily
    inner join known
        on known.tracker = daily.tracker
        and date_diff(daily.local_date, known.local_date, day) between 1 and 28
),

spread as (
    select
        tracker,
        local_date,
        median_tweet_count,
        percentile_cont(abs(tweet_count - median_tweet_count), 0.5) over (
            partition by tracker, local_date
        ) as median_distance,
    from before
),

bases as (
    select
        tracker,
        local_date,
        count(*) as base_day_count,
        max(median_tweet_count) as median_tweet_count,
        1.4826 * greatest(max(median_distance), 1, 0.05 * max(median_tweet_count)) as deviation,
    from spread
    group by tracker, local_date
),

judged as (
    select
        daily.tracker,
        daily.local_date,
        daily.tweet_count,
        daily.raw_tweet_count,
        daily.coverage_rate,
        daily.is_known,
        coalesce(bases.base_day_count, 0) as base_day_count,
        bases.median_tweet_count,
        (daily.tweet_count - bases.median_tweet_count) / bases.deviation as z_score,
        case
            when not daily.is_known then 'couverture inconnue ou sous 95 %'
            when daily.day_number < 28 then 'moins de 28 jours de recul'
            when coalesce(bases.base_day_count, 0) < 21 then 'moins de 21 jours connus sur les 28 précédents'
        end as reason_fr,
    from daily
    left join bases on bases.tracker = daily.tracker and bases.local_date = daily.local_date
),

final as (
    select
        tracker,
        local_date,
        tweet_count,
        raw_tweet_count,
        coverage_rate,
        is_known,
        base_day_count,
        if(reason_fr is null, median_tweet_count, null) as median_tweet_count,
        if(reason_fr is null, z_score, null) as z_score,
        if(reason_fr is null, z_score >= 4 and tweet_count >= 20, null) as is_spike,
        reason_fr,
    from judged
)

select * from final
