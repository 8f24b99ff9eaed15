"""Older time, by the full archive: drained like any other, or only counted.

What a backfill has committed is covered, so it goes on where it stopped, and no run reads it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import structlog

from arcane import hours, plan, tables
from arcane.collect import Followed, Pace, Progress, drain_and_judge, register
from arcane.hours import Hour
from arcane.store import Store
from arcane.warehouse.interface import Stretch
from arcane.x.client import XClient

log = structlog.get_logger()

_FRENCH: Final = "lang:fr"


def backfill(
    trackers: Sequence[Followed], span: Stretch, *, client: XClient, store: Store, pace: Pace, progress: Progress
) -> None:
    """Drain what is missing of ``span`` from X's full archive, for every tracker.

    Raises: SourceError, OutOfTime or BudgetExceeded, after everything read so far is committed.
    """
    register(trackers, store=store)
    for tracker in trackers:
        if gaps := missing(tracker, span, store=store):
            drain_and_judge(
                tracker, gaps, wanted=span, kept_up=span, client=client, store=store, pace=pace, progress=progress
            )


def missing(tracker: Followed, span: Stretch, *, store: Store) -> list[Stretch]:
    """What is not covered of ``span``."""
    return plan.missing(span, store.warehouse.coverage(tracker=tracker.name, query_hash=tracker.query_hash))


def expected(
    trackers: Sequence[Followed], span: Stretch, *, client: XClient, store: Store, full_archive: bool
) -> dict[str, int]:
    """How many tweets X counts in what is missing of ``span``, by tracker.

    One request of counts/recent a tracker, or, with ``full_archive``, of counts/all for each 31 days.
    """
    granularity = "day" if full_archive else "hour"
    found = {}
    for tracker in trackers:
        gaps = missing(tracker, span, store=store)
        counts = (
            client.counts(
                tracker.query,
                start_at=gaps[0].start_at,
                end_at=gaps[-1].end_at,
                granularity=granularity,
                full_archive=full_archive,
            )
            if gaps
            else []
        )
        pieces = plan.slices(gaps, counts, at_most=1_000_000_000)
        found[tracker.name] = sum(piece.expected_count for piece in pieces)
    return found


def count(trackers: Sequence[Followed], span: Stretch, *, client: XClient, store: Store) -> dict[str, tuple[int, int]]:
    """Note X's own count of every hour of ``span``, and of its French part, without reading a tweet.

    Returns both sums by tracker. Raises: SourceError, BudgetExceeded.
    """
    register(trackers, store=store)
    sums = {}
    for tracker in trackers:
        now = store.clock.now()
        names = {"tracker": tracker.name, "query_hash": tracker.query_hash}
        whole, french = (
            hours.counted(
                client.counts(query, start_at=span.start_at, end_at=span.end_at, full_archive=True), counted_at=now
            )
            for query in (tracker.query, f"({tracker.query}) {_FRENCH}")
        )
        known = {row[0]: Hour(*row) for row in store.warehouse.hours(**names, span=span)}
        rows = [
            replace(
                known.get(hour_at, Hour(hour_at)),
                expected_count=expected_count,
                french_count=french.get(hour_at, (0, now))[0],
                counted_at=counted_at,
            )
            for hour_at, (expected_count, counted_at) in sorted(whole.items())
        ]
        store.commit({"hours": tables.HOURS.of(hours.rows(rows, **names, now=now, run_id=store.run_id))})
        sums[tracker.name] = (sum(one for one, _ in whole.values()), sum(one for one, _ in french.values()))
        log.info("hours.counted", tracker=tracker.name, hour_count=len(rows))
    return sums
