-- Part de voix de chaque suivi du panel sur une période, en publications et en interactions, ou le motif de son absence.
-- Share of voice of every tracker of the panel over a period, by tweets and by interactions, or why there is none.
-- Grain: (tracker)
-- Source: share_of_voice_by_day, days, pages, schema_version
-- Formula (v1): tweet_share = sum(tweet_count) / sum(panel_tweet_count) over the days that share_of_voice_by_day gives:
-- those on which every tracker was read to 0.95. interaction_share likewise, over the days whose interactions are all
-- known. Days that were not over at the newest reading take no part. NULL for everyone where the coverage_rate of any
-- tracker over the period is unknown or under 0.95.
-- Caveats: a share among the trackers, never of X. A tweet that two trackers found counts in each. A tracker that
-- begins or ends within the period leaves everyone without a share: ask for the days that all were followed.
-- Interactions are as last read.
-- Column: panel_tracker_count = nb_suivis_panel | Trackers of the panel | Suivis du panel
-- Column: day_count = nb_jours_compares | Days that take part | Jours qui prennent part
-- Column: tweet_count = nb_tweets | Tweets posted on these days, in scope | Publications de ces jours-là, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | The same, exclusions included | De même, exclusions comprises
-- Column: panel_tweet_count = nb_tweets_panel | Tweets of every tracker of the panel; a tweet that two trackers found counts twice | Publications de tous les suivis du panel ; une publication trouvée par deux suivis compte deux fois
-- Column: tweet_share = part_de_voix | The tracker's tweets divided by those of all trackers of the panel together | Publications du suivi divisées par celles de tous les suivis du panel réunis
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets, as last read | J'aime, retweets, réponses et citations de ces publications, à leur dernière lecture
-- Column: panel_interaction_count = interactions_panel | Interactions of every tracker of the panel; a tweet that two trackers found counts twice | Interactions de tous les suivis du panel ; une publication trouvée par deux suivis compte deux fois
-- Column: interaction_share = part_de_voix_interactions | Share of the panel's interactions | Part des interactions du panel
-- Column: coverage_rate = taux_couverture | Share of X's count of the period that was read; NULL where X did not count all of it | Part du décompte de X sur la période qui a été lue ; NULL si X n'a pas tout compté
-- Column: reason_fr = motif | Why there is no share, in French; NULL where there is | Pourquoi il n'y a pas de part ; NULL s'il y en a une
with

daily as (
    select
        tracker,
        local_date,
        panel_tracker_count,
        tweet_count,
        raw_tweet_count,
        panel_tweet_count,
        if(panel_interaction_count is null, null, interaction_count) as interaction_count,
        panel_interaction_count,
    from share_of_voice_by_day
    where local_date between @first_date and @last_date
),

covered as (
    select
        tracker,
        local_date,
        expected_count,
        coverage_rate,
    from days
    where local_date between @first_date and @last_date
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
    select local_date
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
),

ended as (
    select asked.local_date
    from asked
    inner join read_until on asked.local_date < read_until.read_date
),

lengths as (
    select count(*) as ended_day_count
    from ended
),

coverages as (
    select
        covered.tracker,
        count(covered.coverage_rate) as counted_day_count,
        if(
            sum(covered.expected_count) = 0,
            1,
            sum(covered.coverage_rate * covered.expected_count) / sum(covered.expected_count)
        ) as coverage_rate,
    from covered
    inner join ended on ended.local_date = covered.local_date
    group by covered.tracker
),

summed as (
    select
        daily.tracker,
        max(daily.panel_tracker_count) as panel_tracker_count,
        count(if(ended.local_date is not null, daily.tweet_count, null)) as day_count,
        sum(if(ended.local_date is not null, daily.tweet_count, null)) as tweet_count,
        sum(if(ended.local_date is not null, daily.raw_tweet_count, null)) as raw_tweet_count,
        sum(if(ended.local_date is not null, daily.panel_tweet_count, null)) as panel_tweet_count,
        sum(if(ended.local_date is not null, daily.interaction_count, null)) as interaction_count,
        sum(if(ended.local_date is not null, daily.panel_interaction_count, null)) as panel_interaction_count,
    from daily
    left join ended on ended.local_date = daily.local_date
    group by daily.tracker
),

compared as (
    select
        s.tracker,
        s.panel_tracker_count,
        s.day_count,
        s.tweet_count,
        s.raw_tweet_count,
        s.panel_tweet_count,
        s.interaction_count,
        s.panel_interaction_count,
        lengths.ended_day_count,
        if(c.counted_day_count = lengths.ended_day_count, c.coverage_rate, null) as coverage_rate,
    from summed as s
    cross join lengths
    left join coverages as c on c.tracker = s.tracker
),

judged as (
    select
        tracker,
        panel_tracker_count,
        day_count,
        tweet_count,
        raw_tweet_count,
        panel_tweet_count,
        interaction_count,
        panel_interaction_count,
        ended_day_count,
        coverage_rate,
        string_agg(if(coalesce(coverage_rate, 0) < 0.95, tracker, null), ', ') over (
            order by tracker
            rows between unbounded preceding and unbounded following
        ) as short_trackers,
    from compared
),

explained as (
    select
        tracker,
        panel_tracker_count,
        day_count,
        tweet_count,
        raw_tweet_count,
        panel_tweet_count,
        interaction_count,
        panel_interaction_count,
        coverage_rate,
        case
            when ended_day_count = 0 then "trop récent : aucun jour terminé n'a été lu"
            when short_trackers is not null then concat('couverture inconnue ou sous 95 % (', short_trackers, ')')
            when day_count = 0 then 'aucun jour couvert à 95 % pour tous les suivis'
            when panel_tweet_count = 0 then 'aucun tweet du panel sur la période'
        end as reason_fr,
    from judged
),

final as (
    select
        tracker,
        panel_tracker_count,
        day_count,
        tweet_count,
        raw_tweet_count,
        panel_tweet_count,
        if(reason_fr is null, safe_divide(tweet_count, panel_tweet_count), null) as tweet_share,
        interaction_count,
        panel_interaction_count,
        if(reason_fr is null, safe_divide(interaction_count, panel_interaction_count), null) as interaction_share,
        coverage_rate,
        reason_fr,
    from explained
)

select * from final
