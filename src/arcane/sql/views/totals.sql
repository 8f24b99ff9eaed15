-- Les dix chiffres clés d'un suivi sur une période, dans le périmètre.
-- The ten key figures of a tracker over a period, in scope.
-- Grain: (tracker)
-- Source: posted_tweets, days, tweet_videos
-- Formula (v2): over the tweets posted in the period, as last read, exclusions left out. engagement_rate =
-- sum(shown_interaction_count) / sum(impression_count). video_view_count = sum over distinct videos of max(view_count).
-- coverage_rate = sum(coverage_rate * expected_count) / sum(expected_count) over the days; NULL where a day has none.
-- NULL where no tweet is known and a day was not read whole. is_provisional = a day of it is (engagement_by_day).
-- Caveats: tweet_count, like_count and the rest of a period that was not read whole are those of what was read: look at
-- coverage_rate. Compare periods only at equal age (growth). Unique authors do not add up over periods.
-- Column: tweet_count = nb_tweets | Original posts, replies and quotes of the period, in scope; reposts are no tweets of their own | Publications originales, réponses et citations de la période, dans le périmètre ; un retweet n'en est pas une
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: author_count = nb_auteurs | Accounts that posted once or more in the period, each counted once | Comptes qui ont publié au moins une fois dans la période, chacun compté une fois
-- Column: like_count = nb_likes | Times that these tweets were liked, as last read | Nombre de fois où ces publications ont été aimées, à leur dernière lecture
-- Column: retweet_count = nb_retweets | Times that these tweets were reposted without a word, as last read | Nombre de fois où ces publications ont été repartagées sans commentaire, à leur dernière lecture
-- Column: reply_count = nb_reponses | Replies that these tweets received, from anybody, with the hashtag or without, as last read | Réponses que ces publications ont reçues, avec ou sans le hashtag, à leur dernière lecture
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets | J'aime, retweets, réponses et citations de ces publications
-- Column: impression_count = nb_impressions | Times that X says these tweets were shown on a screen, the same person counted each time; NULL where X gives none | Nombre de fois où X dit les avoir affichées à l'écran, la même personne comptant à chaque fois ; NULL si X n'en donne pas
-- Column: shown_interaction_count = interactions_avec_impressions | Interactions of the tweets that have impressions | Interactions des publications dont les impressions sont connues
-- Column: engagement_rate = taux_engagement | Interactions for each time shown, over the tweets whose impressions are known | Interactions divisées par les impressions, sur les publications dont les impressions sont connues
-- Column: video_view_count = nb_vues_video | Views that X counts for the videos in these tweets; a video in several counts once | Vues que X compte pour les vidéos de ces publications ; une vidéo montrée par plusieurs compte une fois
-- Column: coverage_rate = taux_couverture | Share of X's count of the period that was read; NULL where X did not count all of it | Part du décompte de X sur la période qui a été lue ; NULL si X n'a pas tout compté
-- Column: is_provisional = provisoire | True while a day has over 5 % of its tweets, or of their interactions, last read before 7 days of age | Vrai tant qu'un jour a plus de 5 % de ses publications, ou de leurs interactions, lues pour la dernière fois avant 7 jours
with

posted as (
    select
        tweet_id,
        local_date,
        author_id,
        like_count,
        retweet_count,
        reply_count,
        interaction_count,
        impression_count,
        shown_interaction_count,
        timestamp_diff(metrics_observed_at, created_at, hour) < 168 as is_young,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

in_scope as (
    select *
    from posted
    where is_in_scope
),

summed as (
    select
        count(*) as tweet_count,
        count(distinct in_scope.author_id) as author_count,
        sum(in_scope.like_count) as like_count,
        sum(in_scope.retweet_count) as retweet_count,
        sum(in_scope.reply_count) as reply_count,
        sum(in_scope.interaction_count) as interaction_count,
        sum(in_scope.impression_count) as impression_count,
        sum(in_scope.shown_interaction_count) as shown_interaction_count,
    from in_scope
),

-- By day, as in engagement_by_day: a period is as young as its youngest day.
read_days as (
    select
        countif(is_young) > 0.05 * count(is_young)
        or coalesce(sum(if(is_young, interaction_count, 0)) > 0.05 * sum(interaction_count), false) as is_provisional,
    from in_scope
    group by local_date
),

youngest as (
    select coalesce(logical_or(is_provisional), false) as is_provisional
    from read_days
),

raw as (
    select count(*) as raw_tweet_count
    from posted
),

videos as (
    select
        tweet_videos.media_key,
        max(tweet_videos.view_count) as view_count,
    from tweet_videos
    inner join in_scope on in_scope.tweet_id = tweet_videos.tweet_id
    where tweet_videos.local_date between @first_date and @last_date
    group by tweet_videos.media_key
),

viewed as (
    select sum(view_count) as video_view_count
    from videos
),

covered as (
    select
        count(coverage_rate) as counted_day_count,
        if(sum(expected_count) = 0, 1, sum(coverage_rate * expected_count) / sum(expected_count)) as coverage_rate,
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

read as (
    select count(*) as whole_day_count
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date and is_whole
),

-- No tweet is none only where every day was read whole.
known as (
    select raw.raw_tweet_count > 0 or read.whole_day_count = date_diff(@last_date, @first_date, day) + 1 as is_known
    from raw
    cross join read
),

final as (
    select
        @tracker_name as tracker,
        if(known.is_known, summed.tweet_count, null) as tweet_count,
        if(known.is_known, raw.raw_tweet_count, null) as raw_tweet_count,
        if(known.is_known, summed.author_count, null) as author_count,
        summed.like_count,
        summed.retweet_count,
        summed.reply_count,
        summed.interaction_count,
        summed.impression_count,
        summed.shown_interaction_count,
        safe_divide(summed.shown_interaction_count, summed.impression_count) as engagement_rate,
        viewed.video_view_count,
        if(
            covered.counted_day_count = date_diff(@last_date, @first_date, day) + 1, covered.coverage_rate, null
        ) as coverage_rate,
        if(known.is_known, youngest.is_provisional, null) as is_provisional,
    from summed
    cross join raw
    cross join viewed
    cross join covered
    cross join youngest
    cross join known
)

select * from final
