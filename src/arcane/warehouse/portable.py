"""What both warehouses ask in the same words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from arcane import tables
from arcane.errors import LeaseLost, WarehouseBusy, WarehouseError
from arcane.warehouse import deletions, kept, questions, statements
from arcane.warehouse.interface import Batch, Named, Shown, Stretch
from arcane.warehouse.tombstones import Bound, asked_of, bound, rows_of

LEASE_S: Final = 900
_ASKED_AT_ONCE: Final = 20_000  # ids in one parameter: about a megabyte of BigQuery's ten a request
_LATEST_REFRESH: Final = timedelta(days=15)  # a last reading that was missed is made good for so long
RUN_SUFFIX: Final = 6  # signs that a run_id adds to its occurrence
VERSION: Final = 3  # 2: hours, reads, reservations, tombstones; 3: events, exclusions, made_views, stale_days


def due(ages_h: Sequence[int], *, now: datetime, tracker: str = "") -> tuple[str, dict[str, object]]:
    """The query for the tweets to read again now, and its parameters."""
    since = now - timedelta(hours=ages_h[-1]) - _LATEST_REFRESH
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = {"since": since.date(), "first_hour_at": since}
    return questions.due(ages_h), {"now": now, "today": today, "tracker": tracker, **bounds}


def local_days(batch: Batch) -> tuple[date, date] | None:
    """First and last local day on which versions of the batch's tweets may have been posted; None without tweets."""
    found = batch.tables.get(tables.TWEETS.name)
    if found is None or not found.num_rows:
        return None
    days = pc.min_max(found.column("local_date")).as_py()
    return days["min"] - timedelta(days=1), days["max"] + timedelta(days=1)


class PortableWarehouse(ABC):
    """Reads of the write side in GoogleSQL, and the sentences that go with them.

    ``name`` is what a person is told the warehouse is: a file, or a dataset.
    """

    def __init__(self, name: str, *, time_zone: str) -> None:
        self.name = name
        self._time_zone = time_zone
        self._holder: str | None = None
        self._fence = 0

    def coverage(self, *, tracker: str, query_hash: str) -> list[Stretch]:
        rows = self._asked(questions.READ_COVERAGE, tracker=tracker, query_hash=query_hash)
        return [Stretch(start_at, end_at) for start_at, end_at in rows]

    def followed_since(self, *, tracker: str, query_hash: str) -> datetime:
        rows = self._asked(questions.FOLLOWED_SINCE, tracker=tracker, query_hash=query_hash)
        if not rows:
            raise WarehouseError(f"the tracker {tracker} was never registered in {self.name}: run arcane collect")
        moment = rows[0][0]
        if not isinstance(moment, datetime):
            raise WarehouseError(f"a time was expected and {moment!r} found: the tables were changed by hand")
        return moment

    def known_pages(self, hashes: Sequence[str]) -> set[str]:
        return {row[0] for row in self._asked(questions.KNOWN_PAGES, hashes=list(hashes))} if hashes else set()

    def spent(self, *, since: date) -> dict[date, float]:
        return {day: float(usd) for day, usd in self._asked(questions.SPENT, since=since)}

    def read_on(self, utc_date: date) -> list[tuple[str, str]]:
        return [(kind, one) for kind, one in self._asked(questions.READ_ON, utc_date=utc_date)]

    def due(self, *, ages_h: Sequence[int], now: datetime, tracker: str = "") -> list[str]:
        sql, parameters = due(ages_h, now=now, tracker=tracker)
        return [row[0] for row in self._asked(sql, **parameters)]

    def stale_authors(self, *, since: date, stale_before: datetime) -> list[str]:
        return [row[0] for row in self._asked(questions.STALE_AUTHORS, since=since, stale_before=stale_before)]

    def seen_by_hour(self, *, tracker: str, span: Stretch) -> dict[datetime, int]:
        bounds = {"start_at": span.start_at, "end_at": span.end_at}
        return dict(self._asked(questions.SEEN_BY_HOUR, tracker=tracker, **bounds))

    def hours(self, *, tracker: str, query_hash: str, span: Stretch) -> list[tuple[Any, ...]]:
        bounds = {"start_at": span.start_at, "end_at": span.end_at}
        return self._asked(questions.READ_HOURS, tracker=tracker, query_hash=query_hash, **bounds)

    def last_hour(self, *, tracker: str, query_hash: str) -> datetime | None:
        ((moment,),) = self._asked(questions.LAST_HOUR, tracker=tracker, query_hash=query_hash)
        return moment if isinstance(moment, datetime) else None

    def archive_objects(self) -> set[str]:
        return {row[0] for row in self._asked(questions.ARCHIVE_OBJECTS)}

    def is_done(self, occurrence: str) -> bool:
        return self._asked(questions.DONE_RUNS, occurrence=f"{occurrence}-", suffix=RUN_SUFFIX) != [(0,)]

    def commit(self, batch: Batch, *, now: datetime) -> None:
        found = self._bound(batch)
        first, parameters = list[str](), dict[str, Any]()
        if found.lifted:
            first.append(deletions.LIFT)
            parameters["lifted"] = [f"{one.kind} {one.id}" for one in found.lifted]
        if stale := _days(found.batch):
            first.append(kept.NOTE_STALE)
            parameters["stale"] = stale
        self._commit(found.batch, now=now, first=first, **parameters)

    def annotate(self, notes: Mapping[str, pa.Table], *, now: datetime) -> None:
        for name, rows in notes.items():
            columns = ", ".join(rows.column_names)
            there = self._asked(f"select {columns} from {name}")  # noqa: S608 - our names
            if sorted(map(repr, there)) == sorted(map(repr, zip(*rows.to_pydict().values(), strict=True))):
                continue
            first = [f"delete from {name} where true"]  # noqa: S608 - our name
            if name == tables.EXCLUSIONS.name:
                first.append(kept.note_stale())
            whole = pa.Table.from_pylist(rows.to_pylist(), schema=tables.BY_NAME[name].arrow)
            self._commit(Batch({name: whole}), now=now, first=first)

    def keep(self, views: Sequence[Shown], *, now: datetime) -> None:
        filled = [view for view in views if view.is_kept]
        days = [row[0] for row in self._asked(kept.READ_STALE)] if filled else []
        if not days:
            return
        script = [kept.RESOLVE_EXCLUSIONS]
        for view in filled:
            script += kept.fill(view, days)
        # Under the lease nobody else notes days meanwhile.
        self._commit(Batch(), now=now, first=[*script, "delete from stale_days where true"])

    def tombstones(self, *, tweet_ids: Collection[str], author_ids: Collection[str]) -> list[Named]:
        keys = sorted({f"tweet {one}" for one in tweet_ids} | {f"author {one}" for one in author_ids})
        return [Named(*row) for row in self._asked_of(deletions.TOMBSTONES_ON, keys)]

    def live_readings(self, named: Collection[Named]) -> dict[tuple[str, str], datetime]:
        keys = sorted({f"{one.kind} {one.id}" for one in named})
        return {(kind, name): read_at for kind, name, read_at in self._asked_of(deletions.LIVE_READINGS, keys)}

    def known(self, named: Collection[Named]) -> set[tuple[str, str]]:
        keys = sorted({f"{one.kind} {one.id}" for one in named})
        return {(kind, one) for kind, one in self._asked_of(deletions.KNOWN, keys)}

    def falling(self) -> list[Named]:
        return [Named(*row) for row in self._asked(deletions.FALLING)]

    def is_erasing(self) -> bool:
        return self._asked(deletions.IS_ERASING) != [(0,)]

    def bound_rows(self) -> dict[str, int]:
        return {name: count for name, count in self._asked(deletions.count_bound_rows()) if count}

    def bound_objects(self) -> list[str]:
        return [row[0] for row in self._asked(deletions.BOUND_OBJECTS)]

    def erase(self, *, now: datetime) -> None:
        gone = [
            kept.note_stale(of=deletions.NAMED_TWEETS),
            *kept.drop(self._kept(), tweets=deletions.NAMED_TWEETS),
        ]
        self._commit(Batch(), now=now, first=[*gone, *deletions.erase()])

    def replace_pages(self, rows: pa.Table, *, now: datetime) -> None:
        hashes = rows.column("page_hash").to_pylist()
        self._commit(Batch({"pages": rows}), now=now, first=[deletions.DROP_PAGES], hashes=hashes)

    def forget_pages(self, objects: Sequence[str], *, now: datetime) -> None:
        self._commit(Batch(), now=now, first=[deletions.FORGET_PAGES], objects=list(objects), none=[])

    def count_before(self, before: datetime) -> int:
        ((count,),) = self._asked(deletions.COUNT_BEFORE, before=before, day=_day_of(before))
        return int(count)

    def prune(self, before: datetime, *, now: datetime) -> None:
        gone = [kept.note_stale(of=deletions.OLD_TWEETS), *kept.drop(self._kept(), tweets=deletions.OLD_TWEETS)]
        self._commit(Batch(), now=now, first=[*gone, *deletions.prune()], before=before, day=_day_of(before))

    def end_erasure(self, *, now: datetime) -> None:
        self._commit(Batch(), now=now, first=[deletions.END_ERASURE], erased_at=now)

    def _kept(self) -> dict[str, str | None]:
        """Name → grain of the views that were made here."""
        return {name: grain for name, _, grain in self._asked(kept.READ_MADE)}

    def _changed_views(self, views: Sequence[Shown]) -> tuple[list[Shown], list[str]]:
        """Those that are not there as they are, and the names of those that are there and should not be."""
        made = {name: definition for name, definition, _ in self._asked(kept.READ_MADE)}
        gone = sorted(set(made) - {view.name for view in views})
        return [view for view in views if made.get(view.name) != view.definition], gone

    def _note_made(self, changed: Sequence[Shown], gone: Sequence[str], *, now: datetime) -> None:
        """Write down what was made, and let what is kept of it be filled."""
        names = [view.name for view in changed] + list(gone)
        rows = [(view.name, view.definition, ", ".join(view.key) if view.is_kept else None) for view in changed]
        first = [kept.FORGET_MADE]
        if any(view.is_kept for view in changed):
            first.append(kept.note_stale())
        self._commit(Batch({"made_views": tables.MADE_VIEWS.of(rows)}), now=now, first=first, names=names)

    @abstractmethod
    def _commit(self, batch: Batch, *, now: datetime, first: Sequence[str], **parameters: Any) -> None:
        """In one transaction under the lease: the statements of ``first``, then the batch as it is."""

    def _bound(self, batch: Batch) -> Bound:
        """The batch without what tombstones bind, with the tombstones that they spread to.

        Only the holder of the lease sets tombstones, so that none can come between this and the transaction.
        """
        tweet_ids, author_ids = asked_of(batch)
        found = bound(batch, self.tombstones(tweet_ids=tweet_ids, author_ids=author_ids))
        if not found.spread:
            return found
        tables = {**found.batch.tables, "tombstones": rows_of(found.spread)}
        return replace(found, batch=replace(found.batch, tables=tables))

    def _asked_of(self, sql: str, keys: Sequence[str]) -> Iterable[tuple[Any, ...]]:
        """Rows of a query over these ``@keys``, some at a time."""
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            yield from self._asked(sql, keys=list(keys[start : start + _ASKED_AT_ONCE]))

    @abstractmethod
    def _asked(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of one GoogleSQL query."""

    def _check_version(self, version: int, time_zone: str) -> None:
        if version > VERSION:
            raise WarehouseError(
                f"{self.name} was written by a newer Arcane (tables version {version}, this one knows {VERSION}): "
                "update Arcane"
            )
        if time_zone != self._time_zone:
            raise WarehouseError(
                f"the local columns of {self.name} are in {time_zone} and the setting warehouse.time_zone says "
                f"{self._time_zone}: set it back, or replay the archive into another place"
            )

    def _take(self, full_holder: str, *, is_taken: bool) -> None:
        """Note the lease that an UPDATE took, or tell who has it."""
        ((other, fence, expires_at),) = self._asked(statements.READ_LEASE)
        if not is_taken:
            raise WarehouseBusy(
                f"another run ({other}) is writing to {self.name} until {expires_at:%Y-%m-%d %H:%M:%S} UTC "
                "at the latest: run the same command again when it is done",
                holder=other,
            )
        self._holder, self._fence = full_holder, fence

    def _lost(self) -> LeaseLost:
        return LeaseLost(
            f"another run took over {self.name} while this one was slow: nothing of this commit was written; "
            "run the same command again"
        )


def _days(batch: Batch) -> list[str]:
    """Local days of the batch's tweets, as ISO text."""
    found = batch.tables.get(tables.TWEETS.name)
    if found is None:
        return []
    return sorted(day.isoformat() for day in pc.unique(found.column("local_date")).to_pylist() if day is not None)


def _day_of(moment: datetime) -> date:
    """The last local day, in whatever zone, that begins before that moment."""
    return (moment + timedelta(days=1)).date()
