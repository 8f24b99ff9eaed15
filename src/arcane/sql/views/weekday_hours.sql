-- Quand on publie : les 7 jours de la semaine par 24 heures, en publications par jour compté et en interactions médianes.
-- When people tweet: the 7 weekdays by 24 hours, in tweets a counted day and in median interactions.
-- Grain: (local_weekday, local_hour)
-- Source: posted_tweets, days
-- Formula (v1): 168 rows, always. day_count = days of that weekday in the period of which every hour was read,
-- mean_tweet_count = counted_tweet_count / day_count. The median is over tweets measured at 24 hours of age. Exclusions
-- left out but in raw_tweet_count.
-- Caveats: with few weeks one event makes a cell: look at day_count. On the day that the clock goes back hour 2 is two
-- hours long, in spring it is none. The median tells what tweets posted then got, not what the hour did for them.
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: day_count = nb_jours_comptes | Days of that weekday that were read whole | Jours de ce nom lus en entier
-- Column: counted_tweet_count = nb_tweets_comptes | Tweets in scope posted on these days | Publications du périmètre, ces jours-là
-- Column: mean_tweet_count = nb_tweets_moyen | Tweets posted at that hour of that weekday, divided by the days counted; NULL without a day | Publications à cette heure de ce jour de la semaine, divisées par le nombre de jours comptés ; NULL sans jour compté
-- Column: measured_tweet_count = nb_tweets_mesures | Tweets in scope that were measured at 24 hours | Publications du périmètre mesurées à 24 heures
-- Column: median_interaction_count_at_24h = interactions_24h_mediane | Median of their interactions at 24 hours | Médiane de leurs interactions à 24 heures
with

posted as (
    select
        local_date,
        local_weekday,
        local_hour,
        interaction_count_at_24h,
        exclusion_reason is null as is_in_scope,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

whole as (
    select
        local_date,
        local_weekday,
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date and is_whole
),

grid as (
    select
        local_weekday,
        local_hour,
    from unnest(generate_array(1, 7)) as local_weekday
    cross join unnest(generate_array(0, 23)) as local_hour
),

weekdays as (
    select
        local_weekday,
        count(*) as day_count,
    from whole
    group by local_weekday
),

summed as (
    select
        posted.local_weekday,
        posted.local_hour,
        countif(posted.is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        countif(posted.is_in_scope and whole.local_date is not null) as counted_tweet_count,
        count(if(posted.is_in_scope, posted.interaction_count_at_24h, null)) as measured_tweet_count,
    from posted
    left join whole on whole.local_date = posted.local_date
    group by posted.local_weekday, posted.local_hour
),

middles as (
    select
        local_weekday,
        local_hour,
        percentile_cont(interaction_count_at_24h, 0.5) over (
            partition by local_weekday, local_hour
        ) as median_interaction_count_at_24h,
    from posted
    where is_in_scope and interaction_count_at_24h is not null
),

medians as (
    select
        local_weekday,
        local_hour,
        max(median_interaction_count_at_24h) as median_interaction_count_at_24h,
    from middles
    group by local_weekday, local_hour
),

final as (
    select
        grid.local_weekday,
        grid.local_hour,
        coalesce(s.tweet_count, 0) as tweet_count,
        coalesce(s.raw_tweet_count, 0) as raw_tweet_count,
        coalesce(w.day_count, 0) as day_count,
        coalesce(s.counted_tweet_count, 0) as counted_tweet_count,
        safe_divide(coalesce(s.counted_tweet_count, 0), w.day_count) as mean_tweet_count,
        coalesce(s.measured_tweet_count, 0) as measured_tweet_count,
        m.median_interaction_count_at_24h,
    from grid
    left join weekdays as w on w.local_weekday = grid.local_weekday
    left join summed as s on s.local_weekday = grid.local_weekday and s.local_hour = grid.local_hour
    left join medians as m on m.local_weekday = grid.local_weekday and m.local_hour = grid.local_hour
)

select * from final
