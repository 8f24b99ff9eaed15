-- Les hashtags d'une période face à une période de référence : lesquels émergent, par publications et par auteurs.
-- The hashtags of a period beside those of a base period: which of them emerge, by tweets and by authors.
-- Grain: (hashtag)
-- Source: posted_tweets, days
-- Formula (v1): z_score = log-odds of the hashtag in the period less those in the base, over their standard error, with
-- an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008): y its tweets, n those of all hashtags, alpha = 0.1 * (y
-- + base y), alpha0 = 0.1 * (n + base n); delta = ln((y + alpha) / (n + alpha0 - y - alpha)) less the same of the base,
-- variance = 1 / (y + alpha) + 1 / (base y + alpha). author_z_score is the same over distinct authors. It emerges where
-- both are 1.96 or more.
-- Caveats: 5 tweets and 3 authors in the period at least. A score is about the share among hashtags, not the volume. One
-- loud account lifts z_score alone: look at author_z_score, which it does not. A hashtag on 90 % of the base's tweets or
-- more, as the tracker's own, is left out. NULL where a period has no known coverage, or one under 0.95.
-- Column: hashtag = hashtag | Hashtag: NFKC, case folded, no # | Hashtag : NFKC, minuscules, sans #
-- Column: tweet_count = nb_tweets | Tweets of the period that carry it, in scope | Publications de la période qui le portent, dans le périmètre
-- Column: base_tweet_count = nb_tweets_reference | The same of the base period | De même sur la période de comparaison
-- Column: author_count = nb_auteurs | Their distinct authors in the period | Leurs auteurs distincts sur la période
-- Column: base_author_count = nb_auteurs_reference | The same of the base period | De même sur la période de comparaison
-- Column: z_score = score_z | How much its share of tweets rose, in standard errors; NULL with a reason | Hausse de sa part des publications, en erreurs-types ; NULL avec un motif
-- Column: author_z_score = score_z_auteurs | How much its share of authors rose, in standard errors; NULL with a reason | Hausse de sa part des auteurs, en erreurs-types ; NULL avec un motif
-- Column: tweet_rank = rang_tweets | Rank by z_score; NULL without it | Rang selon score_z ; NULL sans lui
-- Column: author_rank = rang_auteurs | Rank by author_z_score; NULL without it | Rang selon score_z_auteurs ; NULL sans lui
-- Column: is_emerging = est_emergent | True where its share grew by more than chance, by tweets and by authors (both scores 1.96 or more); NULL without them | Vrai si sa part a grandi plus que le hasard ne le ferait, par publications et par comptes (les deux scores valent au moins 1,96) ; NULL sans eux
-- Column: reason_fr = motif | Why there is no score, in French; NULL where there is one | Pourquoi il n'y a pas de score ; NULL s'il y en a un
with

posted as (
    select
        false as is_base,
        author_id,
        hashtags,
    from posted_tweets
    where
        tracker = @tracker_name and local_date between @first_date and @last_date and exclusion_reason is null
    union all
    select
        true as is_base,
        author_id,
        hashtags,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @base_first_date and @base_last_date
        and exclusion_reason is null
),

carried as (
    select
        is_base,
        author_id,
        hashtag,
    from posted
    cross join unnest(hashtags) as hashtag
),

by_author as (
    select
        hashtag,
        author_id,
        countif(not is_base) as tweet_count,
        countif(is_base) as base_tweet_count,
    from carried
    group by hashtag, author_id
),

counted as (
    select
        hashtag,
        sum(tweet_count) as tweet_count,
        sum(base_tweet_count) as base_tweet_count,
        count(if(tweet_count > 0, author_id, null)) as author_count,
        count(if(base_tweet_count > 0, author_id, null)) as base_author_count,
    from by_author
    group by hashtag
),

totals as (
    select
        sum(tweet_count) as tweet_count,
        sum(base_tweet_count) as base_tweet_count,
        sum(author_count) as author_count,
        sum(base_author_count) as base_author_count,
    from counted
),

base as (
    select countif(is_base) as base_tweet_count
    from posted
),

asked as (
    select
        false as is_base,
        local_date,
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
    union all
    select
        true as is_base,
        local_date,
    from unnest(generate_date_array(@base_first_date, @base_last_date)) as local_date
),

judged_days as (
    select
        local_date,
        coverage_rate,
        expected_count,
    from days
    where tracker = @tracker_name
),

covered as (
    select
        asked.is_base,
        count(j.coverage_rate) = count(*) as is_counted,
        if(sum(j.expected_count) = 0, 1, sum(j.coverage_rate * j.expected_count) / sum(j.expected_count)) as coverage_rate,
    from asked
    left join judged_days as j on j.local_date = asked.local_date
    group by asked.is_base
),

reasons as (
    select
        min(
            case
                when not is_counted and is_base then 'couverture inconnue sur la période de comparaison'
                when not is_counted then 'couverture inconnue sur la période'
                when coverage_rate < 0.95 and is_base then 'couverture sous 95 % sur la période de comparaison'
                when coverage_rate < 0.95 then 'couverture sous 95 % sur la période'
            end
        ) as reason_fr,
    from covered
),

weighed as (
    select
        c.hashtag,
        c.tweet_count,
        c.base_tweet_count,
        c.author_count,
        c.base_author_count,
        c.tweet_count + 0.1 * (c.tweet_count + c.base_tweet_count) as y,
        c.base_tweet_count + 0.1 * (c.tweet_count + c.base_tweet_count) as base_y,
        t.tweet_count + 0.1 * (t.tweet_count + t.base_tweet_count) as n,
        t.base_tweet_count + 0.1 * (t.tweet_count + t.base_tweet_count) as base_n,
        c.author_count + 0.1 * (c.author_count + c.base_author_count) as author_y,
        c.base_author_count + 0.1 * (c.author_count + c.base_author_count) as base_author_y,
        t.author_count + 0.1 * (t.author_count + t.base_author_count) as author_n,
        t.base_author_count + 0.1 * (t.author_count + t.base_author_count) as base_author_n,
        case
            when r.reason_fr is not null then r.reason_fr
            when b.base_tweet_count = 0 then 'aucun tweet sur la période de comparaison'
            when t.tweet_count = c.tweet_count and t.base_tweet_count = c.base_tweet_count then
                'aucun autre hashtag à comparer'
        end as reason_fr,
    from counted as c
    cross join totals as t
    cross join base as b
    cross join reasons as r
    where
        c.tweet_count >= 5
        and c.author_count >= 3
        and (b.base_tweet_count = 0 or c.base_tweet_count < 0.9 * b.base_tweet_count)
),

scored as (
    select
        hashtag,
        tweet_count,
        base_tweet_count,
        author_count,
        base_author_count,
        if(
            reason_fr is null,
            (ln(safe_divide(y, n - y)) - ln(safe_divide(base_y, base_n - base_y))) / sqrt(1 / y + 1 / base_y),
            null
        ) as z_score,
        if(
            reason_fr is null,
            (
                ln(safe_divide(author_y, author_n - author_y))
                - ln(safe_divide(base_author_y, base_author_n - base_author_y))
            ) / sqrt(1 / author_y + 1 / base_author_y),
            null
        ) as author_z_score,
        reason_fr,
    from weighed
),

final as (
    select
        hashtag,
        tweet_count,
        base_tweet_count,
        author_count,
        base_author_count,
        z_score,
        author_z_score,
        if(z_score is null, null, row_number() over (order by z_score desc, hashtag)) as tweet_rank,
        if(
            author_z_score is null, null, row_number() over (order by author_z_score desc, hashtag)
        ) as author_rank,
        z_score >= 1.96 and author_z_score >= 1.96 as is_emerging,
        reason_fr,
    from scored
)

select * from final
