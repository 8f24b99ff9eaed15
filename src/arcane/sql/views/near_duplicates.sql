-- Les textes qu'au moins trois auteurs ont publiés presque à l'identique sur une période.
-- The texts that three authors or more posted all but identically over a period.
-- Grain: (same_text_key)
-- Source: posted_tweets, tweets, authors
-- Formula (v1): same_text_key of found_tweets: the text in small letters, without links, mentions and signs, 20 letters or
-- more. Ranked by authors, then tweets. The first tweet is the earliest, the least id where several are.
-- Caveats: texts that differ by a word are not found. The same text is no proof of a campaign: a button « partager », a
-- quotation or a song does it too; look at the time between first_at and last_at. Exclusions are left out.
-- Column: same_text_key = cle_texte | The same for the same text, links and mentions aside | Identique pour un même texte, liens et mentions mis à part
-- Column: duplicate_rank = rang | 1 for the text of most authors | 1 pour le texte du plus grand nombre d'auteurs
-- Column: tweet_count = nb_tweets | Tweets of that text, in scope | Publications de ce texte, dans le périmètre
-- Column: author_count = nb_auteurs | Their distinct authors | Leurs auteurs distincts
-- Column: first_at = premier_le | When the first was posted | Instant du premier
-- Column: last_at = dernier_le | When the last was posted | Instant du dernier
-- Column: first_tweet_id = id_premier_tweet | The first of them | Le premier d'entre eux
-- Column: first_username = premier_compte | Handle of its author; NULL where it is unknown | Nom de compte de son auteur ; NULL si inconnu
-- Column: text = texte | Text of the first | Texte du premier
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets, as last read; NULL while unknown | J'aime, retweets, réponses et citations de ces publications, à leur dernière lecture ; NULL si inconnus
with

keys as (
    select same_text_key
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
        and same_text_key is not null
    group by same_text_key
    having count(*) > 2
),

posted as (
    select
        p.tweet_id,
        p.local_date,
        p.created_at,
        p.author_id,
        p.same_text_key,
        p.interaction_count,
    from posted_tweets as p
    inner join keys on keys.same_text_key = p.same_text_key
    where
        p.tracker = @tracker_name and p.local_date between @first_date and @last_date and p.exclusion_reason is null
),

repeated as (
    select
        same_text_key,
        count(*) as tweet_count,
        count(distinct author_id) as author_count,
        min(created_at) as first_at,
        max(created_at) as last_at,
        sum(interaction_count) as interaction_count,
    from posted
    group by same_text_key
    having count(distinct author_id) > 2
),

first_of_text as (
    select
        p.same_text_key,
        p.tweet_id,
        p.local_date,
        p.author_id,
    from repeated as r
    inner join posted as p on p.same_text_key = r.same_text_key and p.created_at = r.first_at
    qualify row_number() over (partition by p.same_text_key order by p.tweet_id) = 1
),

texts as (
    select
        tweet_id,
        local_date,
        text,
    from tweets
    where local_date between @first_date and @last_date
),

final as (
    select
        r.same_text_key,
        row_number() over (order by r.author_count desc, r.tweet_count desc, r.same_text_key) as duplicate_rank,
        r.tweet_count,
        r.author_count,
        r.first_at,
        r.last_at,
        f.tweet_id as first_tweet_id,
        authors.username as first_username,
        texts.text,
        r.interaction_count,
    from repeated as r
    inner join first_of_text as f on f.same_text_key = r.same_text_key
    left join texts on texts.tweet_id = f.tweet_id and texts.local_date = f.local_date
    left join authors on authors.author_id = f.author_id
)

select * from final
