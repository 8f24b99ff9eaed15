-- Heures des 7 derniers jours non lues ou lues en partie, que la prochaine collecte peut encore combler.
-- Hours of the last 7 days that were not read, or in part; the next collection can still fill them.
-- Severity: warn
with

followed as (
    select
        name as tracker,
        query_hash,
    from trackers
    qualify row_number() over (partition by name order by valid_from desc) = 1
),

final as (
    select
        hours.tracker,
        hours.hour_at,
        hours.expected_count,
    from hours
    inner join followed on followed.tracker = hours.tracker and followed.query_hash = hours.query_hash
    where hours.status = 'gap' and hours.hour_at > timestamp_sub(@now, interval 7 day)
)

select * from final
