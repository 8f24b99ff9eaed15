-- Les mots d'une période face à une période de référence : lesquels lui sont propres, et combien d'auteurs les écrivent.
-- The words of a period beside those of a base period: which of them are its own, and how many authors write them.
-- Grain: (word)
-- Source: words_by_day, tweet_words, posted_tweets, days
-- Formula (v1): z_score as in emerging_hashtags, over words: log-odds of the word in the period less those in the base,
-- over their standard error, with the Dirichlet prior alpha = 0.1 * (tweets of both periods). y = tweets that carry the
-- word, n = the sum over all words. Of the 200 words of highest score (of most tweets, where there is no score), those of
-- 3 authors or more.
-- Caveats: 5 tweets in the period at least. Stop words, links, mentions, hashtags and numbers are out (tweet_words). One
-- loud account lifts z_score: look at author_count and author_rank. NULL where a period has no known coverage, or one
-- under 0.95. words_by_day is kept: where posted_tweets is filtered further, put its query in the place of words_by_day.
-- Column: word = mot | Word in small letters, or emoji | Mot en minuscules, ou emoji
-- Column: tweet_count = nb_tweets | Tweets of the period that carry it, in scope | Publications de la période qui le portent, dans le périmètre
-- Column: base_tweet_count = nb_tweets_reference | The same of the base period | De même sur la période de comparaison
-- Column: author_count = nb_auteurs | Their distinct authors in the period | Leurs auteurs distincts sur la période
-- Column: z_score = score_z | How much its share rose, in standard errors; NULL with a reason | Hausse de sa part, en erreurs-types ; NULL avec un motif
-- Column: tweet_rank = rang_tweets | Rank by z_score; NULL without it | Rang selon score_z ; NULL sans lui
-- Column: author_rank = rang_auteurs | Rank by author_count among these words | Rang selon nb_auteurs parmi ces mots
-- Column: reason_fr = motif | Why there is no score, in French; NULL where there is one | Pourquoi il n'y a pas de score ; NULL s'il y en a un
with

counted as (
    select
        word,
        sum(if(local_date between @first_date and @last_date, tweet_count, 0)) as tweet_count,
        sum(if(local_date between @base_first_date and @base_last_date, tweet_count, 0)) as base_tweet_count,
    from words_by_day
    where
        tracker = @tracker_name
        and (
            local_date between @first_date and @last_date
            or local_date between @base_first_date and @base_last_date
        )
    group by word
),

totals as (
    select
        sum(tweet_count) as tweet_count,
        sum(base_tweet_count) as base_tweet_count,
    from counted
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
        c.word,
        c.tweet_count,
        c.base_tweet_count,
        c.tweet_count + 0.1 * (c.tweet_count + c.base_tweet_count) as y,
        c.base_tweet_count + 0.1 * (c.tweet_count + c.base_tweet_count) as base_y,
        t.tweet_count + 0.1 * (t.tweet_count + t.base_tweet_count) as n,
        t.base_tweet_count + 0.1 * (t.tweet_count + t.base_tweet_count) as base_n,
        case
            when r.reason_fr is not null then r.reason_fr
            when t.base_tweet_count = 0 then 'aucun mot sur la période de comparaison'
            when t.tweet_count = c.tweet_count and t.base_tweet_count = c.base_tweet_count then
                'aucun autre mot à comparer'
        end as reason_fr,
    from counted as c
    cross join totals as t
    cross join reasons as r
    where c.tweet_count >= 5
),

scored as (
    select
        word,
        tweet_count,
        base_tweet_count,
        if(
            reason_fr is null,
            (ln(safe_divide(y, n - y)) - ln(safe_divide(base_y, base_n - base_y))) / sqrt(1 / y + 1 / base_y),
            null
        ) as z_score,
        reason_fr,
    from weighed
),

leading as (
    select
        word,
        tweet_count,
        base_tweet_count,
        z_score,
        reason_fr,
    from scored
    qualify row_number() over (order by z_score desc, tweet_count desc, word) <= 200
),

posted as (
    select
        tweet_id,
        local_date,
        author_id,
    from posted_tweets
    where
        tracker = @tracker_name and local_date between @first_date and @last_date and exclusion_reason is null
),

written as (
    select
        tweet_id,
        local_date,
        word,
    from tweet_words
    cross join unnest(words) as word
    where local_date between @first_date and @last_date
),

written_of as (
    select
        written.tweet_id,
        written.local_date,
        leading.word,
    from written
    inner join leading on leading.word = written.word
),

authors_of as (
    select
        w.word,
        count(distinct posted.author_id) as author_count,
    from written_of as w
    inner join posted on posted.tweet_id = w.tweet_id and posted.local_date = w.local_date
    group by w.word
),

final as (
    select
        leading.word,
        leading.tweet_count,
        leading.base_tweet_count,
        authors_of.author_count,
        leading.z_score,
        if(
            leading.z_score is null,
            null,
            row_number() over (order by leading.z_score desc, leading.tweet_count desc, leading.word)
        ) as tweet_rank,
        row_number() over (
            order by authors_of.author_count desc, leading.z_score desc, leading.word
        ) as author_rank,
        leading.reason_fr,
    from leading
    inner join authors_of on authors_of.word = leading.word
    where authors_of.author_count >= 3
)

select * from final
