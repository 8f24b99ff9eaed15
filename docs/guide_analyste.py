"""docs/guide-analyste.md: below each of its queries what the query gives, on a made-up world that is always the same.

    make guide     runs every query of the page and writes the results into it

Words and queries are the page's own; what stands between the markers is written here.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from arcane.app import App
from arcane.config import Settings
from arcane.demo import live
from arcane.logs import configure
from arcane.terminal import bar, printable
from arcane.warehouse.interface import Result

PAGE: Final = Path(__file__).with_name("guide-analyste.md")
END_AT: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)
TWEETS: Final = 6000
ROWS: Final = 10  # a longer result shows so many
WIDTH: Final = 90  # and a longer text so many signs
BEGIN: Final = "<!-- résultat -->"
END: Final = "<!-- fin du résultat -->"
_QUERY: Final = re.compile(rf"(```sql\n(.*?)```\n)(?:\n{BEGIN}\n.*?{END}\n)?", re.DOTALL)
_SHARES: Final = ("part_", "taux_engagement", "taux_couverture", "taux_croissance")
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]|~])")


def world(folder: Path) -> App:
    """The demo's story, smaller, and always ending on the same morning."""
    settings = Settings.model_validate(
        {"warehouse": {"path": folder / "arcane.duckdb"}, "archive": {"path": folder / "archive"}}
    )
    configure(style="auto", level="error")
    with bar("tweets") as progress:
        return live(settings, end_at=END_AT, progress=progress, tweet_count=TWEETS)


def queries(page: str) -> list[str]:
    """Those of the page, in order."""
    return [found[2] for found in _QUERY.finditer(page)]


def written(page: str, app: App) -> str:
    """The page with the result of each query below it."""

    def answered(found: re.Match[str]) -> str:
        return f"{found[1]}\n{BEGIN}\n{laid_out(app.query(found[2]))}\n{END}\n"

    return _QUERY.sub(answered, page)


def laid_out(result: Result) -> str:
    """A result as a table of Markdown, in French; cut where it is long."""
    lines = [result.columns, ["---"] * len(result.columns)]
    lines += [
        [_cell(name, value) for name, value in zip(result.columns, row, strict=True)] for row in result.rows[:ROWS]
    ]
    if len(result.rows) > ROWS:
        lines += [["…"] * len(result.columns)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n*{len(result.rows)} lignes, dont {ROWS} montrées.*" if len(result.rows) > ROWS else table


def _cell(column: str, value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    if isinstance(value, float):
        is_share = column == "part" or column.startswith(_SHARES)
        told = f"{100 * value:,.1f}\u202f%" if is_share else f"{value:,.2f}"
        return told.replace(",", "\u202f").replace(".", ",")
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    text = printable(str(value))
    text = f"{text[: WIDTH - 1]}…" if len(text) > WIDTH else text
    escaped = _MARKDOWN.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return escaped.replace("://", ":\\//")  # a made-up address is no link


def main(arguments: Sequence[str]) -> None:
    """``arguments``: the file to write, where it is not the page itself."""
    with tempfile.TemporaryDirectory() as folder:
        page = written(PAGE.read_text(encoding="utf-8"), world(Path(folder)))
    (Path(arguments[0]) if arguments else PAGE).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
