"""Views: what the tables mean. One GoogleSQL file a view; its name is the view's.

Arcane's own lie in ``sql/views``; a folder of the user's joins them. A view may read tables and other views; here they
are read, checked, put in order, and given their French names. What a warehouse makes of them is its own affair.

A file begins with comments: one sentence in French, one in English, then ``Grain:`` (the key), ``Source:``,
``Formula (vN):``, ``Caveats:``, and a line ``Column: name = nom_francais | meaning | sens`` for each column that the
data contract does not have. It ends with ``select * from final``.

A query that names parameters (``@tracker_name``, ``@first_date``, ``@last_date``, ``@base_first_date``,
``@base_last_date``; days inclusive) is a table function: ``select * from growth('arcane', …)``. ``Kept: local_date``
lets a warehouse keep the rows in a table, filled by day (``warehouse.kept``): everything that it reads of a tweet must
belong to that tweet. ``Twin: none`` is for views with lists, which office tools cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from arcane import tables
from arcane.errors import ConfigError
from arcane.warehouse.kept import PARAMETERS

_FINAL: Final = "final"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FIELD: Final = re.compile(r"(Grain|Source|Formula|Caveats|Kept|Twin|Column)(?: \(v\d+\))?: ?(.*)")
_KEPT_BY: Final = "local_date"
_COLUMN: Final = re.compile(r"(\w+) = (\w+) \| (.+) \| (.+)")


@dataclass(frozen=True, slots=True)
class Named:
    """A column's French name and what it means."""

    name: str
    fr: str
    meaning: str
    sens: str


@dataclass(frozen=True, slots=True)
class View:
    """``key`` is unique in its rows; ``columns`` in order; ``reads`` are the tables and views that it names."""

    name: str
    sql: str
    sens: str
    meaning: str
    key: tuple[str, ...]
    formula: str
    caveats: str
    columns: tuple[Named, ...]
    reads: frozenset[str]
    parameters: tuple[str, ...] = ()
    is_kept: bool = False
    has_twin: bool = True
    definition: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns)

    @property
    def call(self) -> str:
        """How a query names it."""
        return f"{self.name}({', '.join(f'@{one}' for one in self.parameters)})" if self.parameters else self.name

    def french(self, dataset: str) -> str:
        """The same rows under French names, out of the view in ``dataset``."""
        columns = ",\n".join(f"    {one.name} as {one.fr}" for one in self.columns)
        return f"select\n{columns},\nfrom {dataset}.{self.call}"


def views(folder: Path | None = None) -> list[View]:
    """Arcane's views and those of ``folder``, each after what it reads.

    Raises: ConfigError naming the file that is no view, and why.
    """
    own = _texts(files("arcane") / "sql" / "views")
    theirs = _of_folder(folder) if folder is not None else {}
    for name in theirs:
        if name in own or name in tables.BY_NAME:
            raise ConfigError(f"{folder}/{name}.sql has the name of one of Arcane's own: give it another")
    return ordered([view(name, text) for name, text in sorted({**own, **theirs}.items())])


@lru_cache(maxsize=512)
def view(name: str, text: str) -> View:
    """One file. Raises: ConfigError."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name}.sql is no name for a view: small letters, digits and _, a letter first")
    sens, meaning, fields, glossary = _header(name, text)
    try:
        (parsed,) = [one for one in sqlglot.parse(text, read="bigquery") if one is not None]
    except (ParseError, TokenError, ValueError) as exc:
        raise ConfigError(f"{name}.sql is not one GoogleSQL query: {str(exc).splitlines()[0]}") from exc
    if not isinstance(parsed, exp.Query):
        raise ConfigError(f"{name}.sql is {parsed.key.upper()} and no query: begin with SELECT or WITH")
    written = {cte.alias: cte.this for cte in parsed.find_all(exp.CTE)}
    selected = written.get(_FINAL, parsed).named_selects
    reads = {table.name for table in parsed.find_all(exp.Table)} - set(written)
    known = _contract(reads) | {one.name: one for one in glossary}
    if unnamed := [one for one in selected if one not in known or one == "*"]:
        raise ConfigError(
            f"{name}.sql gives {unnamed[0]} and says neither its French name nor what it means: add the line "
            f"'-- Column: {unnamed[0]} = … | … | …'"
        )
    key = tuple(part.strip() for part in fields.get("Grain", "").strip("() ").split(",") if part.strip())
    if not key or not set(key) <= set(selected):
        raise ConfigError(f"{name}.sql must say which of its columns are its key: '-- Grain: (one, two)'")
    asked = {parameter.name for parameter in parsed.find_all(exp.Parameter)}
    if unknown := sorted(asked - set(PARAMETERS)):
        raise ConfigError(
            f"{name}.sql names @{unknown[0]}: a view may ask for {', '.join(f'@{one}' for one in PARAMETERS)}"
        )
    kept = fields.get("Kept", "")
    if kept and (kept != _KEPT_BY or kept not in selected or asked):
        raise ConfigError(f"{name}.sql can be kept by its column {_KEPT_BY} alone, and without parameters")
    return View(
        name=name,
        sql=text,
        sens=sens,
        meaning=meaning,
        key=key,
        formula=fields.get("Formula", ""),
        caveats=fields.get("Caveats", ""),
        columns=tuple(known[one] for one in selected),
        reads=frozenset(reads),
        parameters=tuple(one for one in PARAMETERS if one in asked),
        is_kept=bool(kept),
        has_twin=fields.get("Twin") != "none",
    )


def ordered(found: Iterable[View]) -> list[View]:
    """Each view after those that it reads; by name where that leaves a choice. Raises: ConfigError for a circle."""
    left = {one.name: one for one in found}
    done: list[View] = []
    while left:
        ready = [one for name, one in sorted(left.items()) if not one.reads & (set(left) - {name})]
        ready = [one for one in ready if one.name not in one.reads]
        if not ready:
            raise ConfigError(f"the views {', '.join(sorted(left))} read each other: none can be made first")
        for one in ready:
            done.append(_defined(one, {known.name: known.definition for known in done}))
            del left[one.name]
    return done


def reaches(name: str, known: Mapping[str, View], sought: Container[str]) -> bool:
    """Whether a table or view is one of those ``sought``, or reads one."""
    return name in sought or (name in known and any(reaches(read, known, sought) for read in known[name].reads))


def inlined(one: View, known: Mapping[str, View], put: Mapping[str, str] | None = None) -> str:
    """The view as one query: the views that it reads written before it, parameters and all.

    ``put``: name → the query that stands in the place of a table or view (``posted_tweets``, filtered); then views that
    it does not reach stay names, since a warehouse may keep them.
    """
    needed: dict[str, str] = {}

    def need(name: str) -> None:
        if put and name in put:
            needed.setdefault(name, put[name])
        elif name in known and (not put or reaches(name, known, put)):
            for read in sorted(known[name].reads):
                need(read)
            needed.setdefault(name, known[name].sql)

    for read in sorted(one.reads):
        need(read)
    written = ",\n\n".join(f"{name} as (\n{sql}\n)" for name, sql in (*needed.items(), (one.name, one.sql)))
    return f"with\n\n{written}\n\nselect * from {one.name}"


def _defined(one: View, read: Mapping[str, str]) -> View:
    """With the hash of its text and of what it reads."""
    parts = [one.sql, one.french("twin"), *(read[name] for name in sorted(one.reads) if name in read)]
    return replace(one, definition=blake2b("\0".join(parts).encode(), digest_size=8).hexdigest())


def _header(name: str, text: str) -> tuple[str, str, Mapping[str, str], list[Named]]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    if len(lines) < 2:
        raise ConfigError(f"{name}.sql must begin with a line of French and one of English, as comments")
    fields: dict[str, str] = {}
    glossary: list[Named] = []
    last = ""
    for line in lines[2:]:
        found = _FIELD.fullmatch(line)
        if found and found[1] == "Column":
            column = _COLUMN.fullmatch(found[2])
            if column is None:
                raise ConfigError(f"{name}.sql: '{line}' should read 'Column: name = nom | meaning | sens'")
            glossary.append(Named(*column.groups()))
            last = ""
        elif found:
            last = found[1]
            fields[last] = found[2]
        elif last:
            fields[last] += f" {line}"
    return lines[0], lines[1], fields, glossary


def _contract(reads: Iterable[str]) -> dict[str, Named]:
    """Columns of the contract, those of the tables that are read first."""
    read = set(reads)
    found: dict[str, Named] = {}
    for table in sorted(tables.ALL, key=lambda one: one.name not in read):
        for column in table.columns:
            found.setdefault(column.name, Named(column.name, column.fr, column.meaning, column.sens))
    return found


def _texts(folder: Traversable) -> dict[str, str]:
    return {
        file.name.removesuffix(".sql"): file.read_text("utf-8").strip()
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


def _of_folder(folder: Path) -> dict[str, str]:
    try:
        return _texts(folder)
    except OSError as exc:
        raise ConfigError(f"views.path {folder} cannot be read ({exc.strerror}): name a folder of .sql files") from exc
