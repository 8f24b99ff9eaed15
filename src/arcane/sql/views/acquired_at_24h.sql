-- Part des interactions des 7 premiers jours acquise dès 24 heures, pour toutes les publications d'une période et par média.
-- Share of the interactions of the first 7 days that was there at 24 hours, for all tweets of a period and by medium.
-- Grain: (breakdown, media_kind)
-- Source: posted_tweets
-- Formula (v1): acquired_share = sum(interaction_count_at_24h) / sum(interaction_count_at_7d) over the tweets that were
-- measured at both ages, exclusions left out; a ratio of sums: a tweet weighs what it gathered. A row for all,
-- breakdown ensemble, and one a medium, breakdown media.
-- Caveats: between two distant readings a straight line stands for what came early, so the share is a lower bound.
-- Under 20 tweets there is none. A tweet that is read on no side of an age takes no part.
-- Column: breakdown = decoupage | ensemble: all tweets; media: by medium | ensemble : toutes les publications ; media : par média
-- Column: media_kind = media | First of video, gif, photo, link, text; NULL while unknown and for all | Premier de video, gif, photo, link (lien), text (texte) ; NULL si inconnu et pour l'ensemble
-- Column: tweet_count = nb_tweets | Tweets posted, in scope | Publications, dans le périmètre
-- Column: raw_tweet_count = nb_tweets_bruts | Tweets posted, exclusions included | Publications, exclusions comprises
-- Column: measured_tweet_count = nb_tweets_mesures | Of tweet_count, those measured at 24 hours and at 7 days | Dont celles mesurées à 24 heures et à 7 jours
-- Column: interaction_count_at_24h = interactions_24h | Their interactions at 24 hours | Leurs interactions à 24 heures
-- Column: interaction_count_at_7d = interactions_7j | Their interactions at 7 days | Leurs interactions à 7 jours
-- Column: acquired_share = part_acquise_24h | Share of the interactions at 7 days that was there at 24 hours | Part des interactions à 7 jours acquise à 24 heures
-- Column: reason_fr = motif | Why there is no share, in French; NULL where there is | Pourquoi il n'y a pas de part ; NULL s'il y en a une
with

posted as (
    select
        media_kind,
        interaction_count_at_24h,
        interaction_count_at_7d,
        exclusion_reason is null as is_in_scope,
        exclusion_reason is null
        and interaction_count_at_24h is not null
        and interaction_count_at_7d is not null as is_measured,
    from posted_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

summed as (
    select
        media_kind,
        countif(is_in_scope) as tweet_count,
        count(*) as raw_tweet_count,
        countif(is_measured) as measured_tweet_count,
        sum(if(is_measured, interaction_count_at_24h, null)) as interaction_count_at_24h,
        sum(if(is_measured, interaction_count_at_7d, null)) as interaction_count_at_7d,
    from posted
    group by media_kind
),

parts as (
    select
        'media' as breakdown,
        media_kind,
        tweet_count,
        raw_tweet_count,
        measured_tweet_count,
        interaction_count_at_24h,
        interaction_count_at_7d,
    from summed
    union all
    select
        'ensemble' as breakdown,
        cast(null as string) as media_kind,
        coalesce(sum(tweet_count), 0) as tweet_count,
        coalesce(sum(raw_tweet_count), 0) as raw_tweet_count,
        coalesce(sum(measured_tweet_count), 0) as measured_tweet_count,
        sum(interaction_count_at_24h) as interaction_count_at_24h,
        sum(interaction_count_at_7d) as interaction_count_at_7d,
    from summed
),

judged as (
    select
        breakdown,
        media_kind,
        tweet_count,
        raw_tweet_count,
        measured_tweet_count,
        interaction_count_at_24h,
        interaction_count_at_7d,
        case
            when measured_tweet_count < 20 then 'moins de 20 tweets mesurés à 24 h et à 7 jours'
            when interaction_count_at_7d = 0 then 'aucune interaction à 7 jours'
        end as reason_fr,
    from parts
),

final as (
    select
        breakdown,
        media_kind,
        tweet_count,
        raw_tweet_count,
        measured_tweet_count,
        interaction_count_at_24h,
        interaction_count_at_7d,
        if(
            reason_fr is null, safe_divide(interaction_count_at_24h, interaction_count_at_7d), null
        ) as acquired_share,
        reason_fr,
    from judged
)

select * from final
