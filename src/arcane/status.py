"""What a person wants to know before trusting the tables: how far, how many, what is missing, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arcane import plan
from arcane.warehouse.interface import Reader, Stretch, union


@dataclass(frozen=True, slots=True)
class TrackerStatus:
    """``complete_until``: every second from the first ever covered up to here is drained. ``gaps`` lie before
    ``covered_until``: time between two covered stretches."""

    name: str
    query: str
    tweet_count: int
    covered_from: datetime | None
    complete_until: datetime | None
    covered_until: datetime | None
    gaps: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Status:
    trackers: tuple[TrackerStatus, ...]
    row_counts: dict[str, int]
    last_run: dict[str, Any] | None


def status(reader: Reader) -> Status:
    """The state of what was last published. Raises: WarehouseError."""
    trackers = []
    for name, query, query_hash in reader.query(_TRACKERS).rows:
        spans = reader.query(_COVERAGE, {"tracker": name, "query_hash": query_hash}).rows
        covered = union(Stretch(start_at, end_at) for start_at, end_at in spans)  # type: ignore[arg-type]
        ((count,),) = reader.query(
            "select count(*) from tracker_tweets where tracker = @tracker", {"tracker": name}
        ).rows
        whole = Stretch(covered[0].start_at, covered[-1].end_at) if covered else None
        trackers.append(
            TrackerStatus(
                name=str(name),
                query=str(query),
                tweet_count=int(count),  # type: ignore[call-overload]
                covered_from=whole.start_at if whole else None,
                complete_until=covered[0].end_at if covered else None,
                covered_until=whole.end_at if whole else None,
                gaps=tuple(plan.missing(whole, covered)) if whole else (),
            )
        )
    counts = {name: int(reader.query(f"select count(*) from {name}").rows[0][0]) for name in _COUNTED}  # type: ignore[call-overload] # noqa: S608
    runs = reader.query(_LAST_RUN)
    last_run = dict(zip(runs.columns, runs.rows[0], strict=True)) if runs.rows else None
    return Status(tuple(trackers), counts, last_run)


_COUNTED = ("tweets", "authors", "media", "tweet_snapshots", "media_snapshots", "pages")
_TRACKERS = """\
select name, query, query_hash
from trackers
qualify row_number() over (partition by name order by valid_from desc) = 1
order by name"""
_COVERAGE = """\
select start_at, end_at
from coverage
where tracker = @tracker and query_hash = @query_hash
order by start_at"""
_LAST_RUN = "select * from runs order by started_at desc, run_id desc limit 1"
