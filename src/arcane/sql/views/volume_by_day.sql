-- Pour chaque suivi et chaque jour : les publications, par nature, et ce que X en compte.
-- For each tracker and day: the tweets posted, by kind, and X's own count of them.
-- Grain: (tracker, local_date)
-- Source: days, posted_tweets
-- Formula (v1): exclusions left out but in raw_tweet_count; 0 only where the day is whole, NULL where no tweet is known
-- and it is not
-- Caveats: erased tweets are not counted, X's count holds them still. A tweet that two trackers found counts in each:
-- do not add up trackers. Days outside of the calendar (imported archives) have tweets alone.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope; NULL where none is known and the day is not whole | Publications du périmètre ; NULL si aucune n'est connue et que le jour n'est pas complet
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: original_tweet_count = nb_tweets_originaux | Of these neither reply nor quote | Dont ni réponses ni citations
-- Column: reply_tweet_count = nb_tweets_reponses | Of these replies to a tweet (reply_count: replies that tweets received) | Dont réponses à une publication (nb_reponses : réponses reçues)
-- Column: quote_tweet_count = nb_tweets_citations | Of these quotes of a tweet (quote_count: quotes that tweets received) | Dont citations d'une publication (nb_citations : citations reçues)
-- Column: expected_count = nb_attendus | Tweets that X counts that day, also those that its search withholds; NULL where it was not asked | Publications comptées par X ce jour, y compris celles que sa recherche retient ; NULL s'il n'a pas été interrogé
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

posted as (
    select
        tracker,
        local_date,
        kind,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
),

parts as (
    select
        tracker,
        local_date,
        if(is_in_scope, 1, null) as tweet_count,
        1 as raw_tweet_count,
        if(is_in_scope, if(kind = 'original', 1, 0), null) as original_tweet_count,
        if(is_in_scope, if(kind = 'reply', 1, 0), null) as reply_tweet_count,
        if(is_in_scope, if(kind = 'quote', 1, 0), null) as quote_tweet_count,
        cast(null as int64) as expected_count,
        cast(null as float64) as coverage_rate,
    from posted
    union all
    select
        tracker,
        local_date,
        if(is_whole, 0, null) as tweet_count,
        if(is_whole, 0, null) as raw_tweet_count,
        if(is_whole, 0, null) as original_tweet_count,
        if(is_whole, 0, null) as reply_tweet_count,
        if(is_whole, 0, null) as quote_tweet_count,
        expected_count,
        coverage_rate,
    from days
),

final as (
    select
        tracker,
        local_date,
        sum(tweet_count) as tweet_count,
        sum(raw_tweet_count) as raw_tweet_count,
        sum(original_tweet_count) as original_tweet_count,
        sum(reply_tweet_count) as reply_tweet_count,
        sum(quote_tweet_count) as quote_tweet_count,
        max(expected_count) as expected_count,
        max(coverage_rate) as coverage_rate,
    from parts
    group by tracker, local_date
)

select * from final
