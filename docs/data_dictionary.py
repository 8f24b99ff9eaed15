"""docs/data-dictionary.md: every view, function and table with its columns, in French and in English.

    make dictionary     writes data-dictionary.md beside this file

All of it is told elsewhere (tables.py, the headers of sql/views); here it is only laid out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from arcane import tables
from arcane.views import View, views
from arcane.warehouse.duckdb import DuckDBWarehouse
from arcane.warehouse.kept import PARAMETERS

HEAD: Final = """\
# Dictionnaire des données · Data dictionary

Écrit par `make dictionary` à partir de `tables.py` et des en-têtes de `sql/views` ; un test le compare à sa source.
*Written by `make dictionary` from `tables.py` and the headers of `sql/views`; a test compares it with its source.*

**Où lire.** Dans le jeu `arcane_fr`, chaque vue porte des noms français (première colonne) ; dans le jeu `arcane`, les
mêmes lignes portent les noms anglais. Une fonction s'appelle comme une table :
`select * from arcane_fr.totals('arcane', date '2026-11-01', date '2026-11-30')`, jours compris. NULL veut dire
« inconnu », jamais zéro.
*In the dataset `arcane_fr` every view has French names (first column), in `arcane` the same rows have English names. A
function is called like a table, days inclusive. NULL means unknown, never zero.*
"""
TYPES: Final = {
    "VARCHAR": "STRING",
    "BIGINT": "INT64",
    "INTEGER": "INT64",
    "HUGEINT": "INT64",
    "DOUBLE": "FLOAT64",
    "BOOLEAN": "BOOL",
    "DATE": "DATE",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "VARCHAR[]": "ARRAY<STRING>",
}


def dictionary() -> str:
    """The whole page."""
    known = sorted(views(), key=lambda one: one.name)
    types = types_of(known)
    plain = [one for one in known if not one.parameters and one.has_twin]
    functions = [one for one in known if one.parameters]
    inner = [one for one in known if not one.parameters and not one.has_twin]
    parts = [
        HEAD,
        contents("Vues · Views", plain),
        contents("Fonctions · Functions", functions),
        contents("Vues internes, sans noms français · Inner views", inner),
        contents("Tables", tables.ALL),
    ]
    parts += [section(one, types[one.name]) for one in (*plain, *functions, *inner)]
    parts += [table_section(one) for one in tables.ALL]
    return "\n".join(parts)


def types_of(known: list[View]) -> dict[str, dict[str, str]]:
    """View → column → GoogleSQL type, as an empty warehouse gives them."""
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(DuckDBWarehouse(Path(folder) / "arcane.duckdb", time_zone="Europe/Paris")) as warehouse,
    ):
        warehouse.migrate()
        warehouse.acquire("dictionary", now=now)
        warehouse.show(views(), now=now)
        found = {}
        for one in known:
            literals = ["''" if PARAMETERS[name] == "STRING" else "date '2026-01-01'" for name in one.parameters]
            call = f"{one.name}({', '.join(literals)})" if literals else one.name
            rows = warehouse._rows(f"select column_name, column_type from (describe select * from {call})")  # noqa: SLF001, S608 - our names
            found[one.name] = {name: TYPES[kind.split("(")[0]] for name, kind in rows}
    return found


def contents(title: str, found: Iterable[View | tables.Table]) -> str:
    """A list of links with what each says, in French."""
    lines = [f"- [`{one.name}`](#{one.name}) : {one.sens.removesuffix('.')}" for one in found]
    return "\n".join([f"## {title}", "", *lines, ""])


def section(one: View, types: dict[str, str]) -> str:
    """A view or a function."""
    lines = [f"### {one.name}", "", one.sens, f"*{one.meaning}*", ""]
    if one.parameters:
        arguments = ", ".join(f"{name} {PARAMETERS[name]}" for name in one.parameters)
        lines += [f"`{one.name}({arguments})`", ""]
    lines += [f"- **Clé · key**: {', '.join(f'`{name}`' for name in one.key)}"]
    if one.formula:
        lines += [f"- **Formula**: {one.formula}"]
    if one.caveats:
        lines += [f"- **Caveats**: {one.caveats}"]
    rows = [(column.fr, column.name, types[column.name], column.sens, column.meaning) for column in one.columns]
    return "\n".join([*lines, "", *laid_out(rows), ""])


def table_section(one: tables.Table) -> str:
    """A table of the contract."""
    rows = [(column.fr, column.name, str(column.type), column.sens, column.meaning) for column in one.columns]
    key = ", ".join(f"`{name}`" for name in one.key)
    return "\n".join(
        [
            f"### {one.name}",
            "",
            one.sens,
            f"*{one.meaning}*",
            "",
            f"- **Clé · key**: {key}",
            "",
            *laid_out(rows, french="nom (sans vue dans `arcane_fr`)"),
            "",
        ]
    )


def laid_out(rows: Iterable[tuple[str, str, str, str, str]], *, french: str = "nom (`arcane_fr`)") -> list[str]:
    """Columns as a table of Markdown."""
    lines = [f"| {french} | name (`arcane`) | type | sens | meaning |", "|---|---|---|---|---|"]
    for french, name, kind, sens, meaning in rows:
        cells = [
            cell.replace("|", "\\|").replace("<", "&lt;") for cell in (f"`{french}`", f"`{name}`", kind, sens, meaning)
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("data-dictionary.md")
    target.write_text(dictionary(), encoding="utf-8")
