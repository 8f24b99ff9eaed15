"""The SQL of views: where their names are, what a warehouse keeps of them, and how that is filled anew.

A view that is *kept* has its rows in a table beside it, filled by the local day of posting: what a tweet's day holds
depends on the tweets of that day alone. Commits and erasures note the days that they touch (``stale_days``); the end of
a run fills these anew, so that the table always ends as the view's own text would have it. GoogleSQL; pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from arcane import tables
from arcane.tables import Span, Table, Type
from arcane.warehouse.interface import Shown

# What a function may be asked for, in the order of its arguments. No table has columns of these names: BigQuery and
# DuckDB would take the column.
PARAMETERS: Final = {
    "tracker_name": Type.STRING,
    "first_date": Type.DATE,
    "last_date": Type.DATE,
    "base_first_date": Type.DATE,
    "base_last_date": Type.DATE,
}

READ_MADE = "select name, definition, grain from made_views order by name"
FORGET_MADE = "delete from made_views where name in (select one from unnest(@names) as one)"
READ_STALE = "select local_date from stale_days order by local_date"

NOTE_STALE = """\
insert into stale_days (local_date)
select distinct cast(one as date)
from unnest(@stale) as one
where cast(one as date) not in (select local_date from stale_days)"""

RESOLVE_EXCLUSIONS = """\
update exclusions
set author_id = (select max(authors.author_id) from authors where lower(authors.username) = exclusions.value)
where kind = 'author'"""


def note_stale(*, of: str = "", prefix: str = "") -> str:
    """Note the days of these tweets (a query of their ids), or of all."""
    condition = f" and tweet_id in ({of})" if of else ""
    return f"""\
insert into stale_days (local_date)
select distinct local_date
from {prefix}tweets
where local_date is not null and local_date not in (select local_date from stale_days){condition}"""


def table_of(name: str) -> str:
    """Where the rows of a kept view are."""
    return f"kept_{name}"


def text(view: Shown) -> str:
    """What the view is made of: its own query, or its table."""
    if not view.is_kept:
        return view.sql
    columns = ",\n".join(f"    {name}" for name in view.column_names)
    return f"select\n{columns},\nfrom {table_of(view.name)}"


def empty(view: Shown) -> str:
    """A query with the view's columns and no rows, which reads nothing."""
    return _spliced(view.sql, {name: f"(select * from {name} where false)" for name in view.reads})


def fill(view: Shown, days: Sequence[date]) -> list[str]:
    """Put the rows of these days, and no others, in place of those that are kept of them."""
    target, wanted = table_of(view.name), f"local_date in ({', '.join(map(_literal, days))})"
    rows = _spliced(view.sql, _bounded(view.reads, days))
    columns = ", ".join(view.column_names)
    return [
        f"delete from {target} where {wanted}",
        f"insert into {target} ({columns})\nselect {columns}\nfrom (\n{rows}\n) as {view.name}\nwhere {wanted}",
    ]


def drop(made: Mapping[str, str | None], *, tweets: str) -> list[str]:
    """Delete what is kept of these tweets (a query of their ids), whose days were noted; ``made``: name → grain.

    A table without ids loses the whole days, until they are filled anew.
    """
    stale = "local_date in (select local_date from stale_days)"
    return [
        f"delete from {table_of(name)} where {f'tweet_id in ({tweets})' if 'tweet_id' in grain else stale}"
        for name, grain in made.items()
        if grain
    ]


def _spliced(sql: str, put: Mapping[str, str]) -> str:
    from arcane.warehouse.dialect import spliced  # brings sqlglot, which an answer from the record does without

    return spliced(sql, put)


def _bounded(reads: frozenset[str], days: Sequence[date]) -> dict[str, str]:
    """Name → the part of a table that can have to do with tweets of these days: constants, so that partitions prune."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=2)
    bounded = {}
    for name in reads:
        table = tables.BY_NAME.get(name)
        if table is None or table.bound is None:
            continue
        low, high = (_at(table, day) for day in (first, last))
        # What is read of a tweet is read at any time after.
        upper = f" and {table.bound} <= {high}" if table.span is Span.MONTH else ""
        bounded[name] = f"(select * from {name} where {table.bound} >= {low}{upper})"
    return bounded


def _at(table: Table, day: date) -> str:
    if table.column(table.bound or "").type is Type.DATE:
        return _literal(day)
    return f"timestamp '{day:%Y-%m-%d} 00:00:00+00'"


def _literal(day: date) -> str:
    return f"date '{day:%Y-%m-%d}'"
