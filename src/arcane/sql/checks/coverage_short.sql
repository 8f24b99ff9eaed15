-- Jours (UTC) des 7 derniers dont moins de 95 % du décompte de X a été lu : croissance, pics et parts de voix y manquent.
-- Days (UTC) of the last 7 of which less than 95 % of X's count was read: growth, spikes and share of voice lack them.
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
        date(hours.hour_at) as utc_date,
        sum(hours.expected_count) as expected_count,
        sum(least(hours.seen_count, hours.expected_count)) as covered_count,
    from hours
    inner join followed on followed.tracker = hours.tracker and followed.query_hash = hours.query_hash
    where hours.hour_at > timestamp_sub(@now, interval 7 day) and hours.expected_count is not null
    group by hours.tracker, date(hours.hour_at)
    having sum(least(hours.seen_count, hours.expected_count)) < 0.95 * sum(hours.expected_count)
)

select * from final
