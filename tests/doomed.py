"""A run that dies by SIGKILL at a chosen step; started in a process of its own.

Every place at which a run changes something outside itself is a step: each archived page (before, half written,
after), each statement to a warehouse (before, after; in the middle of a transaction of BigQuery), each load job,
each confirmation and each publication.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from google.cloud import bigquery
from tests.stories import RemoteClock, Silent, StillClock, settings

from arcane import erasure
from arcane.app import App
from arcane.archive.bucket import BucketArchive
from arcane.archive.folder import FolderArchive, FolderWriter
from arcane.erasure import Named
from arcane.run import running
from arcane.views import views
from arcane.warehouse import dialect, kept
from arcane.warehouse.bigquery import BigQueryWarehouse, _Load
from arcane.warehouse.duckdb import DuckDBWarehouse


def _work_out_views() -> None:
    """Once, before the runs are forked, what each of them would work out anew."""
    for one in views():
        for sql in (kept.text(one), one.french("arcane.main"), *([kept.empty(one)] if one.is_kept else [])):
            dialect.duckdb(sql)


_work_out_views()


class Steps:
    """Counts steps, tells them, and dies at one."""

    def __init__(self, *, die_at: int | None) -> None:
        self.names: list[str] = []
        self._die_at = die_at

    def step(self, name: str) -> None:
        if len(self.names) == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)

    def around(self, kind: type, method: str) -> None:
        """Make a step before and after every call of ``method``."""
        inner: Callable[..., Any] = getattr(kind, method)

        def outer(this: object, *args: Any, **named: Any) -> Any:
            self.step(f"before {method}")
            result = inner(this, *args, **named)
            self.step(f"after {method}")
            return result

        setattr(kind, method, outer)

    def half_written(self) -> None:
        """Make a step in the middle of writing a page."""
        steps = self

        class Halving:
            def __init__(self, file: Any) -> None:
                self._file = file

            def write(self, data: bytes) -> int:
                half = self._file.write(data[: len(data) // 2])
                steps.step("half page")
                return int(half + self._file.write(data[len(data) // 2 :]))

            def __getattr__(self, name: str) -> Any:
                return getattr(self._file, name)

        create = FolderArchive.create

        def halving(archive: FolderArchive, **named: Any) -> FolderWriter:
            writer = create(archive, **named)
            writer._file = Halving(writer._file)  # type: ignore[assignment]
            return writer

        FolderArchive.create = halving  # type: ignore[method-assign]

    def within_a_transaction(self) -> None:
        """Make a step while BigQuery works on a commit: its request is sent and not answered."""
        inner = bigquery.Client.query

        def outer(client: bigquery.Client, sql: str, **named: Any) -> Any:
            if sql.startswith("begin transaction"):
                if len(self.names) == self._die_at:
                    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGKILL)).start()
                    inner(client, sql, **named)
                    time.sleep(60)
                self.names.append("within a transaction")
            return inner(client, sql, **named)

        bigquery.Client.query = outer  # type: ignore[method-assign]


def erase(folder: str, now: str, die_at: int | None, told: str, named: list[Named]) -> None:
    """Erase these in this process, on DuckDB and a folder. Writes the names of the steps to ``told``."""
    steps = Steps(die_at=die_at)
    for method in ("confirm", "rewrite"):
        steps.around(FolderArchive, method)
    for method in ("_run", "_merge", "scrub", "publish"):
        steps.around(DuckDBWarehouse, method)
    replace = Path.replace

    def replaced(path: Path, target: Path) -> Path:
        steps.step(f"before {path.suffix}")
        found = replace(path, target)
        steps.step(f"after {path.suffix}")
        return found

    Path.replace = replaced  # type: ignore[method-assign,assignment]
    app = App(settings(Path(folder), "http://127.0.0.1:9"), clock=StillClock(datetime.fromisoformat(now)))
    with app._store() as store, running("forget", store=store):
        erasure.erase(store, named)
    Path(told).write_text("\n".join(steps.names))


def run(
    folder: str, base_url: str, now: str | None, die_at: int | None, told: str, changes: dict[str, dict[str, Any]]
) -> None:
    """Collect in this process; with ``now`` the clock stands still there. Writes the names of the steps to ``told``."""
    steps = Steps(die_at=die_at)
    for method in ("put", "_join", "_delete"):
        steps.around(BucketArchive, method)
    for method in ("start", "finish"):
        steps.around(_Load, method)
    steps.around(BigQueryWarehouse, "_transact")
    steps.within_a_transaction()
    steps.half_written()
    steps.around(FolderWriter, "append")
    steps.around(FolderArchive, "confirm")
    for method in ("_run", "_changed", "_merge", "publish"):
        steps.around(DuckDBWarehouse, method)
    clock = StillClock(datetime.fromisoformat(now)) if now else RemoteClock(base_url)
    App(settings(Path(folder), base_url, **changes), clock=clock).collect(progress=Silent())
    Path(told).write_text("\n".join(steps.names))
