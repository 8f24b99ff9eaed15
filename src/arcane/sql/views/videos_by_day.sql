-- Pour chaque suivi, jour et vidéo : les tweets publiés qui la montrent, et ses vues sur tout X.
-- For each tracker, day and video: the tweets posted that show it, and its views on all of X.
-- Grain: (tracker, local_date, media_key)
-- Source: days, media, tweet_media, tweets, tracker_tweets
-- Formula (v1): tweet_count = tweets of that day that show the video; view_count as last read. Current versions,
-- retweets left out.
-- Caveats: view_count does not add up over days or trackers: it counts all tweets of X that show the video, and stands
-- on each of its rows. Total views = sum of max(view_count) by media_key. A video that X did not describe has no row.
-- Column: tweet_count = nb_tweets | Tweets posted | Tweets publiés
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

shown as (
    select
        f.tracker,
        t.local_date,
        m.media_key,
        m.duration_s,
        m.view_count,
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    inner join tweet_media as h on h.tweet_id = t.tweet_id
    inner join media as m on m.media_key = h.media_key
    where
        t.is_current
        and coalesce(t.kind, 'original') != 'retweet'
        and t.retweeted_tweet_id is null
        and m.kind = 'video'
),

summed as (
    select
        tracker,
        local_date,
        media_key,
        duration_s,
        view_count,
        count(*) as tweet_count,
    from shown
    group by tracker, local_date, media_key, duration_s, view_count
),

final as (
    select
        s.tracker,
        s.local_date,
        s.media_key,
        s.duration_s,
        s.tweet_count,
        s.view_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
