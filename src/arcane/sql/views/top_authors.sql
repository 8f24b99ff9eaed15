-- Les meilleurs auteurs d'un suivi sur une période, dans trois ordres : publications, interactions reçues, abonnés.
-- The best authors of a tracker over a period, in three orders: by tweets, by interactions received, by followers.
-- Grain: (author_id)
-- Source: posted_tweets, authors
-- Formula (v1): exclusions left out but in raw_tweet_count; ranks among all authors of the period, ties by author_id; a
-- row for each author who is among the first 100 of one order or more. amplification_rate = (retweet_count +
-- quote_count) / measured tweets. engagement_rate = sum(shown_interaction_count) / sum(impression_count).
-- Caveats: followers are those of the author's last reading, and no audience reached. Interactions are of tweets as
-- last read, the young ones included. Medians are NULL under five tweets: recommend nobody on fewer. Authors whom X did
-- not tell are no row.
-- Column: tweet_rank = rang_tweets | Rank by tweets posted | Rang par publications
-- Column: interaction_rank = rang_interactions | Rank by interactions received; NULL while unknown | Rang par interactions reçues ; NULL si inconnues
-- Column: follower_rank = rang_abonnes | Rank by followers; NULL while unknown | Rang par abonnés ; NULL si inconnus
-- Column: author_name = nom_auteur | Display name of the author; NULL while unknown | Nom affiché de l'auteur ; NULL si inconnu
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: measured_tweet_count = nb_tweets_mesures | Of tweet_count, those with counters | Dont celles aux compteurs connus
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets, as last read | J'aime, retweets, réponses et citations de ces publications, à leur dernière lecture
-- Column: impression_count = nb_impressions | Times that these tweets were shown; NULL where X gives none | Affichages de ces publications ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions | Interactions des publications dont les impressions sont connues
-- Column: engagement_rate = taux_engagement | Interactions for each time shown | Interactions par affichage
-- Column: amplification_rate = taux_amplification | Reposts and quotes for each measured tweet | Retweets et citations par publication mesurée
-- Column: median_interaction_count = interactions_mediane | Half of the author's tweets gathered fewer interactions, half more; NULL under five measured tweets | La moitié des publications du compte ont recueilli moins d'interactions, l'autre davantage ; NULL sous cinq publications mesurées
-- Column: median_engagement_rate = taux_engagement_mediane | Median of interactions for each time shown, by tweet; NULL under five tweets that have impressions | Médiane des interactions par affichage, publication par publication ; NULL sous cinq publications aux impressions connues
with

posted as (
    select
        author_id,
        interaction_count,
        retweet_count + coalesce(quote_count, 0) as amplification_count,
        impression_count,
        shown_interaction_count,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date and author_id is not null
),

summed as (
    select
        author_id,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        count(if(is_in_scope, interaction_count, null)) as measured_tweet_count,
        count(if(is_in_scope, shown_interaction_count, null)) as shown_tweet_count,
        sum(if(is_in_scope, interaction_count, null)) as interaction_count,
        sum(if(is_in_scope, amplification_count, null)) as amplification_count,
        sum(if(is_in_scope, impression_count, null)) as impression_count,
        sum(if(is_in_scope, shown_interaction_count, null)) as shown_interaction_count,
    from posted
    group by author_id
),

known as (
    select
        s.author_id,
        authors.username,
        authors.name as author_name,
        authors.followers_count,
        s.tweet_count,
        s.raw_tweet_count,
        s.measured_tweet_count,
        s.shown_tweet_count,
        s.interaction_count,
        s.amplification_count,
        s.impression_count,
        s.shown_interaction_count,
    from summed as s
    left join authors on authors.author_id = s.author_id
    where s.tweet_count > 0
),

ranked as (
    select
        author_id,
        row_number() over (order by tweet_count desc, author_id) as tweet_rank,
        row_number() over (order by interaction_count desc, author_id) as interaction_rank,
        row_number() over (order by followers_count desc, author_id) as follower_rank,
    from known
),

best as (
    select
        author_id,
        tweet_rank,
        interaction_rank,
        follower_rank,
    from ranked
    where tweet_rank <= 100 or interaction_rank <= 100 or follower_rank <= 100
),

middles as (
    select
        posted.author_id,
        percentile_cont(posted.interaction_count, 0.5) over (partition by posted.author_id) as median_interaction_count,
        percentile_cont(safe_divide(posted.shown_interaction_count, posted.impression_count), 0.5) over (
            partition by posted.author_id
        ) as median_engagement_rate,
    from posted
    inner join best on best.author_id = posted.author_id
    where posted.is_in_scope
),

medians as (
    select
        author_id,
        max(median_interaction_count) as median_interaction_count,
        max(median_engagement_rate) as median_engagement_rate,
    from middles
    group by author_id
),

final as (
    select
        best.tweet_rank,
        if(known.interaction_count is null, null, best.interaction_rank) as interaction_rank,
        if(known.followers_count is null, null, best.follower_rank) as follower_rank,
        known.author_id,
        known.username,
        known.author_name,
        known.followers_count,
        known.tweet_count,
        known.raw_tweet_count,
        known.measured_tweet_count,
        known.interaction_count,
        known.impression_count,
        known.shown_interaction_count,
        safe_divide(known.shown_interaction_count, known.impression_count) as engagement_rate,
        safe_divide(known.amplification_count, known.measured_tweet_count) as amplification_rate,
        if(known.measured_tweet_count >= 5, medians.median_interaction_count, null) as median_interaction_count,
        if(known.shown_tweet_count >= 5, medians.median_engagement_rate, null) as median_engagement_rate,
    from best
    inner join known on known.author_id = best.author_id
    left join medians on medians.author_id = best.author_id
)

select * from final
