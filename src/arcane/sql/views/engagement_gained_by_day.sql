-- Pour chaque suivi et chaque jour de lecture : ce que les compteurs ont gagné depuis la lecture précédente.
-- For each tracker and day of reading: what the counters gained since the reading before of each tweet.
-- Grain: (tracker, reading_date)
-- Source: gains
-- Formula (v1): sum over the days of posting. The sum of gained_interaction_count and first_reading_interaction_count
-- over all days is what the tweets in scope have today.
-- Caveats: a gain belongs to the time between two readings, which may be days: a day without readings has no row and
-- its gains are on the day of the next. Whoever is read more often gains on more days, not more. A tweet that two
-- trackers found counts in each: do not add up trackers.
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

final as (
    select
        tracker,
        reading_date,
        sum(compared_reading_count) as compared_reading_count,
        sum(gained_like_count) as gained_like_count,
        sum(gained_retweet_count) as gained_retweet_count,
        sum(gained_reply_count) as gained_reply_count,
        sum(gained_quote_count) as gained_quote_count,
        sum(gained_interaction_count) as gained_interaction_count,
        sum(gained_impression_count) as gained_impression_count,
        sum(first_reading_count) as first_reading_count,
        sum(raw_first_reading_count) as raw_first_reading_count,
        sum(first_reading_interaction_count) as first_reading_interaction_count,
    from gains
    group by tracker, reading_date
)

select * from final
