-- Pour chaque suivi et chaque jour de lecture : ce que les compteurs ont gagné depuis la lecture précédente.
-- For each tracker and day of reading: what the counters gained since the reading before of each tweet.
-- Grain: (tracker, reading_date)
-- Source: schema_version, tweet_snapshots, tweets, tracker_tweets
-- Formula (v1): each counter minus that of the tweet's snapshot before, booked whole on the local day of the later one.
-- Interactions = likes + reposts + replies + quotes, an unknown quote count being 0. Current versions, retweets left
-- out. The sum of gained_interaction_count and first_reading_interaction_count over all days is what the tweets have
-- today.
-- Caveats: a gain belongs to the time between two readings, which may be days: a day without readings has no row and
-- its gains are on the day of the next. Whoever is read more often gains on more days, not more. A tweet that two
-- trackers found counts in each: do not add up trackers. A filter on the day reads every snapshot, for the one before.
-- Column: reading_date = date_lecture | Day of the reading in the warehouse's time zone | Jour de la lecture, heure locale
-- Column: compared_reading_count = nb_lectures_comparees | Readings of that day that have one before them | Lectures de ce jour précédées d'une autre
-- Column: gained_like_count = nb_likes_gagnes | Likes gained since the reading before; below zero where more were taken back | J'aime gagnés depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_retweet_count = nb_retweets_gagnes | Reposts gained since the reading before; below zero where more were taken back | Retweets gagnés depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_reply_count = nb_reponses_gagnees | Replies gained since the reading before; below zero where more were taken back | Réponses gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_quote_count = nb_citations_gagnees | Quotes gained since the reading before; below zero where more were taken back | Citations gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_interaction_count = interactions_gagnees | Interactions gained since the reading before; below zero where more were taken back | Interactions gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: gained_impression_count = nb_impressions_gagnees | Impressions gained since the reading before; below zero where more were taken back | Impressions gagnées depuis la lecture précédente ; négatif s'il en a été retiré davantage
-- Column: first_reading_count = nb_premieres_lectures | Tweets that were read for the first time that day | Tweets lus pour la première fois ce jour
-- Column: first_reading_interaction_count = interactions_premiere_lecture | Interactions that these had by then: gained at an unknown time since posting | Interactions qu'ils avaient déjà : gagnées à un moment inconnu depuis la publication
with

readings as (
    select
        s.tweet_id,
        s.hour_at,
        date(s.observed_at, zone.time_zone) as reading_date,
        s.like_count,
        s.retweet_count,
        s.reply_count,
        s.quote_count,
        s.like_count + s.retweet_count + s.reply_count + coalesce(s.quote_count, 0) as interaction_count,
        nullif(s.impression_count, 0) as impression_count,
    from tweet_snapshots as s
    cross join schema_version as zone
),

compared as (
    select
        tweet_id,
        reading_date,
        row_number() over newest_last = 1 as is_first,
        interaction_count,
        like_count - lag(like_count) over newest_last as gained_like_count,
        retweet_count - lag(retweet_count) over newest_last as gained_retweet_count,
        reply_count - lag(reply_count) over newest_last as gained_reply_count,
        quote_count - lag(quote_count) over newest_last as gained_quote_count,
        interaction_count - lag(interaction_count) over newest_last as gained_interaction_count,
        impression_count - lag(impression_count) over newest_last as gained_impression_count,
    from readings
    window newest_last as (partition by tweet_id order by hour_at)
),

final as (
    select
        f.tracker,
        c.reading_date,
        countif(not c.is_first) as compared_reading_count,
        sum(c.gained_like_count) as gained_like_count,
        sum(c.gained_retweet_count) as gained_retweet_count,
        sum(c.gained_reply_count) as gained_reply_count,
        sum(c.gained_quote_count) as gained_quote_count,
        sum(c.gained_interaction_count) as gained_interaction_count,
        sum(c.gained_impression_count) as gained_impression_count,
        countif(c.is_first) as first_reading_count,
        sum(if(c.is_first, c.interaction_count, null)) as first_reading_interaction_count,
    from compared as c
    inner join tweets as t on t.tweet_id = c.tweet_id
    inner join tracker_tweets as f on f.tweet_id = c.tweet_id
    where t.is_current and coalesce(t.kind, 'original') != 'retweet' and t.retweeted_tweet_id is null
    group by f.tracker, c.reading_date
)

select * from final
