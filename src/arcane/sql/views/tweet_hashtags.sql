-- Une ligne par publication et par hashtag qu'elle porte.
-- One row a tweet and a hashtag in it.
-- Grain: (tweet_id, hashtag)
-- Source: tweets
-- Formula (v1): every value of the list hashtags of a current tweet that is no retweet
-- Caveats: Spellings that differ by accents are different hashtags (arcane, arcané).
-- A tweet stands here once a value: count distinct tweet_id for tweets.
-- Column: hashtag = hashtag | A hashtag in it: NFKC, case folded, no # | Hashtag de la publication : NFKC, minuscules, sans #
with

final as (
    select
        tweets.tweet_id,
        tweets.local_date,
        hashtag,
    from tweets
    cross join unnest(tweets.hashtags) as hashtag
    where
        tweets.is_current
        and coalesce(tweets.kind, 'original') != 'retweet'
        and tweets.retweeted_tweet_id is null
)

select * from final
