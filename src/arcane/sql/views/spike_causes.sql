-- Pour chaque pic d'un suivi : les auteurs, hashtags, domaines, publications citées et fils qui en expliquent le plus.
-- For each spike of a tracker: the authors, hashtags, domains, quoted tweets and conversations that explain most of it.
-- Grain: (tracker, local_date, cause_rank)
-- Source: spikes_by_day, posted_tweets, authors
-- Formula (v2): excess = the day's tweets less the median of its baseline; explained_share = (tweet_count - the day's
-- tweets * its share of the baseline's tweets) / excess: what is on as many of ten tweets as ever explains nothing. The
-- five first of each kind, those under 0.05 left out. « pas de cause dominante » comes first where none reaches 0.2.
-- Caveats: a tweet counts under its author, each of its hashtags and so on: shares do not add up, and one may pass 1.
-- What goes with a spike need not have caused it. The tracker's own hashtag, on every tweet, explains nothing; where the
-- baseline has no tweets no hashtag is named, since none tells what is usual.
-- Column: cause_rank = rang | 1 for what explains most of that day's spike | 1 pour ce qui explique le plus le pic du jour
-- Column: cause_kind = type_cause | author, hashtag, domain, quoted_tweet, conversation or none | author (auteur), hashtag, domain (domaine), quoted_tweet (publication citée), conversation (fil) ou none (aucune)
-- Column: cause_id = id_cause | Id of the author, tweet or conversation; the hashtag or domain itself; NULL for none | Identifiant de l'auteur, de la publication ou du fil ; le hashtag ou le domaine lui-même ; NULL si aucune
-- Column: cause = cause | The same as a person reads it: the author's handle; NULL where it is unknown | La même, lisible : le nom de compte de l'auteur ; NULL si inconnu
-- Column: tweet_count = nb_tweets | Tweets of that day that carry it, in scope; for none, all of the day | Publications du jour qui la portent, dans le périmètre ; si aucune, toutes celles du jour
-- Column: usual_tweet_count = nb_tweets_habituel | Tweets that carry it on a day of the baseline, on average; for none, the median of all | Publications qui la portent un jour de référence, en moyenne ; si aucune, la médiane de toutes
-- Column: excess_tweet_count = nb_tweets_excedent | Tweets of that day above the median of its baseline | Publications du jour au-dessus de la médiane de référence
-- Column: explained_share = part_expliquee | Of the tweets above the median, the share that is on it beyond its usual share; such shares do not add up; NULL for none | Part des publications au-dessus de la médiane qui la portent au-delà de sa part habituelle ; ces parts ne s'additionnent pas ; NULL si aucune
with

verdicts as (
    select
        local_date,
        tweet_count,
        median_tweet_count,
        base_day_count,
        is_known,
        coalesce(is_spike, false) and local_date >= @first_date as is_spike,
    from spikes_by_day
    where
        tracker = @tracker_name
        and local_date >= date_sub(@first_date, interval 28 day)
        and local_date <= @last_date
),

spike_days as (
    select
        local_date,
        tweet_count,
        median_tweet_count,
        base_day_count,
        tweet_count - median_tweet_count as excess_tweet_count,
    from verdicts
    where is_spike
),

base_days as (
    select
        s.local_date as spike_date,
        v.local_date,
        v.tweet_count,
    from spike_days as s
    inner join verdicts as v on date_diff(s.local_date, v.local_date, day) between 1 and 28
    where v.is_known
),

base_totals as (
    select
        spike_date,
        sum(tweet_count) as tweet_count,
    from base_days
    group by spike_date
),

wanted_days as (
    select local_date
    from spike_days
    union distinct
    select local_date
    from base_days
),

posted as (
    select
        p.local_date,
        p.author_id,
        if(p.conversation_id != p.tweet_id, p.conversation_id, null) as conversation_id,
        p.quoted_tweet_id,
        p.hashtags,
        p.domains,
    from posted_tweets as p
    inner join wanted_days on wanted_days.local_date = p.local_date
    where
        p.tracker = @tracker_name
        and p.local_date >= date_sub(@first_date, interval 28 day)
        and p.local_date <= @last_date
        and p.exclusion_reason is null
),

loud as (
    select
        posted.local_date,
        posted.author_id,
        posted.conversation_id,
        posted.quoted_tweet_id,
        posted.hashtags,
        posted.domains,
    from posted
    inner join spike_days on spike_days.local_date = posted.local_date
),

carried as (
    select
        local_date,
        'author' as cause_kind,
        author_id as cause_id,
    from loud
    union all
    select
        local_date,
        'hashtag' as cause_kind,
        cause_id,
    from loud
    cross join unnest(hashtags) as cause_id
    union all
    select
        local_date,
        'domain' as cause_kind,
        cause_id,
    from loud
    cross join unnest(domains) as cause_id
    union all
    select
        local_date,
        'quoted_tweet' as cause_kind,
        quoted_tweet_id as cause_id,
    from loud
    union all
    select
        local_date,
        'conversation' as cause_kind,
        conversation_id as cause_id,
    from loud
),

counted as (
    select
        local_date,
        cause_kind,
        cause_id,
        count(*) as tweet_count,
    from carried
    where cause_id is not null
    group by local_date, cause_kind, cause_id
),

candidates as (
    select
        s.local_date,
        c.cause_kind,
        c.cause_id,
        c.tweet_count,
        s.tweet_count as day_tweet_count,
        s.base_day_count,
        s.excess_tweet_count,
    from spike_days as s
    inner join counted as c on c.local_date = s.local_date
    where c.tweet_count >= 0.05 * s.excess_tweet_count
),

candidate_ids as (
    select distinct
        cause_kind,
        cause_id,
    from candidates
),

spread_hashtags as (
    select
        local_date,
        hashtag,
    from posted
    cross join unnest(hashtags) as hashtag
),

spread_domains as (
    select
        local_date,
        domain,
    from posted
    cross join unnest(domains) as domain
),

carried_before as (
    select
        p.local_date,
        c.cause_kind,
        c.cause_id,
    from posted as p
    inner join candidate_ids as c on c.cause_kind = 'author' and c.cause_id = p.author_id
    union all
    select
        h.local_date,
        c.cause_kind,
        c.cause_id,
    from spread_hashtags as h
    inner join candidate_ids as c on c.cause_kind = 'hashtag' and c.cause_id = h.hashtag
    union all
    select
        d.local_date,
        c.cause_kind,
        c.cause_id,
    from spread_domains as d
    inner join candidate_ids as c on c.cause_kind = 'domain' and c.cause_id = d.domain
    union all
    select
        p.local_date,
        c.cause_kind,
        c.cause_id,
    from posted as p
    inner join candidate_ids as c on c.cause_kind = 'quoted_tweet' and c.cause_id = p.quoted_tweet_id
    union all
    select
        p.local_date,
        c.cause_kind,
        c.cause_id,
    from posted as p
    inner join candidate_ids as c on c.cause_kind = 'conversation' and c.cause_id = p.conversation_id
),

counted_by_day as (
    select
        local_date,
        cause_kind,
        cause_id,
        count(*) as tweet_count,
    from carried_before
    group by local_date, cause_kind, cause_id
),

usual as (
    select
        b.spike_date,
        d.cause_kind,
        d.cause_id,
        sum(d.tweet_count) as base_tweet_count,
    from base_days as b
    inner join counted_by_day as d on d.local_date = b.local_date
    group by b.spike_date, d.cause_kind, d.cause_id
),

compared as (
    select
        c.local_date,
        c.cause_kind,
        c.cause_id,
        c.tweet_count,
        coalesce(u.base_tweet_count, 0) / c.base_day_count as usual_tweet_count,
        c.excess_tweet_count,
        (
            c.tweet_count - coalesce(safe_divide(c.day_tweet_count * u.base_tweet_count, t.tweet_count), 0)
        ) / c.excess_tweet_count as explained_share,
    from candidates as c
    inner join base_totals as t on t.spike_date = c.local_date
    left join usual as u on u.spike_date = c.local_date and u.cause_kind = c.cause_kind and u.cause_id = c.cause_id
    where c.cause_kind != 'hashtag' or t.tweet_count > 0
),

first_of_kind as (
    select
        local_date,
        cause_kind,
        cause_id,
        tweet_count,
        usual_tweet_count,
        excess_tweet_count,
        explained_share,
    from compared
    where explained_share >= 0.05
    qualify row_number() over (
        partition by local_date, cause_kind
        order by explained_share desc, cause_id
    ) <= 5
),

dominated as (
    select distinct local_date
    from first_of_kind
    where explained_share >= 0.2
),

named as (
    select
        f.local_date,
        f.cause_kind,
        f.cause_id,
        if(f.cause_kind = 'author', authors.username, f.cause_id) as cause,
        f.tweet_count,
        f.usual_tweet_count,
        f.excess_tweet_count,
        f.explained_share,
    from first_of_kind as f
    left join authors on f.cause_kind = 'author' and authors.author_id = f.cause_id
    union all
    select
        s.local_date,
        'none' as cause_kind,
        cast(null as string) as cause_id,
        'pas de cause dominante' as cause,
        s.tweet_count,
        s.median_tweet_count as usual_tweet_count,
        s.excess_tweet_count,
        cast(null as float64) as explained_share,
    from spike_days as s
    left join dominated on dominated.local_date = s.local_date
    where dominated.local_date is null
),

final as (
    select
        @tracker_name as tracker,
        local_date,
        row_number() over (
            partition by local_date
            order by if(cause_kind = 'none', 0, 1), explained_share desc, cause_kind, cause_id
        ) as cause_rank,
        cause_kind,
        cause_id,
        cause,
        tweet_count,
        usual_tweet_count,
        excess_tweet_count,
        explained_share,
    from named
)

select * from final
