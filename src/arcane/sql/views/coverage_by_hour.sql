-- Pour chaque suivi et chaque heure : ce que X compte, ce qui a été lu, et si l'heure est complète.
-- For each tracker and hour: what X counts, what was read, and whether the hour is complete.
-- Grain: (tracker, hour_at)
-- Source: hours, trackers
-- Formula (v1): missing_count = greatest(expected_count - seen_count, 0); coverage_rate = least(seen_count / expected_count, 1)
-- Caveats: X's count includes tweets that its search withholds: up to 2 an hour, or 2 %, may be missing from a complete
-- hour; a settled hour was read twice and is as whole as X lets it be. A counted hour was never read.
-- Column: missing_count = nb_manquants | Tweets that X counts and did not give | Publications comptées par X et non données
-- Column: coverage_rate = taux_couverture | Share of X's count that was read; NULL where nothing was | Part du décompte de X qui a été lue ; NULL si rien n'a été lu
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
        hours.status,
        hours.expected_count,
        hours.french_count,
        hours.seen_count,
        greatest(hours.expected_count - hours.seen_count, 0) as missing_count,
        case
            when hours.status in ('counted', 'gap', 'lost') then null
            when hours.expected_count = 0 then 1
            else least(hours.seen_count / hours.expected_count, 1)
        end as coverage_rate,
        hours.counted_at,
        hours.reread_at,
    from hours
    inner join followed on followed.tracker = hours.tracker and followed.query_hash = hours.query_hash
)

select * from final
