-- Une ligne par publication et par domaine vers lequel elle renvoie.
-- One row a tweet and a domain that it links to.
-- Grain: (tweet_id, domain)
-- Source: tweets
-- Formula (v1): every value of the list domains of a current tweet that is no retweet
-- Caveats: X's own addresses are left out, and two links to one domain are one row. A shortened link counts for its target only where X says it.
-- A tweet stands here once a value: count distinct tweet_id for tweets.
-- Column: domain = domaine | Domain linked, without www | Domaine lié, sans www
with

final as (
    select
        tweets.tweet_id,
        tweets.local_date,
        domain,
    from tweets
    cross join unnest(tweets.domains) as domain
    where
        tweets.is_current
        and coalesce(tweets.kind, 'original') != 'retweet'
        and tweets.retweeted_tweet_id is null
)

select * from final
