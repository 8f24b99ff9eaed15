"""Which stretches of time to read next, and cut how. Pure: coverage and X's counts in, slices out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from arcane.warehouse.interface import Stretch, union
from arcane.x.page import Count

RECENT: Final = timedelta(days=7)  # how far back search/recent reaches
COUNTED: Final = timedelta(days=8)  # how long an hour is judged again: later, only a backfill or an import changes it
MARGIN: Final = timedelta(minutes=5)  # what a run may take before it asks for the oldest second


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch to drain in one go, and how many tweets X's counts promise in it."""

    stretch: Stretch
    expected_count: int


def window(
    followed_since: datetime, *, now: datetime, first_run_days: float, lag_s: int, has_full_archive: bool
) -> Stretch | None:
    """What a run should know at its end: from some days before the tracker's first run to ``now`` less the lag.

    It begins at the same second for every run, whatever the first one reached; but no run looks further back
    than X does. None while the indexing lag eats it all.
    """
    end_at = _second(now - timedelta(seconds=lag_s))
    start_at = _second(followed_since - timedelta(days=first_run_days))
    if not has_full_archive:
        start_at = max(start_at, reach(now))
    return Stretch(start_at, end_at) if start_at < end_at else None


def kept_up(followed_since: datetime, *, until: datetime, first_run_days: float, has_full_archive: bool) -> Stretch:
    """The time that runs should have covered by ``until``: from as far back as the first one could reach."""
    start_at = _second(followed_since - timedelta(days=first_run_days))
    if not has_full_archive:
        start_at = max(start_at, reach(followed_since))
    return Stretch(min(start_at, until), until)


def counted_from(gaps: Sequence[Stretch], *, wanted: Stretch) -> datetime:
    """From when X is asked to count: its last days cost no more than the gaps, and tell what came late."""
    start_at = min(gaps[0].start_at, gaps[-1].end_at - COUNTED).replace(minute=0, second=0, microsecond=0)
    return max(start_at, wanted.start_at)


def reach(now: datetime) -> datetime:
    """The oldest second that search/recent will still give to a run that asks for it soon."""
    return _second(now - RECENT + MARGIN)


def missing(wanted: Stretch, covered: Iterable[Stretch]) -> list[Stretch]:
    """The parts of ``wanted`` outside ``covered``, oldest first."""
    gaps = []
    start_at = wanted.start_at
    for stretch in union(covered):
        if stretch.end_at <= start_at:
            continue
        if stretch.start_at >= wanted.end_at:
            break
        if stretch.start_at > start_at:
            gaps.append(Stretch(start_at, stretch.start_at))
        start_at = stretch.end_at
    if start_at < wanted.end_at:
        gaps.append(Stretch(start_at, wanted.end_at))
    return gaps


def overlapped(gaps: Sequence[Stretch], *, wanted: Stretch, overlap_s: int) -> list[Stretch]:
    """The gaps, begun a little earlier for tweets that X indexed late; never before ``wanted`` begins.

    Only where the last run came to its end, which shows in the one gap being what is new since: what an
    interrupted run left lies long past any late indexing, and reading its edges again would be paid for nothing.
    """
    if len(gaps) != 1:
        return list(gaps)
    start_at = max(gaps[0].start_at - timedelta(seconds=overlap_s), wanted.start_at)
    return [Stretch(start_at, gaps[0].end_at)]


def loud(counts: Iterable[Count], *, at_most: int) -> list[Stretch]:
    """Rows that hold more than a slice may: to be counted again, by the minute."""
    return union(Stretch(row.start, row.end) for row in counts if row.count > at_most)


def refined(counts: Iterable[Count], finer: Iterable[Count]) -> list[Count]:
    """``counts`` with the rows that ``finer`` ones lie in replaced by them, oldest first."""
    fine = sorted(finer, key=lambda row: row.start)
    covered = union(Stretch(row.start, row.end) for row in fine)
    kept = [row for row in counts if not any(part.start_at < row.end and row.start < part.end_at for part in covered)]
    return sorted([*kept, *fine], key=lambda row: row.start)


def slices(gaps: Iterable[Stretch], counts: Sequence[Count], *, at_most: int) -> list[Slice]:
    """The gaps cut into slices of at most ``at_most`` expected tweets, oldest first.

    Quiet rows join into one slice; a single row above ``at_most`` stands alone. A row that a gap cuts counts
    in proportion. Slices never reach over covered time, and together they are exactly the gaps.
    """
    return [piece for gap in gaps for piece in _pieces(gap, counts, at_most)]


def _pieces(gap: Stretch, counts: Sequence[Count], at_most: int) -> list[Slice]:
    pieces: list[Slice] = []
    start_at, expected = gap.start_at, 0.0
    for row in counts:
        if row.end <= gap.start_at or row.start >= gap.end_at:
            continue
        shared = (min(row.end, gap.end_at) - max(row.start, gap.start_at)) / (row.end - row.start)
        share = row.count * shared
        cut_at = _second(max(row.start, gap.start_at))
        if expected and expected + share > at_most and cut_at > start_at:
            pieces.append(Slice(Stretch(start_at, cut_at), round(expected)))
            start_at, expected = cut_at, 0.0
        expected += share
    return [*pieces, Slice(Stretch(start_at, gap.end_at), round(expected))]


def drained(asked: Stretch, *, oldest_at: datetime | None, is_last: bool) -> Stretch | None:
    """What reading ``asked`` newest first has covered: all of it once its last page is read.

    Before that everything from the second after the oldest tweet read, since that second itself may hold more.
    """
    if is_last:
        return asked
    if oldest_at is None:
        return None
    start_at = _second(oldest_at) + timedelta(seconds=1)
    return Stretch(start_at, asked.end_at) if start_at < asked.end_at else None


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
