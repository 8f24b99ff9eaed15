"""One run of a command that writes: lease, recovery, record of what was done, publication.

Whatever the command does happens between ``begin`` and the end of the ``with`` block; however it ends, what is
committed is published and the run says why it ended.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from arcane import tables
from arcane.erasure import finish, refuse_blocked
from arcane.errors import AlreadyDone, ArcaneError, LeaseLost, Terminated, WarehouseBusy
from arcane.store import Store
from arcane.warehouse.portable import LEASE_S, RUN_SUFFIX

log = structlog.get_logger()

JOB_PATIENCE_S: Final = LEASE_S + 60  # what a job's dead attempt held is free by then, and none of its retries is lost
_POLL_S: Final = 15


@contextlib.contextmanager
def running(
    command: str,
    *,
    store: Store,
    request_count: Callable[[], int] = lambda: 0,
    occurrence: str = "",
    is_spending: bool = False,
    patience_s: float | None = None,
) -> Iterator[None]:
    """Hold the warehouse for one run of ``command``; ``occurrence`` is what a scheduler asked for, once.

    ``is_spending``: it asks X, so the books are opened. ``patience_s``: how long to wait while another run writes; by
    default as long as the store says.

    Raises: WarehouseBusy if another run holds it for longer; AlreadyDone; whatever the block raises, after the run is
    recorded.
    """
    started_at = store.clock.now()
    run_id = f"{occurrence or f'{started_at:%Y%m%dT%H%M%S}'}-{os.urandom(RUN_SUFFIX // 2).hex()}"
    store.run_id = run_id
    store.warehouse.migrate()
    _acquire(store, f"{command}/{run_id}", patience_s=store.patience_s if patience_s is None else patience_s)
    if occurrence and store.warehouse.is_done(occurrence):
        raise AlreadyDone(f"{occurrence} was run to its end before: nothing is left to do")
    error: BaseException | None = None

    def record(outcome: str, *, ended_at: datetime | None, exit_code: int | None, message: str) -> None:
        row = (run_id, command, started_at, ended_at, outcome, exit_code)
        counts = (request_count(), store.page_count, store.tweet_count)
        runs = tables.RUNS.of([(*row, *counts, message)])
        store.commit({"runs": runs}, is_last=True)

    try:
        store.bring_layer()
        store.recover()
        finish(store)
        if is_spending:
            store.open_budget()
        yield
        refuse_blocked(store)
    except BaseException as exc:
        error = exc
        raise
    finally:
        if not isinstance(error, LeaseLost | Terminated):  # no right to it, or no time for it
            with contextlib.suppress(ArcaneError) if error else contextlib.nullcontext():
                outcome = type(error).__name__ if error else "complete"
                exit_code = error.exit_code if isinstance(error, ArcaneError) else int(error is not None)
                record(outcome, ended_at=store.clock.now(), exit_code=exit_code, message=str(error) if error else "")
                store.keep_layer()
                store.publish()
        log.info(
            "run.ended",
            command=command,
            outcome=type(error).__name__ if error else "complete",
            page_count=store.page_count,
            tweet_count=store.tweet_count,
            usd=round(store.budget.run_usd, 3),
            duration_s=round((store.clock.now() - started_at).total_seconds(), 1),
        )


def _acquire(store: Store, holder: str, *, patience_s: float) -> None:
    until = store.clock.now() + timedelta(seconds=patience_s)
    while True:
        try:
            store.warehouse.acquire(holder, now=store.clock.now())
            return
        except WarehouseBusy as exc:
            if store.clock.now() >= until:
                raise
            log.info("lease.awaited", holder=exc.holder)
            store.clock.sleep(_POLL_S)
