"""Answers as they are read: rows as a table of words, tweets as cards. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.wording import SIGNS, TWINS, handle, header, legible, word
from arcane.serve.language import Language

_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,50}")
_ID: Final = re.compile(r"\d{1,25}")
_CLAMP: Final = 420
_LEFT_OUT: Final = frozenset({"media_key", "period_day_count"})  # nothing to look up, and what the deck says
# What a card says of its tweet, after how much: of one, of several.
_COUNTED: Final = {
    "interaction_count": (("interaction", "interaction"), ("interactions", "interactions")),
    "like_count": (("j'aime", "like"), ("j'aime", "likes")),
    "retweet_count": (("retweet", "repost"), ("retweets", "reposts")),
    "reply_count": (("réponse", "reply"), ("réponses", "replies")),
    "quote_count": (("citation", "quote"), ("citations", "quotes")),
    "impression_count": (("impression", "impression"), ("impressions", "impressions")),
    "video_view_count": (("vue vidéo", "video view"), ("vues vidéo", "video views")),
}
_NUMBERED: Final = ("_count", "_rate", "_score", "_share", "value")


def cell(column: str, value: object, *, language: Language, zone: str) -> str:
    """A value in a table, by what its column's name says of its unit."""
    match value:
        case None:
            return "–"
        case bool():
            return language.text("oui", "yes") if value else language.text("non", "no")
        case datetime():
            return language.moment(value, zone)
        case date():
            return language.day(value)
        case int() | float() if column.endswith("usd"):
            return language.dollars(value)
        case int() | float() if column == "growth_rate":
            return language.change(value)
        case int() | float() if column.endswith(("_rate", "share")):
            return language.percent(value)
        case int() | float() if column == "duration_s":
            return language.duration(value)
        case float():
            return language.number(value, digits=0 if value.is_integer() else 1 if abs(value) >= 1 else 4)
        case int():
            return language.number(value)
        case str():
            return word(column, value, language)
    return str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """An answer as it is read: ``numbers`` says which columns stand right, ``cells`` are words."""

    columns: Sequence[str]
    headers: Sequence[str]
    numbers: Sequence[bool]
    cells: Sequence[Sequence[str]]


def table(rows: Sequence[Row], *, language: Language, zone: str) -> Table:
    """In the reader's language alone: a key by its name, without its French twin; without reasons where none is."""
    columns = [
        column
        for column in (rows[0] if rows else ())
        if column not in TWINS | _LEFT_OUT and not (column == "reason_fr" and all(row[column] is None for row in rows))
    ]
    columns.sort(key=lambda column: (column != "measure", column == "reason_fr"))
    return Table(
        columns=columns,
        headers=[header(column, language) for column in columns],
        numbers=[column.endswith(_NUMBERED) or any(is_number(row[column]) for row in rows) for column in columns],
        cells=[
            [
                _sign(column, row) + cell(_unit(column, row), _said(column, row), language=language, zone=zone)
                for column in columns
            ]
            for row in rows
        ],
    )


def _sign(column: str, row: Row) -> str:
    return SIGNS.get(row["cause_kind"], "") if column == "cause" and row["cause"] else ""


def _said(column: str, row: Row) -> object:
    """The value, but for a cause that its kind has told already."""
    return None if column == "cause" and row["cause_kind"] == "none" else row[column]


def is_number(value: object) -> bool:
    """Whether it stands right in a table."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _unit(column: str, row: Row) -> str:
    """The name that says a value's unit: a measure's own where one column holds several."""
    is_mixed = column in {"value", "base_value"} and row.get("measure", "").endswith("_rate")
    return row["measure"] if is_mixed else column


@dataclass(frozen=True, slots=True)
class Card:
    """A tweet to be read. Links are made from what an id and a handle can be, never from text."""

    row: Row
    language: Language
    zone: str

    @property
    def text(self) -> str:
        return legible(self.row["text"] or self.language.text("(texte retenu par X)", "(text withheld by X)"))

    @property
    def is_long(self) -> bool:
        return len(self.text) > _CLAMP

    @property
    def opening(self) -> str:
        return self.text[:_CLAMP].rstrip() + "…" if self.is_long else self.text

    @property
    def name(self) -> str:
        return legible(self.row["author_name"] or self.handle)

    @property
    def handle(self) -> str:
        return handle(self.row["username"])

    @property
    def link(self) -> str:
        tweet_id, username = str(self.row["tweet_id"]), str(self.row["username"] or "i")
        if not _ID.fullmatch(tweet_id):
            return ""
        return f"https://x.com/{username if _HANDLE.fullmatch(username) else 'i'}/status/{tweet_id}"

    @property
    def moment(self) -> str:
        return self.language.moment(self.row["created_at"], self.zone)

    @property
    def rank(self) -> str:
        """Its place, where it has one."""
        return self.language.number(self.row["interaction_rank"]) if "interaction_rank" in self.row else ""

    @property
    def media(self) -> str:
        """What it shows besides its text."""
        kind = self.row["media_kind"]
        return self.language.media(kind) if kind not in {None, "text"} else ""

    @property
    def counters(self) -> list[tuple[str, str]]:
        known = {name: self.row[name] for name in _COUNTED if self.row.get(name) is not None}
        return [
            (self.language.text(*_COUNTED[name][self.language.is_plural(value)]), self.language.short(value))
            for name, value in known.items()
        ]
