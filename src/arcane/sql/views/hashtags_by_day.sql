-- Pour chaque suivi, jour et hashtag : les tweets publiés qui le portent et ce qu'ils ont recueilli depuis.
-- For each tracker, day and hashtag: the tweets posted that carry it and what they have gathered since.
-- Grain: (tracker, local_date, hashtag)
-- Source: days, tweets, tracker_tweets
-- Formula (v1): interaction_count = like_count + retweet_count + reply_count + quote_count, an unknown quote_count
-- being 0. Current versions, retweets left out.
-- Caveats: the tracker's own hashtag stays, and is on nearly every tweet. A tweet counts under each of its hashtags:
-- rows add up over days, never over hashtags. No row is no zero: join days, and look at coverage_rate. A tweet that two
-- trackers found counts in each: do not add up trackers.
-- Column: hashtag = hashtag | Hashtag: NFKC, case folded, no # | Hashtag : NFKC, minuscules, sans #
-- Column: tweet_count = nb_tweets | Tweets posted | Tweets publiés
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des tweets publiés ce jour, à leur dernière lecture
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

posted as (
    select
        f.tracker,
        t.local_date,
        hashtag,
        t.like_count + t.retweet_count + t.reply_count + coalesce(t.quote_count, 0) as interaction_count,
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    cross join unnest(t.hashtags) as hashtag
    where t.is_current and coalesce(t.kind, 'original') != 'retweet' and t.retweeted_tweet_id is null
),

summed as (
    select
        tracker,
        local_date,
        hashtag,
        count(*) as tweet_count,
        sum(interaction_count) as interaction_count,
    from posted
    group by tracker, local_date, hashtag
),

final as (
    select
        s.tracker,
        s.local_date,
        s.hashtag,
        s.tweet_count,
        s.interaction_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
