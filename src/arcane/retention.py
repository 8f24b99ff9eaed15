"""What is old goes: raw pages by when they were read, tweets by when they were posted.

Coverage, hours and ``tracker_tweets`` stay, so that what went is not read again. A replay needs every page that the
tables were made from, and says so where some are gone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from arcane.store import Store

log = structlog.get_logger()


def prune(store: Store, *, archive_days: int | None, table_days: int | None) -> None:
    """Drop what is older than so many days; None keeps it. Raises: ArchiveError, WarehouseError."""
    now = store.clock.now()
    if archive_days is not None:
        _prune_archive(store, before=now - timedelta(days=archive_days))
    if table_days is not None:
        before = now - timedelta(days=table_days)
        if count := store.warehouse.count_before(before):
            store.warehouse.prune(before, now=now)
            store.keep_layer()
            store.warehouse.scrub()
            log.info("tables.pruned", tweet_count=count)


def _prune_archive(store: Store, *, before: datetime) -> None:
    names = [name for name in store.archive.objects() if _opened_at(name) < before]
    for name in names:
        store.archive.delete(name)
    if names:
        store.warehouse.forget_pages(names, now=store.clock.now())
        log.info("archive.pruned", object_count=len(names))


def _opened_at(name: str) -> datetime:
    """When the object was begun, as its name tells (``archive.frame.new_name``)."""
    return datetime.strptime(name.rsplit("/", 1)[-1].split("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
