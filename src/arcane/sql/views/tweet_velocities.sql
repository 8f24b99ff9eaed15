-- Une ligne par publication et par lecture, à partir de la deuxième : ce que chaque compteur a gagné par jour depuis la précédente.
-- One row a tweet and reading, from the second on: what each counter gained a day since the reading before.
-- Grain: (tweet_id, hour_at)
-- Source: tweets, tweet_snapshots
-- Formula (v1): gain = count - previous count; rate = gain / (hours between the two readings / 24); the gain of interactions
-- is that of likes, reposts, replies and quotes together, a gain of quotes that is unknown counting 0
-- Caveats: A gain is negative where likes were taken back or accounts removed. Two readings minutes apart make a small gain
-- a large rate: look at elapsed_hours. Rates do not add up: a gain over a period is the sum of rate * elapsed_hours / 24.
-- local_date is the day of posting, not of the reading.
-- Column: elapsed_hours = heures_ecoulees | Hours since the reading before | Heures depuis la lecture précédente
-- Column: like_count_per_day = nb_likes_par_jour | Likes gained a day since the reading before | Likes gagnés par jour depuis la lecture précédente
-- Column: retweet_count_per_day = nb_retweets_par_jour | Reposts gained a day since the reading before | Retweets gagnés par jour depuis la lecture précédente
-- Column: reply_count_per_day = nb_reponses_par_jour | Replies gained a day since the reading before | Réponses gagnées par jour depuis la lecture précédente
-- Column: quote_count_per_day = nb_citations_par_jour | Quotes gained a day since the reading before; NULL where unknown | Citations gagnées par jour depuis la lecture précédente ; NULL si inconnu
-- Column: bookmark_count_per_day = nb_favoris_par_jour | Bookmarks gained a day since the reading before; NULL where unknown | Favoris gagnés par jour depuis la lecture précédente ; NULL si inconnu
-- Column: impression_count_per_day = nb_impressions_par_jour | Times shown a day since the reading before; NULL where unknown | Affichages gagnés par jour depuis la lecture précédente ; NULL si inconnu
-- Column: interaction_count_per_day = interactions_par_jour | Interactions gained a day since the reading before | Interactions gagnées par jour depuis la lecture précédente
with

current_tweets as (
    select
        tweet_id,
        local_date,
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

-- With local_date all the way, so that a filter on it reaches the tweets here.
readings as (
    select
        snapshots.tweet_id,
        current_tweets.local_date,
        snapshots.hour_at,
        snapshots.observed_at,
        snapshots.age_hours,
        snapshots.like_count,
        snapshots.retweet_count,
        snapshots.reply_count,
        snapshots.quote_count,
        snapshots.bookmark_count,
        snapshots.impression_count,
    from tweet_snapshots as snapshots
    inner join current_tweets on current_tweets.tweet_id = snapshots.tweet_id
    where snapshots.like_count is not null
),

gains as (
    select
        tweet_id,
        local_date,
        hour_at,
        observed_at,
        age_hours,
        timestamp_diff(observed_at, lag(observed_at) over by_time, microsecond) / 3600000000 as elapsed_hours,
        like_count - lag(like_count) over by_time as like_gain,
        retweet_count - lag(retweet_count) over by_time as retweet_gain,
        reply_count - lag(reply_count) over by_time as reply_gain,
        quote_count - lag(quote_count) over by_time as quote_gain,
        bookmark_count - lag(bookmark_count) over by_time as bookmark_gain,
        impression_count - lag(impression_count) over by_time as impression_gain,
    from readings
    window by_time as (partition by tweet_id, local_date order by observed_at)
),

final as (
    select
        tweet_id,
        local_date,
        hour_at,
        observed_at,
        age_hours,
        elapsed_hours,
        safe_divide(like_gain, elapsed_hours / 24) as like_count_per_day,
        safe_divide(retweet_gain, elapsed_hours / 24) as retweet_count_per_day,
        safe_divide(reply_gain, elapsed_hours / 24) as reply_count_per_day,
        safe_divide(quote_gain, elapsed_hours / 24) as quote_count_per_day,
        safe_divide(bookmark_gain, elapsed_hours / 24) as bookmark_count_per_day,
        safe_divide(impression_gain, elapsed_hours / 24) as impression_count_per_day,
        safe_divide(
            like_gain + retweet_gain + reply_gain + coalesce(quote_gain, 0),
            elapsed_hours / 24
        ) as interaction_count_per_day,
    from gains
    where elapsed_hours is not null
)

select * from final
