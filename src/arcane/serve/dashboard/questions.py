"""The SQL of the dashboard's own questions: what is put together for a page out of views and functions. GoogleSQL.

Names are bare, parameters are those of the functions (``warehouse.kept.PARAMETERS``) and those said below; how filters
get in is the affair of ``queries``. Every one lists its columns; its order stands apart, as a query may be put inside
another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Statement:
    """``order``: what ORDER BY says; ``limit``: rows at most, 0 for all."""

    sql: str
    order: str = ""
    limit: int = 0


STATUS: Final = Statement("""\
select
    complete_until,
    read_at,
    time_zone,
    gap_hour_count,
    tracker_count,
    tweet_count,
from data_status""")

TRACKERS: Final = Statement(
    """\
select
    name,
    query,
from trackers
qualify row_number() over (partition by name order by valid_from desc) = 1""",
    order="name",
)

EVENTS: Final = Statement(
    """\
select
    local_date,
    label,
from events
where local_date between @first_date and @last_date and (tracker is null or tracker = @tracker_name)""",
    order="local_date, label",
)

LANGS: Final = Statement(
    """\
select
    lang,
    sum(tweet_count) as tweet_count,
from languages_by_day
where tracker = @tracker_name and local_date between @first_date and @last_date and lang is not null
group by lang""",
    order="tweet_count desc, lang",
    limit=40,
)

TOTALS: Final = Statement("""\
select
    tweet_count,
    raw_tweet_count,
    author_count,
    like_count,
    retweet_count,
    reply_count,
    interaction_count,
    impression_count,
    engagement_rate,
    video_view_count,
    coverage_rate,
    is_provisional,
from totals""")

GROWTH: Final = Statement(
    """\
select
    label_fr,
    value,
    base_value,
    growth_rate,
    reason_fr,
    day_count,
    measured_tweet_count,
    base_measured_tweet_count,
    measure,
from growth""",
    order="measure",
)

VOLUME: Final = Statement(
    """\
with

calendar as (
    select local_date
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
),

followed_days as (
    select
        local_date,
        is_whole,
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

posted as (
    select
        local_date,
        tweet_count,
        original_tweet_count,
        reply_tweet_count,
        quote_tweet_count,
        expected_count,
        coverage_rate,
    from volume_by_day
    where tracker = @tracker_name and local_date between @first_date and @last_date
)

select
    calendar.local_date,
    posted.tweet_count,
    posted.original_tweet_count,
    posted.reply_tweet_count,
    posted.quote_tweet_count,
    posted.expected_count,
    posted.coverage_rate,
    coalesce(followed_days.is_whole, false) as is_whole,
from calendar
left join posted on posted.local_date = calendar.local_date
left join followed_days on followed_days.local_date = calendar.local_date""",
    order="local_date",
)

ENGAGEMENT: Final = Statement(
    """\
with

calendar as (
    select local_date
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
),

posted as (
    select
        local_date,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        interaction_count,
        impression_count,
        safe_divide(shown_interaction_count, impression_count) as engagement_rate,
        is_provisional,
    from engagement_by_day
    where tracker = @tracker_name and local_date between @first_date and @last_date
)

select
    calendar.local_date,
    posted.interaction_count,
    posted.like_count,
    posted.retweet_count,
    posted.reply_count,
    posted.quote_count,
    posted.impression_count,
    posted.engagement_rate,
    posted.is_provisional,
from calendar
left join posted on posted.local_date = calendar.local_date""",
    order="local_date",
)


def _parts(view: str, part: str) -> Statement:
    """A by-day view added up over the period, with each part's share of the tweets and its engagement rate."""
    return Statement(
        f"""\
select
    {part},
    sum(tweet_count) as tweet_count,
    safe_divide(sum(tweet_count), sum(sum(tweet_count)) over ()) as tweet_share,
    sum(interaction_count) as interaction_count,
    safe_divide(sum(shown_interaction_count), sum(impression_count)) as engagement_rate,
from {view}
where tracker = @tracker_name and local_date between @first_date and @last_date
group by {part}""",
        order=f"tweet_count desc, {part}",
        limit=15,
    )


KINDS: Final = _parts("kinds_by_day", "kind")
MEDIA: Final = _parts("media_by_day", "media_kind")
LANGUAGES: Final = _parts("languages_by_day", "lang")


def _found(view: str, part: str) -> Statement:
    """What tweets carry, added up over the period: a tweet counts under each."""
    return Statement(
        f"""\
select
    {part},
    sum(tweet_count) as tweet_count,
    sum(interaction_count) as interaction_count,
from {view}
where tracker = @tracker_name and local_date between @first_date and @last_date
group by {part}""",
        order=f"tweet_count desc, {part}",
        limit=15,
    )


HASHTAGS: Final = _found("hashtags_by_day", "hashtag")
DOMAINS: Final = _found("domains_by_day", "domain")
MENTIONS: Final = _found("mentions_by_day", "username")

RHYTHM: Final = Statement(
    """\
with

hours as (
    select
        local_weekday,
        local_hour,
    from unnest(generate_array(1, 7)) as local_weekday
    cross join unnest(generate_array(0, 23)) as local_hour
),

whole_days as (
    select
        local_weekday,
        count(*) as day_count,
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date
    group by local_weekday
),

posted as (
    select
        local_weekday,
        local_hour,
        count(*) as tweet_count,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
    group by local_weekday, local_hour
)

select
    hours.local_weekday,
    hours.local_hour,
    coalesce(posted.tweet_count, 0) as tweet_count,
    whole_days.day_count,
    safe_divide(coalesce(posted.tweet_count, 0), whole_days.day_count) as mean_tweet_count,
from hours
left join whole_days on whole_days.local_weekday = hours.local_weekday
left join posted on posted.local_weekday = hours.local_weekday and posted.local_hour = hours.local_hour""",
    order="local_weekday, local_hour",
)

AUTHORS: Final = Statement(
    """\
with

posted as (
    select
        author_id,
        count(*) as tweet_count,
        sum(interaction_count) as interaction_count,
        sum(impression_count) as impression_count,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
    group by author_id
)

select
    authors.username,
    authors.name,
    authors.followers_count,
    posted.tweet_count,
    posted.interaction_count,
    posted.impression_count,
from posted
left join authors on authors.author_id = posted.author_id""",
    order="interaction_count desc nulls last, username",
    limit=15,
)

TWEETS: Final = Statement(
    """\
with

posted as (
    select
        tweet_id,
        local_date,
        created_at,
        kind,
        lang,
        media_kind,
        author_id,
        like_count,
        retweet_count,
        reply_count,
        quote_count,
        impression_count,
        interaction_count,
        video_view_count,
        metrics_observed_at,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
    qualify row_number() over (order by interaction_count desc nulls last, tweet_id) <= 24
)

select
    posted.tweet_id,
    posted.created_at,
    authors.username,
    authors.name,
    authors.followers_count,
    tweets.text,
    posted.kind,
    posted.lang,
    posted.media_kind,
    posted.interaction_count,
    posted.like_count,
    posted.retweet_count,
    posted.reply_count,
    posted.quote_count,
    posted.impression_count,
    posted.video_view_count,
    posted.metrics_observed_at,
from posted
inner join tweets on tweets.tweet_id = posted.tweet_id and tweets.local_date = posted.local_date
left join authors on authors.author_id = posted.author_id
where tweets.local_date between @first_date and @last_date""",
    order="interaction_count desc nulls last, tweet_id",
)

VIDEOS: Final = Statement(
    """\
with

posted as (
    select
        tweet_id,
        local_date,
        author_id,
        interaction_count,
    from posted_tweets
    where
        tracker = @tracker_name
        and local_date between @first_date and @last_date
        and exclusion_reason is null
),

shown as (
    select
        tweet_videos.media_key,
        tweet_videos.view_count,
        tweet_videos.duration_s,
        posted.tweet_id,
        posted.local_date,
        posted.author_id,
        count(*) over (partition by tweet_videos.media_key) as tweet_count,
        sum(posted.interaction_count) over (partition by tweet_videos.media_key) as interaction_count,
    from posted
    inner join tweet_videos
        on tweet_videos.tweet_id = posted.tweet_id and tweet_videos.local_date = posted.local_date
    qualify row_number() over (
        partition by tweet_videos.media_key
        order by posted.interaction_count desc nulls last, posted.tweet_id
    ) = 1
)

select
    shown.media_key,
    shown.view_count,
    shown.duration_s,
    shown.tweet_count,
    shown.interaction_count,
    authors.username,
    tweets.text,
    shown.tweet_id,
from shown
inner join tweets on tweets.tweet_id = shown.tweet_id and tweets.local_date = shown.local_date
left join authors on authors.author_id = shown.author_id""",
    order="view_count desc nulls last, media_key",
    limit=15,
)

VOICES: Final = Statement(
    """\
select
    local_date,
    tracker,
    tweet_count,
    panel_tweet_count,
    interaction_count,
    reason_fr,
from share_of_voice_by_day
where local_date between @first_date and @last_date""",
    order="local_date, tracker",
)

VOICE_TOTALS: Final = Statement(
    """\
select
    tracker,
    sum(tweet_count) as tweet_count,
    safe_divide(sum(tweet_count), sum(panel_tweet_count)) as tweet_share,
    sum(interaction_count) as interaction_count,
    safe_divide(sum(interaction_count), sum(panel_interaction_count)) as interaction_share,
from share_of_voice_by_day
where local_date between @first_date and @last_date
group by tracker""",
    order="tweet_share desc nulls last, tracker",
)

COMPARED: Final = Statement(
    """\
with

calendar as (
    select
        local_date,
        date_add(@base_first_date, interval date_diff(local_date, @first_date, day) day) as base_date,
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
),

posted as (
    select
        local_date,
        tweet_count,
        interaction_count,
        is_provisional,
    from engagement_by_day
    where tracker = @tracker_name
)

select
    calendar.local_date,
    calendar.base_date,
    posted.tweet_count,
    base.tweet_count as base_tweet_count,
    posted.interaction_count,
    base.interaction_count as base_interaction_count,
    posted.is_provisional,
from calendar
left join posted on posted.local_date = calendar.local_date
left join posted as base on base.local_date = calendar.base_date and base.local_date <= @base_last_date""",
    order="local_date",
)

LIFE: Final = Statement(
    """\
select
    observed_at,
    age_hours,
    like_count,
    retweet_count,
    reply_count,
    quote_count,
    bookmark_count,
    impression_count,
from tweet_snapshots
where tweet_id = @tweet_id""",
    order="observed_at",
)

ONE_TWEET: Final = Statement("""\
select
    tweets.tweet_id,
    tweets.created_at,
    authors.username,
    authors.name,
    authors.followers_count,
    tweets.text,
    tweets.kind,
    tweets.lang,
    tweets.media_kind,
    tweets.like_count + tweets.retweet_count + tweets.reply_count + coalesce(tweets.quote_count, 0) as interaction_count,
    tweets.like_count,
    tweets.retweet_count,
    tweets.reply_count,
    tweets.quote_count,
    tweets.impression_count,
    tweets.video_view_count,
    tweets.metrics_observed_at,
from tweets
left join authors on authors.author_id = tweets.author_id
where tweets.tweet_id = @tweet_id""")

SPEND: Final = Statement(
    """\
select
    utc_date as local_date,
    kind,
    read_count,
    usd,
    unsettled_usd,
from spend_by_day
where utc_date between @first_date and @last_date""",
    order="local_date, kind",
)

SPEND_TOTALS: Final = Statement(
    """\
select
    kind,
    sum(read_count) as read_count,
    sum(usd) as usd,
    sum(unsettled_usd) as unsettled_usd,
from spend_by_day
where utc_date between @first_date and @last_date
group by kind""",
    order="usd desc, kind",
)

RUNS: Final = Statement(
    """\
select
    started_at,
    command,
    outcome,
    request_count,
    page_count,
    tweet_count,
    timestamp_diff(ended_at, started_at, second) as duration_s,
from runs""",
    order="started_at desc",
    limit=15,
)
