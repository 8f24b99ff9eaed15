-- Une ligne par publication et par vidéo qu'elle montre, avec les vues de la vidéo.
-- One row a tweet and a video that it shows, with the video's views.
-- Grain: (tweet_id, media_key)
-- Source: tweets, tweet_media, media
-- Formula (v1): every medium of kind video on a current tweet that is no retweet
-- Caveats: view_count counts over every tweet that shows the video: add it up over distinct media_key, never over rows.
-- A medium of which X told nothing may be a video and is not here; gifs have no views.
with

current_tweets as (
    select
        tweet_id,
        local_date,
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

videos as (
    select
        media_key,
        duration_s,
        view_count,
    from media
    where kind = 'video'
),

final as (
    select
        current_tweets.tweet_id,
        current_tweets.local_date,
        videos.media_key,
        videos.duration_s,
        videos.view_count,
    from current_tweets
    inner join tweet_media on tweet_media.tweet_id = current_tweets.tweet_id
    inner join videos on videos.media_key = tweet_media.media_key
)

select * from final
