"""The third story: what X or a person says must go, goes from tables and archive, and stays away.

A tombstone is set first: the intent outlives a kill, and from then on nothing brings the content back. The rest can
be done again from anywhere; ``finish`` does it, at the start of every run that writes, until nothing is under way.

An archived object that cannot be read or written anew keeps nothing else from being erased; as long as it is there the
tombstones stay under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from arcane import tables
from arcane.errors import ArchiveAway, ArchiveError, ErasureBlocked, PageError
from arcane.store import Store, page_of, page_row, related_ids
from arcane.warehouse.deletions import KNOWN, would_erase
from arcane.warehouse.interface import Batch, Named, Reader
from arcane.warehouse.tombstones import rows_of

__all__ = ["Erased", "Named", "erase", "finish", "forget", "refuse_blocked", "would_forget"]

log = structlog.get_logger()

_OBJECTS: Final = 20  # archive objects whose new index is committed together


@dataclass(slots=True)
class Erased:
    """What went: rows by table, and objects of the archive that were written anew.

    ``blocked``: objects that could not be, and why. ``unknown``: kind and id of what was to be forgotten and was never
    stored.
    """

    row_counts: dict[str, int] = field(default_factory=dict)
    object_count: int = 0
    blocked: dict[str, str] = field(default_factory=dict)
    unknown: tuple[tuple[str, str], ...] = ()

    def plus(self, other: Erased) -> Erased:
        """Both together."""
        names = {**self.row_counts, **other.row_counts}
        counts = {name: self.row_counts.get(name, 0) + other.row_counts.get(name, 0) for name in names}
        return Erased(
            counts,
            self.object_count + other.object_count,
            {**self.blocked, **other.blocked},
            (*self.unknown, *other.unknown),
        )


def erase(store: Store, named: Sequence[Named]) -> Erased:
    """Set these tombstones and erase what they bind; what was read alive after it was named stays.

    Each archive object and the DuckDB file are written anew once, however many are named. What is blocked is noted in
    the store, for ``refuse_blocked`` at the end of the run.

    Raises: ArchiveError, WarehouseError; the next run then goes on.
    """
    read_at = store.warehouse.live_readings(named)
    standing = [one for one in named if one.binds(read_at.get((one.kind, one.id), one.named_at))]
    if not _name(standing, store=store):
        return Erased()
    done = finish(store)
    store.blocked |= done.blocked
    return done


def refuse_blocked(store: Store) -> None:
    """Raises: ErasureBlocked if this run erased something and could not clean all of the archive."""
    for name, why in store.blocked.items():
        others = f" (and {len(store.blocked) - 1} more objects)" if len(store.blocked) > 1 else ""
        raise ErasureBlocked(
            f"what {name} holds is not erased{others}: {_cause(why)}; {_REMEDY}; everything else is erased"
        )


def forget(store: Store, named: Sequence[Named]) -> Erased:
    """Erase these, and tell which of them were never stored. Raises: as ``erase``."""
    known = store.warehouse.known(named)
    done = erase(store, named)
    done.unknown = _unknown(named, known)
    return done


def would_forget(reader: Reader, named: Sequence[Named]) -> Erased:
    """What forgetting these would take, counted in what was last published."""
    ids = {f"{kind}_ids": [one.id for one in named if one.kind == kind] for kind in ("tweet", "author")}
    rows = reader.query(would_erase(), dict(ids)).rows
    counts = {str(name): int(count) for name, count in rows if count}  # type: ignore[call-overload]
    object_count = counts.pop("objects", 0)
    keys = [f"{one.kind} {one.id}" for one in named]
    known = {(str(kind), str(one)) for kind, one in reader.query(KNOWN, {"keys": keys}).rows}
    return Erased(counts, object_count, unknown=_unknown(named, known))


def _unknown(named: Sequence[Named], known: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one.kind, one.id) for one in named if (one.kind, one.id) not in known)


def finish(store: Store) -> Erased:
    """Do what tombstones under way still want; nothing if there are none."""
    done = Erased()
    if not store.warehouse.is_erasing():
        return done
    is_new = True
    while is_new:
        while falling := store.warehouse.falling():
            _name(falling, store=store)
        for name, count in store.warehouse.bound_rows().items():
            done.row_counts[name] = done.row_counts.get(name, 0) + count
        store.warehouse.erase(now=store.clock.now())
        is_new = _name(_redact(done, store=store), store=store)
    store.keep_layer()
    store.warehouse.scrub()
    store.publish()
    for name, why in done.blocked.items():
        log.error("erasure.blocked", archive_object=name, reason=f"{_cause(why)}; {_REMEDY}")
    if not done.blocked:
        store.warehouse.end_erasure(now=store.clock.now())
    log.info("erasure.done", object_count=done.object_count, blocked_count=len(done.blocked), **done.row_counts)
    return done


def _name(named: Iterable[Named], *, store: Store) -> bool:
    """Set tombstones; whether there were any."""
    rows = rows_of(list(named))
    if rows.num_rows:
        store.warehouse.commit(Batch({"tombstones": rows}), now=store.clock.now())
    return bool(rows.num_rows)


def _redact(done: Erased, *, store: Store) -> list[Named]:
    """Write the archive objects anew that name what is erased, and their rows of ``pages``.

    Returns what was seen to fall only there: a retweet whose original's author is told by the page alone.
    """
    spread: dict[str, Named] = {}
    bound = store.warehouse.bound_objects()
    present = set(store.archive.objects()) if bound else set()
    names = [name for name in bound if name in present]
    if gone := [name for name in bound if name not in present]:
        store.warehouse.forget_pages(gone, now=store.clock.now())  # too old for the archive: nothing to write anew
    for start in range(0, len(names), _OBJECTS):
        rows: list[tuple[object, ...]] = []
        for name in names[start : start + _OBJECTS]:
            try:
                kept, fell = _redacted(name, store=store)
            except ArchiveAway:
                raise
            except (ArchiveError, PageError) as exc:
                done.blocked[name] = str(exc)
                continue
            spread |= fell
            rows += kept
            done.object_count += 1
        if rows:
            store.warehouse.replace_pages(tables.PAGES.of(rows), now=store.clock.now())
    known = {one.id for one in store.warehouse.tombstones(tweet_ids=spread, author_ids=())}
    return [one for one in spread.values() if one.id not in known]


def _redacted(name: str, *, store: Store) -> tuple[list[tuple[object, ...]], dict[str, Named]]:
    """Write one object anew; its rows of ``pages``, and what fell only there."""
    found = [page_of(kept.frame) for kept in store.archive.read(name)]
    stones = store.warehouse.tombstones(
        tweet_ids=set().union(*(related_ids(page) for page in found)),
        author_ids={author_id for page in found for author_id in page.author_ids},
    )
    kept, fell = store.redact(name, stones)
    return [page_row(one, page_of(one.frame)) for one in kept], fell


def _cause(why: str) -> str:
    """An error without its own advice, which is not meant for an erasure."""
    return why.split(": ", 1)[0]


_REMEDY: Final = "mend it or restore a copy, or delete it (a replay then refuses), and run arcane run"
