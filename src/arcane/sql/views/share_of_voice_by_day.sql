-- Pour chaque suivi et chaque jour : ses publications et leurs interactions, face à celles de tous les suivis du panel.
-- For each tracker and day: its tweets and their interactions beside those of every tracker of the panel.
-- Grain: (tracker, local_date)
-- Source: days, engagement_by_day
-- Formula (v1): share of voice of a period = sum(tweet_count) / sum(panel_tweet_count). A tracker is of the panel from
-- its first day until 7 days after its last. NULL for everyone where the coverage_rate of any of them is unknown or
-- under 0.95. Exclusions left out but in raw_tweet_count.
-- Caveats: a share among the trackers, never of X. A tweet that two trackers found counts in each. Compare only periods
-- of the same panel_tracker_count. Interactions are of tweets posted that day, as last read; the panel's are NULL too
-- where those of a tracker are unknown. Days before the first judged hour (imported archives) have no row.
-- Column: panel_tracker_count = nb_suivis_panel | Trackers of the panel that day | Suivis du panel ce jour
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: panel_tweet_count = nb_tweets_panel | Tweets of every tracker of the panel; a tweet that two trackers found counts twice | Publications de tous les suivis du panel ; une publication trouvée par deux suivis compte deux fois
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des publications de ce jour, à leur dernière lecture
-- Column: panel_interaction_count = interactions_panel | Interactions of every tracker of the panel; a tweet that two trackers found counts twice | Interactions de tous les suivis du panel ; une publication trouvée par deux suivis compte deux fois
-- Column: reason_fr = motif | Why the counts are NULL, in French; NULL where they are given | Pourquoi les nombres manquent ; NULL s'ils sont donnés
with

spans as (
    select
        tracker,
        min(local_date) as first_date,
        max(local_date) as last_date,
    from days
    group by tracker
),

calendar as (
    select distinct local_date
    from days
),

panel as (
    select
        s.tracker,
        c.local_date,
        e.tweet_count,
        e.raw_tweet_count,
        e.interaction_count,
        coalesce(e.coverage_rate, 0) < 0.95 or e.tweet_count is null as is_short,
    from spans as s
    inner join calendar as c on c.local_date >= s.first_date and date_diff(c.local_date, s.last_date, day) <= 7
    left join engagement_by_day as e on e.tracker = s.tracker and e.local_date = c.local_date
),

compared as (
    select
        tracker,
        local_date,
        tweet_count,
        raw_tweet_count,
        interaction_count,
        count(*) over (partition by local_date) as panel_tracker_count,
        sum(tweet_count) over (partition by local_date) as panel_tweet_count,
        sum(interaction_count) over (partition by local_date) as panel_interaction_count,
        countif(interaction_count is null) over (partition by local_date) > 0 as is_unmeasured,
        string_agg(if(is_short, tracker, null), ', ') over (
            partition by local_date
            order by tracker
            rows between unbounded preceding and unbounded following
        ) as short_trackers,
    from panel
),

final as (
    select
        tracker,
        local_date,
        panel_tracker_count,
        if(short_trackers is null, tweet_count, null) as tweet_count,
        if(short_trackers is null, raw_tweet_count, null) as raw_tweet_count,
        if(short_trackers is null, panel_tweet_count, null) as panel_tweet_count,
        if(short_trackers is null, interaction_count, null) as interaction_count,
        if(short_trackers is null and not is_unmeasured, panel_interaction_count, null) as panel_interaction_count,
        concat('jour incomplet ou couverture sous 0,95 (', short_trackers, ')') as reason_fr,
    from compared
)

select * from final
