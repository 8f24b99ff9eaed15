"""Is an hour complete? X's own count of it beside the tweets that were read. Pure.

X's counts include what its search withholds, so an hour is complete within a tolerance. A deficient one is read again
at most once; what is then still missing is shown and no more paid for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from arcane import plan
from arcane.warehouse.interface import Stretch, union
from arcane.x.page import Count

HOUR: Final = timedelta(hours=1)
# Tweets reach X's search up to this long after they were posted: before that a second reading proves nothing.
_SETTLING: Final = timedelta(hours=1)
_TOLERATED_SHARE: Final = 0.02
_TOLERATED_COUNT: Final = 2


@dataclass(frozen=True, slots=True)
class Hour:
    """One row of ``hours``, without the columns that name tracker and run."""

    hour_at: datetime
    expected_count: int | None = None
    french_count: int | None = None
    counted_at: datetime | None = None
    seen_count: int = 0
    status: str = "counted"
    reread_at: datetime | None = None

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.hour_at, self.hour_at + HOUR)


def counted(counts: Iterable[Count], *, counted_at: datetime) -> dict[datetime, tuple[int, datetime]]:
    """X's count and its time for every whole hour; rows by the minute add up, partial hours are left out."""
    sums: dict[datetime, int] = {}
    spans: dict[datetime, timedelta] = {}
    for row in counts:
        hour_at = _floor(row.start)
        if row.end <= hour_at + HOUR:
            sums[hour_at] = sums.get(hour_at, 0) + row.count
            spans[hour_at] = spans.get(hour_at, timedelta()) + (row.end - row.start)
    return {hour_at: (sums[hour_at], counted_at) for hour_at in sums if spans[hour_at] == HOUR}


def judged(
    wanted: Stretch,
    *,
    covered: Iterable[Stretch],
    counts: Mapping[datetime, tuple[int, datetime]],
    seen: Mapping[datetime, int],
    known: Mapping[datetime, Hour],
    lost_before: datetime,
) -> list[Hour]:
    """The whole hours of ``wanted`` whose state is not the known one, oldest first.

    ``lost_before``: what is older and was not read is out of X's reach.
    """
    drained = union(covered)
    found = []
    for hour_at in _hours(wanted):
        before = known.get(hour_at, Hour(hour_at))
        expected_count, counted_at = counts.get(hour_at, (before.expected_count, before.counted_at))
        now = replace(before, expected_count=expected_count, counted_at=counted_at, seen_count=seen.get(hour_at, 0))
        gaps = plan.missing(now.stretch, drained)
        if gaps:
            now = replace(now, status="lost" if gaps[-1].end_at <= lost_before else "gap")
        elif expected_count is None:
            continue  # never counted: nothing to judge it by
        elif expected_count - now.seen_count <= tolerance(expected_count):
            now = replace(now, status="complete")
        else:
            now = replace(now, status="settled" if before.reread_at else "partial")
        if now != replace(before, counted_at=now.counted_at) or hour_at not in known:
            found.append(now)
    return found


def tolerance(expected_count: int) -> float:
    """How many of the tweets that X counts may be missing before an hour is deficient."""
    return max(_TOLERATED_COUNT, _TOLERATED_SHARE * expected_count)


def to_reread(hours: Iterable[Hour], *, now: datetime, lost_before: datetime) -> list[Hour]:
    """The deficient hours that are to be read a second time now, marked so: never a third, whatever happens."""
    return [
        replace(hour, reread_at=now)
        for hour in hours
        if hour.status == "partial"
        and hour.reread_at is None
        and hour.hour_at + HOUR <= now - _SETTLING
        and hour.hour_at >= lost_before
    ]


def rows(hours: Sequence[Hour], *, tracker: str, query_hash: str, now: datetime, run_id: str) -> list[tuple[Any, ...]]:
    """Rows of ``hours``."""
    return [
        (
            tracker,
            query_hash,
            one.hour_at,
            one.expected_count,
            one.french_count,
            one.counted_at,
            one.seen_count,
            one.status,
            one.reread_at,
            now,
            run_id,
        )
        for one in hours
    ]


def _hours(wanted: Stretch) -> Iterator[datetime]:
    """The whole hours within a stretch."""
    hour_at = _floor(wanted.start_at)
    if hour_at < wanted.start_at:
        hour_at += HOUR
    while hour_at + HOUR <= wanted.end_at:
        yield hour_at
        hour_at += HOUR


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
