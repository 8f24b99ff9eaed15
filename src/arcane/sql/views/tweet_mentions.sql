-- Une ligne par publication et par compte qu'elle cite.
-- One row a tweet and an account that it names.
-- Grain: (tweet_id, username)
-- Source: tweets
-- Formula (v1): every value of the list mentions of a current tweet that is no retweet
-- Caveats: A reply names the account that it answers, whether its author typed it or not.
-- A tweet stands here once a value: count distinct tweet_id for tweets.
-- Column: username = compte | Account named, lower case, no @ | Compte cité, minuscules, sans @
with

final as (
    select
        tweets.tweet_id,
        tweets.local_date,
        username,
    from tweets
    cross join unnest(tweets.mentions) as username
    where
        tweets.is_current
        and coalesce(tweets.kind, 'original') != 'retweet'
        and tweets.retweeted_tweet_id is null
)

select * from final
