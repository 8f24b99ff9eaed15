-- Une ligne par suivi et par publication, gardée en table : ce que toutes les analyses lisent.
-- One row a tracker and tweet posted, kept in a table: what every analysis reads, by way of posted_tweets.
-- Grain: (tracker, tweet_id)
-- Source: tweets, tracker_tweets, tweet_ages, exclusions
-- Formula (v1): current versions, retweets left out. interaction_count = like_count + retweet_count + reply_count +
-- quote_count, an unknown quote_count being 0; shown_interaction_count is the same where impressions are known.
-- same_text_key = hash of the text in small letters, without links, mentions and signs; NULL under 20 letters.
-- Caveats: excluded authors are known to posted_tweets alone: read that. A word is excluded where it stands whole in
-- the text.
-- Kept: local_date
-- Twin: none
-- Column: impression_count = nb_impressions | Times that it was shown; NULL where X gives none | Nombre d'affichages ; NULL si X n'en donne pas
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together; NULL while likes are unknown | Likes, retweets, réponses et citations réunis ; NULL si les likes sont inconnus
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions where impressions are known: over impression_count, the engagement rate | Interactions si les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: interaction_count_at_24h = interactions_24h | Interactions at 24 hours of age, interpolated; NULL without readings on both sides | Interactions à 24 heures, interpolées ; NULL sans lecture de part et d'autre
-- Column: interaction_count_at_7d = interactions_7j | Interactions at 7 days of age, interpolated; NULL without readings on both sides | Interactions à 7 jours, interpolées ; NULL sans lecture de part et d'autre
-- Column: same_text_key = cle_texte | The same for the same text, links and mentions aside; NULL for short ones | Identique pour un même texte, liens et mentions mis à part ; NULL si court
-- Column: exclusion_reason = motif_exclusion | Why it is out of scope, from the analysts' own list; NULL: in scope | Pourquoi il est hors périmètre, selon la liste des analystes ; NULL : dans le périmètre
with

current_tweets as (
    select
        tweet_id,
        local_date,
        local_hour,
        local_weekday,
        created_at,
        kind,
        lang,
        media_kind,
        author_id,
        conversation_id,
        quoted_tweet_id,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        bookmark_count,
        nullif(impression_count, 0) as impression_count,
        like_count + retweet_count + reply_count + coalesce(quote_count, 0) as interaction_count,
        video_view_count,
        metrics_observed_at,
        hashtags,
        mentions,
        domains,
        concat(' ', regexp_replace(lower(text), r'[^\p{L}\p{N}_]+', ' '), ' ') as words,
        regexp_replace(
            regexp_replace(lower(text), r'https?://\S+|@[a-z0-9_]+', ' '), r'[^\p{L}\p{N}]+', ' '
        ) as bare_text,
        concat(' ', array_to_string(domains, ' '), ' ') as domain_list,
    from tweets
    where is_current and coalesce(kind, 'original') != 'retweet' and retweeted_tweet_id is null
),

ages as (
    select
        tweet_id,
        local_date,
        interaction_count_at_24h,
        interaction_count_at_7d,
    from tweet_ages
),

excluded as (
    select
        t.tweet_id,
        min(e.reason) as exclusion_reason,
    from current_tweets as t
    cross join exclusions as e
    where
        (e.kind = 'language' and t.lang = e.value)
        or (e.kind = 'word' and strpos(t.words, concat(' ', e.value, ' ')) > 0)
        or (e.kind = 'domain' and strpos(t.domain_list, concat(' ', e.value, ' ')) > 0)
        or (e.kind = 'domain' and strpos(t.domain_list, concat('.', e.value, ' ')) > 0)
    group by t.tweet_id
),

final as (
    select
        f.tracker,
        t.tweet_id,
        t.local_date,
        t.local_hour,
        t.local_weekday,
        t.created_at,
        t.kind,
        t.lang,
        t.media_kind,
        t.author_id,
        t.conversation_id,
        t.quoted_tweet_id,
        t.like_count,
        t.retweet_count,
        t.reply_count,
        t.quote_count,
        t.bookmark_count,
        t.impression_count,
        t.interaction_count,
        if(t.impression_count > 0, t.interaction_count, null) as shown_interaction_count,
        ages.interaction_count_at_24h,
        ages.interaction_count_at_7d,
        t.video_view_count,
        t.metrics_observed_at,
        t.hashtags,
        t.mentions,
        t.domains,
        if(length(trim(t.bare_text)) >= 20, substr(to_hex(md5(trim(t.bare_text))), 1, 15), null) as same_text_key,
        excluded.exclusion_reason,
    from tracker_tweets as f
    inner join current_tweets as t on t.tweet_id = f.tweet_id
    left join ages on ages.tweet_id = t.tweet_id and ages.local_date = t.local_date
    left join excluded on excluded.tweet_id = t.tweet_id
)

select * from final
