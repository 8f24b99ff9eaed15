-- Les meilleures publications d'un suivi sur une période : les 100 premières par interactions, par affichages, ou à âge égal.
-- The best tweets of a tracker over a period: the first 100 by interactions, by times shown, or at equal age.
-- Grain: (tweet_id)
-- Source: posted_tweets, tweets, authors
-- Formula (v1): exclusions left out; ranks among all tweets of the period, ties by tweet_id; a row for each tweet that
-- is among the first 100 of one ranking or more. engagement_rate = interactions / impressions of the tweet.
-- Caveats: older tweets have had more time: only interaction_at_24h_rank compares tweets at equal age, and it knows
-- those alone that were read on both sides of 24 hours. A rate on few impressions says little.
-- Column: interaction_rank = rang_interactions | Rank by interactions as last read; NULL beyond 100 | Rang par interactions à la dernière lecture ; NULL au-delà de 100
-- Column: impression_rank = rang_impressions | Rank by times shown; NULL beyond 100 | Rang par affichages ; NULL au-delà de 100
-- Column: interaction_at_24h_rank = rang_interactions_24h | Rank by interactions at 24 hours of age; NULL beyond 100 | Rang par interactions à 24 heures ; NULL au-delà de 100
-- Column: author_name = nom_auteur | Display name of the author; NULL while unknown | Nom affiché de l'auteur ; NULL si inconnu
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes together; NULL while likes are unknown | Likes, retweets, réponses et citations réunis ; NULL si les likes sont inconnus
-- Column: interaction_count_at_24h = interactions_24h | Interactions at 24 hours of age, interpolated; NULL without readings on both sides | Interactions à 24 heures, interpolées ; NULL sans lecture de part et d'autre
-- Column: impression_count = nb_impressions | Times that it was shown; NULL where X gives none | Nombre d'affichages ; NULL si X n'en donne pas
-- Column: engagement_rate = taux_engagement | Interactions for each time shown | Interactions par affichage
with

posted as (
    select
        tweet_id,
        local_date,
        created_at,
        kind,
        lang,
        media_kind,
        author_id,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        bookmark_count,
        interaction_count,
        interaction_count_at_24h,
        impression_count,
        shown_interaction_count,
        metrics_observed_at,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
),

written as (
    select
        tweet_id,
        local_date,
        text,
        url,
    from tweets
    where local_date between @first_date and @last_date
),

most_interactions as (
    select
        tweet_id,
        interaction_count,
    from posted
    where interaction_count is not null
    order by interaction_count desc, tweet_id
    limit 100
),

most_impressions as (
    select
        tweet_id,
        impression_count,
    from posted
    where impression_count is not null
    order by impression_count desc, tweet_id
    limit 100
),

most_at_24h as (
    select
        tweet_id,
        interaction_count_at_24h,
    from posted
    where interaction_count_at_24h is not null
    order by interaction_count_at_24h desc, tweet_id
    limit 100
),

ranked as (
    select
        tweet_id,
        row_number() over (order by interaction_count desc, tweet_id) as interaction_rank,
        cast(null as int64) as impression_rank,
        cast(null as int64) as interaction_at_24h_rank,
    from most_interactions
    union all
    select
        tweet_id,
        null as interaction_rank,
        row_number() over (order by impression_count desc, tweet_id) as impression_rank,
        null as interaction_at_24h_rank,
    from most_impressions
    union all
    select
        tweet_id,
        null as interaction_rank,
        null as impression_rank,
        row_number() over (order by interaction_count_at_24h desc, tweet_id) as interaction_at_24h_rank,
    from most_at_24h
),

best as (
    select
        tweet_id,
        max(interaction_rank) as interaction_rank,
        max(impression_rank) as impression_rank,
        max(interaction_at_24h_rank) as interaction_at_24h_rank,
    from ranked
    group by tweet_id
),

final as (
    select
        best.interaction_rank,
        best.impression_rank,
        best.interaction_at_24h_rank,
        p.tweet_id,
        p.local_date,
        p.created_at,
        p.author_id,
        authors.username,
        authors.name as author_name,
        authors.followers_count,
        written.text,
        written.url,
        p.kind,
        p.lang,
        p.media_kind,
        p.like_count,
        p.retweet_count,
        p.reply_count,
        p.quote_count,
        p.bookmark_count,
        p.interaction_count,
        p.interaction_count_at_24h,
        p.impression_count,
        safe_divide(p.shown_interaction_count, p.impression_count) as engagement_rate,
        p.metrics_observed_at,
    from best
    inner join posted as p on p.tweet_id = best.tweet_id
    inner join written on written.tweet_id = p.tweet_id and written.local_date = p.local_date
    left join authors on authors.author_id = p.author_id
)

select * from final
