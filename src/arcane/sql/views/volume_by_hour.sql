-- Pour chaque suivi et chaque heure : les publications et ce que X en compte ; sert aux jours × heures.
-- For each tracker and hour: the tweets posted and X's own count of them; weekday × hour adds up from it.
-- Grain: (tracker, hour_at, local_date, local_hour)
-- Source: coverage_by_hour, schema_version, posted_tweets
-- Formula (v1): exclusions left out but in raw_tweet_count; 0 only where the hour is complete or settled, NULL where no
-- tweet is known and it is not. Heat map: sum(tweet_count) by local_weekday and local_hour / number of such weekdays in
-- days.
-- Caveats: the hour that the clock repeats in autumn is two rows of the same local_hour. Where the zone is off by half
-- an hour, an hour of UTC is two rows and X's count is on the first. Erased tweets are not counted, X's count holds
-- them still. A tweet that two trackers found counts in each: do not add up trackers.
-- Column: hour_at = heure | Beginning of the hour (UTC) | Début de l'heure (UTC)
-- Column: tweet_count = nb_tweets | Tweets posted, in scope; NULL where none is known and the hour was not read | Publications du périmètre ; NULL si aucune n'est connue et que l'heure n'a pas été lue
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: is_read = heure_complete | True where the hour was read: complete or settled | Vrai si l'heure a été lue : complete ou settled
-- Column: coverage_rate = taux_couverture | Share of X's count that was read; NULL where nothing was | Part du décompte de X qui a été lue ; NULL si rien n'a été lu
with

posted as (
    select
        tracker,
        timestamp_trunc(created_at, hour) as hour_at,
        local_date,
        local_hour,
        local_weekday,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
),

judged as (
    select
        c.tracker,
        c.hour_at,
        date(c.hour_at, zone.time_zone) as local_date,
        extract(hour from c.hour_at at time zone zone.time_zone) as local_hour,
        c.status in ('complete', 'settled') as is_read,
        c.expected_count,
        c.coverage_rate,
    from coverage_by_hour as c
    cross join schema_version as zone
),

parts as (
    select
        tracker,
        hour_at,
        local_date,
        local_hour,
        local_weekday,
        if(is_in_scope, 1, null) as tweet_count,
        1 as raw_tweet_count,
        cast(null as bool) as is_read,
        cast(null as int64) as expected_count,
        cast(null as float64) as coverage_rate,
    from posted
    union all
    select
        tracker,
        hour_at,
        local_date,
        local_hour,
        mod(date_diff(local_date, date '2001-01-01', day), 7) + 1 as local_weekday,
        if(is_read, 0, null) as tweet_count,
        if(is_read, 0, null) as raw_tweet_count,
        is_read,
        expected_count,
        coverage_rate,
    from judged
),

final as (
    select
        tracker,
        hour_at,
        local_date,
        local_hour,
        local_weekday,
        sum(tweet_count) as tweet_count,
        sum(raw_tweet_count) as raw_tweet_count,
        coalesce(logical_or(is_read), false) as is_read,
        max(expected_count) as expected_count,
        max(coverage_rate) as coverage_rate,
    from parts
    group by tracker, hour_at, local_date, local_hour, local_weekday
)

select * from final
