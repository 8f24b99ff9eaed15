-- Pour chaque suivi, jour de publication et jour de lecture : ce que les compteurs ont gagné depuis la précédente.
-- For each tracker, day of posting and day of reading: what the counters gained since the reading before of each tweet.
-- Grain: (tracker, local_date, reading_date)
-- Source: schema_version, tweet_snapshots, posted_tweets
-- Formula (v1): each counter minus that of the tweet's snapshot before, booked whole on the local day of the later one.
-- Interactions = likes + reposts + replies + quotes, an unknown quote count being 0. Exclusions left out but in
-- raw_first_reading_count.
-- Caveats: as in engagement_gained_by_day, which adds up the days of posting. Kept by day of posting: an excluded
-- author who changes handles stays out, and whoever takes the handle stays in, until the list or that day's tweets
-- change.
-- Kept: local_date
-- Column: reading_date = date_lecture | Day of the reading in the warehouse's time zone | Jour de la lecture, heure locale
-- Column: compared_reading_count = nb_lectures_comparees | Readings of that day that have one before them | Lectures de ce jour précédées d'une autre
-- Column: gained_like_count = nb_likes_gagnes | Likes gained since the reading before; below zero where more were taken back | J'aime gagnés depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_retweet_count = nb_retweets_gagnes | Reposts gained since the reading before; below zero where more were taken back | Retweets gagnés depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_reply_count = nb_reponses_gagnees | Replies gained since the reading before; below zero where more were taken back | Réponses gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_quote_count = nb_citations_gagnees | Quotes gained since the reading before; below zero where more were taken back | Citations gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_interaction_count = interactions_gagnees | Interactions gained since the reading before; below zero where more were taken back | Interactions gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_impression_count = nb_impressions_gagnees | Impressions gained since the reading before; below zero where more were taken back | Impressions gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: first_reading_count = nb_premieres_lectures | Tweets in scope that were read for the first time that day | Publications du périmètre lues pour la première fois ce jour
-- Column: raw_first_reading_count = nb_premieres_lectures_brutes | The same, exclusions included | De même, exclusions comprises
-- Column: first_reading_interaction_count = interactions_premiere_lecture | Interactions that these had by then: gained at an unknown time since posting | Interactions qu'ils avaient déjà : gagnées à un moment inconnu depuis la publication
with

readings as (
    select
        p.tracker,
        p.local_date,
        p.tweet_id,
        p.exclusion_reason is null as is_in_scope,
        s.hour_at,
        date(s.observed_at, zone.time_zone) as reading_date,
        s.like_count,
        s.retweet_count,
        s.reply_count,
        s.quote_count,
        s.like_count + s.retweet_count + s.reply_count + coalesce(s.quote_count, 0) as interaction_count,
        nullif(s.impression_count, 0) as impression_count,
    from posted_tweets as p
    inner join tweet_snapshots as s on s.tweet_id = p.tweet_id
    cross join schema_version as zone
),

compared as (
    select
        tracker,
        local_date,
        reading_date,
        is_in_scope,
        row_number() over newest_last = 1 as is_first,
        interaction_count,
        like_count - lag(like_count) over newest_last as gained_like_count,
        retweet_count - lag(retweet_count) over newest_last as gained_retweet_count,
        reply_count - lag(reply_count) over newest_last as gained_reply_count,
        quote_count - lag(quote_count) over newest_last as gained_quote_count,
        interaction_count - lag(interaction_count) over newest_last as gained_interaction_count,
        impression_count - lag(impression_count) over newest_last as gained_impression_count,
    from readings
    window newest_last as (partition by tracker, local_date, tweet_id order by hour_at)
),

final as (
    select
        tracker,
        local_date,
        reading_date,
        countif(is_in_scope and not is_first) as compared_reading_count,
        sum(if(is_in_scope, gained_like_count, null)) as gained_like_count,
        sum(if(is_in_scope, gained_retweet_count, null)) as gained_retweet_count,
        sum(if(is_in_scope, gained_reply_count, null)) as gained_reply_count,
        sum(if(is_in_scope, gained_quote_count, null)) as gained_quote_count,
        sum(if(is_in_scope, gained_interaction_count, null)) as gained_interaction_count,
        sum(if(is_in_scope, gained_impression_count, null)) as gained_impression_count,
        countif(is_in_scope and is_first) as first_reading_count,
        countif(is_first) as raw_first_reading_count,
        sum(if(is_in_scope and is_first, interaction_count, null)) as first_reading_interaction_count,
    from compared
    group by tracker, local_date, reading_date
)

select * from final
