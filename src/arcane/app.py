"""Composition root: settings become a client, an archive and a warehouse, and the stories are told with them.

``cli`` and ``cloud`` call the functions here; nothing here prints or exits. Each warehouse and the bucket are imported
when they are opened: the function on Google Cloud starts without DuckDB (bench/cold_start.py), a laptop without Google.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import structlog

from arcane import backfill, compliance, forecast, plan
from arcane.archive.folder import FolderArchive
from arcane.archive.interface import Archive
from arcane.audit import audit
from arcane.budget import Budget, Caps
from arcane.checks import Outcome, checks, counted, keys, outcomes, tell
from arcane.clock import Clock, SystemClock
from arcane.collect import Followed, Pace, Progress, collect
from arcane.config import Settings
from arcane.erasure import Erased, Named, erase, forget, would_forget
from arcane.errors import ConfigError, ErasureBlocked, PageError, QueryError, SourceError, WarehouseError
from arcane.forecast import Cost
from arcane.layer import Layer, notes
from arcane.recorded import Report, import_file
from arcane.refresh import Schedule, refresh
from arcane.replay import Share, replay, replay_share
from arcane.retention import prune
from arcane.run import running
from arcane.status import Status, status
from arcane.store import Store
from arcane.warehouse.interface import Reader, Result, Stretch, Warehouse
from arcane.warehouse.portable import due
from arcane.x.client import LOOKUP_IDS, XClient
from arcane.x.prices import Prices, utc_date
from arcane.x.query import query
from arcane.x.wire import Wire

if TYPE_CHECKING:
    from arcane.serve.dashboard.queries import Layer as ShownLayer
    from arcane.serve.dashboard.server import Dashboard
    from arcane.serve.extract import Scope
    from arcane.serve.report.report import Order
    from arcane.views import View
    from arcane.warehouse.bigquery import BigQueryWarehouse


log = structlog.get_logger()

_HOURLY_AGES_H: Final = (1, 6)
_POSTS_BY_DAY: Final = "select utc_date, count(*) as post_count from reads where kind = 'post' group by utc_date"


class App:
    """Everything a command needs, opened when first needed. A context manager: leaving it lets go of all.

    ``patience_s``: how long a command waits while another run writes.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None, patience_s: float = 0) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.patience_s = patience_s

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
        followed = self.followed(trackers)
        with self._spending("collect", max_run_s=max_run_s, occurrence=occurrence) as (client, store):
            collect(followed, client=client, store=store, pace=self._pace(), progress=progress)
            self._prune(store)

    def refresh(
        self, *, progress: Progress, tracker: str = "", max_run_s: int | None = None, occurrence: str = ""
    ) -> None:
        """Read again what is due by its age; of one tracker, or of all. Raises: as ``collect``."""
        self.followed([tracker] if tracker else [])
        with self._spending("refresh", max_run_s=max_run_s, occurrence=occurrence) as (client, store):
            refresh(client=client, store=store, schedule=self._schedule(), progress=progress, tracker=tracker)

    def run(self, *, progress: Progress, max_run_s: int | None = None, occurrence: str = "") -> None:
        """The whole of a day's work: collect, refresh, compare the books with X's. Raises: as ``collect``."""
        followed = self.followed()
        with self._spending("run", max_run_s=max_run_s, occurrence=occurrence) as (client, store):
            failed: SourceError | None = None
            try:
                collect(followed, client=client, store=store, pace=self._pace(), progress=progress)
            except (QueryError, PageError) as exc:  # one tracker's own trouble
                failed = exc
            refresh(client=client, store=store, schedule=self._schedule(), progress=progress)
            self._prune(store)
            audit(client=client, store=store)
            if failed is not None:
                raise failed

    def backfill(
        self, span: Stretch, *, trackers: Sequence[str], progress: Progress, max_run_s: int | None = None
    ) -> None:
        """Fill ``span`` from X's full archive; of these trackers, or of all. Raises: as ``collect``."""
        followed, pace = self.followed(trackers), dataclasses.replace(self._pace(), has_full_archive=True)
        span = self._past(span)
        with self._spending("backfill", max_run_s=max_run_s) as (client, store):
            backfill.backfill(followed, span, client=client, store=store, pace=pace, progress=progress)

    def backfill_cost(self, span: Stretch, *, trackers: Sequence[str]) -> list[Cost]:
        """What filling ``span`` will cost, by tracker, from X's own counts (a request for each 31 days)."""
        followed, span = self.followed(trackers), self._past(span)
        with self._spending("estimate") as (client, store):
            expected = backfill.expected(followed, span, client=client, store=store, full_archive=True)
        with contextlib.closing(self.reader()) as reader:
            seen = forecast.lately(reader, now=self.clock.now(), schedule_h=self._schedule().ages_h[-1])
        prices = self.budget().prices
        return [forecast.reading(name, count, prices=prices, seen=seen) for name, count in expected.items()]

    def count(self, span: Stretch, *, trackers: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Note X's own counts of ``span`` without reading a tweet; the sums, and the French ones, by tracker."""
        followed = self.followed(trackers)
        with self._spending("backfill") as (client, store):
            return backfill.count(followed, span, client=client, store=store)

    def estimate(self) -> list[Cost]:
        """What the next run, a day and a month will cost. Asks X nothing.

        Raises: WarehouseError if nothing was collected yet.
        """
        now, prices, ages_h = self.clock.now(), self.budget().prices, self._schedule().ages_h
        with contextlib.closing(self.reader()) as reader:
            seen = forecast.lately(reader, now=now, schedule_h=ages_h[-1])
            if seen is None:
                raise WarehouseError(
                    "nothing was collected in the last seven days, so nothing tells what a run costs: "
                    "arcane estimate --ask asks X's counts ($0.005 a tracker)"
                )
            missing_count = forecast.missing(reader, seen, now=now)
            due_count = len(reader.query(*due(ages_h, now=now)).rows)
        return forecast.forecast(
            seen=seen,
            missing_count=missing_count,
            due_count=due_count,
            ages=len(ages_h),
            trackers=len(self.settings.trackers),
            prices=prices,
        )

    def first_cost(self) -> list[Cost]:
        """What bringing every tracker up to date will cost, by X's own counts (a request a tracker, in the books)."""
        followed, prices, pace = self.followed(), self.budget().prices, self._pace()
        with self._spending("estimate") as (client, store):
            now = store.clock.now()
            start_at = max(now - timedelta(days=pace.first_run_days), plan.reach(now))
            span = Stretch(start_at, now - timedelta(seconds=pace.lag_s))
            expected = backfill.expected(followed, span, client=client, store=store, full_archive=False)
        costs = [
            forecast.reading(f"up to date: {name}", count, prices=prices, seen=None) for name, count in expected.items()
        ]
        return [*costs, forecast.together("all of it", costs)]

    def book(self, budget: Budget) -> None:
        """Put what was spent without a run into the books. Raises: WarehouseError, WarehouseBusy."""
        with self._store(budget) as store:
            store.warehouse.migrate()
            store.warehouse.acquire("books", now=self.clock.now())
            store.commit({}, is_last=True)
            store.publish()

    def usage(self, *, days: int) -> list[tuple[date, int, int]]:
        """Each UTC day with the posts that X says were read, and those in our books."""
        with self.client() as client:
            told = client.usage(days=days)
        theirs = {utc_date(one.date): one.usage for one in told.daily_project_usage.usage}
        with contextlib.closing(self.reader()) as reader:
            ours: dict[object, Any] = dict(reader.query(_POSTS_BY_DAY).rows)  # type: ignore[arg-type]
        return [(day, count, int(ours.get(day, 0))) for day, count in sorted(theirs.items())]

    def _prune(self, store: Store) -> None:
        kept = self.settings.retention
        prune(store, archive_days=kept.archive_days, table_days=kept.table_days)

    def _past(self, span: Stretch) -> Stretch:
        """What of ``span`` X has indexed. Raises: ConfigError if that is nothing."""
        end_at = min(span.end_at, self.clock.now() - timedelta(seconds=self.settings.collect.lag_s))
        if end_at <= span.start_at:
            raise ConfigError(f"{span.start_at:%Y-%m-%d %H:%M} UTC is not past yet: a backfill is for older time")
        return Stretch(span.start_at, end_at.replace(microsecond=0))

    @contextlib.contextmanager
    def _spending(
        self, command: str, *, max_run_s: int | None = None, occurrence: str = ""
    ) -> Iterator[tuple[XClient, Store]]:
        """A run that asks X: its client and its store pay from one budget. It ends with the checks of the tables.

        What these find is logged, and changes nothing of how the run ended: ``arcane check`` ends with 7.
        """
        settings = self.settings
        _refuse_made_up(settings)
        budget = self.budget()
        with (
            self.client(deadline=self._deadline(max_run_s), budget=budget) as client,
            self._store(budget) as store,
            running(
                command,
                store=store,
                request_count=lambda: client.wire.request_count,
                occurrence=occurrence,
                is_spending=True,
            ),
        ):
            yield client, store
        try:
            with contextlib.closing(self.reader()) as reader:
                tell(counted(reader, now=self.clock.now()))
        except WarehouseError as exc:
            log.error("checks.not_run", reason=str(exc))

    def _deadline(self, max_run_s: int | None) -> datetime | None:
        limit_s = max_run_s if max_run_s is not None else self.settings.collect.max_run_s
        return self.clock.now() + timedelta(seconds=limit_s) if limit_s is not None else None

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

    def comply(self, *, max_run_s: int | None = None) -> Erased:
        """Ask X about every stored id and erase what it names; other runs write until then.

        Raises: as ``collect``; the next run goes on.
        """
        _refuse_made_up(self.settings)
        done, request_count, blocked = Erased(), 0, None
        with self.client(deadline=self._deadline(max_run_s)) as client:
            for named in compliance.named(client=client, reader=self.reader, clock=self.clock):
                asked_before, request_count = request_count, client.wire.request_count
                count = request_count - asked_before
                try:
                    done = done.plus(self._erase(named, request_count=count))
                except ErasureBlocked as exc:
                    blocked = exc
        if blocked is not None:
            raise blocked
        return done

    def _erase(self, named: Sequence[Named], *, request_count: int) -> Erased:
        """The run of ``comply`` that holds the warehouse, for one job of X's."""
        with (
            self._store() as store,
            running("compliance", store=store, request_count=lambda: request_count),
        ):
            return erase(store, named)

    def forget(self, *, tweet_ids: Sequence[str], author_ids: Sequence[str], is_dry: bool = False) -> Erased:
        """Erase these for ever, and keep out what is not here yet; ``is_dry``: only count what that would take.

        Raises: ConfigError if one is no id.
        """
        now = self.clock.now()
        named = [Named("tweet", one, "forgotten", now, "forget") for one in map(_id, tweet_ids)]
        named += [Named("author", one, "forgotten", now, "forget") for one in map(_id, author_ids)]
        if is_dry:
            with contextlib.closing(self.reader()) as reader:
                return would_forget(reader, named)
        with self._store() as store, running("forget", store=store):
            return forget(store, named)

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

    def export(
        self,
        name: str,
        path: Path,
        *,
        scope: Scope,
        style: str | None,
        after: Callable[[int], None],
    ) -> int:
        """Write the rows of a French view into a file; returns how many. ``after`` hears of each few thousand.

        Raises: ConfigError, ExportError, SqlError.
        """
        from arcane.serve import export
        from arcane.serve.extract import extract, found

        written, view = export.format_of(path, style), found(self.views(), name)
        with contextlib.closing(self.reader()) as reader:
            is_workbook = written is export.Format.XLSX
            rows = extract(reader, view, scope, layer=self._shown_layer(), has_cover=is_workbook)
            return export.save(rows, path, kind=written, after=after)

    def _shown_layer(self) -> ShownLayer:
        """The views, as questions are put to them."""
        from arcane.serve.dashboard.queries import Layer as ShownLayer

        return ShownLayer({one.name: one for one in self.views()}, self._dataset())

    def _dataset(self) -> str:
        """Where queries find the tables."""
        warehouse = self.settings.warehouse
        return warehouse.dataset if warehouse.kind == "bigquery" else "arcane"

    def dashboard(self) -> Dashboard:
        """The pages over what was last published. Raises: ConfigError where anybody could look."""
        from arcane.serve.dashboard.security import Gate
        from arcane.serve.dashboard.server import Dashboard

        asked = self.settings.dashboard
        return Dashboard(
            lambda: self.reader(limit_s=asked.limit_s, max_gb_billed=asked.max_gb_billed),
            lambda: self.reader(limit_s=asked.export_limit_s, max_gb_billed=asked.max_gb_billed),
            layer=self._shown_layer(),
            trackers=[tracker.name for tracker in self.settings.trackers],
            gate=Gate(
                asked.host,
                token=asked.token.get_secret_value() if asked.token is not None else None,
                identity_header=asked.identity_header,
            ),
            clock=self.clock,
        )

    def datastudio(self, views: Sequence[str], *, template: str | None, name: str, billing_project: str | None) -> str:
        """The address that opens a report of Data Studio on these French views, or on those of the build sheet.

        Raises: ConfigError where the warehouse is not BigQuery, or a view has no French names or wants parameters.
        """
        from arcane.serve import datastudio

        warehouse = self.settings.warehouse
        if warehouse.kind != "bigquery" or warehouse.project is None:
            raise ConfigError(
                "Data Studio reads BigQuery: set warehouse.kind and warehouse.project, "
                "or look at the tables of this machine with arcane dashboard"
            )
        known = [one.name for one in self.views() if one.has_twin and not one.parameters]
        if unknown := [one for one in views if one not in known]:
            raise ConfigError(f"no view of {warehouse.dataset}_fr is called {unknown[0]}: there are {', '.join(known)}")
        return datastudio.address(
            views or (datastudio.SOURCES if template is not None else (datastudio.FIRST,)),
            project=warehouse.project,
            dataset=f"{warehouse.dataset}_fr",
            billing_project=billing_project or warehouse.project,
            name=name,
            template=template,
        )

    def report(self, order: Order) -> Path:
        """One file for a client, of what was last published. Raises: ConfigError, WarehouseError."""
        from arcane.serve.report.report import write

        trackers = [one.name for one in self.settings.trackers]
        return write(order, self.reader, layer=self._shown_layer(), trackers=trackers)

    def status(self) -> Status:
        """The state of what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return status(reader, now=self.clock.now(), cap_reset_day=self.settings.budget.cap_reset_day)

    def check(self) -> list[Outcome]:
        """What every check found in what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return outcomes(reader, now=self.clock.now(), of=checks(self._shown()))

    def check_views(self) -> list[Outcome]:
        """Whether the key of every view is unique in what was last published."""
        with contextlib.closing(self.reader()) as reader:
            return outcomes(reader, now=self.clock.now(), of=keys(self.views()))

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

    def budget(self) -> Budget:
        """Empty books with the settings' prices and caps."""
        caps, prices, x = self.settings.budget, self.settings.prices, self.settings.x
        return Budget(
            Prices(**prices.model_dump()),
            Caps(**caps.model_dump()),
            page_tweets=max(x.max_results, LOOKUP_IDS),
        )

    def client(self, *, deadline: datetime | None = None, budget: Budget | None = None) -> XClient:
        """A client for X that pays from ``budget``. Raises: ConfigError without a token."""
        x = self.settings.x
        if x.bearer_token is None:
            raise ConfigError(
                "no token for X: set ARCANE_X__BEARER_TOKEN, or x.bearer_token in .secrets.toml (make demo needs none)"
            )
        wire = Wire(
            base_url=x.base_url,
            token=x.bearer_token.get_secret_value(),
            clock=self.clock,
            purse=budget or self.budget(),
            vocabulary=x.vocabulary,
            attempts=x.attempts,
            timeout_s=x.timeout_s,
            deadline=deadline,
        )
        return XClient(wire, has_authors=x.authors == "expand")

    def views(self) -> list[View]:
        """Arcane's views and the user's own, each after what it reads. Raises: ConfigError."""
        from arcane.views import views  # brings sqlglot, which an answer from the record does without

        return views(self.settings.views.path)

    def _shown(self) -> list[View]:
        return self.views() if self.settings.views.is_applied else []

    def _layer(self) -> Layer | None:
        return self.layer() if self.settings.views.is_applied else None

    def layer(self) -> Layer:
        """The views, and what the analysts' own files say. Raises: ConfigError."""
        views = self.settings.views
        events, exclusions = views.events, views.exclusions
        if demo_marker(self.settings).exists():  # the demo's own, unless others are named
            events, exclusions = events or demo_notes(self.settings)[0], exclusions or demo_notes(self.settings)[1]
        return Layer(self.views(), notes(events=events, exclusions=exclusions))

    def apply_views(self) -> Layer:
        """Bring the views up to date, and the analysts' notes into force. Raises: ConfigError, WarehouseError."""
        layer = self.layer()
        with self._store(layer=lambda: layer) as store, running("views", store=store):
            return layer

    def _schedule(self) -> Schedule:
        x, ages_h = self.settings.x, self.settings.refresh.ages_h
        if self.settings.refresh.is_hourly:
            ages_h = tuple(sorted({*_HOURLY_AGES_H, *ages_h}))
        return Schedule(ages_h=ages_h, stale_days=x.authors_stale_days if x.authors == "lookup" else None)

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
    def _store(
        self, budget: Budget | None = None, *, layer: Callable[[], Layer | None] | None = None
    ) -> Iterator[Store]:
        warehouse = self.settings.warehouse
        archive = self.archive()
        with contextlib.closing(self._warehouse()) as opened:
            yield Store(
                archive=archive,
                warehouse=opened,
                clock=self.clock,
                zone=ZoneInfo(warehouse.time_zone),
                publish_every_s=warehouse.publish_every_s,
                budget=budget or self.budget(),
                patience_s=self.patience_s,
                layer=layer or self._layer,
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
        from arcane.warehouse.duckdb import DuckDBWarehouse

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

    def reader(self, *, limit_s: float | None = None, max_gb_billed: float | None = None) -> Reader:
        """The read side; what may pass neither limit. Raises: WarehouseError if nothing was collected yet."""
        warehouse = self.settings.warehouse
        if warehouse.kind == "bigquery":
            from arcane.warehouse import bigquery

            return bigquery.BigQueryReader(
                bigquery.connect(project=warehouse.project, location=warehouse.location, endpoint=warehouse.endpoint),
                dataset=warehouse.dataset,
                max_gb_billed=max_gb_billed or warehouse.max_gb_billed,
                limit_s=limit_s,
            )
        from arcane.warehouse.duckdb import DuckDBReader

        return DuckDBReader(warehouse.path, threads=warehouse.threads, limit_s=limit_s)


def _id(text: str) -> str:
    """Without what a line of a file brings along. Raises: ConfigError if it is no id."""
    bare = text.strip()
    if not (bare.isascii() and bare.isdecimal()):
        raise ConfigError(f"{text!r} is no id of X's: an id is a number, the last part of a tweet's address")
    return bare


def demo_marker(settings: Settings) -> Path:
    """The file beside a warehouse that says its tweets are made up."""
    path = settings.warehouse.path
    return path.with_name(path.name + ".demo")


def demo_notes(settings: Settings) -> tuple[Path, Path]:
    """The demo's events and exclusions, beside its warehouse."""
    folder = settings.warehouse.path.parent
    return folder / "demo-events.csv", folder / "demo-exclusions.csv"


def _refuse_made_up(settings: Settings) -> None:
    """Real tweets never join the demo's."""
    is_local = settings.x.base_url.startswith(("http://127.0.0.1", "http://localhost"))
    if settings.warehouse.kind == "duckdb" and demo_marker(settings).exists() and not is_local:
        raise ConfigError(
            f"{settings.warehouse.path} holds the demo's made-up tweets: run make clean-demo, "
            "or name another file with ARCANE_WAREHOUSE__PATH"
        )
