"""Composition root: settings become a client, an archive and a warehouse, and the stories are told with them.

``cli`` and ``cloud`` call the functions here; nothing here prints or exits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from arcane.archive.folder import FolderArchive
from arcane.archive.interface import Archive
from arcane.checks import Outcome, outcomes
from arcane.clock import Clock, SystemClock
from arcane.collect import Followed, Pace, Progress, collect
from arcane.config import Settings
from arcane.errors import ConfigError
from arcane.recorded import Report, import_file
from arcane.replay import Share, replay, replay_share
from arcane.run import running
from arcane.status import Status, status
from arcane.store import Store
from arcane.warehouse.duckdb import DuckDBReader, DuckDBWarehouse
from arcane.warehouse.interface import Reader, Result, Warehouse
from arcane.x.client import XClient
from arcane.x.query import query

if TYPE_CHECKING:
    from arcane.warehouse.bigquery import BigQueryWarehouse


class App:
    """Everything a command needs, opened when first needed. A context manager: leaving it lets go of all."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()

    def collect(
        self,
        *,
        progress: Progress,
        trackers: Sequence[str] = (),
        max_run_s: int | None = None,
        occurrence: str = "",
    ) -> None:
        """Bring every tracker up to date, or those named.

        Raises: AlreadyDone; ArcaneError; everything read so far is committed by then.
        """
        settings = self.settings
        _refuse_made_up(settings)
        followed = self.followed(trackers)
        limit_s = max_run_s if max_run_s is not None else settings.collect.max_run_s
        deadline = self.clock.now() + timedelta(seconds=limit_s) if limit_s is not None else None
        with (
            self.client(deadline=deadline) as client,
            self._store() as store,
            running("collect", store=store, request_count=lambda: client.request_count, occurrence=occurrence),
        ):
            collect(followed, client=client, store=store, pace=self._pace(), progress=progress)

    def import_files(
        self, paths: Sequence[Path], *, tracker: str, observed_at: datetime | None, after: Callable[[Report], None]
    ) -> list[Report]:
        """Commit recorded pages; ``after`` hears of each file when it is done."""
        reports = []
        with self._store() as store, running("import", store=store):
            for path in paths:
                reports.append(import_file(path, store=store, tracker=tracker, observed_at=observed_at))
                after(reports[-1])
        return reports

    def replay(self, *, after: Callable[[int], None], share: Share | None = None) -> int:
        """Rebuild the derived tables from the archive; returns the pages read.

        Raises: ArchiveError if the archive lacks objects that the tables were made from.
        """
        with self._store() as store:
            if share is None:
                replay(store, after=after)
            else:
                replay_share(store, share, after=after)
            return store.page_count

    def query(self, sql: str) -> Result:
        """Rows of one GoogleSQL query over what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return reader.query(sql)

    def status(self) -> Status:
        """The state of what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return status(reader)

    def check(self) -> list[Outcome]:
        """What every check found in what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return outcomes(reader, now=self.clock.now())

    def followed(self, names: Sequence[str] = ()) -> list[Followed]:
        """The trackers with their queries, in the settings' order; only those of ``names`` where there are any.

        Raises: ConfigError if a name is unknown; QueryError if a query is too long.
        """
        known = [tracker.name for tracker in self.settings.trackers]
        for name in names:
            if name not in known:
                raise ConfigError(f"no tracker is called {name!r}: the settings know {', '.join(known)}")
        limit = self.settings.x.query_max_chars
        return [
            Followed(tracker.name, query(hashtag=tracker.hashtag, query=tracker.query, max_chars=limit))
            for tracker in self.settings.trackers
            if not names or tracker.name in names
        ]

    def client(self, *, deadline: datetime | None = None) -> XClient:
        """A client for X. Raises: ConfigError without a token."""
        x = self.settings.x
        if x.bearer_token is None:
            raise ConfigError(
                "no token for X: set ARCANE_X__BEARER_TOKEN, or x.bearer_token in .secrets.toml (make demo needs none)"
            )
        return XClient(
            base_url=x.base_url,
            token=x.bearer_token.get_secret_value(),
            clock=self.clock,
            vocabulary=x.vocabulary,
            attempts=x.attempts,
            timeout_s=x.timeout_s,
            deadline=deadline,
        )

    def _pace(self) -> Pace:
        collect, x = self.settings.collect, self.settings.x
        return Pace(
            first_run_days=collect.first_run_days,
            lag_s=collect.lag_s,
            overlap_s=collect.overlap_s,
            slice_tweet_count=collect.slice_tweet_count,
            max_results=x.max_results,
            has_full_archive=x.search == "all",
        )

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store]:
        warehouse = self.settings.warehouse
        archive = self.archive()
        with contextlib.closing(self._warehouse()) as opened:
            yield Store(
                archive=archive,
                warehouse=opened,
                clock=self.clock,
                zone=ZoneInfo(warehouse.time_zone),
                publish_every_s=warehouse.publish_every_s,
            )

    def archive(self) -> Archive:
        """Where the raw pages are. Raises: ConfigError without credentials for a bucket."""
        archive = self.settings.archive
        if archive.url is None:
            return FolderArchive(archive.path)
        from arcane.archive.bucket import BucketArchive

        return BucketArchive(archive.url, endpoint=archive.endpoint)

    def _warehouse(self) -> Warehouse:
        warehouse = self.settings.warehouse
        if warehouse.kind == "bigquery":
            return self.bigquery()
        return DuckDBWarehouse(
            warehouse.path,
            time_zone=warehouse.time_zone,
            memory_limit=warehouse.memory_limit,
            threads=warehouse.threads,
        )

    def bigquery(self) -> BigQueryWarehouse:
        """The write side of BigQuery. Raises: ConfigError without credentials or project."""
        from arcane.warehouse import bigquery

        warehouse = self.settings.warehouse
        return bigquery.BigQueryWarehouse(
            bigquery.connect(project=warehouse.project, location=warehouse.location, endpoint=warehouse.endpoint),
            dataset=warehouse.dataset,
            location=warehouse.location,
            time_zone=warehouse.time_zone,
            max_gb_billed=warehouse.max_gb_billed,
        )

    def reader(self) -> Reader:
        """The read side. Raises: WarehouseError if nothing was collected yet."""
        warehouse = self.settings.warehouse
        if warehouse.kind == "bigquery":
            from arcane.warehouse import bigquery

            return bigquery.BigQueryReader(
                bigquery.connect(project=warehouse.project, location=warehouse.location, endpoint=warehouse.endpoint),
                dataset=warehouse.dataset,
                max_gb_billed=warehouse.max_gb_billed,
            )
        return DuckDBReader(warehouse.path, threads=warehouse.threads)


def demo_marker(settings: Settings) -> Path:
    """The file beside a warehouse that says its tweets are made up."""
    path = settings.warehouse.path
    return path.with_name(path.name + ".demo")


def _refuse_made_up(settings: Settings) -> None:
    """Real tweets never join the demo's."""
    is_local = settings.x.base_url.startswith(("http://127.0.0.1", "http://localhost"))
    if settings.warehouse.kind == "duckdb" and demo_marker(settings).exists() and not is_local:
        raise ConfigError(
            f"{settings.warehouse.path} holds the demo's made-up tweets: run make clean-demo, "
            "or name another file with ARCANE_WAREHOUSE__PATH"
        )
