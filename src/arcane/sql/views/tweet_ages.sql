-- Une ligne par publication : ses compteurs à 24 heures et à 7 jours, pour comparer des publications au même âge.
-- One row a tweet: its counters at 24 hours and at 7 days, so that tweets are compared at equal age.
-- Grain: (tweet_id)
-- Source: tweets, tweet_snapshots
-- Formula (v1): between the two readings around an age, at ages a < age <= b: count at b - (b - age) / (b - a) * (count at
-- b - count at a); a reading exactly at the age is both; NULL without both. interaction_count = like_count +
-- retweet_count + reply_count + quote_count, an unknown quote_count counting 0. share_at_24h = interaction_count_at_24h /
-- interaction_count. is_provisional = the last reading was before 7 days of age, or there was none
-- Caveats: Engagement comes early, so a straight line between two distant readings understates what was there in between.
-- A NULL is no 0: the tweet was not read on both sides of that age. share_at_24h falls while a tweet is provisional, and
-- passes 1 where interactions were taken back.
-- Kept: local_date
-- Column: age_hours = age_heures | Hours from posting to the last reading of the counters | Heures entre la publication et la dernière lecture des compteurs
-- Column: is_provisional = est_provisoire | True until it was read at 7 days of age or more | Vrai tant qu'il n'a pas été lu à 7 jours ou plus
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together, at the last reading | Likes, retweets, réponses et citations réunis, à la dernière lecture
-- Column: like_count_at_24h = nb_likes_24h | Likes at 24 hours, interpolated | Likes à 24 heures, interpolés
-- Column: retweet_count_at_24h = nb_retweets_24h | Reposts at 24 hours, interpolated | Retweets à 24 heures, interpolés
-- Column: reply_count_at_24h = nb_reponses_24h | Replies at 24 hours, interpolated | Réponses à 24 heures, interpolées
-- Column: interaction_count_at_24h = interactions_24h | Interactions at 24 hours, interpolated | Interactions à 24 heures, interpolées
-- Column: like_count_at_7d = nb_likes_7j | Likes at 7 days, interpolated | Likes à 7 jours, interpolés
-- Column: retweet_count_at_7d = nb_retweets_7j | Reposts at 7 days, interpolated | Retweets à 7 jours, interpolés
-- Column: reply_count_at_7d = nb_reponses_7j | Replies at 7 days, interpolated | Réponses à 7 jours, interpolées
-- Column: interaction_count_at_7d = interactions_7j | Interactions at 7 days, interpolated | Interactions à 7 jours, interpolées
-- Column: share_at_24h = part_acquise_24h | Share of the interactions of today that was there at 24 hours | Part des interactions actuelles acquise à 24 heures
with

current_tweets as (
    select
        tweet_id,
        local_date,
        timestamp_diff(metrics_observed_at, created_at, microsecond) / 3600000000 as age_hours,
        like_count + retweet_count + reply_count + coalesce(quote_count, 0) as interaction_count,
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

-- With local_date all the way, so that a filter on it reaches the tweets here.
readings as (
    select
        snapshots.tweet_id,
        current_tweets.local_date,
        snapshots.observed_at,
        snapshots.age_hours,
        snapshots.like_count,
        snapshots.retweet_count,
        snapshots.reply_count,
        snapshots.like_count + snapshots.retweet_count + snapshots.reply_count
        + coalesce(snapshots.quote_count, 0) as interaction_count,
    from tweet_snapshots as snapshots
    inner join current_tweets on current_tweets.tweet_id = snapshots.tweet_id
    where snapshots.like_count is not null
),

stretches as (
    select
        tweet_id,
        local_date,
        age_hours,
        like_count,
        retweet_count,
        reply_count,
        interaction_count,
        lag(age_hours) over by_time as previous_age_hours,
        lag(like_count) over by_time as previous_like_count,
        lag(retweet_count) over by_time as previous_retweet_count,
        lag(reply_count) over by_time as previous_reply_count,
        lag(interaction_count) over by_time as previous_interaction_count,
    from readings
    window by_time as (partition by tweet_id, local_date order by observed_at)
),

-- For each age the one stretch that reaches it: begun before it, or no stretch but a first reading right at it.
around as (
    select
        stretches.tweet_id,
        stretches.local_date,
        age,
        coalesce(
            safe_divide(stretches.age_hours - age, stretches.age_hours - stretches.previous_age_hours),
            0
        ) as way_back,
        stretches.like_count,
        coalesce(stretches.previous_like_count, stretches.like_count) as previous_like_count,
        stretches.retweet_count,
        coalesce(stretches.previous_retweet_count, stretches.retweet_count) as previous_retweet_count,
        stretches.reply_count,
        coalesce(stretches.previous_reply_count, stretches.reply_count) as previous_reply_count,
        stretches.interaction_count,
        coalesce(stretches.previous_interaction_count, stretches.interaction_count) as previous_interaction_count,
    from stretches
    cross join unnest([24, 168]) as age
    where
        (stretches.previous_age_hours < age and stretches.age_hours >= age)
        or (stretches.previous_age_hours is null and stretches.age_hours = age)
),

interpolated as (
    select
        tweet_id,
        local_date,
        age,
        like_count - way_back * (like_count - previous_like_count) as like_count,
        retweet_count - way_back * (retweet_count - previous_retweet_count) as retweet_count,
        reply_count - way_back * (reply_count - previous_reply_count) as reply_count,
        interaction_count - way_back * (interaction_count - previous_interaction_count) as interaction_count,
    from around
),

by_tweet as (
    select
        tweet_id,
        local_date,
        max(case when age = 24 then like_count end) as like_count_at_24h,
        max(case when age = 24 then retweet_count end) as retweet_count_at_24h,
        max(case when age = 24 then reply_count end) as reply_count_at_24h,
        max(case when age = 24 then interaction_count end) as interaction_count_at_24h,
        max(case when age = 168 then like_count end) as like_count_at_7d,
        max(case when age = 168 then retweet_count end) as retweet_count_at_7d,
        max(case when age = 168 then reply_count end) as reply_count_at_7d,
        max(case when age = 168 then interaction_count end) as interaction_count_at_7d,
    from interpolated
    group by tweet_id, local_date
),

final as (
    select
        current_tweets.tweet_id,
        current_tweets.local_date,
        current_tweets.age_hours,
        coalesce(current_tweets.age_hours < 168, true) as is_provisional,
        current_tweets.interaction_count,
        by_tweet.like_count_at_24h,
        by_tweet.retweet_count_at_24h,
        by_tweet.reply_count_at_24h,
        by_tweet.interaction_count_at_24h,
        by_tweet.like_count_at_7d,
        by_tweet.retweet_count_at_7d,
        by_tweet.reply_count_at_7d,
        by_tweet.interaction_count_at_7d,
        safe_divide(by_tweet.interaction_count_at_24h, current_tweets.interaction_count) as share_at_24h,
    from current_tweets
    left join by_tweet
        on by_tweet.tweet_id = current_tweets.tweet_id and by_tweet.local_date = current_tweets.local_date
)

select * from final
