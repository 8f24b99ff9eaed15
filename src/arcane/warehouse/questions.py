"""The SQL of what is asked of the tables while they are written. GoogleSQL; pure.

What tombstones bind is asked in ``deletions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

READ_VERSION = "select version, time_zone from schema_version"

READ_COVERAGE = """\
select start_at, end_at
from coverage
where tracker = @tracker and query_hash = @query_hash
order by start_at"""

FOLLOWED_SINCE = "select valid_from from trackers where name = @tracker and query_hash = @query_hash"

SPENT = """\
select utc_date, sum(usd) as usd
from (
    select utc_date, usd from reads where utc_date >= @since
    union all
    select utc_date, usd from reservations where utc_date >= @since and settled_at is null
)
group by utc_date"""

READ_ON = "select kind, id from reads where utc_date = @utc_date"

SEEN_BY_HOUR = """\
select timestamp_trunc(created_at, hour) as hour_at, count(*) as seen_count
from tracker_tweets
where tracker = @tracker and created_at >= @start_at and created_at < @end_at
group by hour_at"""

READ_HOURS = """\
select hour_at, expected_count, french_count, counted_at, seen_count, status, reread_at
from hours
where tracker = @tracker and query_hash = @query_hash and hour_at >= @start_at and hour_at < @end_at
order by hour_at"""

LAST_HOUR = (
    "select max(hour_at) from hours where tracker = @tracker and query_hash = @query_hash and status != 'counted'"
)


def due(ages_h: Sequence[int]) -> str:
    """The tweets to read again, the most valuable first.

    One is due once an age of the schedule has passed since its last reading, however many have. Unchanged over half
    a day, it waits until it is a week old (the first such age, or the last); still unchanged then, it is done
    (bench/refresh.py: a third of the error of waiting for the last age, for as many readings).
    What was read on this UTC day already costs nothing; then what a reading is likely to change counts: engagement
    grows with the logarithm of age, so its growth since the last reading is about proportional to what it is, times
    the logarithm of the ratio of the ages.
    """
    steps = " ".join(f"when read_age_h < {age} then {age}" for age in ages_h)
    week = next((age for age in ages_h if age >= _WEEK_H), ages_h[-1])
    return _DUE.format(steps=steps, week=week)


_WEEK_H: Final = 168

_DUE: Final = """\
with current_tweets as (
    select
        tweet_id,
        created_at,
        coalesce(metrics_observed_at, created_at) as read_at,
        coalesce(like_count, 0) as like_count,
        coalesce(retweet_count, 0) as retweet_count,
        coalesce(reply_count, 0) as reply_count,
        coalesce(quote_count, 0) as quote_count,
    from tweets
    where local_date >= @since and is_current and coalesce(kind, 'original') != 'retweet'
),

followed as (
    select tweet_id
    from current_tweets
    where
        @tracker = ''
        or tweet_id in (select found.tweet_id from tracker_tweets as found where found.tracker = @tracker)
),

earlier as (
    select
        snapshots.tweet_id,
        snapshots.like_count,
        snapshots.retweet_count,
        snapshots.reply_count,
        coalesce(snapshots.quote_count, 0) as quote_count,
    from tweet_snapshots as snapshots
    inner join current_tweets
        on
            current_tweets.tweet_id = snapshots.tweet_id
            and snapshots.observed_at <= timestamp_sub(current_tweets.read_at, interval 12 hour)
    where snapshots.hour_at >= @first_hour_at
    qualify row_number() over (partition by snapshots.tweet_id order by snapshots.observed_at desc) = 1
),

states as (
    select
        current_tweets.tweet_id,
        timestamp_diff(@now, current_tweets.created_at, second) / 3600 as age_h,
        timestamp_diff(current_tweets.read_at, current_tweets.created_at, second) / 3600 as read_age_h,
        current_tweets.read_at >= @today as is_free,
        1 + current_tweets.like_count + current_tweets.retweet_count
        + current_tweets.reply_count + current_tweets.quote_count as engagement,
        earlier.tweet_id is not null
        and earlier.like_count = current_tweets.like_count
        and earlier.retweet_count = current_tweets.retweet_count
        and earlier.reply_count = current_tweets.reply_count
        and earlier.quote_count = current_tweets.quote_count as is_unchanged,
    from current_tweets
    inner join followed on followed.tweet_id = current_tweets.tweet_id
    left join earlier on earlier.tweet_id = current_tweets.tweet_id
),

next_ages as (
    select
        tweet_id,
        age_h,
        read_age_h,
        is_free,
        engagement,
        case when is_unchanged then if(read_age_h < {week}, {week}, null) {steps} end as next_age_h,
    from states
)

select tweet_id
from next_ages
where next_age_h <= age_h
order by is_free desc, engagement * ln((age_h + 1) / (read_age_h + 1)) desc, tweet_id"""

STALE_AUTHORS = """\
select distinct tweets.author_id
from tweets
left join authors on authors.author_id = tweets.author_id
where
    tweets.local_date >= @since
    and tweets.author_id is not null
    and (authors.audience_observed_at is null or authors.audience_observed_at < @stale_before)
order by tweets.author_id"""

KNOWN_PAGES = "select page_hash from pages where page_hash in (select one from unnest(@hashes) as one)"

ARCHIVE_OBJECTS = "select distinct archive_object from pages"

DONE_RUNS = """\
select count(*)
from runs
where starts_with(run_id, @occurrence) and length(run_id) = length(@occurrence) + @suffix and outcome = 'complete'"""


def stored_ids(kind: str, *, limit: int) -> str:
    """Ids of stored tweets, or authors, after ``@after`` and up to ``@until`` as text, in their order as text."""
    return f"""\
select {kind}_id
from {kind}s
where {kind}_id > @after and {kind}_id <= @until
order by {kind}_id
limit {limit}"""
