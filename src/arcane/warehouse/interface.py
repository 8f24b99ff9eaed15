"""What a warehouse must do. DuckDB does it here, BigQuery in the cloud; one contract suite holds both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Time from ``start_at`` to before ``end_at``, UTC, whole seconds."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class Covered:
    """A stretch that was drained for a tracker's query."""

    tracker: str
    query_hash: str
    stretch: Stretch


class Shown(Protocol):
    """A view, as far as a warehouse has to know it; with ``parameters`` it is a table function."""

    @property
    def name(self) -> str: ...

    @property
    def sql(self) -> str:
        """GoogleSQL over the dataset's own names."""

    @property
    def definition(self) -> str:
        """Changes with its text and with what it reads."""

    @property
    def key(self) -> tuple[str, ...]: ...

    @property
    def column_names(self) -> tuple[str, ...]: ...

    @property
    def reads(self) -> frozenset[str]:
        """Tables and views that it names."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Of ``kept.PARAMETERS``."""

    @property
    def is_kept(self) -> bool:
        """Its rows lie in a table, by the local day of posting."""

    @property
    def has_twin(self) -> bool:
        """The same rows under French names lie in ``<dataset>_fr``."""

    def french(self, dataset: str) -> str:
        """The query of its twin, out of the view in ``dataset``."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What becomes visible together or not at all.

    ``tables``: name → Arrow table in that table's schema, unique by key. ``coverage`` joins what is known.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    coverage: tuple[Covered, ...] = ()


FINAL: Final = frozenset({"deleted", "forgotten"})


@dataclass(frozen=True, slots=True)
class Named:
    """A tweet or an author whose content must go: one tombstone. Columns as in ``tables.TOMBSTONES``."""

    kind: str
    id: str
    reason: str
    named_at: datetime
    named_by: str

    @property
    def is_final(self) -> bool:
        return self.reason in FINAL

    def binds(self, read_at: datetime | None) -> bool:
        """Whether what was read then must not be kept; None: nobody knows when, so it must not."""
        return self.is_final or read_at is None or read_at <= self.named_at


class Warehouse(Protocol):
    """The write side. One holder at a time; every change needs the lease."""

    def migrate(self) -> None:
        """Create or bring the tables forward. Raises: WarehouseError if they are newer than this code."""

    def annotate(self, notes: Mapping[str, pa.Table], *, now: datetime) -> None:
        """Let the analysts' own tables hold these rows and no others. Raises: LeaseLost."""

    def show(self, views: Sequence[Shown], *, now: datetime) -> None:
        """Create these views, in this order, where they are not there as they are; drop those that were and are not
        among them. Raises: LeaseLost."""

    def keep(self, views: Sequence[Shown], *, now: datetime) -> None:
        """Fill anew what is kept of these views and has gone stale, all or nothing. Raises: LeaseLost."""

    def acquire(self, holder: str, *, now: datetime) -> None:
        """Take the lease. Raises: WarehouseBusy while another holds it and it has not expired."""

    def release(self) -> None:
        """Give the lease back, so that the next run need not wait for its end."""

    def commit(self, batch: Batch, *, now: datetime) -> None:
        """Merge the tables and join the coverage, all or nothing, and prolong the lease.

        Rows that a tombstone binds are left out; a tombstone that is not final ends with a newer reading of the text.
        Committing the same batch twice is the same as once. Raises: LeaseLost if another run took over.
        """

    def coverage(self, *, tracker: str, query_hash: str) -> list[Stretch]:
        """Known drained time, oldest first, disjoint."""

    def followed_since(self, *, tracker: str, query_hash: str) -> datetime:
        """When the tracker's first run with this query began. Raises: WarehouseError if there was none."""

    def known_pages(self, hashes: Sequence[str]) -> set[str]:
        """Which of these pages are committed."""

    def spent(self, *, since: date) -> dict[date, float]:
        """Dollars booked by UTC day, reservations that were never settled included."""

    def read_on(self, utc_date: date) -> list[tuple[str, str]]:
        """Kind and id of everything that was billed on this UTC day."""

    def due(self, *, ages_h: Sequence[int], now: datetime, tracker: str = "") -> list[str]:
        """Ids of the tweets to read again now, the most valuable first; of one tracker, or of all."""

    def stale_authors(self, *, since: date, stale_before: datetime) -> list[str]:
        """Ids of authors of tweets since that day who were never read, or not since ``stale_before``."""

    def seen_by_hour(self, *, tracker: str, span: Stretch) -> dict[datetime, int]:
        """Tweets that the tracker ever met, by the hour of their posting; hours with none are left out."""

    def hours(self, *, tracker: str, query_hash: str, span: Stretch) -> list[tuple[Any, ...]]:
        """Rows of ``hours`` without the columns that name tracker and run, oldest first."""

    def last_hour(self, *, tracker: str, query_hash: str) -> datetime | None:
        """The newest hour that was judged."""

    def archive_objects(self) -> set[str]:
        """Names of the archive objects that committed pages lie in."""

    def is_done(self, occurrence: str) -> bool:
        """Whether a run of this occurrence (the beginning of its ``run_id``) came to its end."""

    def begin_rebuild(self, name: str | None) -> None:
        """Start filling the derived tables anew, beside those that readers see.

        None: from nothing, by the holder of the lease alone. A name: start or join the rebuild of that name, which
        any number of processes fill without the lease. Raises: ConfigError where only one process may write.
        """

    def rebuild(self, batch: Batch, *, sources: Sequence[str], now: datetime) -> None:
        """Add rows, and note which ``sources`` they come from; adding them twice changes nothing.

        Raises: LeaseLost.
        """

    def rebuilt(self) -> set[str]:
        """Every source noted in this rebuild so far; none once it is finished."""

    def finish_rebuild(self, *, now: datetime) -> None:
        """Put the rebuilt tables in place of the old, all at once. Raises: LeaseLost."""

    def tombstones(self, *, tweet_ids: Collection[str], author_ids: Collection[str]) -> list[Named]:
        """Those that stand on these tweets and authors."""

    def live_readings(self, named: Collection[Named]) -> dict[tuple[str, str], datetime]:
        """(kind, id) → when the text, or the newest text of the author, was last read, of those that are stored."""

    def known(self, named: Collection[Named]) -> set[tuple[str, str]]:
        """(kind, id) of those that are stored, or ever were."""

    def falling(self) -> list[Named]:
        """Stored tweets that fall with a tombstone under way and are not named yet, as tombstones of their own.

        All versions of an edited tweet, retweets of it, and all tweets of an author.
        """

    def is_erasing(self) -> bool:
        """Whether a tombstone is under way (``erased_at`` is NULL)."""

    def bound_rows(self) -> dict[str, int]:
        """Table → rows that ``erase`` would delete; tables with none are left out."""

    def bound_objects(self) -> list[str]:
        """Names of the archive objects of which a page names what a tombstone under way binds, in order."""

    def erase(self, *, now: datetime) -> None:
        """Delete every row that the tombstones under way bind, all or nothing. Raises: LeaseLost."""

    def replace_pages(self, rows: pa.Table, *, now: datetime) -> None:
        """Put rows of ``pages`` in place of those with the same hashes. Raises: LeaseLost."""

    def forget_pages(self, objects: Sequence[str], *, now: datetime) -> None:
        """Note that these archive objects are gone: their pages stay known and name nobody. Raises: LeaseLost."""

    def count_before(self, before: datetime) -> int:
        """Tweets posted before that."""

    def prune(self, before: datetime, *, now: datetime) -> None:
        """Delete these tweets with what belongs to them alone. Raises: LeaseLost."""

    def scrub(self) -> None:
        """Leave no trace of deleted rows, as far as it lies in the warehouse's hand."""

    def end_erasure(self, *, now: datetime) -> None:
        """Note that the tombstones under way are done. Raises: LeaseLost."""

    def publish(self) -> None:
        """Let readers see what is committed."""

    def close(self) -> None:
        """Let go of everything. Doing it twice does nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """Answer of a query: column names, and rows as Python values."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Batches:
    """An answer that is read once, from first to last. Whole sums are int64, moments are UTC in microseconds."""

    schema: pa.Schema
    rows: Iterator[pa.RecordBatch]


class Reader(Protocol):
    """The read side: sees what was last published, never waits for a writer, cannot change anything.

    Several threads may ask at once.
    """

    def version(self) -> str:
        """Changes with what is published."""

    def query(self, sql: str, parameters: dict[str, object] | None = None, *, max_rows: int | None = None) -> Result:
        """Rows of one GoogleSQL query, the first ``max_rows`` of them. Raises: SqlError."""

    def batches(self, sql: str, parameters: dict[str, object] | None = None) -> Batches:
        """The same rows a few thousand at a time, however many there are: memory stays flat.

        Raises: SqlError, here or while they are read.
        """

    def close(self) -> None:
        """Let go of everything."""


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time as disjoint, maximal stretches, oldest first."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches):
        if joined and stretch.start_at <= joined[-1].end_at:
            joined[-1] = Stretch(joined[-1].start_at, max(joined[-1].end_at, stretch.end_at))
        elif stretch.start_at < stretch.end_at:
            joined.append(stretch)
    return joined
