-- Pour chaque suivi et chaque jour : ce que les tweets publiés ce jour ont recueilli depuis, à leur dernière lecture.
-- For each tracker and day: what the tweets posted that day have gathered since, as last read.
-- Grain: (tracker, local_date)
-- Source: days, schema_version, tweets, tracker_tweets
-- Formula (v1): interaction_count = like_count + retweet_count + reply_count + quote_count, an unknown quote_count
-- being 0. Engagement rate of a period = sum(shown_interaction_count) / sum(impression_count). An impression_count of 0
-- is unknown. Current versions, retweets left out; 0 only where the day is whole. is_provisional by the newest reading.
-- Caveats: not what was gained that day: that is engagement_gained_by_day. A young day grows still: compare it with no
-- older one while it is provisional. Erased tweets are gone from every sum. A tweet that two trackers found counts in
-- each: do not add up trackers.
-- Column: tweet_count = nb_tweets | Tweets posted; NULL where none is known and the day is not whole | Tweets publiés ; NULL si aucun n'est connu et que le jour n'est pas complet
-- Column: measured_tweet_count = nb_tweets_mesures | Of these with counters | Dont tweets aux compteurs connus
-- Column: like_count = nb_likes | Likes of the tweets posted that day, as last read | J'aime des tweets publiés ce jour, à leur dernière lecture
-- Column: retweet_count = nb_retweets | Reposts of the tweets posted that day, as last read | Retweets des tweets publiés ce jour, à leur dernière lecture
-- Column: reply_count = nb_reponses | Replies to the tweets posted that day, as last read | Réponses aux tweets publiés ce jour, à leur dernière lecture
-- Column: quote_count = nb_citations | Quotes of the tweets posted that day, as last read | Citations des tweets publiés ce jour, à leur dernière lecture
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des tweets publiés ce jour, à leur dernière lecture
-- Column: impression_count = nb_impressions | Times that the tweets posted that day were shown, as last read; NULL where X gives none | Affichages des tweets publiés ce jour, à leur dernière lecture ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions: divided by impression_count, the engagement rate | Interactions des tweets dont les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
-- Column: is_provisional = provisoire | True while the day was younger than 7 days when its tweets were last read | Vrai tant que le jour avait moins de 7 jours à la dernière lecture de ses tweets
with

posted as (
    select
        f.tracker,
        t.tweet_id,
        t.local_date,
        t.like_count,
        t.retweet_count,
        t.reply_count,
        t.quote_count,
        t.like_count + t.retweet_count + t.reply_count + coalesce(t.quote_count, 0) as interaction_count,
        nullif(t.impression_count, 0) as impression_count,
        date_diff(date(t.metrics_observed_at, zone.time_zone), t.local_date, day) as read_after_days,
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    cross join schema_version as zone
    where t.is_current and coalesce(t.kind, 'original') != 'retweet' and t.retweeted_tweet_id is null
),

parts as (
    select
        tracker,
        local_date,
        tweet_id,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        interaction_count,
        impression_count,
        read_after_days,
        cast(null as bool) as is_whole,
        cast(null as float64) as coverage_rate,
    from posted
    union all
    select
        tracker,
        local_date,
        cast(null as string) as tweet_id,
        cast(null as int64) as like_count,
        cast(null as int64) as retweet_count,
        cast(null as int64) as reply_count,
        cast(null as int64) as quote_count,
        cast(null as int64) as interaction_count,
        cast(null as int64) as impression_count,
        cast(null as int64) as read_after_days,
        is_whole,
        coverage_rate,
    from days
),

summed as (
    select
        tracker,
        local_date,
        count(tweet_id) as tweet_count,
        count(interaction_count) as measured_tweet_count,
        sum(like_count) as like_count,
        sum(retweet_count) as retweet_count,
        sum(reply_count) as reply_count,
        sum(quote_count) as quote_count,
        sum(interaction_count) as interaction_count,
        sum(impression_count) as impression_count,
        sum(if(impression_count > 0, interaction_count, null)) as shown_interaction_count,
        max(coverage_rate) as coverage_rate,
        max(read_after_days) < 7 as is_provisional,
        count(tweet_id) = 0 and coalesce(logical_or(is_whole), false) as is_silent,
    from parts
    group by tracker, local_date
),

final as (
    select
        tracker,
        local_date,
        if(tweet_count > 0 or is_silent, tweet_count, null) as tweet_count,
        if(tweet_count > 0 or is_silent, measured_tweet_count, null) as measured_tweet_count,
        if(is_silent, 0, like_count) as like_count,
        if(is_silent, 0, retweet_count) as retweet_count,
        if(is_silent, 0, reply_count) as reply_count,
        if(is_silent, 0, quote_count) as quote_count,
        if(is_silent, 0, interaction_count) as interaction_count,
        if(is_silent, 0, impression_count) as impression_count,
        if(is_silent, 0, shown_interaction_count) as shown_interaction_count,
        coverage_rate,
        if(is_silent, false, is_provisional) as is_provisional,
    from summed
)

select * from final
