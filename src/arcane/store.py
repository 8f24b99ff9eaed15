"""Page → archive → rows → commit: the one way by which anything reaches the warehouse.

Collect, import, recovery and replay all go through here, so that a page is durable before its rows are
visible and nothing is visible by half.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import structlog

from arcane import plan, tables, transform
from arcane.archive.frame import Frame, Kept
from arcane.archive.interface import Archive, Writer
from arcane.budget import Budget, cycle_start
from arcane.clock import Clock
from arcane.layer import Layer
from arcane.transform import Reading
from arcane.warehouse.interface import Batch, Covered, Named, Stretch, Warehouse
from arcane.warehouse.tombstones import rows_of
from arcane.x import page as pages
from arcane.x.page import Page
from arcane.x.prices import Prices, utc_date
from arcane.x.redact import redacted

log = structlog.get_logger()

_REBUILD_TWEETS: Final = 10_000


class Store:
    """Archive and warehouse as one place to put pages in. Counts what a run committed.

    ``patience_s``: how long a run waits while another one writes. ``layer``: the analyst's, which each run brings up to
    date; None leaves it alone. ``blocked``: archive objects that an erasure of this
    run could not write anew, and why.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        warehouse: Warehouse,
        clock: Clock,
        zone: ZoneInfo,
        publish_every_s: int,
        budget: Budget | None = None,
        patience_s: float = 0,
        layer: Callable[[], Layer | None] = lambda: None,
    ) -> None:
        self.archive = archive
        self.warehouse = warehouse
        self.clock = clock
        self.budget = budget or Budget(Prices())
        self.patience_s = patience_s
        self.run_id = ""
        self.page_count = 0
        self.tweet_count = 0
        self.blocked: dict[str, str] = {}
        self._wanted_layer = layer
        self._layer = Layer()
        self._zone = zone
        self._publish_every_s = publish_every_s
        self._published_at = clock.now()

    def bring_layer(self) -> None:
        """Make the analyst's layer what it should be, if this run sees to it. Raises: ConfigError, WarehouseError."""
        layer, now = self._wanted_layer(), self.clock.now()
        if layer is not None:
            self._layer = layer
            self.warehouse.annotate(layer.notes, now=now)
            self.warehouse.show(layer.views, now=now)

    def keep_layer(self) -> None:
        """Fill what views keep and commits have made stale. Raises: WarehouseError."""
        self.warehouse.keep(self._layer.views, now=self.clock.now())

    def open_budget(self) -> None:
        """Tell the budget what was spent before this run, recovered pages included; reserve its first requests."""
        today = utc_date(self.clock.now())
        booked = self.warehouse.spent(since=cycle_start(today, self.budget.caps.cap_reset_day))
        known = ((today, kind, one) for kind, one in self.warehouse.read_on(today))
        self.budget.open(self.run_id, booked=booked, known=known)
        self.commit({})

    def commit(
        self, found: Mapping[str, pa.Table], coverage: tuple[Covered, ...] = (), *, is_last: bool = False
    ) -> None:
        """Make rows visible, and with them what was spent since the last commit. Raises: WarehouseError."""
        now = self.clock.now()
        books = self.budget.rows(now=now, is_last=is_last)
        whole = {name: rows for name, rows in (*found.items(), *books.items()) if rows.num_rows}
        self.warehouse.commit(Batch(whole, coverage), now=now)

    def open(self, *, tracker: str, label: str) -> Parcel:
        """A new archive object whose pages will be committed together."""
        writer = self.archive.create(tracker=tracker, opened_at=self.clock.now(), label=label)
        return Parcel(self, writer)

    def batch(self) -> transform.Batch:
        """Rows to be, none yet."""
        return transform.Batch(zone=self._zone)

    def redact(self, name: str, stones: Collection[Named]) -> tuple[list[Kept], dict[str, Named]]:
        """Take what these tombstones bind out of an archived object.

        Returns its frames, and tweets that fell only with another, as tombstones of their own.
        """
        spread: dict[str, Named] = {}

        def without(frame: Frame) -> Frame:
            binding = {(one.kind, one.id): one for one in stones if one.binds(frame.observed_at)}
            cut = redacted(
                bytes(frame.body),
                tweet_ids={one for kind, one in binding if kind == "tweet"},
                author_ids={one for kind, one in binding if kind == "author"},
            )
            for tweet_id, cause in cut.fell.items():
                spread[tweet_id] = dataclasses.replace(binding[cause], kind="tweet", id=tweet_id)
            if cut.body == frame.body:
                return frame
            return msgspec.structs.replace(frame, body=msgspec.Raw(cut.body), was=frame.page_hash)

        return self.archive.rewrite(name, without), spread

    def recover(self) -> int:
        """Commit what dead runs archived and did not commit; X is not asked again. Returns the pages."""
        count = 0
        for name in self.archive.pending():
            self.archive.trim(name)
            kept = list(self.archive.read(name))
            known = self.warehouse.known_pages([one.frame.page_hash for one in kept])
            parcel = Parcel(self, None, name=name)
            for one in kept:
                page = page_of(one.frame)
                parcel.hold(one, page)
                if one.frame.served_at is not None:
                    self.budget.settle(0.0, self.budget.prices.reads(page, served_at=one.frame.served_at))
            if kept and len(known) < len({one.frame.page_hash for one in kept}):
                parcel.commit()
                count += len(kept)
                log.info("archive.recovered", archive_object=name, page_count=len(kept))
            elif kept:
                self.archive.confirm(name)
            else:
                self.archive.discard(name)
        return count

    def rebuild(self, names: Iterable[str]) -> Iterator[int]:
        """Add the rows of archived objects to the rebuild that was begun; yields the pages done now and then."""
        batch, sources, count, tweet_count = self.batch(), list[str](), 0, 0
        for name in names:
            for kept in self.archive.read(name):
                page = page_of(kept.frame)
                batch.add(Reading(page, kept.frame.observed_at, kept.frame.tracker, kept.frame.page_hash))
                tweet_count += len(page.data)
                count += 1
            sources.append(name)
            if tweet_count >= _REBUILD_TWEETS:
                yield self._rebuilt(batch, sources, count, tweet_count)
                batch, sources, count, tweet_count = self.batch(), [], 0, 0
        if sources:
            yield self._rebuilt(batch, sources, count, tweet_count)

    def _rebuilt(self, batch: transform.Batch, sources: list[str], page_count: int, tweet_count: int) -> int:
        self.warehouse.rebuild(Batch(batch.to_arrow()), sources=sources, now=self.clock.now())
        self.page_count += page_count
        self.tweet_count += tweet_count
        return page_count

    def mark_rebuilt(self, source: str) -> None:
        """Note a source without rows of its own."""
        self.warehouse.rebuild(Batch(), sources=[source], now=self.clock.now())

    def publish(self, *, is_due_only: bool = False) -> None:
        """Let readers see the commits; with ``is_due_only`` no more often than the setting says."""
        now = self.clock.now()
        if is_due_only and (now - self._published_at).total_seconds() < self._publish_every_s:
            return
        self.warehouse.publish()
        self._published_at = now


def page_of(frame: Frame) -> Page:
    """What the archived answer says."""
    return pages.answered(frame.request.get("path", ""), bytes(frame.body))


def related_ids(page: Page) -> set[str]:
    """Every tweet whose erasure could concern the page."""
    found = set(page.tweet_ids)
    for tweet in page.data:
        found.update(tweet.edit_history)
        found.update(reference.id for reference in tweet.references)
    return found


def page_row(kept: Kept, page: Page) -> tuple[object, ...]:
    """The row of ``pages`` for an archived page."""
    frame = kept.frame
    place = (kept.archive_object, kept.frame_offset, kept.frame_bytes)
    return (frame.page_hash, *place, frame.tracker, frame.observed_at, page.tweet_ids, page.author_ids)


class Parcel:
    """The pages of one archive object, with their rows, on the way to one commit."""

    def __init__(self, store: Store, writer: Writer | None, *, name: str = "") -> None:
        self._store = store
        self._rows = store.batch()
        self._writer = writer
        self._name = writer.name if writer else name
        self._pages: dict[str, tuple[object, ...]] = {}
        self._tweet_ids: set[str] = set()
        self._author_ids: set[str] = set()
        self._spread: dict[str, Named] = {}
        self._asked: tuple[str, str, Stretch] | None = None
        self._oldest_at: datetime | None = None
        self._is_last = False
        self.page_count = 0
        self.tweet_count = 0

    def add(self, frame: Frame, page: Page) -> None:
        """Archive one page and read its rows.

        Raises: ArchiveError, PageError.
        """
        if self._writer is None:
            raise TypeError("a recovered parcel takes no new pages")
        self.hold(self._writer.append(frame), page)

    def hold(self, kept: Kept, page: Page) -> None:
        """Read the rows of a page that is archived already."""
        frame = kept.frame
        self._read(kept, page)
        self._tweet_ids |= related_ids(page)
        self._author_ids.update(page.author_ids)
        if frame.start_at is not None and frame.end_at is not None:
            self._asked = (frame.tracker, frame.query_hash, Stretch(frame.start_at, frame.end_at))
            oldest_at = page.oldest_at
            if oldest_at is not None:
                self._oldest_at = min(self._oldest_at or oldest_at, oldest_at)
            self._is_last = page.next_token is None
        self.page_count += 1
        self.tweet_count += len(page.data)

    def close(self) -> None:
        """Make what was archived so far durable, however its reading ended."""
        if self._writer is not None:
            self._writer.close()

    def commit(self) -> None:
        """Make the object durable, then its rows and its coverage visible, then confirm it.

        Raises: ArchiveError, WarehouseError; the object then waits in ``pending/`` for the next run.
        """
        store = self._store
        self.close()
        if not self._pages:
            store.archive.discard(self._name)
            return
        self._redact()
        arrow = self._rows.to_arrow()
        if self._spread:
            arrow["tombstones"] = rows_of(self._spread.values())
        arrow["pages"] = tables.PAGES.of(self._pages.values())
        store.commit(arrow, self._coverage())
        store.archive.confirm(self._name)
        store.page_count += self.page_count
        store.tweet_count += self.tweet_count

    def _read(self, kept: Kept, page: Page) -> None:
        frame = kept.frame
        self._rows.add(Reading(page, frame.observed_at, frame.tracker, frame.page_hash))
        self._pages[frame.page_hash] = page_row(kept, page)

    def _redact(self) -> None:
        """Take what tombstones bind out of the archived object and out of the rows; coverage and counts stay."""
        store = self._store
        stones = store.warehouse.tombstones(tweet_ids=self._tweet_ids, author_ids=self._author_ids)
        if not stones:
            return
        kept, self._spread = store.redact(self._name, stones)
        self._rows, self._pages = store.batch(), {}
        for one in kept:
            self._read(one, page_of(one.frame))

    def _coverage(self) -> tuple[Covered, ...]:
        if self._asked is None:
            return ()
        tracker, query_hash, asked = self._asked
        stretch = plan.drained(asked, oldest_at=self._oldest_at, is_last=self._is_last)
        return (Covered(tracker, query_hash, stretch),) if stretch else ()
