"""Filters → questions: which SQL is asked with which parameters, and the same to be read and pasted. Pure.

A tracker and a period are arguments of the functions and conditions on the views. Whatever else is filtered goes in by
one door: every view and function reads ``posted_tweets``, so the same text is run with that name meaning fewer rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlglot import exp

from arcane import tables
from arcane.serve.dashboard.filters import Filters
from arcane.serve.dashboard.questions import Statement
from arcane.views import View, inlined, reaches
from arcane.warehouse.dialect import spliced, statement

_PARAMETER: Final = re.compile(r"@(\w+)")
_BEFORE_DAYS: Final = 35  # the 28 days that a spike is measured against, and a week
_ROWS: Final = 5_000
Value = str | int | date | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """GoogleSQL and its parameters; hashable."""

    sql: str
    parameters: tuple[tuple[str, Value], ...] = ()
    max_rows: int = _ROWS

    @property
    def bound(self) -> dict[str, object]:
        """The parameters as a reader takes them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.parameters}

    @property
    def written(self) -> str:
        """The same with its parameters as literals, to be pasted anywhere."""
        known = dict(self.parameters)
        return _PARAMETER.sub(lambda found: literal(known[found[1]]) if found[1] in known else found[0], self.sql)


@dataclass(frozen=True, slots=True)
class Layer:
    """The views by name, and the ``dataset`` that they lie in."""

    views: Mapping[str, View]
    dataset: str

    def question(self, asked: Statement, filters: Filters, **more: Value) -> Question:
        """``asked`` of what the filters leave; ``more``: parameters that the statement has of its own."""
        sql = self._narrowed(asked.sql, filters) if filters.is_narrow else self._called(asked.sql)
        return self._finished(sql, asked, filters, more)

    def shadowed(self, asked: Statement, filters: Filters, put: Mapping[str, str], **more: Value) -> Question:
        """``asked`` with these queries in the place of tables or views."""
        return self._finished(self._inlined(asked.sql, put), asked, filters, more)

    def _finished(self, sql: str, asked: Statement, filters: Filters, more: Mapping[str, Value]) -> Question:
        """Names with their dataset, the order and the end of ``asked``, and the parameters that are named."""
        sql = spliced(sql, {name: f"{self.dataset}.{name}" for name in (*tables.BY_NAME, *self.views)})
        if asked.order:
            sql += f"\norder by {asked.order}"
        if asked.limit:
            sql += f"\nlimit {asked.limit}"
        return self._of(sql, {**_values(filters), **more})

    def _of(self, sql: str, values: Mapping[str, Value]) -> Question:
        used = dict.fromkeys(_PARAMETER.findall(sql))
        return Question(sql, tuple((name, values[name]) for name in used if name in values))

    def _called(self, sql: str) -> str:
        """Functions get their arguments."""
        calls = {
            name: f"(select * from {self.dataset}.{view.call})" for name, view in self.views.items() if view.parameters
        }
        return spliced(sql, calls)

    def _narrowed(self, sql: str, filters: Filters) -> str:
        """The text of every view that is read, over fewer tweets."""
        if not any(map(self.is_narrowed, _read(sql))):
            return self._called(sql)
        return self._inlined(sql, {_POSTED: self._posted(filters)})

    def _inlined(self, sql: str, put: Mapping[str, str]) -> str:
        """The statement, with the views that these queries reach written out."""
        shown = View(
            name="shown", sql=sql, sens="", meaning="", key=(), formula="", caveats="", columns=(), reads=_read(sql)
        )
        return self._called(inlined(shown, self.views, put))

    def meanings(self, asked: Statement) -> dict[str, str]:
        """What the columns of the views that ``asked`` names mean, in French."""
        named = [self.views[name] for name in sorted(_read(asked.sql) & self.views.keys())]
        return {one.name: one.sens for view in named for one in view.columns}

    def is_narrowed(self, name: str) -> bool:
        """Whether filters reach the rows of this view."""
        return reaches(name, self.views, {_POSTED})

    def _posted(self, filters: Filters) -> str:
        """What stands in the place of ``posted_tweets``: its rows that the filters leave, of the days that matter."""
        dataset = self.dataset
        conditions = ["local_date between @from_date and @to_date"]
        if filters.kinds:
            conditions.append("kind in (select one from unnest(@kinds) as one)")
        if filters.lang:
            conditions.append("lang = @lang")
        if filters.media:
            conditions.append("media_kind in (select one from unnest(@media) as one)")
        if filters.author:
            conditions.append(
                f"author_id in (select author_id from {dataset}.authors where lower(username) = lower(@author))"
            )
        if filters.text:
            conditions.append(
                f"tweet_id in (select tweet_id from {dataset}.tweets "
                "where local_date between @from_date and @to_date and strpos(lower(text), lower(@text)) > 0)"
            )
        if filters.least:
            conditions.append("interaction_count >= @least")
        columns = (
            "*" if filters.has_exclusions else "* except (exclusion_reason), cast(null as string) as exclusion_reason"
        )
        where = "\n    and ".join(conditions)
        return f"select {columns}\nfrom {dataset}.{_POSTED}\nwhere\n    {where}"


def _read(sql: str) -> frozenset[str]:
    """The tables, views and functions that it names."""
    return frozenset(one.name for one in statement(sql).find_all(exp.Table))


def literal(value: Value) -> str:
    """A value as GoogleSQL writes it."""
    match value:
        case str():
            return f"'{''.join(map(_escaped, value))}'"
        case date():
            return f"date '{value.isoformat()}'"
        case int():
            return str(value)
    return f"[{', '.join(map(literal, value))}]"


def _escaped(sign: str) -> str:
    if sign in "\\'":
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _values(filters: Filters) -> dict[str, Value]:
    spans = [filters.span] if filters.base is None else [filters.span, filters.base]
    values: dict[str, Value] = {
        "tracker_name": filters.tracker,
        "first_date": filters.span.first,
        "last_date": filters.span.last,
        "from_date": min(span.first for span in spans) - timedelta(days=_BEFORE_DAYS),
        "to_date": max(span.last for span in spans),
        "kinds": filters.kinds,
        "lang": filters.lang,
        "media": filters.media,
        "author": filters.author,
        "text": filters.text,
        "least": filters.least,
    }
    if filters.base is not None:
        values |= {"base_first_date": filters.base.first, "base_last_date": filters.base.last}
    return values


_POSTED: Final = "posted_tweets"
