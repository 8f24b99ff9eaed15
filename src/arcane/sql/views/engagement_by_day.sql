-- Pour chaque suivi et chaque jour : ce que les publications de ce jour ont recueilli depuis, à leur dernière lecture.
-- For each tracker and day: what the tweets posted that day have gathered since, as last read.
-- Grain: (tracker, local_date)
-- Source: days, posted_tweets
-- Formula (v2): exclusions left out but in raw_tweet_count. interaction_count = like_count + retweet_count +
-- reply_count + quote_count, an unknown quote_count being 0. Engagement rate of a period = sum(shown_interaction_count)
-- / sum(impression_count). 0 only where the day is whole. is_provisional = of its tweets with counters over 5 % were last
-- read before 7 days of age (168 hours), or of their interactions over 5 % are theirs.
-- Caveats: not what was gained that day: that is engagement_gained_by_day. A young day grows still: compare it with no
-- older one while it is provisional. A day whose tweets were not read again at 7 days stays provisional: what it holds is
-- too little for good. Erased tweets are gone from every sum. A tweet that two trackers found counts in each: do not add
-- up trackers.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope; NULL where none is known and the day is not whole | Publications du périmètre ; NULL si aucune n'est connue et que le jour n'est pas complet
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: measured_tweet_count = nb_tweets_mesures | Of these with counters | Dont celles aux compteurs connus
-- Column: like_count = nb_likes | Likes of the tweets posted that day, as last read | J'aime des publications de ce jour, à leur dernière lecture
-- Column: retweet_count = nb_retweets | Reposts of the tweets posted that day, as last read | Retweets des publications de ce jour, à leur dernière lecture
-- Column: reply_count = nb_reponses | Replies to the tweets posted that day, as last read | Réponses aux publications de ce jour, à leur dernière lecture
-- Column: quote_count = nb_citations | Quotes of the tweets posted that day, as last read | Citations des publications de ce jour, à leur dernière lecture
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des publications de ce jour, à leur dernière lecture
-- Column: impression_count = nb_impressions | Times that the tweets posted that day were shown, as last read; NULL where X gives none | Affichages des publications de ce jour, à leur dernière lecture ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions: divided by impression_count, the engagement rate | Interactions des publications dont les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
-- Column: is_provisional = provisoire | True while over 5 % of its tweets, or of their interactions, were last read before 7 days of age | Vrai tant que plus de 5 % de ses publications, ou de leurs interactions, ont été lues pour la dernière fois avant 7 jours
with

posted as (
    select
        p.tracker,
        p.local_date,
        p.like_count,
        p.retweet_count,
        p.reply_count,
        p.quote_count,
        p.interaction_count,
        p.impression_count,
        p.shown_interaction_count,
        timestamp_diff(p.metrics_observed_at, p.created_at, hour) < 168 as is_young,
        p.exclusion_reason is null as is_in_scope,
    from posted_tweets as p
),

parts as (
    select
        tracker,
        local_date,
        if(is_in_scope, 1, 0) as tweet_count,
        1 as raw_tweet_count,
        if(is_in_scope, like_count, null) as like_count,
        if(is_in_scope, retweet_count, null) as retweet_count,
        if(is_in_scope, reply_count, null) as reply_count,
        if(is_in_scope, quote_count, null) as quote_count,
        if(is_in_scope, interaction_count, null) as interaction_count,
        if(is_in_scope, impression_count, null) as impression_count,
        if(is_in_scope, shown_interaction_count, null) as shown_interaction_count,
        if(is_in_scope, is_young, null) as is_young,
        false as is_whole,
        cast(null as float64) as coverage_rate,
    from posted
    union all
    select
        tracker,
        local_date,
        0 as tweet_count,
        0 as raw_tweet_count,
        null as like_count,
        null as retweet_count,
        null as reply_count,
        null as quote_count,
        null as interaction_count,
        null as impression_count,
        null as shown_interaction_count,
        null as is_young,
        is_whole,
        coverage_rate,
    from days
),

summed as (
    select
        tracker,
        local_date,
        sum(tweet_count) as tweet_count,
        sum(raw_tweet_count) as raw_tweet_count,
        count(interaction_count) as measured_tweet_count,
        sum(like_count) as like_count,
        sum(retweet_count) as retweet_count,
        sum(reply_count) as reply_count,
        sum(quote_count) as quote_count,
        sum(interaction_count) as interaction_count,
        sum(impression_count) as impression_count,
        sum(shown_interaction_count) as shown_interaction_count,
        countif(is_young) > 0.05 * nullif(count(is_young), 0)
        or coalesce(sum(if(is_young, interaction_count, 0)) > 0.05 * sum(interaction_count), false) as is_provisional,
        max(coverage_rate) as coverage_rate,
        sum(tweet_count) = 0 and logical_or(is_whole) as is_silent,
    from parts
    group by tracker, local_date
),

final as (
    select
        tracker,
        local_date,
        if(tweet_count > 0 or is_silent, tweet_count, null) as tweet_count,
        if(raw_tweet_count > 0 or is_silent, raw_tweet_count, null) as raw_tweet_count,
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
