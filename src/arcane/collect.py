"""The first story: for every tracker, read what coverage lacks, slice by slice, oldest first.

A slice is drained, then committed with its coverage. Whatever stops a run (a limit, the deadline, a cap, a
broken page) stops it at a commit: what was read stays read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

import msgspec
import structlog

from arcane import hours, plan, tables
from arcane.archive.frame import Frame
from arcane.errors import BudgetExceeded, OutOfTime, PageError, QueryError, SourceError
from arcane.hours import Hour
from arcane.plan import Slice
from arcane.store import Parcel, Store
from arcane.warehouse.interface import Stretch, union
from arcane.x.ahead import ahead
from arcane.x.client import Answer, XClient
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
    """Bring every tracker up to date, and prove it hour by hour.

    A query that X refuses or a page that stays broken ends its own tracker only; the others are read first.

    Raises: SourceError, OutOfTime or BudgetExceeded, after everything read so far is committed.
    """
    register(trackers, store=store)
    first_error: SourceError | None = None
    for number, tracker in enumerate(trackers):
        try:
            _bring_up(tracker, client=client, store=store, pace=pace, progress=progress)
        except (QueryError, PageError) as exc:
            log.error("tracker.failed", tracker=tracker.name, error=type(exc).__name__)
            first_error = first_error or exc
        except BudgetExceeded as exc:
            if others := trackers[number + 1 :]:
                names = ", ".join(other.name for other in others)
                raise BudgetExceeded(f"{exc}; {names} were not looked at") from exc
            raise
    if first_error is not None:
        raise first_error


def _bring_up(tracker: Followed, *, client: XClient, store: Store, pace: Pace, progress: Progress) -> None:
    """One tracker: drain what is missing, judge every hour, read the deficient ones a second time."""
    covered = store.warehouse.coverage(tracker=tracker.name, query_hash=tracker.query_hash)
    since = store.warehouse.followed_since(tracker=tracker.name, query_hash=tracker.query_hash)
    now = store.clock.now()
    wanted = plan.window(
        since,
        now=now,
        first_run_days=pace.first_run_days,
        lag_s=pace.lag_s,
        has_full_archive=pace.has_full_archive,
    )
    gaps = plan.missing(wanted, covered) if wanted else []
    if wanted is None or not gaps:
        return
    kept_up = plan.kept_up(
        since, until=wanted.end_at, first_run_days=pace.first_run_days, has_full_archive=pace.has_full_archive
    )
    drain_and_judge(
        tracker, gaps, wanted=wanted, kept_up=kept_up, client=client, store=store, pace=pace, progress=progress
    )


def drain_and_judge(
    tracker: Followed,
    gaps: Sequence[Stretch],
    *,
    wanted: Stretch,
    kept_up: Stretch,
    client: XClient,
    store: Store,
    pace: Pace,
    progress: Progress,
) -> None:
    """Drain the gaps of ``wanted``, oldest first; judge every hour of ``kept_up``; read the deficient ones again."""
    counts, pieces = _slices(tracker, wanted, gaps, client=client, store=store, pace=pace)
    progress.expect(sum(piece.expected_count for piece in pieces))
    try:
        _drain_all(pieces, tracker, client=client, store=store, pace=pace, progress=progress)
    except (SourceError, OutOfTime, BudgetExceeded):
        judge(tracker, store=store, pace=pace, counts=counts, wanted=kept_up, is_last=True)
        raise
    deficient = judge(tracker, store=store, pace=pace, counts=counts, wanted=kept_up)
    if deficient:
        log.info("hours.reread", tracker=tracker.name, hour_count=len(deficient))
        _read_again(deficient, tracker, client=client, store=store, pace=pace, progress=progress)
        judge(tracker, store=store, pace=pace, counts=counts, wanted=kept_up, is_last=True)


def _read_again(
    deficient: Sequence[Hour], tracker: Followed, *, client: XClient, store: Store, pace: Pace, progress: Progress
) -> None:
    """Read these hours a second time; those that nobody came to lose their mark, for the next run."""
    for stretch in union(hour.stretch for hour in deficient):
        read_before = store.page_count
        try:
            _drain(Slice(stretch, 0), tracker, client=client, store=store, pace=pace, progress=progress)
        except (SourceError, OutOfTime, BudgetExceeded):
            unread_from = stretch.start_at if store.page_count == read_before else stretch.end_at
            unread = [replace(hour, reread_at=None) for hour in deficient if hour.hour_at >= unread_from]
            _note(unread, tracker, store=store)
            raise


def _drain_all(
    pieces: Sequence[Slice], tracker: Followed, *, client: XClient, store: Store, pace: Pace, progress: Progress
) -> None:
    for number, piece in enumerate(pieces):
        read_before = store.tweet_count
        try:
            _drain(piece, tracker, client=client, store=store, pace=pace, progress=progress)
        except BudgetExceeded as exc:
            left = sum(one.expected_count for one in pieces[number:]) - (store.tweet_count - read_before)
            asked = Stretch(piece.stretch.start_at, pieces[-1].stretch.end_at)
            covered = store.warehouse.coverage(tracker=tracker.name, query_hash=tracker.query_hash)
            gaps = plan.missing(asked, covered) or [asked]
            raise BudgetExceeded(
                f"{exc}; missing of {tracker.name}: about {max(left, 0)} tweets from {gaps[0].start_at:%Y-%m-%d %H:%M} "
                f"to {gaps[-1].end_at:%Y-%m-%d %H:%M} UTC"
            ) from exc
        store.publish(is_due_only=True)


def judge(
    tracker: Followed,
    *,
    store: Store,
    pace: Pace,
    counts: Mapping[datetime, tuple[int, datetime]],
    wanted: Stretch,
    is_last: bool = False,
) -> list[Hour]:
    """Set X's counts beside what was read, hour by hour, and commit what changed.

    Returns the hours to read a second time now; none where nothing is read after this (``is_last``). That they are is
    committed before they are read: whatever dies then, none is read a third time.
    """
    names = {"tracker": tracker.name, "query_hash": tracker.query_hash}
    last_at = store.warehouse.last_hour(**names)
    start_at = max(wanted.start_at, min(last_at or wanted.start_at, wanted.end_at - plan.COUNTED))
    span = Stretch(min(start_at, min(counts, default=start_at)), wanted.end_at)
    now = store.clock.now()
    known = {row[0]: Hour(*row) for row in store.warehouse.hours(**names, span=span)}
    lost_before = datetime.min.replace(tzinfo=UTC) if pace.has_full_archive else plan.reach(now)
    changed = hours.judged(
        span,
        covered=store.warehouse.coverage(**names),
        counts=counts,
        seen=store.warehouse.seen_by_hour(tracker=tracker.name, span=span),
        known=known,
        lost_before=lost_before,
    )
    all_now = {**known, **{one.hour_at: one for one in changed}}.values()
    deficient = [] if is_last else hours.to_reread(all_now, now=now, lost_before=lost_before)
    _note({one.hour_at: one for one in (*changed, *deficient)}.values(), tracker, store=store)
    return deficient


def _note(found: Collection[Hour], tracker: Followed, *, store: Store) -> None:
    """Commit these hours as they are now."""
    if found:
        names = {"tracker": tracker.name, "query_hash": tracker.query_hash}
        rows = hours.rows(list(found), **names, now=store.clock.now(), run_id=store.run_id)
        store.commit({"hours": tables.HOURS.of(rows)})


def register(trackers: Sequence[Followed], *, store: Store) -> None:
    """Note what is followed from now on; a changed query is a new row and opens new coverage."""
    now = store.clock.now()
    rows = [(tracker.name, tracker.query_hash, tracker.query, now) for tracker in trackers]
    store.commit({"trackers": tables.TRACKERS.of(rows)})


def _slices(
    tracker: Followed, wanted: Stretch, gaps: Sequence[Stretch], *, client: XClient, store: Store, pace: Pace
) -> tuple[dict[datetime, tuple[int, datetime]], list[Slice]]:
    """What X counts of each whole hour (one request, and one a loud stretch), and the gaps cut by it."""
    gaps = plan.overlapped(gaps, wanted=wanted, overlap_s=pace.overlap_s)
    first = plan.counted_from(gaps, wanted=wanted)
    whole = _counts(tracker, first, gaps[-1].end_at, "hour", client=client, pace=pace)
    counts = [row for row in whole if row.end > gaps[0].start_at]
    finer: list[Count] = []
    for stretch in plan.loud(counts, at_most=pace.slice_tweet_count):
        finer += _counts(tracker, stretch.start_at, stretch.end_at, "minute", client=client, pace=pace)
    pieces = plan.slices(gaps, plan.refined(counts, finer), at_most=pace.slice_tweet_count)
    log.info(
        "tracker.planned",
        tracker=tracker.name,
        slice_count=len(pieces),
        expected_count=sum(p.expected_count for p in pieces),
    )
    return hours.counted(whole, counted_at=store.clock.now()), pieces


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
        except (SourceError, OutOfTime, BudgetExceeded) as exc:
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
