-- Aucune collecte complète depuis 26 heures.
-- No collection came to its end in the last 26 hours.
-- Severity: warn
select max(ended_at) as last_complete_at
from runs
where command in ('run', 'collect') and outcome = 'complete'
having coalesce(max(ended_at), timestamp '1970-01-01 00:00:00+00') < timestamp_sub(@now, interval 26 hour)
