-- Relevés de compteurs et rattachements de médias dont la publication n'est pas dans les tables.
-- Snapshots of counters and links to media whose tweet is not in the tables.
-- Severity: fail
select 'tweet_snapshots' as table_name, s.tweet_id
from tweet_snapshots as s
left join tweets as t on t.tweet_id = s.tweet_id
where t.tweet_id is null
union all
select 'tweet_media' as table_name, m.tweet_id
from tweet_media as m
left join tweets as t on t.tweet_id = m.tweet_id
where t.tweet_id is null
