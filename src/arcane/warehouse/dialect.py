"""GoogleSQL → DuckDB's SQL. Pure.

Constructs that sqlglot translates into something that silently means something else are refused here rather
than answered wrongly (docs/decisions/0004-googlesql.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from arcane.errors import SqlError


@lru_cache(maxsize=512)
def duckdb(sql: str) -> str:
    """One statement for DuckDB; named parameters ``@x`` become ``$x``.

    Raises: SqlError if it does not parse, or is more than one statement.
    """
    return _rendered(statement(sql))


def _rendered(parsed: exp.Expr) -> str:
    """The tree is used up: copying it twice would take half of the time."""
    repaired = parsed.transform(_repaired, copy=False)
    for node in reversed(list(repaired.find_all(exp.DateAdd, exp.DateSub))):  # the inner ones first
        node.replace(
            exp.cast(node.copy(), exp.DataType.Type.DATE)
        )  # DuckDB makes a TIMESTAMP of a DATE and an INTERVAL
    return repaired.sql(dialect="duckdb", copy=False)


def _repaired(node: exp.Expr) -> exp.Expr:
    """COUNTIF of no rows is 0; sqlglot makes it a SUM, which is NULL. It makes DIV(a + b, c) a + b // c."""
    if isinstance(node, exp.CountIf):
        return exp.Count(this=exp.Case(ifs=[exp.If(this=node.this, true=exp.Literal.number(1))]))
    if isinstance(node, exp.IntDiv):
        for part in ("this", "expression"):
            node.set(part, exp.paren(node.args[part]))
    if isinstance(node, exp.Select):
        _unnest_in_place(node)
    return node


def _unnest_in_place(select: exp.Select) -> None:
    """``cross join unnest(list) as one`` that is only selected becomes ``unnest(list) as one`` among what is selected.

    DuckDB joins the former row by row, 20 times as slowly, and lets no filter through. Any other use stays as it is.
    """
    joins = [join for join in select.args.get("joins") or () if isinstance(join.this, exp.Unnest)]
    shaping = ("distinct", "group", "having", "qualify", "windows", "order", "limit")
    if len(joins) != 1 or any(select.args.get(part) for part in shaping) or select.find(exp.AggFunc, exp.Window):
        return
    (join,) = joins
    source, names = join.this.expressions, join.this.alias_column_names
    used = [column for column in select.find_all(exp.Column) if column.name in names and not column.table]
    if join.kind != "CROSS" or len(source) != 1 or len(names) != 1 or len(used) != 1 or used[0].parent is not select:
        return
    used[0].replace(exp.alias_(exp.Anonymous(this="UNNEST", expressions=[source[0].copy()]), names[0]))
    join.pop()


def statement(sql: str) -> exp.Expr:
    """The one statement in ``sql``.

    Raises: SqlError.
    """
    try:
        parsed = [found for found in sqlglot.parse(sql, read="bigquery") if found is not None]
    except (ParseError, TokenError) as exc:
        raise SqlError(f"this is not GoogleSQL: {_first_line(exc)}") from exc
    if len(parsed) != 1:
        raise SqlError(f"one statement at a time, please: this has {len(parsed)}")
    return parsed[0]


def spliced(sql: str, put: Mapping[str, str]) -> str:
    """The text with each table replaced that ``put`` has something for; the rest stays to the letter.

    A query in parentheses keeps the table's name as its alias. Names of the text's own CTEs are no tables, nor are
    names with a dataset before them. Raises: SqlError.
    """
    parsed = statement(sql)
    own = {cte.alias for cte in parsed.find_all(exp.CTE)}
    found = [one for one in parsed.find_all(exp.Table) if one.name in put and one.name not in own and not one.db]
    for one in sorted(found, key=lambda table: -int(table.this.meta["start"])):
        start, end = one.this.meta["start"], one.this.meta["end"] + 1
        whole = put[one.name]
        alias = f" as {one.name}" if whole != one.name and not one.alias else ""
        sql = f"{sql[:start]}{whole}{alias}{sql[end:]}"
    return sql


@lru_cache(maxsize=512)
def select(sql: str) -> str:
    """One query for DuckDB. Columns without a name are called f0_, f1_ …, as BigQuery calls them.

    Raises: SqlError if it is anything but a query.
    """
    parsed = statement(sql)
    if not isinstance(parsed, exp.Query):
        raise SqlError(f"only queries may be run here, and this is {parsed.key.upper()}: begin with SELECT or WITH")
    for node in parsed.find_all(exp.Extract):
        if node.this.name.upper() in {"DAYOFWEEK", "WEEK"}:
            raise SqlError(
                f"EXTRACT({node.this.name.upper()} FROM …) means another number on DuckDB: "
                "use local_weekday, or FORMAT_DATE('%G-W%V', d) for the week"
            )
    for found in parsed.find_all(exp.Select):
        _name(found)
    return _rendered(parsed)


def _name(found: exp.Select) -> None:
    """DuckDB would name them by its own SQL, which is not what was asked."""
    named = (exp.Alias, exp.Column, exp.Dot)
    nameless = [one for one in found.expressions if not (one.is_star or isinstance(one.unnest(), named))]
    for number, one in enumerate(nameless):
        one.replace(exp.alias_(one, f"f{number}_"))


def _first_line(exc: Exception) -> str:
    errors = getattr(exc, "errors", None)
    if errors:
        first = errors[0]
        return f"{first['description']} at line {first['line']}, column {first['col']}, near {first['highlight']!r}"
    return str(exc).splitlines()[0]
