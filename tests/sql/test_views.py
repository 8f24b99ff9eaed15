"""Every view gives the rows written by hand, on DuckDB and on Google's own executor.

A case is ``tests/sql/<view>/<case>.yaml``: ``given`` rows of tables (what is left out is NULL; ``for_hours: 25`` makes
a row one of 25, an hour apart; ``times: 20`` one of 20 tweets, ``a1`` to ``a20`` for the id ``a``; ``for_days: 3`` one
of 3, a day apart, ``a0-1`` to ``a2-20`` with both; what hangs on a tweet is as old as the tweet), ``expect`` rows of the
view; a row of ``expect`` names the columns that the case is about, the same in each. A function's case says what it is
called with in ``asks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from tests.googlesql.judge import Judge

from arcane import tables
from arcane.tables import Type
from arcane.views import View, inlined, views
from arcane.warehouse.duckdb import DuckDBReader, DuckDBWarehouse
from arcane.warehouse.interface import Batch
from arcane.warehouse.kept import PARAMETERS
from arcane.warehouse.portable import VERSION

HERE = Path(__file__).parent
VIEWS = {one.name: one for one in views()}
CASES = sorted(path.relative_to(HERE) for path in HERE.glob("*/*.yaml"))
# What Google's executor cannot run, and why: tested on DuckDB alone.
NOT_EXECUTED: dict[str, str] = {}
ZONE = "Europe/Paris"
NOON = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = {name: "'arcane'" if kind is Type.STRING else "date '2026-01-01'" for name, kind in PARAMETERS.items()}


def given(case: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Whole rows of every table that the case names."""
    whole = {}
    for name, written in case["given"].items():
        table = tables.BY_NAME[name]
        rows = [one for row in written for one in repeated(row)]
        unknown = {key for row in rows for key in row} - set(table.names)
        assert not unknown, f"{name} has no {unknown}"
        whole[name] = [{one.name: cell(row.get(one.name), one.type) for one in table.columns} for row in rows]
    dates = {row["tweet_id"]: row["created_at"] or noon(row["local_date"]) for row in whole.get("tweets", ())}
    for row in (*whole.get("tracker_tweets", ()), *whole.get("tweet_media", ())):
        row["created_at"] = row["created_at"] or dates.get(row["tweet_id"])
    return whole


def noon(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else None


def repeated(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The row; or one an hour or a day from it on, or one a tweet, where it says so."""
    same = {name: value for name, value in row.items() if name not in {"for_hours", "for_days", "times"}}
    if "for_hours" in row:
        first = datetime.fromisoformat(row["hour_at"])
        return [{**same, "hour_at": first + timedelta(hours=number)} for number in range(row["for_hours"])]
    if "for_days" in row:
        days = range(row["for_days"])
        return [one for day in days for one in repeated(later(row, timedelta(days=day), f"{day}-"))]
    if "times" in row:
        return [later(same, timedelta(), str(number)) for number in range(1, row["times"] + 1)]
    return [row]


def later(row: dict[str, Any], by: timedelta, number: str) -> dict[str, Any]:
    """The row so much later, its tweet_id with the number behind it."""
    moved = {name: f"{row[name]}{number}" for name in ("tweet_id",) if name in row}
    if "created_at" in row:
        moved["created_at"] = datetime.fromisoformat(str(row["created_at"])) + by
    if "local_date" in row:
        moved["local_date"] = date.fromisoformat(str(row["local_date"])) + by
    return {**{name: value for name, value in row.items() if name != "for_days"}, **moved}


def cell(value: Any, kind: Type) -> Any:
    """A value of YAML as the column holds it: times are UTC."""
    if value is None:
        return [] if kind is Type.STRINGS else None
    if kind is Type.TIMESTAMP:
        moment = datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if kind is Type.DATE:
        return date.fromisoformat(str(value))
    return float(value) if kind is Type.FLOAT64 else value


def plain(row: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(_plain(row[name]) for name in names)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(float(value), 6)
    return value


def on_duckdb(
    folder: Path, view: View, rows: dict[str, list[dict[str, Any]]], asks: dict[str, Any]
) -> list[dict[str, Any]]:
    """The rows of the view; a function's are those of its text with parameters, too."""
    path = folder / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone=ZONE)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        arrow = {name: pa.Table.from_pylist(found, schema=tables.BY_NAME[name].arrow) for name, found in rows.items()}
        stones = arrow.pop("tombstones", None)
        warehouse.commit(Batch(arrow), now=NOON)
        if stones is not None:
            warehouse.commit(Batch({"tombstones": stones}), now=NOON)
        warehouse.show(needed(view), now=NOON)
        warehouse.publish()
    with closing(DuckDBReader(path)) as reader:
        found = reader.query(f"select * from {view.call}", asks)
        if asks:
            assert reader.query(inlined(view, VIEWS), asks).columns == found.columns
            assert sorted(reader.query(inlined(view, VIEWS), asks).rows, key=repr) == sorted(found.rows, key=repr)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def needed(view: View) -> list[View]:
    """The view and what it reads, in order."""
    read = {view.name}
    for one in reversed(VIEWS.values()):
        if one.name in read:
            read |= one.reads
    return [one for one in VIEWS.values() if one.name in read]


def on_reference(
    judge: Judge, view: View, rows: dict[str, list[dict[str, Any]]], asks: dict[str, Any]
) -> list[dict[str, Any]]:
    migrated = {"schema_version": [{"version": VERSION, "time_zone": ZONE}], **rows}
    content = {table.name: (table, migrated.get(table.name, [])) for table in tables.ALL}
    sql = inlined(view, VIEWS)
    for name, value in asks.items():
        sql = sql.replace(f"@{name}", f"date '{value}'" if isinstance(value, date) else f"'{value}'")
    return judge.rows(sql, content)


@pytest.mark.parametrize("path", CASES, ids=str)
def test_a_view_gives_what_was_written_by_hand(judge: Judge, tmp_path: Path, path: Path) -> None:
    """The rows of the case, no more and no less, from either engine."""
    case = yaml.safe_load((HERE / path).read_text())
    view = VIEWS[path.parent.name]
    rows = given(case)
    expects = [one for row in case["expect"] for one in repeated(row)]
    names = tuple(expects[0]) if expects else ()
    kinds = [tuple(row) for row in expects]
    assert all(set(kind) == set(names) for kind in kinds), "the rows of expect name different columns"
    expected = sorted((plain(typed(row), names) for row in expects), key=repr)
    asks = case.get("asks", {})
    assert tuple(asks) == view.parameters, "asks names every parameter, in order"
    ours = on_duckdb(tmp_path, view, rows, asks)
    assert sorted((plain(row, names) for row in ours), key=repr) == expected
    assert len({plain(row, view.key) for row in ours}) == len(ours)
    if view.name not in NOT_EXECUTED:
        theirs = on_reference(judge, view, rows, asks)
        every = tuple(one.name for one in view.columns)
        assert sorted((plain(row, every) for row in theirs), key=repr) == sorted(
            (plain(row, every) for row in ours), key=repr
        )


def typed(row: dict[str, Any]) -> dict[str, Any]:
    """What YAML leaves as text and is a time."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value for name, value in row.items()}  # fmt: skip


def test_every_view_has_a_case() -> None:
    """But those that read nothing, which are their own; and no case is left of a view that is gone."""
    assert {path.parent.name for path in CASES} == {name for name, view in VIEWS.items() if view.reads}


@pytest.fixture(scope="module", name="empty")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """Every view over nothing."""
    path = tmp_path_factory.mktemp("empty") / "arcane.duckdb"
    with closing(DuckDBWarehouse(path, time_zone=ZONE)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.show(list(VIEWS.values()), now=NOON)
        yield warehouse


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_view_is_flat_and_french(name: str, empty: DuckDBWarehouse) -> None:
    """No list where office tools look; every column has a French name of its own; an empty warehouse gives no error."""
    view = VIEWS[name]
    french = [one.fr for one in view.columns]
    assert len(set(french)) == len(french)
    call = f"{name}({', '.join(EMPTY[one] for one in view.parameters)})" if view.parameters else name
    kinds = empty._rows(f"select column_name, column_type from (describe select * from {call})")
    assert [column for column, _ in kinds] == list(view.column_names)
    assert empty._rows(f"select * from {call}") == [] or view.parameters or not view.reads or name == "data_status"
    if view.has_twin:
        assert [column for column, kind in kinds if "[" in kind or "STRUCT" in kind] == []
        twin = empty._rows(f"select column_name from (describe select * from arcane_fr.{call})")
        assert [row[0] for row in twin] == french
