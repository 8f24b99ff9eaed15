"""BigQuery: free load jobs into staging tables, then one transaction of MERGEs.

Nothing is streamed: rows in the streaming buffer cannot be merged. A commit is one script: it takes the lease
row, so that two runs collide there and nowhere else, folds every staging table into its target and joins the
coverage (docs/bigquery.md shows it). What it needs of BigQuery and what was never run there is said in
docs/bigquery.md too.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import requests
from google.api_core import exceptions as google_errors
from google.cloud import bigquery
from google.cloud.bigquery.enums import QueryApiMethod
from google.cloud.bigquery.retry import DEFAULT_RETRY

from arcane import gcp, tables
from arcane.errors import ArcaneError, ConfigError, QueryTooLong, SqlError, WarehouseAway, WarehouseBusy, WarehouseError
from arcane.tables import Span, Table, Type
from arcane.warehouse import deletions, dialect, kept, questions, statements
from arcane.warehouse.interface import Batch, Batches, Covered, Result, Shown
from arcane.warehouse.portable import LEASE_S, VERSION, PortableWarehouse, local_days

_LABELS: Final = {"app": "arcane"}
_STAGING_LIFE: Final = timedelta(hours=24)
_TIME_TRAVEL_HOURS: Final = 48  # the least that BigQuery allows: what is erased can be asked for so long
_REBUILD_LIFE: Final = timedelta(days=7)  # as long as a task of a Cloud Run job may take
_ALONE: Final = "alone"
_GROUPS: Final = 8
_ATTEMPTS: Final = 5
_SAID: Final = 3  # rows that go along in the script itself: a load job takes longer than all of it
_SOURCES: Final = "sources"
_READ_LEASE: Final = "select fence, expires_at from leases"
_GIB: Final = 1024**3
_PAGE_ROWS: Final = 10_000  # BigQuery cuts a page at 10 MB besides
_PARAMETER: Final = {str: "STRING", int: "INT64", bool: "BOOL", float: "FLOAT64", date: "DATE", datetime: "TIMESTAMP"}


def connect(*, project: str | None, location: str, endpoint: str | None) -> bigquery.Client:
    """A client with the credentials of this machine (Application Default Credentials), which may name the project.

    Raises: ConfigError without credentials or project.
    """
    named = project or ("test" if gcp.is_local(endpoint) else None)
    try:
        with gcp.credentials_told():
            return bigquery.Client(named, location=location, **gcp.access(endpoint))
    except (ConfigError, OSError) as exc:
        if named is not None:
            raise
        raise ConfigError(
            "no Google Cloud project is known: set warehouse.project (no credentials were found that would name one)"
        ) from exc


class _Session:
    """One dataset: what both sides do with it, and the one boundary at which Google's errors become ours."""

    def __init__(self, client: bigquery.Client, dataset: str, *, max_gb_billed: float) -> None:
        self.client = client
        self.dataset = bigquery.DatasetReference(client.project, dataset)
        self.name = f"{client.project}.{dataset}"
        endpoint = str(client._connection.API_BASE_URL)  # noqa: SLF001 - no public way to ask
        self.retry = gcp.patient(DEFAULT_RETRY, endpoint)
        self._max_bytes = int(max_gb_billed * _GIB)

    def run(
        self, sql: str, parameters: dict[str, Any], *, is_dry: bool = False, limit_s: float | None = None
    ) -> bigquery.QueryJob:
        """One query job, done. Times out by BigQuery's own limits, or after ``limit_s``."""
        config = bigquery.QueryJobConfig(
            default_dataset=self.dataset,
            labels=_LABELS,
            maximum_bytes_billed=self._max_bytes,
            query_parameters=[_parameter(name, value) for name, value in parameters.items()],
            dry_run=is_dry,
            use_query_cache=not is_dry,
            job_timeout_ms=int(limit_s * 1000) if limit_s is not None else None,
        )
        with translated(self.name):
            job = self.client.query(
                sql, job_config=config, retry=self.retry, job_retry=None, api_method=QueryApiMethod.INSERT
            )
            if not is_dry:
                job.result(retry=self.retry, job_retry=None)
            return job

    def rows(
        self, job: bigquery.QueryJob, *, max_rows: int | None = None
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        with translated(self.name):
            found = job.result(retry=self.retry, job_retry=None, max_results=max_rows)
            return tuple(field.name for field in found.schema), [tuple(row.values()) for row in found]

    def pages(self, job: bigquery.QueryJob) -> Iterator[pa.RecordBatch]:
        """The rows as they come over the wire; one empty page where there are none."""
        with translated(self.name):
            found = job.result(retry=self.retry, job_retry=None, page_size=_PAGE_ROWS)
            yield from found.to_arrow_iterable()


class BigQueryWarehouse(PortableWarehouse):
    """The write side. See ``interface.Warehouse``."""

    def __init__(
        self, client: bigquery.Client, *, dataset: str, location: str, time_zone: str, max_gb_billed: float = 100
    ) -> None:
        self._session = _Session(client, dataset, max_gb_billed=max_gb_billed)
        super().__init__(self._session.name, time_zone=time_zone)
        self._location = location
        self._client = client
        self._held_at = datetime.min.replace(tzinfo=UTC)
        self._incarnation = ""
        self._rebuild = _ALONE

    def migrate(self) -> None:
        self._check_dataset()
        with translated(self.name):
            found = {table.table_id for table in self._client.list_tables(self._session.dataset)}
        if tables.SCHEMA_VERSION.name in found:
            ((version, time_zone),) = self._asked(questions.READ_VERSION)
            self._check_version(version, time_zone)
            if version < VERSION:  # versions only add tables so far
                script = [statements.create(table) for table in tables.ALL if table.name not in found]
                self._run(";\n".join(script) or "select 1")
                self._run(statements.SET_VERSION, version=VERSION)
            else:
                self._check_tables(found)
        else:
            # schema_version is the last: with it the migration is done
            self._run(";\n".join(statements.create(table, content=self._first_rows(table)) for table in tables.ALL))
        with translated(self.name):
            made = self._client.get_table(self._session.dataset.table(tables.LEASES.name), retry=self._session.retry)
        self._incarnation = f"{made.created or datetime.now(UTC):%Y%m%d%H%M%S%f}"

    def show(self, views: Sequence[Shown], *, now: datetime) -> None:
        changed, gone = self._changed_views(views)
        if not changed and not gone:
            return
        own, own_fr = self._session.dataset.dataset_id, f"{self._session.dataset.dataset_id}_fr"
        self._made_dataset(
            bigquery.DatasetReference(self._session.dataset.project, own_fr),
            "Arcane : les vues des analystes, en français",
        )
        script = []
        for name in gone:
            for dataset in (own_fr, own):
                script.append(f"drop view if exists {dataset}.{name}")
                script.append(f"drop table function if exists {dataset}.{name}")
            script.append(f"drop table if exists {own}.{kept.table_of(name)}")
        for view in changed:
            if view.is_kept:
                script.append(_kept_table(view))
            body = kept.text(view)
            read = {name: f"{own}.{name}" for name in (*view.reads, kept.table_of(view.name))}
            script.append(_made(view, f"{own}.{view.name}", dialect.spliced(body, read)))
            if view.has_twin:
                script.append(_made(view, f"{own_fr}.{view.name}", view.french(own)))
        self._run(";\n".join(script))
        self._note_made(changed, gone, now=now)
        self.keep(views, now=now)

    def acquire(self, holder: str, *, now: datetime) -> None:
        expires_at = now + timedelta(seconds=LEASE_S)
        job = self._run(statements.TAKE_LEASE, holder=holder, expires_at=expires_at, now=now)
        self._take(holder, is_taken=job.num_dml_affected_rows == 1)
        self._held_at = now

    def release(self) -> None:
        if self._holder is not None:
            self._run(statements.RELEASE_LEASE, holder=self._holder, fence=self._fence)
            self._holder = None

    def _commit(self, batch: Batch, *, now: datetime, first: Sequence[str], **parameters: Any) -> None:
        written = {name: rows for name, rows in batch.tables.items() if rows.num_rows}
        parquet = {name: _parquet(rows) for name, rows in written.items() if rows.num_rows > _SAID}
        batch_hash = _hash(*parquet.values(), repr(batch.coverage).encode())
        loads = []
        for name, data in parquet.items():
            table, rows = tables.BY_NAME[name], batch.tables[name]
            target = f"staging_{batch_hash}_{name}"
            self._create_staging(target, table, life=_STAGING_LIFE)
            loads.append(self._load(target, table, data, row_count=rows.num_rows))
        for load in loads:
            load.finish()
        script = list(first)
        for name in written:
            table, source = tables.BY_NAME[name], f"staging_{batch_hash}_{name}"
            if name not in parquet:
                source, named = _said(table, batch.tables[name])
                parameters |= named
            for bounds in groups(table, batch.tables[name]):
                folded = f"(\n{statements.folded(table, source=source, bounds=bounds)}\n)"
                script.append(statements.merge(table, target=name, source=folded, bounds=bounds))
        if days := local_days(batch):
            script.append(statements.supersede(bounds=(_literal(days[0]), _literal(days[1]))))
        for number, covered in enumerate(batch.coverage):
            added, named = _cover(covered, number)
            script += added
            parameters |= named
        self._transact(script, now=now, **parameters)
        for load in loads:
            self._drop(load.target)

    def begin_rebuild(self, name: str | None) -> None:
        self._rebuild = name or _ALONE
        for table in tables.DERIVED:
            target = self._rebuild_table(table.name)
            if name is None:
                self._drop(target)
            self._create_staging(target, table, life=_REBUILD_LIFE)
        sources = self._rebuild_table(_SOURCES)
        if name is None:
            self._drop(sources)
        self._create_staging(sources, _REBUILT_SOURCES, life=_REBUILD_LIFE)

    def rebuild(self, batch: Batch, *, sources: Sequence[str], now: datetime) -> None:
        if self._holder is not None and (now - self._held_at).total_seconds() > LEASE_S / 3:
            self._transact([], now=now)
        loads = []
        for name, rows in self._bound(batch).batch.tables.items():
            if rows.num_rows and tables.BY_NAME[name].is_derived:
                loads.append(
                    self._load(
                        self._rebuild_table(name),
                        tables.BY_NAME[name],
                        _parquet(rows),
                        row_count=rows.num_rows,
                        is_added=True,
                    )
                )
        for load in loads:
            load.finish()
        noted = _REBUILT_SOURCES.of([(source,) for source in sources])
        # Last: a source that is noted is all there; one that is loaded and not noted is loaded again, and folded.
        self._load(
            self._rebuild_table(_SOURCES),
            _REBUILT_SOURCES,
            _parquet(noted),
            row_count=noted.num_rows,
            is_added=True,
        ).finish()

    def rebuilt(self) -> set[str]:
        with translated(self.name):
            try:
                self._client.get_table(
                    self._session.dataset.table(self._rebuild_table(_SOURCES)), retry=self._session.retry
                )
            except google_errors.NotFound:
                return set()
        return {row[0] for row in self._asked(f"select distinct source from {self._rebuild_table(_SOURCES)}")}  # noqa: S608 - our name

    def finish_rebuild(self, *, now: datetime) -> None:
        script = [kept.note_stale()]
        for table in tables.DERIVED:
            folded = statements.folded(table, source=self._rebuild_table(table.name))
            script.append(f"truncate table {table.name}")
            script.append(f"insert into {table.name} ({', '.join(table.names)})\n{folded}")
        script += [*deletions.erase(is_under_way=False), statements.supersede(), kept.note_stale()]
        self._transact(script, now=now)
        for name in (_SOURCES, *(table.name for table in tables.DERIVED)):
            self._drop(self._rebuild_table(name))

    def scrub(self) -> None:
        """Nothing to do: time travel and fail-safe end by themselves (docs/compliance.md)."""

    def publish(self) -> None:
        """Readers see a commit at once."""

    def close(self) -> None:
        with contextlib.suppress(WarehouseError):
            self.release()
        self._client.close()  # type: ignore[no-untyped-call]

    def check(self) -> str:
        """Whether a run could do its work here: see the dataset, make a table in it, start a job.

        Raises: WarehouseError, ConfigError.
        """
        with translated(self.name):
            try:
                found = self._client.get_dataset(self._session.dataset, retry=self._session.retry)
            except google_errors.NotFound:
                found = None
        if found is None:
            self._session.run("select 1", {}, is_dry=True)
            return f"{self.name} does not exist yet: the first run makes it in {self._location}"
        self._check_location(found)
        self._create_staging("staging_doctor", tables.TRACKERS, life=_STAGING_LIFE)
        self._session.run("select * from staging_doctor", {}, is_dry=True)
        self._drop("staging_doctor")
        return f"{self.name} lies in {found.location}; tables can be made there and jobs started"

    def _asked(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self._session.rows(self._run(sql, **parameters))[1]

    def _run(self, sql: str, **parameters: Any) -> bigquery.QueryJob:
        return self._session.run(sql, parameters)

    def _transact(self, script: Sequence[str], *, now: datetime, **parameters: Any) -> None:
        """The statements, all or nothing, by the holder of the lease, which is prolonged."""
        if self._holder is None:
            raise self._lost()
        whole = ["begin transaction", statements.HOLD_LEASE, statements.CHECK_LEASE, *script, "commit transaction"]
        lease = {"expires_at": now + timedelta(seconds=LEASE_S), "holder": self._holder, "fence": self._fence}
        try:
            self._run(";\n".join(whole) + ";", **lease, **parameters)
        except WarehouseError as exc:
            if "the lease is lost" in str(exc):
                raise self._lost() from exc
            raise
        self._held_at = now

    def _create_staging(self, name: str, table: Table, *, life: timedelta) -> None:
        staging = bigquery.Table(self._session.dataset.table(name), schema=_schema(table))
        staging.expires = datetime.now(UTC) + life  # BigQuery's own clock counts here
        staging.labels = _LABELS
        with translated(self.name):
            self._client.create_table(staging, exists_ok=True, retry=self._session.retry)

    def _load(self, target: str, table: Table, data: bytes, *, row_count: int, is_added: bool = False) -> _Load:
        load = _Load(self._session, target, table, data, row_count, is_added=is_added, incarnation=self._incarnation)
        load.start()
        return load

    def _drop(self, name: str) -> None:
        with contextlib.suppress(WarehouseError), translated(self.name):  # it expires by itself
            self._client.delete_table(self._session.dataset.table(name), not_found_ok=True, retry=self._session.retry)

    def _rebuild_table(self, name: str) -> str:
        return f"staging_rebuild_{self._rebuild}_{name}"

    def _first_rows(self, table: Table) -> str:
        if table is tables.LEASES:
            return statements.FIRST_LEASE
        if table is tables.SCHEMA_VERSION:
            return f"select {VERSION} as version, {statements.quoted(self._time_zone)} as time_zone"
        return ""

    def _check_dataset(self) -> None:
        """Make the dataset, or see that it lies where the settings say."""
        self._check_location(self._made_dataset(self._session.dataset, "Arcane : tweets suivis et leurs compteurs"))

    def _made_dataset(self, reference: bigquery.DatasetReference, description: str) -> bigquery.Dataset:
        with translated(self.name):
            try:
                return self._client.get_dataset(reference, retry=self._session.retry)
            except google_errors.NotFound:
                wanted = bigquery.Dataset(reference)
                wanted.location = self._location
                wanted.labels = _LABELS
                wanted.max_time_travel_hours = _TIME_TRAVEL_HOURS
                wanted.description = description
                return self._client.create_dataset(wanted, exists_ok=True, retry=self._session.retry)

    def _check_location(self, found: bigquery.Dataset) -> None:
        if found.location and found.location.upper() != self._location.upper():
            raise WarehouseError(
                f"the dataset {self.name} lies in {found.location} and warehouse.location says {self._location}: "
                "a dataset cannot move, so set the one that it has, or name another dataset"
            )

    def _check_tables(self, found: set[str]) -> None:
        for table in tables.ALL:
            if table.name not in found:
                raise WarehouseError(
                    f"the table {self.name}.{table.name} is missing: bring it back (BigQuery keeps deleted tables "
                    "for seven days), or name another dataset and replay the archive into it"
                )
            with translated(self.name):
                there = self._client.get_table(self._session.dataset.table(table.name), retry=self._session.retry)
            types = {field.name: _type(field) for field in there.schema}
            for column in table.columns:
                if column.name not in types:
                    problem = "is missing"
                elif types[column.name] != column.type:
                    problem = f"is {types[column.name]} and should be {column.type}"
                else:
                    continue
                raise WarehouseError(
                    f"the column {column.name} of {self.name}.{table.name} {problem}: bring the table back as it was, "
                    "or name another dataset and replay the archive into it"
                )


class _Load:
    """One load job. Its id is made from its content, so that a run that starts again meets its own."""

    def __init__(
        self,
        session: _Session,
        target: str,
        table: Table,
        data: bytes,
        row_count: int,
        *,
        is_added: bool,
        incarnation: str,
    ) -> None:
        self.target = target
        self._session = session
        self._table = table
        self._data = data
        self._row_count = row_count
        self._is_added = is_added
        self._id = f"arcane_load_{incarnation}_{target}_{_hash(data)}"
        self._attempt = 0
        self._job: Any = None

    def start(self) -> None:
        """Send the rows, or find the job that has sent them."""
        disposition = bigquery.WriteDisposition
        parquet = bigquery.ParquetOptions()  # type: ignore[no-untyped-call]
        parquet.enable_list_inference = True
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=_schema(self._table),
            write_disposition=disposition.WRITE_APPEND if self._is_added else disposition.WRITE_TRUNCATE,
            parquet_options=parquet,
            labels=_LABELS,
        )
        session = self._session
        job_id = f"{self._id}_{self._attempt}"
        with translated(session.name):
            try:
                self._job = session.client.load_table_from_file(
                    io.BytesIO(self._data),
                    session.dataset.table(self.target),
                    size=len(self._data),
                    job_id=job_id,
                    job_config=config,
                )
            except google_errors.Conflict:
                self._job = session.client.get_job(job_id, retry=session.retry)

    def finish(self) -> None:
        """Wait. A job met again that failed, or whose rows are gone, gives way to a new attempt.

        Raises: WarehouseError.
        """
        while True:
            try:
                with translated(self._session.name):
                    self._job.result(retry=self._session.retry)
                if self._is_added or self._is_there():
                    return
                problem: WarehouseError = WarehouseError(f"the rows loaded into {self.target} are not there")
            except WarehouseAway:
                raise
            except WarehouseError as exc:
                problem = exc
            self._attempt += 1
            if self._attempt >= _ATTEMPTS:
                raise WarehouseError(
                    f"BigQuery does not take the rows of {self._table.name}: {problem}; nothing of this commit is "
                    "visible, and the pages wait in the archive for the next run"
                ) from problem
            self.start()

    def _is_there(self) -> bool:
        with translated(self._session.name):
            found = self._session.client.get_table(self._session.dataset.table(self.target), retry=self._session.retry)
        return bool(found.num_rows == self._row_count)


class BigQueryReader:
    """The read side. See ``interface.Reader``. ``limit_s``: a query that takes longer is ended."""

    def __init__(
        self, client: bigquery.Client, *, dataset: str, max_gb_billed: float = 100, limit_s: float | None = None
    ) -> None:
        self._session = _Session(client, dataset, max_gb_billed=max_gb_billed)
        self._limit_s = limit_s

    def version(self) -> str:
        """Every commit prolongs the lease. A query of the least that BigQuery bills."""
        _, ((fence, expires_at),) = self._session.rows(self._session.run(_READ_LEASE, {}))
        return f"{fence} {expires_at}"

    def query(self, sql: str, parameters: dict[str, object] | None = None, *, max_rows: int | None = None) -> Result:
        with _told():
            columns, rows = self._session.rows(self._run(sql, parameters), max_rows=max_rows)
        return Result(columns, rows)

    def batches(self, sql: str, parameters: dict[str, object] | None = None) -> Batches:
        with _told():
            pages = self._session.pages(self._run(sql, parameters))
            first = next(pages)
        return Batches(first.schema, _rest(first, pages))

    def _run(self, sql: str, parameters: dict[str, object] | None) -> bigquery.QueryJob:
        """BigQuery itself says, before it runs anything, what kind of statement this is and what it would read."""
        dry = self._session.run(sql, parameters or {}, is_dry=True)
        if dry.statement_type not in {"SELECT", None}:
            raise SqlError(f"only queries may be run here, and this is {dry.statement_type}: begin with SELECT or WITH")
        return self._session.run(sql, parameters or {}, limit_s=self._limit_s)

    def close(self) -> None:
        self._session.client.close()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What a query met, as said of a query."""
    try:
        yield
    except (SqlError, WarehouseAway):
        raise
    except WarehouseError as exc:
        raise SqlError(f"the query cannot be run: {exc}") from exc


def _rest(first: pa.RecordBatch, pages: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    with _told():
        yield from pages


def groups(table: Table, rows: pa.Table) -> list[tuple[str, str] | None]:
    """Bounds of the partitions that ``rows`` touch, as SQL literals: one pair for each run of neighbours.

    A few old tweets among new ones thus open their own months and none between. With more than 8 runs the nearest
    are joined, so that a commit stays one script of bounded length. ``[None]`` for a table without partitions.
    """
    if table.bound is None:
        return [None]
    column = rows.column(table.bound).drop_null()
    if pa.types.is_timestamp(column.type):
        units = pc.floor_temporal(column, unit=table.span.lower())
    else:
        units = pc.floor_temporal(column.cast(pa.timestamp("us")), unit=table.span.lower())
    starts = sorted(pc.unique(units).to_pylist())
    step = timedelta(days=1) if table.span is Span.DAY else timedelta(days=31)
    runs: list[list[datetime]] = []
    for start in starts:
        if runs and start - runs[-1][1] <= step:
            runs[-1][1] = start
        else:
            runs.append([start, start])
    while len(runs) > _GROUPS:
        nearest = min(range(1, len(runs)), key=lambda index: runs[index][0] - runs[index - 1][1])
        runs[nearest - 1][1] = runs.pop(nearest)[1]
    bounds: list[tuple[str, str] | None] = []
    for low, high in runs:
        inside = pc.and_(
            pc.greater_equal(units, pa.scalar(low, units.type)), pc.less_equal(units, pa.scalar(high, units.type))
        )
        found = pc.min_max(pc.filter(column, inside)).as_py()
        bounds.append((_literal(found["min"]), _literal(found["max"])))
    return bounds


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Google's errors as ours; ``name`` is the dataset."""
    try:
        with gcp.credentials_told():
            yield
    except ArcaneError:
        raise
    except google_errors.GoogleAPICallError as exc:
        raise _ours(exc, name) from exc
    except (google_errors.RetryError, requests.exceptions.RequestException, OSError) as exc:
        raise WarehouseAway(
            f"BigQuery does not answer for {name}: run the same command again later; nothing is lost"
        ) from exc


def _ours(exc: google_errors.GoogleAPICallError, name: str) -> WarehouseError:
    first = exc.errors[0] if exc.errors and isinstance(exc.errors[0], dict) else {}
    reason = str(first.get("reason", ""))
    text = " ".join(str(first.get("message") or exc.message).split())
    if reason in {"quotaExceeded", "rateLimitExceeded"} or isinstance(exc, google_errors.TooManyRequests):
        return WarehouseAway(
            f"a quota of BigQuery is used up for {name} ({text}): run the same command again later; nothing is lost"
        )
    # jobTimeoutMs passed: "Job execution was cancelled: Job timed out after 1 sec", recorded by dbt-labs/dbt-adapters
    # (pull request 1974, 2026-05).
    if reason == "stopped" and "timed out" in text:
        return QueryTooLong(f"the query was ended ({text}): narrow its dates")
    if reason == "billingNotEnabled":
        return WarehouseError(f"the project of {name} has no billing account: link one ({text})")
    if reason == "bytesBilledLimitExceeded":
        return WarehouseError(f"it would read more than warehouse.max_gb_billed allows: narrow the dates ({text})")
    if isinstance(exc, google_errors.Forbidden | google_errors.Unauthorized):
        return WarehouseError(
            f"Google refuses this account ({text}): give it roles/bigquery.dataEditor on the dataset {name} and "
            "roles/bigquery.jobUser on the project"
        )
    if isinstance(exc, google_errors.NotFound):
        return WarehouseError(
            f"{text}: if nothing has been collected into {name} yet, run arcane collect or arcane import first"
        )
    if "concurrent update" in text:
        return WarehouseBusy(f"another run is writing to {name}: run the same command again when it is done")
    if isinstance(exc, google_errors.ServerError):
        return WarehouseAway(f"BigQuery failed ({text}): run the same command again later; nothing is lost")
    return WarehouseError(f"{name} could not do its work: {text}")


def _made(view: Shown, name: str, sql: str) -> str:
    """A view, or a table function where it has parameters."""
    if not view.parameters:
        return f"create or replace view {name} as\n{sql}"
    for parameter in view.parameters:
        sql = sql.replace(f"@{parameter}", parameter)
    arguments = ", ".join(f"{one} {kept.PARAMETERS[one].lower()}" for one in view.parameters)
    return f"create or replace table function {name}({arguments}) as\nselect * from (\n{sql}\n)"


def _kept_table(view: Shown) -> str:
    """The table of a kept view, empty: partitioned like ``tweets``, clustered by tracker where it has one."""
    cluster = [name for name in view.key if name != "local_date"]
    return (
        f"create or replace table {kept.table_of(view.name)}\npartition by date_trunc(local_date, month)\n"
        f"cluster by {', '.join(cluster)}\noptions (labels = [('app', 'arcane')])\nas {kept.empty(view)}"
    )


def _cover(covered: Covered, number: int) -> tuple[list[str], dict[str, Any]]:
    """The statements that join a stretch, their parameters numbered apart."""
    parameters = {
        "tracker": covered.tracker,
        "query_hash": covered.query_hash,
        "start_at": covered.stretch.start_at,
        "end_at": covered.stretch.end_at,
    }
    joined = [statements.JOIN_COVERAGE, statements.DROP_JOINED_COVERAGE]
    for name in parameters:
        joined = [sql.replace(f"@{name}", f"@{name}_{number}") for sql in joined]
    return joined, {f"{name}_{number}": value for name, value in parameters.items()}


def _parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd")
    return sink.getvalue()


def _hash(*parts: bytes) -> str:
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _schema(table: Table) -> list[bigquery.SchemaField]:
    fields = []
    for column in table.columns:
        is_list = column.type is Type.STRINGS
        kind = "STRING" if is_list else str(column.type)
        fields.append(bigquery.SchemaField(column.name, kind, mode="REPEATED" if is_list else "NULLABLE"))
    return fields


def _type(field: bigquery.SchemaField) -> str:
    name = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}.get(field.field_type, field.field_type)
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else str(name)


def _said(table: Table, rows: pa.Table) -> tuple[str, dict[str, Any]]:
    """A few rows as a subquery of parameters."""
    named: dict[str, Any] = {}
    selects = []
    for number, row in enumerate(rows.to_pylist()):
        cells = []
        for place, column in enumerate(table.columns):
            name, value = f"{table.name}_{number}_{place}", row[column.name]
            if column.type is Type.STRINGS:
                named[name] = bigquery.ArrayQueryParameter(name, "STRING", value or [])
            else:
                named[name] = bigquery.ScalarQueryParameter(name, str(column.type), value)
            cells.append(f"@{name} as {column.name}")
        selects.append(f"select {', '.join(cells)}")
    return f"({' union all '.join(selects)})", named


def _parameter(name: str, value: Any) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    if isinstance(value, bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter):
        return value
    if isinstance(value, list):
        return bigquery.ArrayQueryParameter(name, "STRING", value)
    return bigquery.ScalarQueryParameter(name, _PARAMETER.get(type(value), "STRING"), value)


def _literal(value: Any) -> str:
    if isinstance(value, datetime):
        return f"timestamp '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
    return f"date '{value:%Y-%m-%d}'"


_REBUILT_SOURCES: Final = Table(
    name=_SOURCES,
    meaning="What a rebuild has read",
    sens="Ce qu'une reconstruction a lu",
    key=("source",),
    columns=(tables.Column("source", Type.STRING, "source", "Name of the source", "Nom de la source"),),
)
