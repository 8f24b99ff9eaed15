"""Checks of what the tables hold: each is one GoogleSQL query that returns the rows that should not be there.

A file of ``sql/checks`` is a check: dropping one there is all it takes. That every key is unique is written here, from
the data contract. A query may name ``@now``, the present moment; nothing else is passed in. It knows tables, not X.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import structlog

from arcane import tables
from arcane.errors import ChecksFailed, ConfigError
from arcane.tables import Table
from arcane.warehouse.interface import Reader

if TYPE_CHECKING:
    from arcane.views import View

log = structlog.get_logger()

_SHOWN: Final = 10
_SEVERITY: Final = "Severity: "


class Severity(StrEnum):
    """What rows found by a check mean: ``fail``, the tables are wrong; ``warn``, a person should know."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Check:
    """One query and what its rows mean, in French (``sens``) and in English."""

    name: str
    severity: Severity
    sens: str
    meaning: str
    sql: str

    @property
    def counting(self) -> str:
        """The same query, cut to a few rows that each carry the number of all: one request, whatever it finds."""
        return f"select found.*, count(*) over () as offending_count\nfrom (\n{self.sql}\n) as found\nlimit {_SHOWN}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: how many rows, and some of them."""

    check: Check
    row_count: int
    rows: tuple[dict[str, object], ...]


def checks(views: Sequence[View] = ()) -> list[Check]:
    """Every check: the keys of the tables and of these views, then the files by name. Raises: ConfigError."""
    found = [file for file in (files("arcane") / "sql" / "checks").iterdir() if file.name.endswith(".sql")]
    written = [check(file.name.removesuffix(".sql"), file.read_text("utf-8")) for file in found]
    return [*keys(tables.ALL), *keys(views), *sorted(written, key=lambda one: one.name)]


def keys(keyed: Sequence[Table | View]) -> list[Check]:
    """That the key of each is unique; a view with parameters has no rows to ask about until it is called."""
    return [_unique(one) for one in keyed if isinstance(one, Table) or not one.parameters]


def check(name: str, text: str) -> Check:
    """A file of ``sql/checks``: a sentence in French, one in English and ``Severity:`` as comments, then the query.

    Raises: ConfigError if it begins otherwise.
    """
    lines = [line.removeprefix("--").strip() for line in text.splitlines()[:3] if line.startswith("--")]
    severity = lines[2].removeprefix(_SEVERITY) if len(lines) == 3 else ""
    if severity not in set(Severity):
        raise ConfigError(
            f"{name}.sql is no check: let it begin with a line of French, one of English and "
            f"'-- {_SEVERITY}fail' or '-- {_SEVERITY}warn'"
        )
    return Check(name, Severity(severity), sens=lines[0], meaning=lines[1], sql=text.strip())


def outcomes(reader: Reader, *, now: datetime, of: Sequence[Check] | None = None) -> list[Outcome]:
    """What each check found, or each of these. Raises: ConfigError; WarehouseError."""
    return [_outcome(one, reader, now=now) for one in (checks() if of is None else of)]


def counted(reader: Reader, *, now: datetime) -> list[Outcome]:
    """How many rows each check of the tables found, in one request. Raises: ConfigError; WarehouseError."""
    asked = checks()
    counts = [f"select '{one.name}' as name, count(*) as row_count\nfrom (\n{one.sql}\n) as found" for one in asked]
    found: dict[object, Any] = dict(reader.query("\nunion all\n".join(counts), {"now": now}).rows)  # type: ignore[arg-type]
    return [Outcome(one, int(found[one.name]), ()) for one in asked]


def tell(found: Sequence[Outcome]) -> None:
    """Log what was found: a line for each check that failed, and one of all, the last."""
    failed = failures(found)
    for one in failed:
        log.error("check.failed", check=one.check.name, row_count=one.row_count)
    warned_count = sum(one.row_count > 0 for one in found) - len(failed)
    log.info("checks.ended", check_count=len(found), failed_count=len(failed), warned_count=warned_count)


def failures(found: Sequence[Outcome]) -> list[Outcome]:
    """Those of severity ``fail`` that found rows."""
    return [one for one in found if one.row_count and one.check.severity is Severity.FAIL]


def refuse(found: Sequence[Outcome]) -> None:
    """Raises: ChecksFailed if a check of severity ``fail`` found rows."""
    if failed := failures(found):
        told = ", ".join(f"{one.check.name} {one.row_count}" for one in failed)
        raise ChecksFailed(f"the tables hold rows that must not be ({told}): arcane check --json shows some of them")


def _outcome(one: Check, reader: Reader, *, now: datetime) -> Outcome:
    result = reader.query(one.counting, {"now": now} if "@now" in one.sql else None)
    rows = tuple(dict(zip(result.columns, row, strict=True)) for row in result.rows)
    counts = [int(str(row.pop("offending_count"))) for row in rows]
    return Outcome(one, max(counts, default=0), rows)


def _unique(table: Table | View) -> Check:
    key = ", ".join(table.key)
    return Check(
        name=f"unique_{table.name}",
        severity=Severity.FAIL,
        sens=f"Clés ({key}) présentes plusieurs fois dans {table.name}.",
        meaning=f"Keys ({key}) that {table.name} holds more than once.",
        sql=f"select {key}, count(*) as row_count\nfrom {table.name}\ngroup by {key}\nhaving count(*) > 1",
    )
