-- Lignes dont un compteur ou une durée est négatif : X ne compte jamais en dessous de zéro.
-- Rows with a counter or a length below zero: X never counts below it.
-- Severity: fail
select 'tweets' as table_name, tweet_id as row_id
from tweets
where
    like_count < 0
    or retweet_count < 0
    or reply_count < 0
    or quote_count < 0
    or bookmark_count < 0
    or impression_count < 0
    or video_view_count < 0
union all
select 'tweet_snapshots' as table_name, tweet_id as row_id
from tweet_snapshots
where
    like_count < 0
    or retweet_count < 0
    or reply_count < 0
    or quote_count < 0
    or bookmark_count < 0
    or impression_count < 0
union all
select 'authors' as table_name, author_id as row_id
from authors
where followers_count < 0
union all
select 'media' as table_name, media_key as row_id
from media
where view_count < 0 or duration_s < 0
union all
select 'media_snapshots' as table_name, media_key as row_id
from media_snapshots
where view_count < 0
