-- Pour chaque jour UTC et chaque type de lecture : ce que X a facturé, et ce qui reste réservé.
-- For each UTC day and kind of read: what X billed, and what is still set aside.
-- Grain: (utc_date, kind)
-- Source: reads, reservations
-- Formula (v1): usd = sum of the price of each read; unsettled_usd = sum of the reservations that were not settled, in
-- rows of kind unsettled. Spent at the worst = sum(usd) + sum(unsettled_usd).
-- Caveats: days are X's, in UTC. Prices are those of the settings: X's invoice is the truth. What a dead run left
-- unsettled may never have been spent. Reads are of every tracker together: X bills a post once a day.
-- Column: kind = type | post, user, counts_recent or counts_all; unsettled for what is set aside | post, user, counts_recent ou counts_all ; unsettled pour ce qui est réservé
-- Column: read_count = nb_lectures | Posts, users or counts requests billed | Posts, comptes ou décomptes facturés
-- Column: usd = cout_usd | Billed, in dollars, by the settings of that day | Facturé, en dollars, selon les réglages du jour
-- Column: unsettled_usd = cout_reserve_usd | Set aside for requests under way or cut short, in dollars, at their worst | Réservé pour des requêtes en cours ou interrompues, en dollars, au pire cas
with

billed as (
    select
        utc_date,
        kind,
        count(*) as read_count,
        sum(usd) as usd,
        0.0 as unsettled_usd,
    from reads
    group by utc_date, kind
),

reserved as (
    select
        utc_date,
        'unsettled' as kind,
        0 as read_count,
        0.0 as usd,
        sum(usd) as unsettled_usd,
    from reservations
    where settled_at is null
    group by utc_date
),

final as (
    select
        utc_date,
        kind,
        read_count,
        usd,
        unsettled_usd,
    from billed
    union all
    select
        utc_date,
        kind,
        read_count,
        usd,
        unsettled_usd,
    from reserved
)

select * from final
