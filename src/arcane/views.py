"""Views: what the tables mean. One GoogleSQL file a view in ``sql/views``; its name is the view's."""

from __future__ import annotations

from importlib.resources import files


def views() -> dict[str, str]:
    """The text of every view, by name."""
    found = [file for file in (files("arcane") / "sql" / "views").iterdir() if file.name.endswith(".sql")]
    return {file.name.removesuffix(".sql"): file.read_text("utf-8").strip() for file in found}
