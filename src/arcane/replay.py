"""The derived tables anew from the archive, by one process or by the tasks of a Cloud Run job.

Alone, a process holds the lease from the first page to the last. Of many tasks each derives its share without the
lease; whichever finds that all have done theirs takes it, derives what came into the archive meanwhile, and puts
the rebuilt tables in place.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arcane.errors import ArchiveError
from arcane.run import running
from arcane.store import Store

_PATIENCE_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Share:
    """Task ``index`` of ``count``; ``name`` is the same for all of them."""

    index: int
    count: int
    name: str

    def has(self, archive_object: str) -> bool:
        """An object belongs to one task by its name alone, so that tasks that list at different times agree."""
        return zlib.crc32(archive_object.encode()) % self.count == self.index

    @property
    def mark(self) -> str:
        return _mark(self.index, self.count)

    @property
    def marks(self) -> set[str]:
        return {_mark(index, self.count) for index in range(self.count)}


def _mark(index: int, count: int) -> str:
    return f"task {index} of {count}"


def replay(store: Store, *, after: Callable[[int], None]) -> None:
    """All of it, alone.

    Raises: ArchiveError if the archive lacks objects that the tables were made from.
    """
    with running("replay", store=store):
        _check_whole(store)
        store.warehouse.begin_rebuild(None)
        for count in store.rebuild(store.archive.objects()):
            after(count)
        store.warehouse.finish_rebuild(now=store.clock.now())


def replay_share(store: Store, share: Share, *, after: Callable[[int], None]) -> None:
    """One task's share, and the end of the whole if the others have done theirs. A task that starts again goes on.

    Raises: ArchiveError; ConfigError if the warehouse takes one process only; WarehouseBusy if another run holds
    the lease for an hour.
    """
    store.warehouse.migrate()
    store.warehouse.begin_rebuild(share.name)
    done = store.warehouse.rebuilt()
    for count in store.rebuild(name for name in store.archive.objects() if share.has(name) and name not in done):
        after(count)
    store.mark_rebuilt(share.mark)
    if store.warehouse.rebuilt() >= share.marks:
        with running("replay", store=store, patience_s=_PATIENCE_S):
            _finish(store, share, after=after)


def _finish(store: Store, share: Share, *, after: Callable[[int], None]) -> None:
    done = store.warehouse.rebuilt()
    if not done >= share.marks:
        return  # another task was faster
    _check_whole(store)
    for count in store.rebuild(name for name in store.archive.objects() if name not in done):
        after(count)
    store.warehouse.finish_rebuild(now=store.clock.now())


def _check_whole(store: Store) -> None:
    missing = store.warehouse.archive_objects() - set(store.archive.objects())
    if missing:
        raise ArchiveError(
            f"{len(missing)} archived objects that the tables were made from are not in {store.archive.name} "
            f"({min(missing)} is the first): restore them, a replay without them would lose rows; what "
            "retention.archive_days or the bucket's own rule deleted cannot be replayed"
        )
