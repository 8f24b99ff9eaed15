-- Pour chaque suivi, jour et langue : les publications et ce qu'elles ont recueilli depuis.
-- For each tracker, day and language: the tweets posted and what they have gathered since.
-- Grain: (tracker, local_date, lang)
-- Source: days, posted_tweets
-- Formula (v1): exclusions left out but in raw_tweet_count. interaction_count = like_count + retweet_count +
-- reply_count + quote_count, an unknown quote_count being 0. Engagement rate of a period = sum(shown_interaction_count)
-- / sum(impression_count).
-- Caveats: X guesses the language; und and NULL (text withheld) are rows of their own: keep them in a share's sum. No
-- row is no zero: join days, and look at coverage_rate. A tweet that two trackers found counts in each: do not add up
-- trackers.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des publications de ce jour, à leur dernière lecture
-- Column: impression_count = nb_impressions | Times that the tweets posted that day were shown, as last read; NULL where X gives none | Affichages des publications de ce jour, à leur dernière lecture ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions: divided by impression_count, the engagement rate | Interactions des publications dont les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

posted as (
    select
        tracker,
        local_date,
        lang,
        interaction_count,
        impression_count,
        shown_interaction_count,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
),

summed as (
    select
        tracker,
        local_date,
        lang,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        sum(if(is_in_scope, interaction_count, null)) as interaction_count,
        sum(if(is_in_scope, impression_count, null)) as impression_count,
        sum(if(is_in_scope, shown_interaction_count, null)) as shown_interaction_count,
    from posted
    group by tracker, local_date, lang
),

final as (
    select
        s.tracker,
        s.local_date,
        s.lang,
        s.tweet_count,
        s.raw_tweet_count,
        s.interaction_count,
        s.impression_count,
        s.shown_interaction_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
