"""Tables and views at hand while a query is written: names, columns, meanings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from arcane import tables
from arcane.serve.language import Language
from arcane.views import View


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to select from; ``columns`` are (name, what it means)."""

    name: str
    call: str
    meaning: str
    columns: tuple[tuple[str, str], ...]
    is_table: bool


def entries(views: Iterable[View], *, dataset: str, language: Language) -> list[Entry]:
    """Views and functions by name, then tables."""
    found = [
        Entry(
            name=view.name,
            call=f"{dataset}.{view.call.replace('@', '')}",
            meaning=language.text(view.sens, view.meaning),
            columns=tuple((one.name, language.text(one.sens, one.meaning)) for one in view.columns),
            is_table=False,
        )
        for view in sorted(views, key=lambda one: one.name)
    ]
    return found + [
        Entry(
            name=table.name,
            call=f"{dataset}.{table.name}",
            meaning=language.text(table.sens, table.meaning),
            columns=tuple((column.name, language.text(column.sens, column.meaning)) for column in table.columns),
            is_table=True,
        )
        for table in tables.ALL
    ]
