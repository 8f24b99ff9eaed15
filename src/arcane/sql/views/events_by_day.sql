-- Ce que les analystes savent être arrivé, jour par jour : leur fichier CSV, pour tous les outils.
-- What the analysts know happened, by day: their CSV file, for every tool.
-- Grain: (local_date, label)
-- Source: events
-- Formula (v1): the rows of events
-- Caveats: an event without a tracker concerns all of them; it stands beside a spike and need not have made it.
with

final as (
    select
        local_date,
        label,
        tracker,
    from events
)

select * from final
