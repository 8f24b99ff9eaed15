-- Le calendrier de chaque suivi : chaque jour local, de la première à la dernière heure jugée, et ce qui en a été lu.
-- The calendar of every tracker: each local day from its first to its last judged hour, and what of it was read.
-- Grain: (tracker, local_date)
-- Source: coverage_by_hour, schema_version
-- Formula (v1): coverage_rate = sum(least(seen_count, expected_count)) / sum(expected_count) of its hours; 1 where X
-- counts none
-- Caveats: an hour without a row in hours adds to hour_count alone. The first and the last day of a tracker are seldom
-- whole; their coverage_rate is NULL, as is that of a day with hours that X did not count in time.
-- Column: hour_count = nb_heures | Hours of that local day: 24, or 23 and 25 where the clock changes | Heures de ce jour local : 24, ou 23 et 25 aux changements d'heure
-- Column: read_hour_count = nb_heures_lues | Hours that are complete or settled | Heures complètes, ou relues sans rien de plus
-- Column: partial_hour_count = nb_heures_partielles | Hours that were read and lack tweets, to be read again | Heures lues où il manque des publications, à relire
-- Column: gap_hour_count = nb_heures_non_lues | Hours that were not read, or not to their end: gap, lost or counted | Heures non lues, ou pas jusqu'au bout : gap, lost ou counted
-- Column: counted_hour_count = nb_heures_comptees | Hours that X counted | Heures dont X a donné le décompte
-- Column: expected_count = nb_attendus | Tweets that X counts that day, also those that its search withholds; NULL where it was not asked | Publications comptées par X ce jour, y compris celles que sa recherche retient ; NULL s'il n'a pas été interrogé
-- Column: seen_count = nb_vus | Tweets that were ever read in the hours of the day, erased ones included | Publications lues au moins une fois dans les heures du jour, effacées comprises
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
-- Column: is_whole = jour_complet | True where every hour of the day was read | Vrai si chaque heure du jour a été lue
with

hourly as (
    select
        c.tracker,
        date(c.hour_at, zone.time_zone) as local_date,
        c.status,
        c.expected_count,
        c.seen_count,
    from coverage_by_hour as c
    cross join schema_version as zone
),

calendar as (
    select
        spans.tracker,
        local_date,
    from (
        select
            tracker,
            min(local_date) as first_date,
            max(local_date) as last_date,
        from hourly
        group by tracker
    ) as spans
    cross join unnest(generate_date_array(spans.first_date, spans.last_date)) as local_date
),

midnights as (
    select
        c.tracker,
        c.local_date,
        concat(format_date('%Y-%m-%d 00:00:00 ', c.local_date), zone.time_zone) as midnight,
        concat(
            format_date('%Y-%m-%d 00:00:00 ', date_add(c.local_date, interval 1 day)), zone.time_zone
        ) as next_midnight,
    from calendar as c
    cross join schema_version as zone
),

lengths as (
    select
        tracker,
        local_date,
        timestamp_diff(cast(next_midnight as timestamp), cast(midnight as timestamp), hour) as hour_count,
    from midnights
),

hours_by_day as (
    select
        tracker,
        local_date,
        countif(status in ('complete', 'settled')) as read_hour_count,
        countif(status = 'partial') as partial_hour_count,
        countif(status in ('gap', 'lost', 'counted')) as gap_hour_count,
        count(expected_count) as counted_hour_count,
        sum(expected_count) as expected_count,
        sum(seen_count) as seen_count,
        sum(least(seen_count, expected_count)) as covered_count,
    from hourly
    group by tracker, local_date
),

final as (
    select
        l.tracker,
        l.local_date,
        mod(date_diff(l.local_date, date '2001-01-01', day), 7) + 1 as local_weekday,
        l.hour_count,
        coalesce(h.read_hour_count, 0) as read_hour_count,
        coalesce(h.partial_hour_count, 0) as partial_hour_count,
        coalesce(h.gap_hour_count, 0) as gap_hour_count,
        coalesce(h.counted_hour_count, 0) as counted_hour_count,
        h.expected_count,
        h.seen_count,
        case
            when h.counted_hour_count is null or h.counted_hour_count < l.hour_count then null
            when h.expected_count = 0 then 1
            else h.covered_count / h.expected_count
        end as coverage_rate,
        coalesce(h.read_hour_count, 0) = l.hour_count as is_whole,
    from lengths as l
    left join hours_by_day as h on h.tracker = l.tracker and h.local_date = l.local_date
)

select * from final
