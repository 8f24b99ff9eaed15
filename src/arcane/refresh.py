"""The second story: tweets are read again by id as they age, so that their numbers live.

What is due is asked of the tables; there is no queue to lose. A reading is a page like any other: archived, then
committed. A tweet that X does not show any more is asked for a second time and, if X still says so, erased.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from arcane.archive.frame import Frame
from arcane.collect import Progress
from arcane.erasure import erase
from arcane.errors import BudgetExceeded, OutOfTime, SourceError
from arcane.store import Store
from arcane.warehouse.interface import Named
from arcane.x.ahead import ahead
from arcane.x.client import Answer, XClient
from arcane.x.page import Problem

log = structlog.get_logger()

_PARCEL_IDS: Final = 10_000
_FOLDER: Final = "_lookup"  # no tracker's name begins so


@dataclass(frozen=True, slots=True)
class Schedule:
    """Ages in hours at which a tweet is read again. ``stale_days``: authors are looked up when older; None: never."""

    ages_h: Sequence[int]
    stale_days: float | None


def refresh(*, client: XClient, store: Store, schedule: Schedule, progress: Progress, tracker: str = "") -> None:
    """Read again what is due, the most valuable first; of one tracker's tweets, or of all.

    Raises: SourceError, OutOfTime, BudgetExceeded, after everything read so far is committed.
    """
    now = store.clock.now()
    due = store.warehouse.due(ages_h=schedule.ages_h, now=now, tracker=tracker)
    progress.expect(len(due))
    log.info("refresh.planned", due_count=len(due))
    hidden: dict[str, Problem] = {}
    read_before = store.tweet_count
    try:
        _look_up(client.tweets, due, store=store, progress=progress, hidden=hidden)
    except BudgetExceeded as exc:
        left = len(due) - (store.tweet_count - read_before) - len(hidden)
        raise BudgetExceeded(f"{exc}; {left} of the {len(due)} tweets due were not read again") from exc
    if hidden:
        again: dict[str, Problem] = {}
        _look_up(client.tweets, list(hidden), store=store, progress=progress, hidden=again)
        named = [_named(again[one], store=store) for one in again if one in hidden]
        log.info("refresh.hidden", once_count=len(hidden), twice_count=len(named))
        erase(store, named)
    if schedule.stale_days is not None:
        _read_authors(client=client, store=store, schedule=schedule, progress=progress)


def _named(problem: Problem, *, store: Store) -> Named:
    return Named("tweet", problem.resource_id or "", problem.fate or "", store.clock.now(), "lookup")


def _read_authors(*, client: XClient, store: Store, schedule: Schedule, progress: Progress) -> None:
    now = store.clock.now()
    since = now - timedelta(hours=schedule.ages_h[-1])
    stale_before = now - timedelta(days=schedule.stale_days or 0)
    stale = store.warehouse.stale_authors(since=since.date(), stale_before=stale_before)
    log.info("authors.planned", stale_count=len(stale))
    _look_up(client.users, stale, store=store, progress=progress, hidden={})


def _look_up(
    ask: Callable[[Sequence[str]], Iterator[Answer]],
    ids: Sequence[str],
    *,
    store: Store,
    progress: Progress,
    hidden: dict[str, Problem],
) -> None:
    """Ask for these ids and commit what comes, 10,000 at a time; ``hidden`` gets those that X names as not shown."""
    for start in range(0, len(ids), _PARCEL_IDS):
        parcel = store.open(tracker=_FOLDER, label=f"{store.clock.now():%Y%m%dT%H%M%S}")
        stopped: Exception | None = None
        with contextlib.closing(parcel):
            try:
                for answer in ahead(ask(ids[start : start + _PARCEL_IDS])):
                    parcel.add(_frame(answer), answer.page)
                    progress.advance(len(answer.page.data))
                    hidden |= {one.resource_id: one for one in answer.page.errors if one.fate and one.resource_id}
            except (SourceError, OutOfTime, BudgetExceeded) as exc:
                stopped = exc
        parcel.commit()
        log.info("lookup.committed", tweet_count=parcel.tweet_count, page_count=parcel.page_count)
        if stopped is not None:
            raise stopped
        store.publish(is_due_only=True)


def _frame(answer: Answer) -> Frame:
    return Frame(
        tracker="",
        observed_at=answer.observed_at,
        served_at=answer.served_at,
        body=msgspec.Raw(answer.body),
        request={"path": answer.path, **answer.params},
    )
