-- Pour chaque suivi, jour et vidéo : les publications qui la montrent, et ses vues sur tout X.
-- For each tracker, day and video: the tweets posted that show it, and its views on all of X.
-- Grain: (tracker, local_date, media_key)
-- Source: days, posted_tweets, tweet_videos
-- Formula (v1): tweet_count = tweets of that day that show the video, exclusions left out but in raw_tweet_count,
-- view_count as last read; NULL where only excluded tweets show it.
-- Caveats: view_count does not add up over days or trackers: it counts all tweets of X that show the video, and stands
-- on each of its rows. Total views = sum of max(view_count) by media_key. A video that X did not describe has no row.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

shown as (
    select
        p.tracker,
        p.local_date,
        v.media_key,
        v.duration_s,
        v.view_count,
        p.exclusion_reason is null as is_in_scope,
    from posted_tweets as p
    inner join tweet_videos as v on v.tweet_id = p.tweet_id and v.local_date = p.local_date
),

summed as (
    select
        tracker,
        local_date,
        media_key,
        duration_s,
        view_count,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
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
        s.raw_tweet_count,
        if(s.tweet_count > 0, s.view_count, null) as view_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
