-- Périodes non lues au cours des 7 derniers jours, que la prochaine collecte peut encore combler.
-- Stretches of the last 7 days that were not read; the next collection can still fill them.
-- Severity: warn
with

followed as (
    select
        name as tracker,
        query_hash,
    from trackers
    qualify row_number() over (partition by name order by valid_from desc) = 1
),

stretches as (
    select
        c.tracker,
        c.end_at as gap_start_at,
        lead(c.start_at) over (partition by c.tracker order by c.start_at) as gap_end_at,
    from coverage as c
    inner join followed as f on f.tracker = c.tracker and f.query_hash = c.query_hash
),

final as (
    select
        tracker,
        gap_start_at,
        gap_end_at,
    from stretches
    where gap_end_at > gap_start_at and gap_end_at > timestamp_sub(@now, interval 7 day)
)

select * from final
