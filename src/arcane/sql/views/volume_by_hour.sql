-- Pour chaque suivi et chaque heure : les tweets publiés et ce que X en compte ; sert aux jours × heures.
-- For each tracker and hour: the tweets posted and X's own count of them; weekday × hour adds up from it.
-- Grain: (tracker, hour_at, local_date, local_hour)
-- Source: coverage_by_hour, schema_version, tweets, tracker_tweets
-- Formula (v1): current versions, retweets left out; 0 only where the hour is complete or settled, NULL where no tweet
-- is known and it is not. Heat map: sum(tweet_count) by local_weekday and local_hour / number of such weekdays in days.
-- Caveats: the hour that the clock repeats in autumn is two rows of the same local_hour. Where the zone is off by half
-- an hour, an hour of UTC is two rows and X's count is on the first. Erased tweets are not counted, X's count holds
-- them still. A tweet that two trackers found counts in each: do not add up trackers.
-- Column: tweet_count = nb_tweets | Tweets posted; NULL where none is known and the hour was not read | Tweets publiés ; NULL si aucun n'est connu et que l'heure n'a pas été lue
-- Column: is_read = heure_complete | True where the hour was read: complete or settled | Vrai si l'heure a été lue : complete ou settled
-- Column: coverage_rate = taux_couverture | Share of X's count that was read; NULL where nothing was | Part du décompte de X qui a été lue ; NULL si rien n'a été lu
with

posted as (
    select
        f.tracker,
        timestamp_trunc(t.created_at, hour) as hour_at,
        t.local_date,
        t.local_hour,
        t.local_weekday,
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    where t.is_current and coalesce(t.kind, 'original') != 'retweet' and t.retweeted_tweet_id is null
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
        1 as tweet_count,
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
        coalesce(logical_or(is_read), false) as is_read,
        max(expected_count) as expected_count,
        max(coverage_rate) as coverage_rate,
    from parts
    group by tracker, hour_at, local_date, local_hour, local_weekday
)

select * from final
