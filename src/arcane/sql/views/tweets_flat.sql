-- Une ligne par publication, dans sa version courante : texte, auteur, suivis, listes en texte et compteurs ; sans les retweets.
-- One row a tweet, in its current version: text, author, trackers, lists as text and counters; without retweets.
-- Grain: (tweet_id)
-- Source: tweets, authors, posted_tweets
-- Formula (v1): interaction_count = like_count + retweet_count + reply_count + quote_count, an unknown quote_count
-- counting 0; age_hours = hours from created_at to metrics_observed_at
-- Caveats: Counters are those of the last reading, and young tweets have had less time: compare only at equal age
-- (tweet_ages). followers_count is that of the author's last reading, not of the day of posting. video_view_count is
-- not additive (tweet_videos). Totals over several trackers are taken here, never in tracker_tweets_flat.
-- Column: author_name = nom_auteur | Display name of the author; NULL while unknown | Nom affiché de l'auteur ; NULL si inconnu
-- Column: trackers = suivis | Trackers that found it, sorted, separated by commas; NULL where none did | Suivis qui l'ont trouvé, triés, séparés par des virgules ; NULL si aucun
-- Column: hashtags = hashtags | Distinct hashtags, separated by commas; empty without, NULL while unknown | Hashtags distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: mentions = mentions | Distinct usernames named, separated by commas; empty without, NULL while unknown | Comptes cités distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: domains = domaines | Distinct domains linked, separated by commas; empty without, NULL while unknown | Domaines liés distincts, séparés par des virgules ; vide si aucun, NULL si inconnu
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together; NULL while likes are unknown | Likes, retweets, réponses et citations réunis ; NULL si les likes sont inconnus
-- Column: exclusion_reason = motif_exclusion | Why it is out of scope, from the analysts' own list; NULL: in scope, or no tracker found it | Pourquoi il est hors périmètre, selon la liste des analystes ; NULL : dans le périmètre, ou trouvé par aucun suivi
-- Column: age_hours = age_heures | Hours from posting to the last reading of the counters | Heures entre la publication et la dernière lecture des compteurs
with

current_tweets as (
    select
        tweet_id,
        conversation_id,
        in_reply_to_tweet_id,
        quoted_tweet_id,
        author_id,
        text,
        url,
        kind,
        lang,
        created_at,
        local_date,
        local_hour,
        local_weekday,
        case
            when is_text_complete or array_length(hashtags) > 0 then array_to_string(hashtags, ', ')
        end as hashtags,
        case
            when is_text_complete or array_length(mentions) > 0 then array_to_string(mentions, ', ')
        end as mentions,
        case
            when is_text_complete or array_length(domains) > 0 then array_to_string(domains, ', ')
        end as domains,
        media_kind,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        bookmark_count,
        impression_count,
        like_count + retweet_count + reply_count + coalesce(quote_count, 0) as interaction_count,
        video_view_count,
        metrics_observed_at,
        timestamp_diff(metrics_observed_at, created_at, microsecond) / 3600000000 as age_hours,
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

-- By local_date too, so that a filter on it reaches the tweets here.
followed as (
    select
        tweet_id,
        local_date,
        string_agg(tracker, ', ' order by tracker) as trackers,
        min(exclusion_reason) as exclusion_reason,
    from posted_tweets
    group by tweet_id, local_date
),

final as (
    select
        current_tweets.tweet_id,
        current_tweets.conversation_id,
        current_tweets.in_reply_to_tweet_id,
        current_tweets.quoted_tweet_id,
        current_tweets.text,
        current_tweets.url,
        current_tweets.kind,
        current_tweets.lang,
        current_tweets.created_at,
        current_tweets.local_date,
        current_tweets.local_hour,
        current_tweets.local_weekday,
        current_tweets.author_id,
        authors.username,
        authors.name as author_name,
        authors.followers_count,
        authors.verified_type,
        followed.trackers,
        current_tweets.hashtags,
        current_tweets.mentions,
        current_tweets.domains,
        current_tweets.media_kind,
        current_tweets.like_count,
        current_tweets.retweet_count,
        current_tweets.reply_count,
        current_tweets.quote_count,
        current_tweets.bookmark_count,
        current_tweets.impression_count,
        current_tweets.interaction_count,
        current_tweets.video_view_count,
        current_tweets.metrics_observed_at,
        current_tweets.age_hours,
        followed.exclusion_reason,
    from current_tweets
    left join authors on authors.author_id = current_tweets.author_id
    left join followed
        on followed.tweet_id = current_tweets.tweet_id and followed.local_date = current_tweets.local_date
)

select * from final
