"""DuckDB: one writer file, published copies.

The file at ``path`` is opened only by commands that write, and by one process at a time: the operating
system's lock sees to it. Readers open the copy that the pointer ``<path>.published/current`` names, so they
never wait and never see half a commit. The database is attached under the name ``arcane`` whatever its file
is called, so that ``arcane.tweets`` means here what it means on BigQuery.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from arcane import tables
from arcane.errors import ConfigError, LeaseLost, QueryTooLong, SqlError, WarehouseBusy, WarehouseEmpty, WarehouseError
from arcane.tables import Table, Type
from arcane.warehouse import deletions, dialect, kept, questions, statements
from arcane.warehouse.interface import Batch, Batches, Covered, Result, Shown
from arcane.warehouse.portable import LEASE_S, VERSION, PortableWarehouse, local_days

FRENCH: Final = "arcane_fr"
_REBUILT: Final = "rebuilt_"
_INTERRUPT_AGAIN_S: Final = 0.1
_TYPES: Final = {
    Type.STRING: "varchar",
    Type.INT64: "bigint",
    Type.FLOAT64: "double",
    Type.BOOL: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamptz",
    Type.STRINGS: "varchar[]",
}
# A commit is durable in the log at once; folding the log into the file after every 16 MB, as DuckDB does by itself,
# cost more than the merges.
_CHECKPOINT_AFTER: Final = "256MB"
_BATCH_ROWS: Final = 10_000
# Copying in this process would open and close a second handle on the file, and POSIX then drops the lock
# that DuckDB holds on it (fcntl(2), "record locks"): a child process copies.
_COPY: Final = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


class DuckDBWarehouse(PortableWarehouse):
    """The write side. See ``interface.Warehouse``."""

    def __init__(self, path: Path, *, time_zone: str, memory_limit: str = "256MB", threads: int = 2) -> None:
        super().__init__(str(path), time_zone=time_zone)
        self._path = path
        self._rebuilt: set[str] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise WarehouseError(
                f"the folder {path.parent} cannot be made ({exc.strerror}): choose another warehouse.path"
            ) from exc
        self._connection = _attached(path, memory_limit=memory_limit, threads=threads, is_read_only=False)

    def migrate(self) -> None:
        found = "select 1 from duckdb_tables() where database_name = 'arcane' and table_name = 'schema_version'"
        if self._rows(found):
            ((version, time_zone),) = self._asked(questions.READ_VERSION)
            self._check_version(version, time_zone)
            if version < VERSION:
                with self._transaction():
                    for table in tables.ALL:
                        self._run(_create(table))
                    self._run(dialect.duckdb(statements.SET_VERSION), version=VERSION)
            return
        with self._transaction():
            for table in tables.ALL:
                self._run(_create(table))
            self._run("insert into leases values ('writer', null, 0, null)")
            self._run("insert into schema_version values ($version, $zone)", version=VERSION, zone=self._time_zone)

    def show(self, views: Sequence[Shown], *, now: datetime) -> None:
        changed, gone = self._changed_views(views)
        if not changed and not gone:
            return
        kinds = dict(self._rows(_OWN_VIEWS))
        with self._transaction():
            self._run(f"create schema if not exists {FRENCH}")
            for name in (*gone, *(view.name for view in changed)):
                if name in kinds:
                    self._run(f"drop {kinds[name]} {name}")
                    self._run(f"drop {kinds[name]} if exists {FRENCH}.{name}")
            for name in gone:
                self._run(f"drop table if exists {kept.table_of(name)}")
            for view in changed:
                if view.is_kept:
                    self._run(
                        f"create or replace table {kept.table_of(view.name)} as {dialect.duckdb(kept.empty(view))}"
                    )
                self._run(_made(view, view.name, kept.text(view)))
                if view.has_twin:
                    self._run(_made(view, f"{FRENCH}.{view.name}", view.french("arcane.main")))
        self._note_made(changed, gone, now=now)
        self.keep(views, now=now)

    def acquire(self, holder: str, *, now: datetime) -> None:
        # The operating system lets one process at a time have the file: a holder in another process is dead.
        full = f"{_process()}/{holder}"
        taken = self._changed(
            dialect.duckdb(_TAKE_DUCKDB_LEASE),
            holder=full,
            expires_at=now + timedelta(seconds=LEASE_S),
            now=now,
            process=f"{_process()}/",
        )
        self._take(full, is_taken=taken == 1)

    def release(self) -> None:
        if self._holder is not None:
            self._run(dialect.duckdb(statements.RELEASE_LEASE), holder=self._holder, fence=self._fence)
            self._holder = None

    def _commit(self, batch: Batch, *, now: datetime, first: Sequence[str], **parameters: Any) -> None:
        with self._transaction():
            self._hold_lease(now)
            for sql in first:
                self._run(
                    dialect.duckdb(sql), **{name: value for name, value in parameters.items() if f"@{name}" in sql}
                )
            for name, rows in batch.tables.items():
                self._merge(tables.BY_NAME[name], rows, target=name)
            if days := local_days(batch):
                self._run(dialect.duckdb(statements.supersede(bounds=("@first", "@last"))), first=days[0], last=days[1])
            for covered in batch.coverage:
                self._cover(covered)

    def begin_rebuild(self, name: str | None) -> None:
        if name is not None:
            raise ConfigError(
                "a replay by many tasks needs warehouse.kind = 'bigquery': one process at a time writes a DuckDB file"
            )
        self._rebuilt.clear()
        for table in tables.DERIVED:
            self._run(f"drop table if exists {_REBUILT}{table.name}")
            self._run(_create(table, name=_REBUILT + table.name))

    def rebuild(self, batch: Batch, *, sources: Sequence[str], now: datetime) -> None:
        with self._transaction():
            self._hold_lease(now)
            for name, rows in self._bound(batch).batch.tables.items():
                if tables.BY_NAME[name].is_derived:
                    self._merge(tables.BY_NAME[name], rows, target=_REBUILT + name)
        self._rebuilt.update(sources)

    def rebuilt(self) -> set[str]:
        return set(self._rebuilt)

    def finish_rebuild(self, *, now: datetime) -> None:
        with self._transaction():
            self._hold_lease(now)
            for sql in (
                *deletions.erase(prefix=_REBUILT, is_under_way=False),
                kept.note_stale(),
                kept.note_stale(prefix=_REBUILT),
            ):
                self._run(dialect.duckdb(sql))
            self._run(dialect.duckdb(statements.supersede(prefix=_REBUILT)))
            for table in tables.DERIVED:
                self._run(f"drop table {table.name}")
                self._run(f"alter table {_REBUILT}{table.name} rename to {table.name}")

    def scrub(self) -> None:
        """Write the file anew: what DELETE and CHECKPOINT free stays in it, word for word, until it is reused.

        The new file is locked before it takes the old one's place and until that is let go of, so that no other
        process ever writes into a file that is gone. One that takes it in the moment in which it is opened again
        has it whole.
        """
        fresh = self._path.with_name(self._path.name + ".rewritten")
        for table in tables.DERIVED:
            self._run(f"drop table if exists {_REBUILT}{table.name}")
        try:
            for left in (fresh, fresh.with_name(fresh.name + ".wal")):
                left.unlink(missing_ok=True)
            self._run("checkpoint")  # the log is empty from here on: it must not be read into the new file
            self._run(f"attach {_quoted(fresh)} as rewritten")
            self._run("copy from database arcane to rewritten")
            self._run("checkpoint rewritten")
            fresh.replace(self._path)
        except OSError as exc:
            raise WarehouseError(
                f"{self._path} cannot be written anew ({exc.strerror}): make room there and run the same command again"
            ) from exc
        self._run("use memory")
        self._run("detach arcane")
        self._run("detach rewritten")
        with _translated(self._path):
            _attach(self._connection, self._path)

    def publish(self) -> None:
        self._run("checkpoint")
        folder = _published(self._path)
        name = f"arcane-{time.time_ns()}.duckdb"
        try:
            folder.mkdir(exist_ok=True)
            command = [sys.executable, "-I", "-S", "-c", _COPY, str(self._path), str(folder / name)]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own interpreter and paths
            pointer = folder / "current.new"
            pointer.write_text(name)
            pointer.replace(folder / "current")
        except (OSError, subprocess.CalledProcessError) as exc:
            (folder / name).unlink(missing_ok=True)
            raise WarehouseError(
                f"the copy for readers cannot be written to {folder}: make room there and run the command again; "
                "everything is committed"
            ) from exc
        for old in folder.glob("arcane-*.duckdb"):
            if old.name != name:
                with contextlib.suppress(OSError):  # Windows keeps a file that a reader has open: next time
                    old.unlink()

    def close(self) -> None:
        with contextlib.suppress(duckdb.Error, LeaseLost, WarehouseError):
            self.release()
        self._connection.close()

    def _hold_lease(self, now: datetime) -> None:
        held = self._changed(
            dialect.duckdb(statements.HOLD_LEASE),
            expires_at=now + timedelta(seconds=LEASE_S),
            holder=self._holder,
            fence=self._fence,
        )
        if self._holder is None or held != 1:
            raise self._lost()

    def _merge(self, table: Table, rows: pa.Table, *, target: str) -> None:
        staging = f"staging_{table.name}"
        self._connection.register(staging, rows)
        bounds = {}
        if table.bound:
            bounds = pc.min_max(rows.column(table.bound)).as_py()
            bounds = {"low": bounds["min"], "high": bounds["max"]}
        try:
            # A MERGE reads every column of the rows that it may meet: new keys, the usual case, need none of them.
            if self._rows(_meeting_sql(table, target, staging), **bounds):
                self._run(_merge_sql(table.name, target, staging), **bounds)
            else:
                self._run(f"insert into {target} by name select * from {staging}")  # noqa: S608 - our names
        finally:
            with contextlib.suppress(duckdb.Error):  # a failed transaction refuses this too: its own error counts
                self._connection.unregister(staging)

    def _cover(self, covered: Covered) -> None:
        parameters = {"tracker": covered.tracker, "query_hash": covered.query_hash}
        bounds = {"start_at": covered.stretch.start_at, "end_at": covered.stretch.end_at}
        self._run(dialect.duckdb(statements.JOIN_COVERAGE), **parameters, **bounds)
        self._run(dialect.duckdb(statements.DROP_JOINED_COVERAGE), **parameters)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("begin transaction")
        try:
            yield
            self._run("commit")
        except BaseException:
            with contextlib.suppress(duckdb.Error, WarehouseError):
                self._run("rollback")
            raise

    def _run(self, sql: str, **parameters: Any) -> None:
        with _translated(self._path):
            self._connection.execute(sql, parameters or None)

    def _asked(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self._rows(dialect.duckdb(sql), **parameters)

    def _rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with _translated(self._path):
            return _result(self._connection.sql(sql, params=parameters or None)).rows

    def _changed(self, sql: str, **parameters: Any) -> int:
        """Rows that an UPDATE changed."""
        with _translated(self._path):
            row = self._connection.execute(sql, parameters or None).fetchone()
        return int(row[0]) if row else 0


class DuckDBReader:
    """The read side, over what was last published. See ``interface.Reader``.

    ``limit_s``: a query that takes longer is ended.
    """

    def __init__(
        self, path: Path, *, memory_limit: str = "1GB", threads: int = 2, limit_s: float | None = None
    ) -> None:
        self._limit_s = limit_s
        pointer = _published(path) / "current"
        for _ in range(5):  # the copy may be replaced between reading the pointer and opening it
            try:
                self._version = pointer.read_text()
            except OSError:
                break
            copy = _published(path) / self._version
            if copy.exists():
                try:
                    self._connection = _attached(copy, memory_limit=memory_limit, threads=threads, is_read_only=True)
                except WarehouseError:
                    if copy.exists():
                        raise
                    continue
                self._connection.execute("set enable_external_access = false; set lock_configuration = true")
                return
        raise WarehouseEmpty(
            f"nothing has been collected into {path} yet: run arcane collect, arcane import or make demo first"
        )

    def version(self) -> str:
        return self._version

    def query(self, sql: str, parameters: dict[str, object] | None = None, *, max_rows: int | None = None) -> Result:
        with self._asking(self._connection.cursor()) as cursor:
            relation = cursor.sql(dialect.select(sql), params=parameters)
            return _result(relation if max_rows is None else relation.limit(max_rows))

    def batches(self, sql: str, parameters: dict[str, object] | None = None) -> Batches:
        read = self._batches(sql, parameters)
        schema = next(read)
        return Batches(schema, read)

    def _batches(self, sql: str, parameters: dict[str, object] | None) -> Iterator[Any]:
        """The schema, then the batches."""
        with self._asking(self._connection.cursor()) as cursor:
            found = cursor.sql(dialect.select(sql), params=parameters).to_arrow_reader(_BATCH_ROWS)
            schema = pa.schema([pa.field(field.name, _plain(field.type)) for field in found.schema])
            yield schema
            for batch in found:
                yield batch.cast(schema)

    @contextlib.contextmanager
    def _asking(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection serves one thread: each question has its own cursor, and its time. Raises: SqlError."""
        with contextlib.closing(cursor), self._in_time(cursor):
            try:
                cursor.execute("use arcane")
                yield cursor
            except duckdb.InterruptException as exc:
                raise QueryTooLong(
                    f"the query took longer than {self._limit_s:g} seconds and was ended: narrow its dates"
                ) from exc
            except (duckdb.Error, pa.ArrowException, OSError) as exc:  # Arrow's where its reader met DuckDB's
                raise SqlError(f"the query cannot be run: {str(exc).splitlines()[0]}") from exc

    @contextlib.contextmanager
    def _in_time(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt what is still running after ``limit_s``, until it hears: planning forgets an interruption."""
        if self._limit_s is None:
            yield
            return
        done = threading.Event()

        def end() -> None:
            if not done.wait(self._limit_s):
                while not done.wait(_INTERRUPT_AGAIN_S):
                    cursor.interrupt()

        watch = threading.Thread(target=end, daemon=True)
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()

    def close(self) -> None:
        self._connection.close()


# Views and functions that are there, and what they are.
_OWN_VIEWS: Final = """\
select view_name, 'view' from duckdb_views() where schema_name = 'main' and not internal and database_name = 'arcane'
union all
select function_name, 'macro table' from duckdb_functions()
where schema_name = 'main' and not internal and function_type = 'table_macro' and database_name = 'arcane'"""

# DuckDB's own turn of the portable lease: a holder of another process cannot be alive.
_TAKE_DUCKDB_LEASE: Final = statements.TAKE_LEASE.replace(
    "expires_at <= @now", "expires_at <= @now or not starts_with(holder, @process)"
)


def _result(relation: duckdb.DuckDBPyRelation) -> Result:
    """Rows by way of Arrow (DuckDB's own fetch wants pytz for times with a zone); whole sums are int."""
    table = relation.to_arrow_table()
    columns = [_integers(column) for column in table.columns]
    return Result(tuple(table.column_names), list(zip(*columns, strict=True)))


def _plain(found: pa.DataType) -> pa.DataType:
    """The type that BigQuery has for it."""
    if pa.types.is_decimal(found) and found.scale == 0:  # DuckDB adds integers up in 128 bits
        return pa.int64()
    if pa.types.is_timestamp(found) and found.tz is not None:
        return pa.timestamp("us", "UTC")
    if pa.types.is_list(found):
        return pa.list_(_plain(found.value_type))
    return pa.int64() if pa.types.is_integer(found) else found


def _integers(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_decimal(column.type) and column.type.scale == 0:  # DuckDB adds integers up in 128 bits
        return [None if value is None else int(value) for value in values]
    return values


def _meeting_sql(table: Table, target: str, staging: str) -> str:
    """One row if any key of ``staging`` is in ``target`` already."""
    on = [f"t.{name} = s.{name}" for name in table.key]
    if table.bound:
        on.append(f"t.{table.bound} between $low and $high")
    return f"select 1 from {target} as t semi join {staging} as s on {' and '.join(on)} limit 1"  # noqa: S608 - our names


def _merge_sql(name: str, target: str, staging: str) -> str:
    table = tables.BY_NAME[name]
    bounds = ("@low", "@high") if table.bound else None
    return dialect.duckdb(statements.merge(table, target=target, source=staging, bounds=bounds))


def _made(view: Shown, name: str, sql: str) -> str:
    """A view, or a macro where it has parameters."""
    if not view.parameters:
        return f"create view {name} as {dialect.duckdb(sql)}"
    rendered = dialect.duckdb(sql)
    for parameter in view.parameters:
        rendered = rendered.replace(f"${parameter}", f"cast({parameter} as {_TYPES[kept.PARAMETERS[parameter]]})")
    return f"create macro {name}({', '.join(view.parameters)}) as table {rendered}"


def _create(table: Table, *, name: str | None = None) -> str:
    columns = ", ".join(
        f"{column.name} {_TYPES[column.type]}{' not null' if column.name in table.key else ''}"
        for column in table.columns
    )
    return f"create table if not exists {name or table.name} ({columns})"


def _attached(path: Path, *, memory_limit: str, threads: int, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection in which the file is the database ``arcane`` and times are UTC."""
    # Writers of one process share an instance, named after the file: DuckDB opens a file in one instance only.
    name = ":memory:" if is_read_only else f":memory:{path.resolve()}"
    connection = duckdb.connect(name, config={"memory_limit": memory_limit, "threads": threads})
    try:
        with _translated(path):
            _attach(connection, path, options=" (read_only)" if is_read_only else "")
            connection.execute("set global TimeZone = 'UTC'")
            connection.execute("set preserve_insertion_order = false")
            connection.execute(f"set temp_directory = {_quoted(path.with_name(path.name + '.tmp'))}")
            connection.execute(f"set wal_autocheckpoint = '{_CHECKPOINT_AFTER}'")
    except BaseException:
        connection.close()
        raise
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, *, options: str = "") -> None:
    connection.execute(f"attach if not exists {_quoted(path)} as arcane{options}")
    connection.execute("use arcane")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """The one boundary at which DuckDB's errors become ours."""
    try:
        yield
    except duckdb.IOException as exc:
        text = str(exc)
        if "lock" in text.lower():
            raise WarehouseBusy(
                f"another run is writing to {path}: run the same command again when it is done"
            ) from exc
        if "No space" in text or "File too large" in text:
            raise WarehouseError(
                f"the disk of {path} is full: make room and run the same command again; nothing is lost"
            ) from exc
        raise WarehouseError(
            f"{path} cannot be read as a DuckDB file ({text.splitlines()[0]}): move it away or restore a copy"
        ) from exc
    except duckdb.Error as exc:
        text = str(exc).splitlines()[0]
        if "No space" in text or "File too large" in text:
            raise WarehouseError(
                f"the disk of {path} is full: make room and run the same command again; nothing is lost"
            ) from exc
        raise WarehouseError(f"{path} could not do its work: {text}") from exc


def _published(path: Path) -> Path:
    return path.with_name(path.name + ".published")


def _process() -> str:
    """This process, told apart from every other that ever ran here."""
    return f"{os.getpid()}-{_STARTED}"


_STARTED: Final = time.time_ns()
