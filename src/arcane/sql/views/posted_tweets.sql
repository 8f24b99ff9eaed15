-- Une ligne par suivi et par publication, avec le motif des exclusions : la source de toutes les analyses.
-- One row a tracker and tweet posted, with why it is out of scope if it is: the source of every analysis.
-- Grain: (tracker, tweet_id)
-- Source: found_tweets, exclusions
-- Formula (v1): as in found_tweets; an author is excluded by the handle that the author has today
-- Caveats: a tweet that two trackers found is here twice: filter one tracker. In scope: exclusion_reason is null.
-- Twin: none
-- Column: kind = type | original, reply or quote; NULL where X withholds it | original, reply (réponse) ou quote (citation) ; NULL si X ne le dit pas
-- Column: impression_count = nb_impressions | Times that it was shown; NULL where X gives none | Nombre d'affichages ; NULL si X n'en donne pas
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together; NULL while likes are unknown | Likes, retweets, réponses et citations réunis ; NULL si les likes sont inconnus
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions where impressions are known: over impression_count, the engagement rate | Interactions si les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: interaction_count_at_24h = interactions_24h | Interactions at 24 hours of age, interpolated; NULL without readings on both sides | Interactions à 24 heures, interpolées ; NULL sans lecture de part et d'autre
-- Column: interaction_count_at_7d = interactions_7j | Interactions at 7 days of age, interpolated; NULL without readings on both sides | Interactions à 7 jours, interpolées ; NULL sans lecture de part et d'autre
-- Column: same_text_key = cle_texte | The same for the same text, links and mentions aside; NULL for short ones | Identique pour un même texte, liens et mentions mis à part ; NULL si court
-- Column: exclusion_reason = motif_exclusion | Why it is out of scope, from the analysts' own list; NULL: in scope | Pourquoi il est hors périmètre, selon la liste des analystes ; NULL : dans le périmètre
with

excluded_authors as (
    select
        author_id,
        min(reason) as reason,
    from exclusions
    where kind = 'author' and author_id is not null
    group by author_id
),

final as (
    select
        f.tracker,
        f.tweet_id,
        f.local_date,
        f.local_hour,
        f.local_weekday,
        f.created_at,
        f.kind,
        f.lang,
        f.media_kind,
        f.author_id,
        f.conversation_id,
        f.quoted_tweet_id,
        f.like_count,
        f.retweet_count,
        f.reply_count,
        f.quote_count,
        f.bookmark_count,
        f.impression_count,
        f.interaction_count,
        f.shown_interaction_count,
        f.interaction_count_at_24h,
        f.interaction_count_at_7d,
        f.video_view_count,
        f.metrics_observed_at,
        f.hashtags,
        f.mentions,
        f.domains,
        f.same_text_key,
        coalesce(f.exclusion_reason, excluded_authors.reason) as exclusion_reason,
    from found_tweets as f
    left join excluded_authors on excluded_authors.author_id = f.author_id
)

select * from final
