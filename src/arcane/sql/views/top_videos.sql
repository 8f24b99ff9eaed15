-- Les vidéos les plus vues parmi celles que montrent les publications d'un suivi sur une période, chacune une fois.
-- The most viewed videos among those that the tweets of a tracker show over a period, each once.
-- Grain: (media_key)
-- Source: posted_tweets, tweet_videos, tweets
-- Formula (v1): exclusions left out but in raw_tweet_count; ranks by views, by tweets and by distinct authors, ties by
-- media_key; a row for each that is among the first 100 of one ranking or more. tweet_id is the first tweet of the
-- period in scope that shows it.
-- Caveats: views are counted by X over every tweet that shows the video, also outside of the tracker and the period.
-- The first tweet found here need not be the one that brought the video to X.
-- Column: view_rank = rang_vues | Rank by views; NULL while unknown | Rang par vues ; NULL si inconnues
-- Column: tweet_rank = rang_tweets | Rank by tweets | Rang par publications
-- Column: author_rank = rang_auteurs | Rank by distinct authors | Rang par auteurs distincts
-- Column: tweet_count = nb_tweets | Tweets posted that show it, in scope | Publications qui la montrent, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | The same, exclusions included | De même, exclusions comprises
-- Column: author_count = nb_auteurs | Distinct authors of the tweets in scope | Auteurs distincts des publications du périmètre
-- Column: interaction_count = interactions | Likes, reposts, replies and quotes of these tweets, as last read | J'aime, retweets, réponses et citations de ces publications, à leur dernière lecture
with

posted as (
    select
        tweet_id,
        local_date,
        created_at,
        author_id,
        interaction_count,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

videos as (
    select
        tweet_id,
        media_key,
        duration_s,
        view_count,
    from tweet_videos
    where local_date between @first_date and @last_date
),

written as (
    select
        tweet_id,
        local_date,
        url,
    from tweets
    where local_date between @first_date and @last_date
),

shown as (
    select
        videos.media_key,
        videos.duration_s,
        videos.view_count,
        posted.tweet_id,
        posted.local_date,
        posted.author_id,
        posted.interaction_count,
        posted.is_in_scope,
        row_number() over (
            partition by videos.media_key
            order by posted.is_in_scope desc, posted.created_at, posted.tweet_id
        ) as position,
    from posted
    inner join videos on videos.tweet_id = posted.tweet_id
),

summed as (
    select
        media_key,
        duration_s,
        view_count,
        max(if(position = 1, tweet_id, null)) as tweet_id,
        max(if(position = 1, local_date, null)) as local_date,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        count(distinct if(is_in_scope, author_id, null)) as author_count,
        sum(if(is_in_scope, interaction_count, null)) as interaction_count,
    from shown
    group by media_key, duration_s, view_count
),

ranked as (
    select
        row_number() over (order by view_count desc, media_key) as view_rank,
        row_number() over (order by tweet_count desc, media_key) as tweet_rank,
        row_number() over (order by author_count desc, media_key) as author_rank,
        media_key,
        duration_s,
        view_count,
        tweet_id,
        local_date,
        tweet_count,
        raw_tweet_count,
        author_count,
        interaction_count,
    from summed
    where tweet_count > 0
),

final as (
    select
        if(ranked.view_count is null, null, ranked.view_rank) as view_rank,
        ranked.tweet_rank,
        ranked.author_rank,
        ranked.media_key,
        ranked.duration_s,
        ranked.view_count,
        ranked.tweet_count,
        ranked.raw_tweet_count,
        ranked.author_count,
        ranked.interaction_count,
        ranked.tweet_id,
        written.url,
    from ranked
    inner join written on written.tweet_id = ranked.tweet_id and written.local_date = ranked.local_date
    where ranked.view_rank <= 100 or ranked.tweet_rank <= 100 or ranked.author_rank <= 100
)

select * from final
