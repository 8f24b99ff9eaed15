-- Publications qu'un suivi a trouvées et dont il ne reste ni le contenu, ni la trace d'un effacement.
-- Tweets that a tracker found, of which neither the content nor a tombstone is left.
-- Severity: fail
with

-- What is older than every tweet was deleted by age (retention), which leaves no tombstone.
oldest as (
    select min(created_at) as created_at
    from tweets
),

erased as (
    select id
    from tombstones
    where kind = 'tweet'
),

final as (
    select
        f.tracker,
        f.tweet_id,
    from tracker_tweets as f
    inner join oldest on f.created_at > oldest.created_at
    left join tweets as t on t.tweet_id = f.tweet_id
    left join erased on erased.id = f.tweet_id
    where t.tweet_id is null and erased.id is null
)

select * from final
