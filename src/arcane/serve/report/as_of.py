"""The tables as they were known at a moment: what stands in their place under every view. Pure.

A counter is that of the newest reading until then; a tweet that was first read later is not there; an hour of which
less was known then is partial. What the tables do not keep stays as it is today: texts, names, exclusions, which
version of an edited tweet is current, and that an erased tweet is gone.
"""

from __future__ import annotations

from typing import Final

from arcane import tables

_READ_AT: Final = "(select max(observed_at) from {dataset}.pages where observed_at <= @as_of)"


def shadows(dataset: str) -> dict[str, str]:
    """Table → the query in its place; parameters ``as_of``, a timestamp, and ``from_date`` and ``to_date``, the days
    that matter."""
    read_at = _READ_AT.format(dataset=dataset)
    return {
        "pages": f"select * from {dataset}.pages where observed_at <= @as_of",
        "tweet_snapshots": _snapshots(dataset),
        "tracker_tweets": f"select * from {dataset}.tracker_tweets where first_seen_at <= @as_of",
        "tweets": _tweets(dataset),
        "media": _media(dataset),
        "coverage": f"""\
select
    * except (end_at),
    least(end_at, {read_at}) as end_at,
from {dataset}.coverage
where start_at < {read_at}""",
        "hours": _hours(dataset, read_at),
    }


def _snapshots(dataset: str) -> str:
    return f"""\
select *
from {dataset}.tweet_snapshots
where observed_at <= @as_of and hour_at >= timestamp_sub(timestamp(@from_date), interval 1 day)"""


def _tweets(dataset: str) -> str:
    then = {name: f"s.{name}" for name in tables.COUNTERS}
    then["metrics_observed_at"] = "s.observed_at"
    then["video_view_count"] = "cast(null as int64)"  # the views of videos are told by media
    columns = ",\n".join(f"    {then.get(name, f't.{name}')} as {name}" for name in tables.TWEETS.names)
    return f"""\
select
{columns},
from {dataset}.tweets as t
left join (
    {_snapshots(dataset)}
    qualify row_number() over (partition by tweet_id order by observed_at desc) = 1
) as s on s.tweet_id = t.tweet_id
where t.first_seen_at <= @as_of and t.local_date between @from_date and @to_date"""


def _media(dataset: str) -> str:
    return f"""\
select
    m.* except (view_count),
    s.view_count,
from {dataset}.media as m
left join (
    select
        media_key,
        view_count,
    from {dataset}.media_snapshots
    where observed_at <= @as_of
    qualify row_number() over (partition by media_key order by observed_at desc) = 1
) as s on s.media_key = m.media_key"""


def _hours(dataset: str, read_at: str) -> str:
    """Less was known of an hour then, where tweets of it were first seen later; one is judged a quarter after its end."""
    return f"""\
select
    h.* except (seen_count, status),
    coalesce(f.known_count, 0) as seen_count,
    case
        when h.status in ('gap', 'lost', 'counted') or coalesce(f.seen_count, 0) = coalesce(f.known_count, 0) then h.status
        when f.known_count = 0 then 'gap'
        else 'partial'
    end as status,
from {dataset}.hours as h
left join (
    select
        tracker,
        timestamp_trunc(created_at, hour) as hour_at,
        count(*) as seen_count,
        countif(first_seen_at <= @as_of) as known_count,
    from {dataset}.tracker_tweets
    group by tracker, hour_at
) as f on f.tracker = h.tracker and f.hour_at = h.hour_at
where timestamp_add(h.hour_at, interval 75 minute) <= {read_at}"""
