-- Les domaines vers lesquels mènent les publications d'un suivi sur une période, classés par publications et par auteurs distincts.
-- The domains that the tweets of a tracker link to over a period, ranked by tweets and by distinct authors.
-- Grain: (domain)
-- Source: posted_tweets
-- Formula (v1): exclusions left out but in raw_tweet_count; ranks by tweets and by distinct authors, ties by domain; a
-- row for each that is among the first 100 of either. tweet_share = tweet_count / tweets in scope of the period.
-- Caveats: a shortened link counts for its target only where X says it; the tables keep domains, no whole addresses. A
-- tweet counts under each of its domains: shares do not add up. Many tweets of few authors are a campaign or a robot:
-- look at both ranks.
-- Column: tweet_rank = rang_tweets | Rank by tweets | Rang par publications
-- Column: author_rank = rang_auteurs | Rank by distinct authors | Rang par auteurs distincts
-- Column: domain = domaine | Domain linked, X's own left out | Domaine lié, hors X
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: author_count = nb_auteurs | Distinct authors of the tweets in scope | Auteurs distincts des publications du périmètre
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets, as last read | J'aime, retweets, réponses et citations de ces publications, à leur dernière lecture
-- Column: tweet_share = part_tweets | Share of the tweets in scope of the period | Part des publications de la période, dans le périmètre
with

posted as (
    select
        author_id,
        interaction_count,
        domains,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

listed as (
    select
        domain,
        author_id,
        interaction_count,
        is_in_scope,
    from posted
    cross join unnest(domains) as domain
),

counted as (
    select countif(is_in_scope) as period_tweet_count
    from posted
),

summed as (
    select
        domain,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        count(distinct if(is_in_scope, author_id, null)) as author_count,
        sum(if(is_in_scope, interaction_count, null)) as interaction_count,
    from listed
    group by domain
),

ranked as (
    select
        row_number() over (order by tweet_count desc, domain) as tweet_rank,
        row_number() over (order by author_count desc, domain) as author_rank,
        domain,
        tweet_count,
        raw_tweet_count,
        author_count,
        interaction_count,
    from summed
    where tweet_count > 0
),

final as (
    select
        ranked.tweet_rank,
        ranked.author_rank,
        ranked.domain,
        ranked.tweet_count,
        ranked.raw_tweet_count,
        ranked.author_count,
        ranked.interaction_count,
        safe_divide(ranked.tweet_count, counted.period_tweet_count) as tweet_share,
    from ranked
    cross join counted
    where ranked.tweet_rank <= 100 or ranked.author_rank <= 100
)

select * from final
