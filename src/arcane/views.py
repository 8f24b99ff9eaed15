"""Views: what the tables mean. One GoogleSQL file a view; its name is the view's.

Arcane's own lie in ``sql/views``; a folder of the user's joins them. A view may read tables and other views; here they
are read, checked, put in order, and given their French names. What a warehouse makes of them is its own affair.

A file begins with comments: one sentence in French, one in English, then ``Grain:`` (the key), ``Source:``,
``Formula (vN):``, ``Caveats:``, and a line ``Column: name = nom_francais | meaning | sens`` for each column that the
data contract does not have. It ends with ``select * from final``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from arcane import tables
from arcane.errors import ConfigError

_FINAL: Final = "final"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FIELD: Final = re.compile(r"(Grain|Source|Formula|Caveats|Column)(?: \(v\d+\))?: ?(.*)")
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

    def french(self, dataset: str) -> str:
        """The same rows under French names, out of the view in ``dataset``."""
        columns = ",\n".join(f"    {one.name} as {one.fr}" for one in self.columns)
        return f"select\n{columns},\nfrom {dataset}.{self.name}"


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
        done += ready
        for one in ready:
            del left[one.name]
    return done


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
