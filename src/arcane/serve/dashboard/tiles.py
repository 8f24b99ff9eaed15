"""The key figures as they stand at the head of the overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.pages import header, legible
from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import MINUS, Language

_MEASURES: Final = (
    "tweet_count",
    "author_count",
    "interaction_count",
    "engagement_rate",
    "impression_count",
    "like_count",
    "retweet_count",
    "reply_count",
    "video_view_count",
    "coverage_rate",
)


@dataclass(frozen=True, slots=True)
class Tile:
    """``exact`` where ``value`` is shortened. ``note`` says why there is no ``change``."""

    name: str
    title: str
    value: str
    exact: str
    definition: str
    change: str = ""
    arrow: str = ""
    note: str = ""


# A tile → the measure of ``growth`` that says how it changed, and at which age.
_CHANGES: Final = {
    "tweet_count": ("tweet_count", "", ""),
    "author_count": ("author_count", "", ""),
    "interaction_count": ("interactions_per_tweet_at_24h", "par publication, à 24 h", "a post, at 24 h"),
    "engagement_rate": ("engagement_rate", "à 7 jours", "at 7 days"),
}


def tiles(rows: Sequence[Row], growth: Sequence[Row], *, layer: Layer, frame: Frame) -> list[Tile]:
    """One a measure; a definition is the view's own word, as is the reason why there is no change."""
    (row,) = rows
    language = frame.language
    meanings = {one.name: language.text(one.sens, one.meaning) for one in layer.views["totals"].columns}
    changes = {one["measure"]: one for one in growth}
    return [
        Tile(
            name=name,
            title=header(name, language),
            value=language.percent(row[name]) if name.endswith("_rate") else language.short(row[name]),
            exact=language.number(row[name]) if row[name] is not None and not name.endswith("_rate") else "",
            definition=meanings[name],
            **_change(name, changes, language),
        )
        for name in _MEASURES
    ]


def _change(name: str, changes: Mapping[str, Row], language: Language) -> dict[str, str]:
    measure, french, english = _CHANGES.get(name, ("", "", ""))
    found = changes.get(measure)
    if found is None:
        return {}
    rate, age = found["growth_rate"], language.text(french, english)
    if rate is None:
        return {"note": legible(found["reason_fr"] or "")}
    shown = language.change(rate)
    arrow = "▲" if shown.startswith("+") else "▼" if shown.startswith(MINUS) else "="
    return {"change": f"{shown} {age}".strip(), "arrow": arrow}
