"""The key figures as they stand at the head of the overview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.queries import Layer
from arcane.serve.dashboard.wording import header, reason
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
    """``exact`` where ``value`` is shortened. ``beside``: what the ``change`` is of, where that is not ``value``, and
    both its sides. ``note`` says why there is no change where one could be."""

    name: str
    title: str
    value: str
    exact: str
    definition: str
    change: str = ""
    arrow: str = ""
    beside: str = ""
    note: str = ""


# A tile → the measure of ``growth`` that says how it changed, and at which age.
_CHANGES: Final = {
    "tweet_count": ("tweet_count", "", ""),
    "author_count": ("author_count", "", ""),
    "interaction_count": ("interactions_per_tweet_at_24h", "par publication, à 24\u202fh", "a post, at 24 h"),
    "engagement_rate": ("engagement_rate", "à 7 jours", "at 7 days"),
}


def tiles(rows: Sequence[Row], growth: Sequence[Row], *, layer: Layer, frame: Frame) -> list[Tile]:
    """One a measure; a definition is the view's own word, as is the reason why there is no change."""
    (row,) = rows
    language = frame.language
    unknown = language.text("rien", "nothing")
    meanings = {
        one.name: language.text(one.sens, one.meaning).replace("NULL", unknown) for one in layer.views["totals"].columns
    }
    changes = {one["measure"]: one for one in growth}
    return [
        Tile(
            name=name,
            title=_title(name, frame),
            value=language.percent(row[name]) if name.endswith("_rate") else language.short(row[name]),
            exact=language.number(row[name]) if row[name] is not None and not name.endswith("_rate") else "",
            definition=meanings[name],
            **_change(name, changes, days=frame.filters.span.days, language=language),
        )
        for name in _MEASURES
    ]


def _title(name: str, frame: Frame) -> str:
    if name == "coverage_rate" and frame.filters.is_part:  # of all that X counts, not of the part that is shown
        return frame.language.text("Couverture, sans les filtres", "Coverage, without the filters")
    return header(name, frame.language)


def _change(name: str, changes: Mapping[str, Row], *, days: int, language: Language) -> dict[str, str]:
    measure, french, english = _CHANGES.get(name, ("", "", ""))
    found = changes.get(measure)
    if found is None:
        return {}
    rate = found["growth_rate"]
    if rate is None:
        why = reason(found["reason_fr"], language)
        return {"note": language.text(f"Sans évolution : {why}", f"No change: {why}")}
    shown = language.change(rate)
    arrow = "▲" if shown.startswith("+") else "▼" if shown.startswith(MINUS) else "="
    return {"change": shown, "arrow": arrow, "beside": _beside(found, language.text(french, english), days, language)}


def _beside(found: Row, of: str, days: int, language: Language) -> str:
    """par publication, à 24 h, sur 6 des 7 jours : 18,1 contre 13,1."""
    say = language.text
    value, base = (_value(found[one], found["measure"], language) for one in ("value", "base_value"))
    if found["day_count"] < days:
        part = say(f"sur {found['day_count']} des {days} jours", f"over {found['day_count']} of {days} days")
        of = f"{of}, {part}" if of else part
    return (
        say(f"{of} : {value} contre {base}", f"{of}: {value} against {base}")
        if of
        else say(f"contre {base}", f"against {base}")
    )


def _value(value: float, measure: str, language: Language) -> str:
    if measure.endswith("_rate"):
        return language.percent(value)
    return language.number(value, digits=1 if measure.startswith("interactions_per") else 0)
