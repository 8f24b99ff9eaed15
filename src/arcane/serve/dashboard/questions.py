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


_CALENDAR: Final = """\
calendar as (
    select local_date
    from unnest(generate_date_array(@first_date, @last_date)) as local_date
)"""  # every day of the period, known or not

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

THIN_DAYS: Final = Statement(
    f"""\
with

{_CALENDAR},

followed_days as (
    select
        local_date,
        is_whole,
        read_hour_count + partial_hour_count > 0 or coalesce(seen_count, 0) > 0 as is_read,
        coverage_rate,
    from days
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

-- Days of imported pages have tweets and no judged hour.
posted_days as (
    select distinct local_date
    from found_tweets
    where tracker = @tracker_name and local_date between @first_date and @last_date
)

select
    calendar.local_date,
    coalesce(followed_days.is_whole, false) as is_whole,
    coalesce(followed_days.is_read, false) or posted_days.local_date is not null as is_read,
from calendar
left join followed_days on followed_days.local_date = calendar.local_date
left join posted_days on posted_days.local_date = calendar.local_date
where not coalesce(followed_days.is_whole, false) or followed_days.coverage_rate is null""",
    order="local_date",
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
    date_diff(@last_date, @first_date, day) + 1 as period_day_count,
    measured_tweet_count,
    base_measured_tweet_count,
    measure,
from growth""",
    order="case measure when 'tweet_count' then 1 when 'author_count' then 2 when 'interactions_per_tweet_at_24h' then 3 "
    "when 'interactions_per_tweet_at_7d' then 4 when 'engagement_rate' then 5 else 6 end",
)


def _volume(*counted: str) -> Statement:
    """Each day of the period, read or not; ``counted``: what is shown of X's own count of all tweets."""
    asked = "".join(f"\n        {column}," for column in counted)
    shown = "".join(f"\n    posted.{column}," for column in counted)
    return Statement(
        f"""\
with

{_CALENDAR},

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
        quote_tweet_count,{asked}
    from volume_by_day
    where tracker = @tracker_name and local_date between @first_date and @last_date
),

judged as (
    select
        local_date,
        is_spike,
        z_score,
        median_tweet_count,
        reason_fr,
    from spikes
)

select
    calendar.local_date,
    posted.tweet_count,
    posted.original_tweet_count,
    posted.reply_tweet_count,
    posted.quote_tweet_count,{shown}
    coalesce(followed_days.is_whole, false) as is_whole,
    judged.is_spike,
    judged.z_score,
    judged.median_tweet_count,
    judged.reason_fr,
from calendar
left join posted on posted.local_date = calendar.local_date
left join followed_days on followed_days.local_date = calendar.local_date
left join judged on judged.local_date = calendar.local_date""",
        order="local_date",
    )


VOLUME: Final = _volume("expected_count", "coverage_rate")
VOLUME_OF_PART: Final = _volume()

ENGAGEMENT: Final = Statement(
    f"""\
with

{_CALENDAR},

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


CAUSES: Final = Statement(
    """\
select
    local_date,
    cause_rank,
    cause_kind,
    cause,
    explained_share,
    tweet_count,
    usual_tweet_count,
    excess_tweet_count,
from spike_causes
where cause_rank <= 5""",
    order="local_date desc, cause_rank",
)

ACQUIRED: Final = Statement(
    """\
select
    breakdown,
    media_kind,
    acquired_share,
    measured_tweet_count,
    tweet_count,
    reason_fr,
from acquired_at_24h""",
    order="breakdown, acquired_share desc nulls last, media_kind",
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


def _found(function: str, part: str) -> Statement:
    """What tweets carry over the period: a tweet counts under each."""
    return Statement(
        f"""\
select
    tweet_rank,
    {part},
    tweet_count,
    tweet_share,
    author_count,
    author_rank,
    interaction_count,
from {function}
where tweet_rank <= 16""",
        order="tweet_rank",
    )


HASHTAGS: Final = _found("top_hashtags", "hashtag")
DOMAINS: Final = _found("top_domains", "domain")
MENTIONS: Final = _found("top_mentions", "username")

EMERGING: Final = Statement(
    """\
select
    hashtag,
    z_score,
    author_z_score,
    tweet_count,
    base_tweet_count,
    author_count,
    base_author_count,
    is_emerging,
    reason_fr,
from emerging_hashtags
where tweet_rank <= 15 or reason_fr is not null""",
    order="z_score desc nulls last, tweet_count desc, hashtag",
    limit=15,
)

WORDS: Final = Statement(
    """\
select
    word,
    z_score,
    tweet_count,
    base_tweet_count,
    author_count,
    reason_fr,
from distinctive_words
where tweet_rank <= 15 or reason_fr is not null""",
    order="z_score desc nulls last, tweet_count desc, word",
    limit=15,
)

COPIED: Final = Statement(
    """\
select
    duplicate_rank,
    text,
    author_count,
    tweet_count,
    first_at,
    last_at,
    first_username,
    interaction_count,
from near_duplicates
where duplicate_rank <= 10""",
    order="duplicate_rank",
)

RHYTHM: Final = Statement(
    """\
select
    local_weekday,
    local_hour,
    tweet_count,
    day_count,
    mean_tweet_count,
    measured_tweet_count,
    median_interaction_count_at_24h,
from weekday_hours""",
    order="local_weekday, local_hour",
)

AUTHORS: Final = Statement(
    """\
select
    interaction_rank,
    username,
    author_name,
    followers_count,
    tweet_count,
    interaction_count,
    impression_count,
    engagement_rate,
    median_interaction_count,
from top_authors
where interaction_rank <= 15""",
    order="interaction_rank",
)

CONCENTRATION: Final = Statement(
    """\
select
    measure,
    author_group,
    measure_fr,
    author_group_fr,
    author_count,
    total_author_count,
    value as group_value,
    total_value,
    share,
from concentration""",
    order="measure desc, author_count, author_group",
)

TWEETS: Final = Statement(  # after @after ranks; the view has the first 100
    """\
select
    interaction_rank,
    tweet_id,
    created_at,
    username,
    author_name,
    followers_count,
    text,
    kind,
    lang,
    media_kind,
    interaction_count,
    like_count,
    retweet_count,
    reply_count,
    quote_count,
    impression_count,
    engagement_rate,
    metrics_observed_at,
from top_tweets
where interaction_rank > @after""",
    order="interaction_rank",
    limit=24,
)

VIDEOS: Final = Statement(
    """\
select
    top_videos.view_rank,
    top_videos.view_count,
    top_videos.duration_s,
    authors.username,
    tweets.text,
    top_videos.tweet_count,
    top_videos.author_count,
    top_videos.interaction_count,
    top_videos.tweet_id,
    top_videos.media_key,
from top_videos
left join tweets
    on tweets.tweet_id = top_videos.tweet_id and tweets.local_date between @first_date and @last_date
left join authors on authors.author_id = tweets.author_id
where top_videos.view_rank <= 15""",
    order="view_rank",
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
    tweet_share,
    interaction_share,
    tweet_count,
    interaction_count,
    day_count,
    coverage_rate,
    reason_fr,
from share_of_voice""",
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
),

followed_days as (
    select
        local_date,
        is_whole,
    from days
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
    coalesce(followed_days.is_whole, false) as is_whole,
    coalesce(base_days.is_whole, false) as base_is_whole,
from calendar
left join posted on posted.local_date = calendar.local_date
left join posted as base on base.local_date = calendar.base_date and base.local_date <= @base_last_date
left join followed_days on followed_days.local_date = calendar.local_date
left join followed_days as base_days on base_days.local_date = calendar.base_date""",
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
    authors.name as author_name,
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
