"""Files over HTTP: a French view as the page's filters narrow it, or the rows of one panel.

A file is written whole before its first byte is sent: what fails on the way is an answer with a sentence, never half a
file. Few are made at once, since a large workbook keeps a core busy for minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from arcane.errors import ConfigError
from arcane.serve import export
from arcane.serve.dashboard.filters import Filters
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.pages import Panel
from arcane.serve.dashboard.queries import Layer, Question
from arcane.serve.dashboard.wording import header, legible
from arcane.serve.export import Format
from arcane.serve.extract import Cover, Extract, is_reached, state, unfiltered
from arcane.serve.language import Language
from arcane.views import Named, View
from arcane.warehouse.interface import Reader

AT_ONCE: Final = 2  # files under way
_MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
SUFFIXES: Final = {
    "xlsx": (Format.XLSX,),
    "csv": (Format.CSV, Format.CSV_FR, Format.CSV_EN),
    "parquet": (Format.PARQUET,),
}
SPREADSHEETS: Final = ("xlsx", "csv")  # the endings of what people open by a double click
# What is asked for most, in the order in which it is offered.
_FIRST: Final = {
    "tracker_tweets_flat": ("Les publications", "The posts"),
    "totals": ("Les chiffres clés", "The key figures"),
    "volume_by_day": ("Le volume par jour", "Volume by day"),
    "engagement_by_day": ("L'engagement par jour", "Engagement by day"),
    "top_authors": ("Les comptes", "The accounts"),
    "top_hashtags": ("Les hashtags", "The hashtags"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A view on the page of exports. ``filters``: those that it is exported with; ``is_plain``: some had to be left;
    ``unfiltered``: columns that they do not reach."""

    view: View
    title: str
    filters: Filters
    is_plain: bool
    unfiltered: list[str]

    def href(self, frame: Frame, suffix: str, style: str = "") -> str:
        """Where its file of that ending is."""
        more = {"view": self.view.name, **({"format": style} if style else {})}
        return frame.href(f"/export.{suffix}", self.filters, more=more)


def offers(layer: Layer, filters: Filters, language: Language) -> tuple[list[Offer], list[Offer]]:
    """What is asked for most, then the others by name."""

    def offer(view: View) -> Offer:
        is_plain = filters.is_narrow and not is_reached(view, layer=layer)
        title = language.text(*_FIRST[view.name]) if view.name in _FIRST else view.name
        kept = filters.plain if is_plain else filters
        return Offer(view, title, kept, is_plain, unfiltered(view, kept))

    known = {name: view for name, view in sorted(layer.views.items()) if view.has_twin}
    first = [offer(known[name]) for name in _FIRST]
    return first, [offer(view) for name, view in known.items() if name not in _FIRST]


def kind_of(suffix: str, said: str) -> Format:
    """How a file of that ending is written. Raises: ConfigError."""
    known = SUFFIXES[suffix]
    if not said:
        return known[0]
    if said not in set(known):
        raise ConfigError(f"format {said} is none of a .{suffix}'s: use {', '.join(known)}")
    return Format(said)


def spreadsheet(suffix: str, language: Language) -> Format:
    """The same for a file that people open by a double click, in their language."""
    return Format.XLSX if suffix == "xlsx" else Format.CSV_FR if language.is_french else Format.CSV_EN


def answer(rows: Extract, *, name: str, suffix: str, kind: Format) -> Response:
    """The file, as an attachment. Raises: SqlError, ExportError."""
    folder = tempfile.TemporaryDirectory(prefix="arcane-export-")
    path = Path(folder.name) / f"{name}.{suffix}"
    try:
        export.save(rows, path, kind=kind, after=lambda _: None)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES[suffix],
        filename=path.name,
        headers={"Content-Encoding": "identity"},  # packed already, or for a program beside it: not packed on the way
        background=BackgroundTask(folder.cleanup),
    )


def of_panel(reader: Reader, question: Question, frame: Frame, *, panel: Panel, layer: Layer) -> Extract:
    """The rows of a panel under the titles that the page gives them, with what the page says above them."""
    batches = reader.batches(question.sql, question.bound)
    names = batches.schema.names
    titles = _apart([header(name, frame.language) for name in names])
    columns = [Named(name, title, "", "") for name, title in zip(names, titles, strict=True)]
    meanings = layer.meanings(panel.statement)
    cover = Cover(
        title=f"{frame.tracker_title} · {panel.title}",
        subtitle=legible(panel.deck),
        source="du panneau",
        facts=[("Périmètre", " · ".join(frame.scope)), *state(frame.status)],
        definitions=[(one.fr, meanings[one.name]) for one in columns if one.name in meanings],
    )
    return Extract(columns, batches, frame.zone, cover if frame.language.is_french else None)


def of_query(reader: Reader, question: Question, *, zone: str) -> Extract:
    """The rows of an analyst's own query, under its own names."""
    batches = reader.batches(question.sql, question.bound)
    names = batches.schema.names
    columns = [Named(name, title, "", "") for name, title in zip(names, _apart(names), strict=True)]
    return Extract(columns, batches, zone)


def _apart(titles: Sequence[str]) -> list[str]:
    """No two alike, as a table of Excel's wants its titles: « Rang », « Rang (2) »."""
    seen: dict[str, int] = {}
    found = []
    for title in titles:
        number = seen[title.casefold()] = seen.get(title.casefold(), 0) + 1
        found.append(title if number == 1 else f"{title} ({number})")
    return found
