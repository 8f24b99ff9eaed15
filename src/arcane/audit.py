"""X's own account of what was read beside our books, for the day that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from arcane.errors import OutOfTime, SourceError
from arcane.store import Store
from arcane.x.client import XClient
from arcane.x.prices import POST, utc_date

log = structlog.get_logger()

_TOLERATED_SHARE: Final = 0.02
_TOLERATED_COUNT: Final = 10


def has_drifted(*, told: int, booked: int) -> bool:
    """Whether X's figure and ours are further apart than late bookings explain."""
    return abs(told - booked) > max(_TOLERATED_COUNT, _TOLERATED_SHARE * booked)


def audit(*, client: XClient, store: Store) -> None:
    """Compare yesterday's posts and warn in the log if they have drifted apart. Costs nothing and never ends a run."""
    yesterday = utc_date(store.clock.now()) - timedelta(days=1)
    try:
        usage = client.usage(days=2)
    except (SourceError, OutOfTime) as exc:
        log.info("usage.unknown", error=type(exc).__name__)
        return
    told = {utc_date(one.date): one.usage for one in usage.daily_project_usage.usage}.get(yesterday)
    booked = sum(kind == POST for kind, _ in store.warehouse.read_on(yesterday))
    if told is not None and booked and has_drifted(told=told, booked=booked):
        log.warning("usage.drifted", utc_date=str(yesterday), told_count=told, booked_count=booked)
