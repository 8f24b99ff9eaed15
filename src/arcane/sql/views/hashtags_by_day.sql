-- Pour chaque suivi, jour et hashtag : les publications qui le portent et ce qu'elles ont recueilli depuis.
-- For each tracker, day and hashtag: the tweets posted that carry it and what they have gathered since.
-- Grain: (tracker, local_date, hashtag)
-- Source: days, posted_tweets
-- Formula (v1): exclusions left out but in raw_tweet_count. interaction_count = like_count + retweet_count +
-- reply_count + quote_count, an unknown quote_count being 0.
-- Caveats: the tracker's own hashtag stays, and is on nearly every tweet. A tweet counts under each of its hashtags:
-- rows add up over days, never over hashtags. No row is no zero: join days, and look at coverage_rate. A tweet that two
-- trackers found counts in each: do not add up trackers.
-- Column: hashtag = hashtag | Hashtag: NFKC, case folded, no # | Hashtag : NFKC, minuscules, sans #
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des publications de ce jour, à leur dernière lecture
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

posted as (
    select
        p.tracker,
        p.local_date,
        hashtag,
        p.interaction_count,
        p.exclusion_reason is null as is_in_scope,
    from posted_tweets as p
    cross join unnest(p.hashtags) as hashtag
),

summed as (
    select
        tracker,
        local_date,
        hashtag,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        sum(if(is_in_scope, interaction_count, null)) as interaction_count,
    from posted
    group by tracker, local_date, hashtag
),

final as (
    select
        s.tracker,
        s.local_date,
        s.hashtag,
        s.tweet_count,
        s.raw_tweet_count,
        s.interaction_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
