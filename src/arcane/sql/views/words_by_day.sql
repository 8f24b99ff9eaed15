-- Pour chaque suivi, jour et mot : les publications qui le portent, gardées en table.
-- For each tracker, day and word: the tweets posted that carry it, kept in a table.
-- Grain: (tracker, local_date, word)
-- Source: posted_tweets, tweet_words, stop_words
-- Formula (v1): words as in tweet_words; stop words out; a tweet counts once for each of its words. Exclusions
-- are left out.
-- Caveats: rows add up over days, never over words. A handle that changes hands is excluded here once its days are filled
-- anew, in posted_tweets at once.
-- Kept: local_date
-- Column: word = mot | Word in small letters, or emoji | Mot en minuscules, ou emoji
-- Column: tweet_count = nb_tweets | Tweets that carry it, in scope | Publications qui le portent, dans le périmètre
with

left_out as (
    select distinct word
    from stop_words
),

spread as (
    select
        posted_tweets.tracker,
        posted_tweets.local_date,
        posted_tweets.tweet_id,
        word,
    from posted_tweets
    inner join tweet_words
        on tweet_words.tweet_id = posted_tweets.tweet_id and tweet_words.local_date = posted_tweets.local_date
    cross join unnest(tweet_words.words) as word
    where posted_tweets.exclusion_reason is null
),

carried as (
    select distinct
        spread.tracker,
        spread.local_date,
        spread.tweet_id,
        spread.word,
    from spread
    left join left_out on left_out.word = spread.word
    where left_out.word is null
),

final as (
    select
        tracker,
        local_date,
        word,
        count(*) as tweet_count,
    from carried
    group by tracker, local_date, word
)

select * from final
