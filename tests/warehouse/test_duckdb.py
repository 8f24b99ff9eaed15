"""What only DuckDB does: one writer process, published copies, its own errors."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.made_up import NOON

from arcane import tables
from arcane.errors import ConfigError, QueryTooLong, SqlError, WarehouseBusy, WarehouseError
from arcane.warehouse import dialect
from arcane.warehouse.duckdb import DuckDBReader, DuckDBWarehouse
from arcane.warehouse.interface import Batch

_HOLDER = """\
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from arcane.warehouse.duckdb import DuckDBWarehouse
warehouse = DuckDBWarehouse(Path(sys.argv[1]), time_zone="Europe/Paris")
warehouse.migrate()
warehouse.acquire("holder", now=datetime(2026, 10, 20, 12, tzinfo=UTC))
warehouse.publish()
print("held", flush=True)
time.sleep(60)
"""


def test_another_process_is_kept_out_and_a_dead_one_is_not_waited_for(tmp_path: Path) -> None:
    """While a process writes, a second is told so and readers work; once it is killed its lease is void at once."""
    path = tmp_path / "arcane.duckdb"
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(WarehouseBusy, match="another run is writing"):
            DuckDBWarehouse(path, time_zone="Europe/Paris")
        with closing(DuckDBReader(path)) as reader:
            assert reader.query("select count(*) from tweets").rows == [(0,)]
        process.kill()
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.acquire("next", now=NOON)


def test_publishing_keeps_the_lock(tmp_path: Path) -> None:
    """Copying the file must not let go of DuckDB's lock on it, as a second handle in this process would."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
        opened = "import duckdb, sys; duckdb.connect(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", opened, str(path)], capture_output=True, check=False)
        assert (done.returncode, b"lock" in done.stderr) == (1, True)


def test_the_file_is_written_anew_under_its_lock(tmp_path: Path) -> None:
    """What DELETE and CHECKPOINT leave in the file is gone; the writer goes on and other processes are kept out."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        trackers = tables.TRACKERS.of([("a", "wombat", "q", NOON), ("b", "platypus", "q", NOON)])
        warehouse.commit(Batch({"trackers": trackers}), now=NOON)
        warehouse._run("delete from trackers where query_hash = 'wombat'")
        warehouse._run("checkpoint")
        assert b"wombat" in path.read_bytes(), "DuckDB learned to forget: is scrub still needed?"
        warehouse.scrub()
        assert [one.name for one in tmp_path.iterdir()] == ["arcane.duckdb"]
        opened = "import duckdb, sys; duckdb.connect(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", opened, str(path)], capture_output=True, check=False)
        assert (done.returncode, b"lock" in done.stderr) == (1, True)
        warehouse.commit(Batch({"trackers": trackers}), now=NOON)
        warehouse.publish()
        assert b"wombat" in path.read_bytes(), "committed again"
        warehouse._run("delete from trackers where query_hash = 'wombat'")
        warehouse.scrub()
        warehouse.publish()
        assert (b"wombat" in path.read_bytes(), b"platypus" in path.read_bytes()) == (False, True)
    with closing(DuckDBReader(path)) as reader:
        assert reader.query("select query_hash from trackers").rows == [("platypus",)]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """Whatever lies there is not touched, and the person is told what to do."""
    path = tmp_path / "arcane.duckdb"
    path.write_bytes(b"not a database, but some bytes that somebody may want to keep" * 100)
    with pytest.raises(WarehouseError, match="cannot be read as a DuckDB file"):
        DuckDBWarehouse(path, time_zone="Europe/Paris")
    assert path.read_bytes().startswith(b"not a database")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """Older code leaves a newer warehouse alone."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse._run("update schema_version set version = 99")
        with pytest.raises(WarehouseError, match="newer Arcane"):
            warehouse.migrate()


def test_the_time_zone_is_frozen(tmp_path: Path) -> None:
    """Local columns in two zones would be worse than none."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
    with (
        closing(DuckDBWarehouse(path, time_zone="UTC")) as warehouse,
        pytest.raises(WarehouseError, match="Europe/Paris"),
    ):
        warehouse.migrate()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("drop table tweets", "only queries"),
        ("select 1; select 2", "one statement"),
        ("selec 1", "only queries|GoogleSQL"),
        ("select (", "not GoogleSQL"),
        ("select nope from tweets", "cannot be run"),
        ("select * from read_csv('/etc/passwd')", "cannot be run"),
        ("select extract(dayofweek from local_date) from tweets", "another number"),
    ],
)
def test_a_query_can_only_read(tmp_path: Path, sql: str, told: str) -> None:
    """Anything but one query of the tables is refused in one sentence."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
    with closing(DuckDBReader(path)) as reader, pytest.raises(SqlError, match=told):
        reader.query(sql)


@pytest.mark.parametrize(
    ("written", "rendered"),
    [
        (
            "select t.a, one from t cross join unnest(t.list) as one where t.b",
            "SELECT t.a, UNNEST(t.list) AS one FROM t WHERE t.b",
        ),
        (
            "select one from t cross join unnest(t.list) as one where one > 1",
            "SELECT one FROM t CROSS JOIN UNNEST(t.list) AS _t0(one) WHERE one > 1",
        ),
        (
            "select one, count(*) as n from t cross join unnest(t.list) as one group by one",
            "SELECT one, COUNT(*) AS n FROM t CROSS JOIN UNNEST(t.list) AS _t0(one) GROUP BY one",
        ),
        (
            "select distinct one from t cross join unnest(t.list) as one",
            "SELECT DISTINCT one FROM t CROSS JOIN UNNEST(t.list) AS _t0(one)",
        ),
        (
            "select one from t left join unnest(t.list) as one",
            "SELECT one FROM t LEFT JOIN UNNEST(t.list) AS _t0(one) ON TRUE",
        ),
        (
            "select one, two from t cross join unnest(t.list) as one cross join unnest(t.other) as two",
            "SELECT one, two FROM t CROSS JOIN UNNEST(t.list) AS _t0(one) CROSS JOIN UNNEST(t.other) AS _t1(two)",
        ),
    ],
)
def test_a_list_that_is_only_spread_out_is_spread_in_place(written: str, rendered: str) -> None:
    """What is merely selected joins nothing row by row; whatever else is done with it stays a join."""
    assert dialect.duckdb(written) == rendered


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select count(*), countif(like_count > 1), sum(like_count) as likes, 7 from tweets", ("f0_", "f1_", "likes", "f2_")),
        ("select lang, t.kind, (text), count(*) from tweets as t group by 1, 2, 3", ("lang", "kind", "text", "f0_")),
        ("select extract(year from created_at), count(*) from tweets group by extract(year from created_at)", ("f0_", "f1_")),
        ("select * from (select count(*) from tweets)", ("f0_",)),
        ("with q as (select 1 as one) select *, (select max(one) from q) from q", ("one", "f0_")),
        ("select 1 union all select 2", ("f0_",)),
        ("select array(select 1), exists(select 1), 1 in (select 2)", ("f0_", "f1_", "f2_")),
    ],
)  # fmt: skip
def test_a_column_without_a_name_is_called_as_bigquery_calls_it(tmp_path: Path, sql: str, columns: tuple[str, ...]) -> None:  # fmt: skip
    """f0_, f1_ …, counted apart from those that have a name, and never DuckDB's own SQL."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
    with closing(DuckDBReader(path)) as reader:
        assert reader.query(sql).columns == columns


def test_countif_of_nothing_is_zero(tmp_path: Path) -> None:
    """GoogleSQL's COUNTIF never gives NULL, and whole sums are integers."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
    with closing(DuckDBReader(path)) as reader:
        assert reader.query("select countif(like_count > 1) as n from tweets").rows == [(0,)]
        (total,) = reader.query("select sum(x) as n from unnest([1, 2]) as x").rows[0]
        assert (total, type(total)) == (3, int)


def test_div_divides_all_that_it_is_given(tmp_path: Path) -> None:
    """GoogleSQL's DIV is a function: neither of its two sides is torn apart."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
    with closing(DuckDBReader(path)) as reader:
        assert reader.query("select div(7 + 2, 1 + 1) as half, -div(7, 2) as negative").rows == [(4, -3)]


def test_nothing_collected_yet_is_said(tmp_path: Path) -> None:
    """Asking before the first run names the commands that fill the warehouse."""
    with pytest.raises(WarehouseError, match="arcane collect"):
        DuckDBReader(tmp_path / "arcane.duckdb")


def test_a_reader_keeps_what_was_published_when_it_opened(tmp_path: Path) -> None:
    """A copy is one moment: what is published later shows to readers opened later."""
    path = tmp_path / "arcane.duckdb"
    count = "select count(*) from runs"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
        with closing(DuckDBReader(path)) as early:
            warehouse._run("insert into runs (run_id) values ('a')")
            warehouse.publish()
            assert early.query(count).rows == [(0,)]
            with closing(DuckDBReader(path)) as late:
                assert late.query(count).rows == [(1,)]


def test_many_tasks_are_refused(tmp_path: Path) -> None:
    """One process at a time writes the file: a job of many tasks is told which warehouse it wants."""
    with (
        closing(DuckDBWarehouse(tmp_path / "arcane.duckdb", time_zone="Europe/Paris")) as warehouse,
        pytest.raises(ConfigError, match=r"needs warehouse\.kind = 'bigquery'"),
    ):
        warehouse.begin_rebuild("once")


def test_a_query_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """After its seconds a query is interrupted with a sentence, and the reader answers the next."""
    path = tmp_path / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone="Europe/Paris")) as warehouse:
        warehouse.migrate()
        warehouse.publish()
    endless = "select count(*) as n from unnest(generate_array(1, 1000000)) as a cross join unnest(generate_array(1, 10000000)) as b"
    with closing(DuckDBReader(path, limit_s=0.3)) as reader:
        with pytest.raises(QueryTooLong) as ended:
            reader.query(endless)
        assert reader.query("select 1 as n").rows == [(1,)]
    assert str(ended.value) == "the query took longer than 0.3 seconds and was ended: narrow its dates"
