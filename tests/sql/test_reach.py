"""A filter on local_date reaches every table that is cut by it, so that BigQuery reads few partitions.

Shown by DuckDB's plan of the rendered SQL: each scan of such a table carries the filter. BigQuery's own planner was not
asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from tests.made_up import NOON, body, tweet
from tests.warehouse.test_contract import batch

from arcane import tables
from arcane.tables import Type
from arcane.views import View, views
from arcane.warehouse.duckdb import DuckDBWarehouse
from arcane.warehouse.kept import PARAMETERS, table_of

VIEWS = {one.name: one for one in views()}
CUT = {"tweets", *(table_of(one.name) for one in VIEWS.values() if one.is_kept)}
ASKS = {name: "'arcane'" if kind is Type.STRING else "date '2026-06-15'" for name, kind in PARAMETERS.items()}
# Views without the day of posting, and what they read instead.
OTHERWISE = {
    "coverage_by_hour": "hours and trackers, which are small",
    "data_status": "one row about everything: it counts all tweets",
    "stop_words": "a list of words",
    "events_by_day": "the analysts' own file",
    "spend_by_day": "the books, cut by UTC day",
    "spikes_by_day": "a day is judged by the 28 before it: three columns of all days are counted",
    "spikes": "as spikes_by_day",
    "spike_causes": "as spikes_by_day; the tweets themselves are read by day",
    "engagement_gained_by_day": "what is gained on a day comes from tweets of any day",
}


@pytest.fixture(scope="module", name="warehouse")
def _warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    """Tweets of a year, one a month: no filter is true or false of them all."""
    with closing(DuckDBWarehouse(tmp_path_factory.mktemp("reach") / "a.duckdb", time_zone="Europe/Paris")) as opened:
        opened.migrate()
        opened.acquire("test", now=NOON)
        days = [NOON - timedelta(days=30 * number) for number in range(12)]
        posted = [tweet(number, created_at=f"{day:%Y-%m-%dT%H:%M:%S.000Z}") for number, day in enumerate(days)]
        opened.commit(batch(body(*posted)), now=NOON)
        opened.commit(batch(body(*posted), seconds=86_400), now=NOON)
        opened.show(list(VIEWS.values()), now=NOON)
        yield opened


def scans(plan: Any) -> Iterator[tuple[str, str]]:
    """Table and filters of every scan."""
    if isinstance(plan, list):
        for one in plan:
            yield from scans(one)
        return
    told = plan.get("extra_info", {})
    if "Table" in told:
        yield str(told["Table"]).rsplit(".", 1)[-1], str(told.get("Filters", ""))
    yield from scans(plan.get("children", []))


def unreached(warehouse: DuckDBWarehouse, sql: str) -> list[str]:
    """Tables cut by day that the query reads whole."""
    ((_, plan),) = warehouse._rows(f"explain (format json) {sql}")
    found = list(scans(json.loads(plan)))
    assert found, "the plan reads nothing"
    return [table for table, filters in found if table in CUT and "local_date" not in filters]


@pytest.mark.parametrize("name", sorted(set(VIEWS) - set(OTHERWISE)))
def test_a_day_is_all_that_is_read(warehouse: DuckDBWarehouse, name: str) -> None:
    """Of the view filtered by day, or the function called for days."""
    assert unreached(warehouse, asked(VIEWS[name])) == []


def asked(view: View) -> str:
    if view.parameters:
        return f"select * from {view.name}({', '.join(ASKS[one] for one in view.parameters)})"
    assert "local_date" in view.column_names, "it has no day to filter: name it in OTHERWISE, or give it one"
    return f"select * from {view.name} where local_date between date '2026-06-15' and date '2026-07-15'"


def test_a_view_that_reads_all_is_seen(warehouse: DuckDBWarehouse) -> None:
    """The analysis can fail: a window over all days lets no filter through."""
    sql = "select * from (select local_date, sum(like_count) over () as n from tweets) where local_date = date '2026-06-15'"
    assert unreached(warehouse, sql) == ["tweets"]


def test_the_names_of_the_exceptions_are_views() -> None:
    """None is left of a view that is gone, and none is a table of the contract."""
    assert set(OTHERWISE) <= set(VIEWS)
    assert not CUT & {table.name for table in tables.ALL} - {"tweets"}
