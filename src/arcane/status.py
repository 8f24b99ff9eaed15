"""What a person wants to know before trusting the tables: how far, how many, what is missing, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arcane import plan
from arcane.budget import cycle_start
from arcane.warehouse.deletions import IS_ERASING
from arcane.warehouse.interface import Reader, Stretch, union
from arcane.warehouse.questions import READ_COVERAGE
from arcane.x.prices import utc_date


@dataclass(frozen=True, slots=True)
class TrackerStatus:
    """``covered_from``: where the time begins that should be covered. ``complete_until``: every second from there up
    to here is drained; None if not even the first is. ``gaps``: what is not drained before ``covered_until``."""

    name: str
    query: str
    tweet_count: int
    covered_from: datetime | None
    complete_until: datetime | None
    covered_until: datetime | None
    gaps: tuple[Stretch, ...]
    hours: HoursStatus


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """The hours that were judged in the last seven days: how many of each state, and over those that were read, how
    many tweets X counts, how many were seen, and how many are missing beyond what X's counts may be off by."""

    counts: dict[str, int]
    expected_count: int
    seen_count: int
    residual_count: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Dollars by our books. ``unsettled_usd`` is what dead runs had reserved: X may have billed it or not."""

    today_usd: float
    cycle_usd: float
    unsettled_usd: float


@dataclass(frozen=True, slots=True)
class Status:
    """``erasing_count``: tweets and authors whose erasure is under way."""

    trackers: tuple[TrackerStatus, ...]
    row_counts: dict[str, int]
    last_run: dict[str, Any] | None
    spent: Spent
    erasing_count: int


def status(reader: Reader, *, now: datetime, cap_reset_day: int) -> Status:
    """The state of what was last published. ``cap_reset_day``: as in the settings. Raises: WarehouseError."""
    trackers = []
    for name, query, query_hash in reader.query(_TRACKERS).rows:
        spans = reader.query(READ_COVERAGE, {"tracker": name, "query_hash": query_hash}).rows
        covered = union(Stretch(start_at, end_at) for start_at, end_at in spans)  # type: ignore[arg-type]
        ((count,),) = reader.query(
            "select count(*) from tracker_tweets where tracker = @tracker", {"tracker": name}
        ).rows
        whole = Stretch(covered[0].start_at, covered[-1].end_at) if covered else None
        ((first_gap_at,),) = reader.query(_FIRST_GAP, {"tracker": name, "query_hash": query_hash}).rows
        if whole is not None and isinstance(first_gap_at, datetime) and first_gap_at < whole.start_at:
            whole = Stretch(first_gap_at, whole.end_at)  # a run that stopped short leaves its oldest time unread
        trackers.append(
            TrackerStatus(
                name=str(name),
                query=str(query),
                tweet_count=int(count),  # type: ignore[call-overload]
                covered_from=whole.start_at if whole else None,
                complete_until=covered[0].end_at if whole and covered[0].start_at == whole.start_at else None,
                covered_until=whole.end_at if whole else None,
                gaps=tuple(plan.missing(whole, covered)) if whole else (),
                hours=_hours(reader, name=name, query_hash=query_hash, now=now),
            )
        )
    counts = {name: int(reader.query(f"select count(*) from {name}").rows[0][0]) for name in _COUNTED}  # type: ignore[call-overload] # noqa: S608
    runs = reader.query(_LAST_RUN)
    last_run = dict(zip(runs.columns, runs.rows[0], strict=True)) if runs.rows else None
    spent = _spent(reader, now=now, cap_reset_day=cap_reset_day)
    return Status(tuple(trackers), counts, last_run, spent, erasing_count(reader))


def erasing_count(reader: Reader) -> int:
    """Tombstones under way in what was last published."""
    ((count,),) = reader.query(IS_ERASING).rows
    return int(count)  # type: ignore[call-overload,no-any-return]


def _hours(reader: Reader, *, name: object, query_hash: object, now: datetime) -> HoursStatus:
    rows = reader.query(_HOURS, {"tracker": name, "query_hash": query_hash, "start_at": now - plan.RECENT}).rows
    found = [(str(state), int(count), int(expected), int(seen)) for state, count, expected, seen in rows]  # type: ignore[call-overload]
    read = [one for one in found if one[0] in {"complete", "partial", "settled"}]
    return HoursStatus(
        counts={state: count for state, count, _, _ in found},
        expected_count=sum(expected for _, _, expected, _ in read),
        seen_count=sum(seen for _, _, _, seen in read),
        residual_count=sum(expected - seen for state, _, expected, seen in read if state != "complete"),
    )


def _spent(reader: Reader, *, now: datetime, cap_reset_day: int) -> Spent:
    today = utc_date(now)
    ((today_usd, cycle_usd),) = reader.query(_SPENT, {"today": today, "since": cycle_start(today, cap_reset_day)}).rows
    ((unsettled_usd,),) = reader.query(_UNSETTLED).rows
    return Spent(*(float(usd or 0) for usd in (today_usd, cycle_usd, unsettled_usd)))  # type: ignore[arg-type]


_COUNTED = ("tweets", "authors", "media", "tweet_snapshots", "media_snapshots", "pages")
_TRACKERS = """\
select name, query, query_hash
from trackers
qualify row_number() over (partition by name order by valid_from desc) = 1
order by name"""
_FIRST_GAP = """\
select min(hour_at) as hour_at
from hours
where tracker = @tracker and query_hash = @query_hash and status = 'gap'"""
_HOURS = """\
select status, count(*) as hour_count, sum(coalesce(expected_count, 0)) as expected_count, sum(seen_count) as seen_count
from hours
where tracker = @tracker and query_hash = @query_hash and hour_at >= @start_at
group by status
order by status"""
_SPENT = """\
select sum(case when utc_date = @today then usd end) as today_usd, sum(usd) as cycle_usd
from reads
where utc_date >= @since"""
_UNSETTLED = "select sum(usd) as usd from reservations where settled_at is null"
_LAST_RUN = "select * from runs order by started_at desc, run_id desc limit 1"
