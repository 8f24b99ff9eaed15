-- Une ligne par suivi et par publication qu'il a trouvée : texte, auteur, listes en texte et compteurs ; sans les retweets.
-- One row a tracker and tweet that it found: text, author, lists as text and counters; without retweets.
-- Grain: (tracker, tweet_id)
-- Source: tracker_tweets, tweets_flat
-- Formula (v1): as in tweets_flat
-- Caveats: A tweet that two trackers found stands here twice: filter one tracker, and take totals over several from
-- tweets_flat. A tweet that no tracker found (read by its id) is not here.
-- Column: author_name = nom_auteur | Display name of the author; NULL while unknown | Nom affiché de l'auteur ; NULL si inconnu
-- Column: trackers = suivis | Every tracker that found it, sorted, separated by commas | Tous les suivis qui l'ont trouvé, triés, séparés par des virgules
-- Column: hashtags = hashtags | Distinct hashtags, separated by commas; empty without, NULL while unknown | Hashtags distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: mentions = mentions | Distinct usernames named, separated by commas; empty without, NULL while unknown | Comptes cités distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: domains = domaines | Distinct domains linked, separated by commas; empty without, NULL while unknown | Domaines liés distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together; NULL while likes are unknown | Likes, retweets, réponses et citations réunis ; NULL si les likes sont inconnus
-- Column: exclusion_reason = motif_exclusion | Why it is out of scope, from the analysts' own list; NULL: in scope | Pourquoi il est hors périmètre, selon la liste des analystes ; NULL : dans le périmètre
-- Column: age_hours = age_heures | Hours from posting to the last reading of the counters | Heures entre la publication et la dernière lecture des compteurs
with

found as (
    select
        tracker,
        tweet_id,
    from tracker_tweets
),

final as (
    select
        found.tracker,
        tweets_flat.tweet_id,
        tweets_flat.conversation_id,
        tweets_flat.in_reply_to_tweet_id,
        tweets_flat.quoted_tweet_id,
        tweets_flat.text,
        tweets_flat.url,
        tweets_flat.kind,
        tweets_flat.lang,
        tweets_flat.created_at,
        tweets_flat.local_date,
        tweets_flat.local_hour,
        tweets_flat.local_weekday,
        tweets_flat.author_id,
        tweets_flat.username,
        tweets_flat.author_name,
        tweets_flat.followers_count,
        tweets_flat.verified_type,
        tweets_flat.trackers,
        tweets_flat.hashtags,
        tweets_flat.mentions,
        tweets_flat.domains,
        tweets_flat.media_kind,
        tweets_flat.like_count,
        tweets_flat.retweet_count,
        tweets_flat.reply_count,
        tweets_flat.quote_count,
        tweets_flat.bookmark_count,
        tweets_flat.impression_count,
        tweets_flat.interaction_count,
        tweets_flat.video_view_count,
        tweets_flat.metrics_observed_at,
        tweets_flat.age_hours,
        tweets_flat.exclusion_reason,
    from found
    inner join tweets_flat on tweets_flat.tweet_id = found.tweet_id
)

select * from final
