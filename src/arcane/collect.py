"""The first story: for every tracker, read what coverage lacks, slice by slice, oldest first.

A slice is drained, then committed with its coverage. Whatever stops a run (a limit, the deadline, a cap, a
broken page) stops it at a commit: what was read stays read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from arcane import plan, tables
from arcane.archive.frame import Frame
from arcane.errors import OutOfTime, PageError, QueryError, SourceError
from arcane.plan import Slice
from arcane.store import Parcel, Store
from arcane.warehouse.interface import Batch
from arcane.x.client import Answer, XClient, ahead
from arcane.x.page import Count
from arcane.x.query import query_hash

log = structlog.get_logger()


class Progress(Protocol):
    """Whoever wants to know how far a run is."""

    def expect(self, tweet_count: int) -> None:
        """So many more tweets are to come."""

    def advance(self, tweet_count: int) -> None:
        """So many were read."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A tracker with the query that X is asked."""

    name: str
    query: str

    @property
    def query_hash(self) -> str:
        return query_hash(self.query)


@dataclass(frozen=True, slots=True)
class Pace:
    """How to cut and how far to look. Seconds and days as in ``config.CollectSettings``."""

    first_run_days: float
    lag_s: int
    overlap_s: int
    slice_tweet_count: int
    max_results: int
    has_full_archive: bool


def collect(trackers: Sequence[Followed], *, client: XClient, store: Store, pace: Pace, progress: Progress) -> None:
    """Bring every tracker up to date.

    A query that X refuses or a page that stays broken ends its own tracker only; the others are read first.

    Raises: SourceError or OutOfTime, after everything read so far is committed.
    """
    _register(trackers, store=store)
    first_error: SourceError | None = None
    for tracker in trackers:
        try:
            for piece in _slices(tracker, client=client, store=store, pace=pace, progress=progress):
                _drain(piece, tracker, client=client, store=store, pace=pace, progress=progress)
                store.publish(is_due_only=True)
        except (QueryError, PageError) as exc:
            log.error("tracker.failed", tracker=tracker.name, error=type(exc).__name__)
            first_error = first_error or exc
    if first_error is not None:
        raise first_error


def _register(trackers: Sequence[Followed], *, store: Store) -> None:
    """Note what is followed from now on; a changed query is a new row and opens new coverage."""
    now = store.clock.now()
    rows = [(tracker.name, tracker.query_hash, tracker.query, now) for tracker in trackers]
    store.warehouse.commit(Batch({"trackers": tables.TRACKERS.of(rows)}), now=now)


def _slices(tracker: Followed, *, client: XClient, store: Store, pace: Pace, progress: Progress) -> list[Slice]:
    """What to read now, from coverage and X's own counts (one request, and one a loud stretch)."""
    covered = store.warehouse.coverage(tracker=tracker.name, query_hash=tracker.query_hash)
    wanted = plan.window(
        store.warehouse.followed_since(tracker=tracker.name, query_hash=tracker.query_hash),
        now=store.clock.now(),
        first_run_days=pace.first_run_days,
        lag_s=pace.lag_s,
        has_full_archive=pace.has_full_archive,
    )
    gaps = plan.missing(wanted, covered) if wanted else []
    if wanted is None or not gaps:
        return []
    gaps = plan.overlapped(gaps, wanted=wanted, overlap_s=pace.overlap_s)
    counts = _counts(tracker, gaps[0].start_at, gaps[-1].end_at, "hour", client=client, pace=pace)
    finer: list[Count] = []
    for stretch in plan.loud(counts, at_most=pace.slice_tweet_count):
        finer += _counts(tracker, stretch.start_at, stretch.end_at, "minute", client=client, pace=pace)
    pieces = plan.slices(gaps, plan.refined(counts, finer), at_most=pace.slice_tweet_count)
    progress.expect(sum(piece.expected_count for piece in pieces))
    log.info(
        "tracker.planned",
        tracker=tracker.name,
        slice_count=len(pieces),
        expected_count=sum(p.expected_count for p in pieces),
    )
    return pieces


def _counts(
    tracker: Followed, start_at: datetime, end_at: datetime, granularity: str, *, client: XClient, pace: Pace
) -> list[Count]:
    return client.counts(
        tracker.query, start_at=start_at, end_at=end_at, granularity=granularity, full_archive=pace.has_full_archive
    )


def _drain(piece: Slice, tracker: Followed, *, client: XClient, store: Store, pace: Pace, progress: Progress) -> None:
    """Read one slice to its last page, or as far as X and the clock allow, and commit it."""
    start_at, end_at = piece.stretch.start_at, piece.stretch.end_at
    if not pace.has_full_archive:
        start_at = max(start_at, plan.reach(store.clock.now()) - plan.MARGIN / 2)
        if start_at >= end_at:
            return
    parcel = store.open(tracker=tracker.name, label=f"{start_at:%Y%m%dT%H%M%S}")
    stopped: Exception | None = None
    with contextlib.closing(parcel):
        try:
            answers = client.search(
                tracker.query,
                start_at=start_at,
                end_at=end_at,
                max_results=pace.max_results,
                full_archive=pace.has_full_archive,
            )
            for answer in ahead(answers):
                parcel.add(_frame(answer, tracker, start_at, end_at), answer.page)
                progress.advance(len(answer.page.data))
        except (SourceError, OutOfTime) as exc:
            stopped = exc
    parcel.commit()
    _report(parcel, tracker, piece, stopped)
    if stopped is not None and not _has_slid(stopped, start_at, store):
        raise stopped


def _has_slid(stopped: Exception, start_at: datetime, store: Store) -> bool:
    """A long wait let the slice's first second slip out of X's seven days: its rest is lost, the next is not."""
    return isinstance(stopped, QueryError) and start_at < store.clock.now() - plan.RECENT + plan.MARGIN / 2


def _frame(answer: Answer, tracker: Followed, start_at: datetime, end_at: datetime) -> Frame:
    return Frame(
        tracker=tracker.name,
        observed_at=answer.observed_at,
        served_at=answer.served_at,
        body=msgspec.Raw(answer.body),
        request={"path": answer.path, **answer.params},
        query=tracker.query,
        query_hash=tracker.query_hash,
        start_at=start_at,
        end_at=end_at,
    )


def _report(parcel: Parcel, tracker: Followed, piece: Slice, stopped: Exception | None) -> None:
    log.info(
        "slice.committed",
        tracker=tracker.name,
        start_at=piece.stretch.start_at.isoformat(),
        end_at=piece.stretch.end_at.isoformat(),
        expected_count=piece.expected_count,
        tweet_count=parcel.tweet_count,
        page_count=parcel.page_count,
        stopped_by=type(stopped).__name__ if stopped else None,
    )
