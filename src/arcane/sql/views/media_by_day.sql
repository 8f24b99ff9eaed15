-- Pour chaque suivi, jour et média : les tweets publiés et ce qu'ils ont recueilli depuis.
-- For each tracker, day and medium: the tweets posted and what they have gathered since.
-- Grain: (tracker, local_date, media_kind)
-- Source: days, tweets, tracker_tweets
-- Formula (v1): interaction_count = like_count + retweet_count + reply_count + quote_count, an unknown quote_count
-- being 0. Engagement rate of a period = sum(shown_interaction_count) / sum(impression_count), an impression_count of 0
-- being unknown. Current versions, retweets left out.
-- Caveats: a tweet counts once, by the first of video, gif, photo, link, text. NULL where X did not describe its media.
-- No row is no zero: join days, and look at coverage_rate. A tweet that two trackers found counts in each: do not add
-- up trackers.
-- Column: tweet_count = nb_tweets | Tweets posted | Tweets publiés
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of the tweets posted that day, as last read | J'aime, retweets, réponses et citations des tweets publiés ce jour, à leur dernière lecture
-- Column: impression_count = nb_impressions | Times that the tweets posted that day were shown, as last read; NULL where X gives none | Affichages des tweets publiés ce jour, à leur dernière lecture ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions: divided by impression_count, the engagement rate | Interactions des tweets dont les impressions sont connues : divisées par nb_impressions, le taux d'engagement
-- Column: coverage_rate = taux_couverture | Share of X's count of that day that was read; NULL where X did not count all its hours | Part du décompte de X pour ce jour qui a été lue ; NULL si X n'a pas compté toutes ses heures
with

posted as (
    select
        f.tracker,
        t.local_date,
        t.media_kind,
        t.like_count + t.retweet_count + t.reply_count + coalesce(t.quote_count, 0) as interaction_count,
        nullif(t.impression_count, 0) as impression_count,
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    where t.is_current and coalesce(t.kind, 'original') != 'retweet' and t.retweeted_tweet_id is null
),

summed as (
    select
        tracker,
        local_date,
        media_kind,
        count(*) as tweet_count,
        sum(interaction_count) as interaction_count,
        sum(impression_count) as impression_count,
        sum(if(impression_count > 0, interaction_count, null)) as shown_interaction_count,
    from posted
    group by tracker, local_date, media_kind
),

final as (
    select
        s.tracker,
        s.local_date,
        s.media_kind,
        s.tweet_count,
        s.interaction_count,
        s.impression_count,
        s.shown_interaction_count,
        days.coverage_rate,
    from summed as s
    left join days on days.tracker = s.tracker and days.local_date = s.local_date
)

select * from final
