"""Every statement of the warehouse is GoogleSQL, and folding means there what it means here."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from tests.googlesql.judge import Judge, NotGoogleSQL
from tests.made_up import NOON, PARIS, reading
from tests.warehouse.test_contract import READINGS

from arcane import status, tables
from arcane.checks import Check, checks
from arcane.transform import Batch
from arcane.warehouse import deletions, kept, questions, statements

PARAMETERS = {
    "holder": "STRING", "fence": "INT64", "expires_at": "TIMESTAMP", "now": "TIMESTAMP", "tracker": "STRING",
    "query_hash": "STRING", "occurrence": "STRING", "start_at": "TIMESTAMP", "end_at": "TIMESTAMP", "hashes": "ARRAY<STRING>",
    "since": "DATE", "utc_date": "DATE", "today": "DATE", "stale_before": "TIMESTAMP", "suffix": "INT64",
    "keys": "ARRAY<STRING>", "lifted": "ARRAY<STRING>", "objects": "ARRAY<STRING>", "none": "ARRAY<STRING>",
    "tweet_ids": "ARRAY<STRING>", "author_ids": "ARRAY<STRING>", "after": "STRING", "until": "STRING",
    "erased_at": "TIMESTAMP", "before": "TIMESTAMP", "day": "DATE", "version": "INT64",
    "stale": "ARRAY<STRING>", "names": "ARRAY<STRING>", "low": "TIMESTAMP", "high": "TIMESTAMP",
}  # fmt: skip
FIXED = {
    f"{module.__name__}.{name}": text
    for module in (statements, questions, deletions, kept, status)
    for name, text in vars(module).items()
    if isinstance(text, str) and name.lstrip("_").isupper() and " " in text and "{" not in text
}


def used(sql: str) -> dict[str, str]:
    return {name: kind for name, kind in PARAMETERS.items() if f"@{name}" in sql}


def bounds(table: tables.Table) -> tuple[str, str] | None:
    if table.bound is None:
        return None
    is_date = table.column(table.bound).type is tables.Type.DATE
    return ("date '2026-11-01'", "date '2026-11-30'") if is_date else ("@low", "@high")


@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_fixed_statement_is_googlesql(judge: Judge, name: str) -> None:
    """Lease, coverage, pages and status: analysed with the types of their parameters."""
    assert judge.analyse(FIXED[name], used(FIXED[name])).startswith("resolved_")


@pytest.mark.parametrize(
    "sql",
    [
        *deletions.erase(), *deletions.erase(is_under_way=False), *deletions.prune(), deletions.count_bound_rows(),
        questions.stored_ids("tweet", limit=9), questions.stored_ids("author", limit=9), deletions.would_erase(),
    ],
)  # fmt: skip
def test_erasing_and_pruning_is_googlesql(judge: Judge, sql: str) -> None:
    """Each deletion and each count, analysed with the types of its parameters."""
    assert judge.analyse(sql, used(sql)) in {"resolved_delete_stmt_node", "resolved_query_stmt_node"}


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_the_statements_of_a_table_are_googlesql(judge: Judge, table: tables.Table) -> None:
    """Creation, folding and merging, with and without bounds."""
    assert judge.analyse(statements.create(table)).startswith("resolved_create")
    between = bounds(table)
    folded = statements.folded(table, source=f"staging_x_{table.name}", bounds=between)
    assert judge.analyse(folded, used(folded)) == "resolved_query_stmt_node"
    merge = statements.merge(table, target=table.name, source=f"({folded})", bounds=between)
    assert judge.analyse(merge, used(merge)) == "resolved_merge_stmt_node"


@pytest.mark.parametrize("one", checks(), ids=lambda one: one.name)
def test_a_check_is_googlesql(judge: Judge, one: Check) -> None:
    """As it is written, and as it is asked."""
    for sql in (one.sql, one.counting):
        assert judge.analyse(sql, used(sql)) == "resolved_query_stmt_node"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select likes from tweets", "Unrecognized name: likes"),
        ("select tweet_id from tweets where tweet_id = 19", "No matching signature"),
        ("merge into tweets as t using tweets as s on t.tweet_id = s.tweet_id when matched then update set likes = 1", "likes"),
        ("select list_transform([1], x -> x)", "list_transform"),
        ("select hashtags, count(*) from tweets group by hashtags", "ARRAY"),
        ("create table x (a varchar)", "varchar"),
    ],
)  # fmt: skip
def test_what_is_not_googlesql_is_refused(judge: Judge, sql: str, told: str) -> None:
    """The judge does judge: names, types, functions of other engines, and what BigQuery leaves out."""
    with pytest.raises(NotGoogleSQL, match=told):
        judge.analyse(sql)


def test_folding_in_sql_is_folding_in_python(judge: Judge) -> None:
    """The readings of the contract suite, one a row, folded by Google's executor equal the batch folded here."""
    whole = Batch(zone=PARIS)
    single: dict[str, list[dict[str, Any]]] = {}
    for index, (raw, seconds) in enumerate(READINGS):
        read = reading(raw, observed_at=NOON + timedelta(seconds=seconds), page_hash=str(index))
        whole.add(read)
        alone = Batch(zone=PARIS)
        alone.add(read)
        for name, rows in alone.to_arrow().items():
            single.setdefault(name, []).extend(rows.to_pylist())
    for name, expected in whole.to_arrow().items():
        table = tables.BY_NAME[name]
        for rows in itertools.islice(itertools.permutations(single[name]), 0, 120, 17):
            sql = statements.folded(table, source="staging_x_" + name)
            found = judge.rows(sql, {"staging_x_" + name: (table, list(rows))})
            key = [column.name for column in table.columns if column.name in table.key]
            order = lambda row, key=key: [str(row[one]) for one in key]  # noqa: E731
            assert sorted(found, key=order) == sorted(map(_lists, expected.to_pylist()), key=order)


def _lists(row: dict[str, Any]) -> dict[str, Any]:
    """BigQuery keeps no NULL array, and the judge is given none."""
    return row
