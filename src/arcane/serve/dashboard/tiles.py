"""The key figures as they stand at the head of the overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.pages import header
from arcane.serve.dashboard.queries import Layer

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
    direction: str = ""
    arrow: str = ""
    note: str = ""


def tiles(rows: Sequence[Row], *, layer: Layer, frame: Frame) -> list[Tile]:
    """One a measure; a definition is the view's own word."""
    (row,) = rows
    language = frame.language
    meanings = {one.name: language.text(one.sens, one.meaning) for one in layer.views["totals"].columns}
    return [
        Tile(
            name=name,
            title=header(name, language),
            value=language.percent(row[name]) if name.endswith("_rate") else language.short(row[name]),
            exact=language.number(row[name]) if row[name] is not None and not name.endswith("_rate") else "",
            definition=meanings[name],
        )
        for name in _MEASURES
    ]
