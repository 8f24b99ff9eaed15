-- Publications qu'aucun suivi n'a trouvées.
-- Tweets that no tracker found.
-- Severity: fail
select t.tweet_id
from tweets as t
left join tracker_tweets as f on f.tweet_id = t.tweet_id
where f.tweet_id is null
