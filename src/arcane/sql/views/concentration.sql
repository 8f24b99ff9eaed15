-- Concentration d'un suivi sur une période : la part des publications et des interactions que font les premiers auteurs.
-- Concentration of a tracker over a period: the share of tweets and of interactions that the first authors make.
-- Grain: (measure, author_group)
-- Source: posted_tweets
-- Formula (v1): exclusions left out. Authors in the order of the measure, ties by author_id; share = value of the first
-- author, of the first 10, of the first hundredth of the authors (rounded up) / value of every tweet of the period.
-- Caveats: tweets whose author is not known count in the total alone. A high share of few accounts may be a campaign, a
-- robot or one success: look at top_authors and near_duplicates. A period that was not read whole shows what was read.
-- Column: measure = cle_mesure | tweet_count or interaction_count | tweet_count ou interaction_count
-- Column: author_group = cle_groupe | first, first_10 or first_percent | first, first_10 ou first_percent
-- Column: measure_fr = mesure | The measure in French | La mesure en français
-- Column: author_group_fr = groupe | The group in French | Le groupe en français
-- Column: author_count = nb_auteurs_groupe | Authors of the group | Auteurs du groupe
-- Column: total_author_count = nb_auteurs | Distinct authors of the period | Auteurs distincts de la période
-- Column: value = valeur | Tweets or interactions of the group | Publications ou interactions du groupe
-- Column: total_value = valeur_totale | Tweets or interactions of the period | Publications ou interactions de la période
-- Column: share = part | Share of the group | Part du groupe
with

posted as (
    select
        author_id,
        interaction_count,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
),

by_author as (
    select
        author_id,
        count(*) as tweet_count,
        coalesce(sum(interaction_count), 0) as interaction_count,
    from posted
    group by author_id
),

totals_of_period as (
    select
        count(author_id) as total_author_count,
        coalesce(sum(tweet_count), 0) as tweet_count,
        coalesce(sum(interaction_count), 0) as interaction_count,
    from by_author
),

ranked as (
    select
        tweet_count,
        interaction_count,
        row_number() over (order by tweet_count desc, author_id) as tweet_rank,
        row_number() over (order by interaction_count desc, author_id) as interaction_rank,
    from by_author
    where author_id is not null
),

measures as (
    select
        'tweet_count' as measure,
        'tweets' as measure_fr,
        total_author_count,
        tweet_count as total_value,
    from totals_of_period
    union all
    select
        'interaction_count' as measure,
        'interactions' as measure_fr,
        total_author_count,
        interaction_count as total_value,
    from totals_of_period
),

author_groups as (
    select
        'first' as author_group,
        'premier auteur' as author_group_fr,
        least(total_author_count, 1) as author_count,
    from totals_of_period
    union all
    select
        'first_10' as author_group,
        '10 premiers auteurs' as author_group_fr,
        least(total_author_count, 10) as author_count,
    from totals_of_period
    union all
    select
        'first_percent' as author_group,
        'premier centième des auteurs' as author_group_fr,
        cast(ceil(total_author_count / 100) as int64) as author_count,
    from totals_of_period
),

placed as (
    select
        'tweet_count' as measure,
        tweet_rank as place,
        tweet_count as value,
    from ranked
    union all
    select
        'interaction_count' as measure,
        interaction_rank as place,
        interaction_count as value,
    from ranked
),

grouped as (
    select
        placed.measure,
        author_groups.author_group,
        sum(placed.value) as value,
    from placed
    inner join author_groups on placed.place <= author_groups.author_count
    group by placed.measure, author_groups.author_group
),

final as (
    select
        m.measure,
        g.author_group,
        m.measure_fr,
        g.author_group_fr,
        g.author_count,
        m.total_author_count,
        coalesce(grouped.value, 0) as value,
        m.total_value,
        safe_divide(grouped.value, m.total_value) as share,
    from measures as m
    cross join author_groups as g
    left join grouped on grouped.measure = m.measure and grouped.author_group = g.author_group
)

select * from final
