"""The analyst's layer: the views, and what the analysts themselves say in two CSV files.

``events``: a date and a label, and a tracker where it concerns one. ``exclusions``: an author, a domain, a word or a
language that is left out of every count in scope, and why. Both are read as French Excel or anything else writes them:
comma or semicolon, UTF-8 or what Windows calls ANSI, dates as 2026-11-25 or 25/11/2026, titles in French or in English.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from arcane import tables
from arcane.errors import ConfigError
from arcane.warehouse.interface import Shown

_TITLES: Final = {
    "jour": "date",
    "libelle": "label",
    "evenement": "label",
    "suivi": "tracker",
    "type": "kind",
    "valeur": "value",
    "motif": "reason",
}
_KINDS: Final = {"auteur": "author", "compte": "author", "domaine": "domain", "mot": "word", "langue": "language"}
_DATES: Final = ("%Y-%m-%d", "%d/%m/%Y")
_NOT_A_WORD: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Layer:
    """``notes``: table → the rows that it has to hold, without what the warehouse fills in."""

    views: Sequence[Shown] = ()
    notes: Mapping[str, pa.Table] = field(default_factory=dict)


def notes(*, events: Path | None, exclusions: Path | None) -> dict[str, pa.Table]:
    """What the two files say; nothing where none is named. Raises: ConfigError naming file and line."""
    return {
        tables.EVENTS.name: _rows(events, tables.EVENTS.names, _event),
        tables.EXCLUSIONS.name: _rows(exclusions, ("kind", "value", "reason"), _exclusion),
    }


def _rows(
    path: Path | None, names: tuple[str, ...], read: Callable[[Mapping[str, str]], dict[str, object]]
) -> pa.Table:
    """Rows unique by their first two columns, the later winning."""
    found: dict[tuple[object, object], dict[str, object]] = {}
    for number, cells in _lines(path) if path is not None else ():
        try:
            row = read(cells)
        except ValueError as exc:
            raise ConfigError(f"{path}, line {number}: {exc}") from exc
        found[row[names[0]], row[names[1]]] = row
    kinds = {"local_date": pa.date32()}
    schema = pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in names])
    return pa.Table.from_pylist(list(found.values()), schema=schema)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read ({exc.strerror}): name a CSV file, or leave the setting out") from exc
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")  # what a French Excel writes as plain CSV
    lines = text.splitlines()
    if not lines:
        return
    reader = csv.reader(lines, delimiter=";" if lines[0].count(";") > lines[0].count(",") else ",")
    titles = [_bare(title) for title in next(reader)]
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, {title: cell.strip() for title, cell in zip(titles, cells, strict=False)}


def _bare(title: str) -> str:
    """A column's title in English, small letters, no accents."""
    flat = unicodedata.normalize("NFKD", title.strip().lower()).encode("ascii", "ignore").decode()
    return _TITLES.get(flat, flat)


def _event(cells: Mapping[str, str]) -> dict[str, object]:
    label = cells.get("label", "")
    if not label:
        raise ValueError("an event needs a label: the columns are date, label and, where it concerns one, tracker")
    return {"local_date": _date(cells.get("date", "")), "label": label, "tracker": cells.get("tracker") or None}


def _date(text: str) -> date:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date: write it as 2026-11-25 or 25/11/2026")


def _exclusion(cells: Mapping[str, str]) -> dict[str, object]:
    kind = _KINDS.get(_bare(cells.get("kind", "")), cells.get("kind", "").lower())
    if kind not in _KINDS.values():
        raise ValueError(
            f"{kind!r} is no kind of exclusion: author, domain, word or language (auteur, domaine, mot, langue)"
        )
    value = unicodedata.normalize("NFKC", cells.get("value", "")).casefold().strip()
    if kind == "word":
        value = _NOT_A_WORD.sub(" ", value).strip()
    if kind == "domain":
        value = value.split("://")[-1].split("/")[0].removeprefix("www.")
    value = value.removeprefix("@" if kind == "author" else "")
    if not value:
        raise ValueError("the value is empty: say which author, domain, word or language is left out")
    return {"kind": kind, "value": value, "reason": cells.get("reason") or value}
