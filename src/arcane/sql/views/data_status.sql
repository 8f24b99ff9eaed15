-- Une seule ligne, en tête de chaque écran : jusqu'où les données sont complètes, quand elles ont été lues, ce qui manque.
-- One row, at the head of every face: until when the data are complete, when they were read, what is missing.
-- Grain: (status_id)
-- Source: trackers, coverage, hours, pages, tweets, schema_version
-- Formula (v1): complete_until = the earliest, over trackers and their newest query, of the end of the first gapless
-- stretch of coverage; gap_hour_count = hours of status gap or lost in the 7 days before read_at, over all trackers
-- Caveats: A tracker that was taken out of the settings still counts, and holds complete_until back. One that covers
-- nothing yet makes it NULL. gap_hour_count is NULL where no hour of these days was judged. A local time in the
-- night of October when the clock goes back stands for either of two hours.
-- Column: status_id = id_etat | Always 1: there is one row | Toujours 1 : il n'y a qu'une ligne
-- Column: complete_until = complet_jusqu_a | Every tracker is read without a gap up to here (UTC); NULL where one covers nothing yet | Tous les suivis sont lus sans trou jusqu'ici (UTC) ; NULL si l'un d'eux ne couvre encore rien
-- Column: complete_until_local = complet_jusqu_a_local | The same as text, in the warehouse's time zone | La même chose en texte, heure locale
-- Column: read_at = lu_le | Newest reading (UTC); NULL where nothing was read | Lecture la plus récente (UTC) ; NULL si rien n'a été lu
-- Column: read_at_local = lu_le_local | The same as text, in the warehouse's time zone | La même chose en texte, heure locale
-- Column: gap_hour_count = nb_heures_trou | Hours not read among those of the last 7 days; NULL where none was judged | Heures non lues parmi celles des 7 derniers jours ; NULL si aucune n'a été jugée
-- Column: tracker_count = nb_suivis | Trackers that were ever followed | Suivis connus
-- Column: tweet_count = nb_tweets | Current tweets, retweets left out | Publications dans leur version courante, sans les retweets
with

zone as (
    select time_zone
    from schema_version
),

followed as (
    select
        name as tracker,
        query_hash,
    from trackers
    qualify row_number() over (partition by name order by valid_from desc) = 1
),

first_stretches as (
    select
        tracker,
        query_hash,
        end_at,
    from coverage
    qualify row_number() over (partition by tracker, query_hash order by start_at) = 1
),

complete as (
    select
        count(*) as tracker_count,
        case when count(first_stretches.end_at) = count(*) then min(first_stretches.end_at) end as complete_until,
    from followed
    left join first_stretches
        on first_stretches.tracker = followed.tracker and first_stretches.query_hash = followed.query_hash
),

newest as (
    select max(observed_at) as read_at
    from pages
),

judged as (
    select
        case when count(hours.hour_at) > 0 then countif(hours.status in ('gap', 'lost')) end as gap_hour_count,
    from hours
    inner join followed on followed.tracker = hours.tracker and followed.query_hash = hours.query_hash
    inner join newest on hours.hour_at >= timestamp_sub(newest.read_at, interval 7 day)
    where hours.status != 'counted'
),

counted as (
    select count(*) as tweet_count
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

final as (
    select
        1 as status_id,
        complete.complete_until,
        concat(
            format_date('%d/%m/%Y', date(complete.complete_until, zone.time_zone)),
            ' ',
            substr(string(complete.complete_until, zone.time_zone), 12, 5)
        ) as complete_until_local,
        newest.read_at,
        concat(
            format_date('%d/%m/%Y', date(newest.read_at, zone.time_zone)),
            ' ',
            substr(string(newest.read_at, zone.time_zone), 12, 5)
        ) as read_at_local,
        zone.time_zone,
        judged.gap_hour_count,
        complete.tracker_count,
        counted.tweet_count,
    from zone
    cross join complete
    cross join newest
    cross join judged
    cross join counted
)

select * from final
