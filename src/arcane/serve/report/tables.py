"""The numbers behind a report's figures, as tables that are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from arcane.serve.charts import Row
from arcane.serve.dashboard.answers import cell
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.wording import header
from arcane.serve.language import HARD, Language
from arcane.serve.report.against import against, base_days
from arcane.serve.report.sections import Section

_CELL_CHARS: Final = 110
_NUMBERED: Final = ("_count", "_rate", "_share", "_score", "value")  # even where every one is unknown
_SIDES: Final = {"value", "base_value"}  # of a measure that the row names
_LEFT_OUT: Final = {"media_key", "tweet_id", "tweet_rank", "interaction_rank", "view_rank"}
# What was asked → the columns that the annex gives of it, where that is not all.
_ONLY: Final = {
    "volume": (
        "local_date", "tweet_count", "original_tweet_count", "reply_tweet_count", "quote_tweet_count", "expected_count",
        "coverage_rate", "is_whole",
    ),
    "compared": ("local_date", "tweet_count", "base_date", "base_tweet_count"),
}  # fmt: skip
# Columns that the dashboard has no name for.
_HEADERS: Final = {
    "interaction_count_at_24h": ("Interactions à 24 h", "Interactions at 24 h"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """``looks``: how each column stands: number, day, tag (a name without spaces), long or plain."""

    name: str
    title: str
    headers: Sequence[str]
    looks: Sequence[str]
    cells: Sequence[Sequence[str]]


def tables(shown: Sequence[Section], rows: Mapping[str, Sequence[Row]], frame: Frame) -> list[Table]:
    """The numbers behind every figure, each once."""
    language, found = frame.language, []
    seen: set[str] = set()
    for section in shown:
        for figure in section.figures:
            if figure.rows in seen:
                continue
            seen.add(figure.rows)
            is_whole = section.look != "growth" and len({one.rows for one in section.figures}) == 1
            title = section.title if is_whole else figure.title
            if figure.rows == "rhythm":
                found.append(_rhythm(title, rows["rhythm"], language))
            else:
                found.append(table(figure.rows, title, rows[figure.rows], frame, only=_ONLY.get(figure.rows, ())))
        if section.look == "spikes" and rows["spikes"]:
            found.append(
                table(
                    "spikes",
                    language.text("Pics : le verdict de chaque jour", "Spikes: the verdict of each day"),
                    rows["spikes"],
                    frame,
                )
            )
        if section.look == "emerging" and any(row["z_score"] is not None for row in rows["emerging"]):
            base = against(frame.filters, language)
            title = language.text(f"Hashtags face à {base}", f"Hashtags beside {base}")
            found.append(table("emerging", title, rows["emerging"], frame))
        if section.look == "tweets":
            columns = (
                "created_at",
                "username",
                "text",
                "interaction_count",
                "interaction_count_at_24h",
                "impression_count",
            )
            ranked = [row for row in rows["best"] if (row["interaction_rank"] or 99) <= 20]
            found.append(table("tweets", section.title, ranked, frame, only=columns))
    return found


def label(column: str, frame: Frame) -> str:
    """A column as a reader calls it; one of the period compared with by its days."""
    language, span, base = frame.language, frame.filters.span, frame.filters.base
    if column in _HEADERS:
        return language.text(*_HEADERS[column])
    if base is None or not (column in _SIDES or column.startswith("base_")) or column == "base_date":
        return header(column, language)
    if column == "value":
        days = language.period(span.first, span.last, has_year=span.first.year != base.first.year, is_short=True)
    else:
        days = base_days(span, base, language, is_short=True)
    return days if column in _SIDES else f"{header(column.removeprefix('base_'), language)} {days}"


def table(name: str, title: str, rows: Sequence[Row], frame: Frame, *, only: Sequence[str] = ()) -> Table:
    """Rows as they are read; ids and ranks are left out, and reasons where none is given."""
    columns = [
        one
        for one in (only or list(rows[0]))
        if one not in _LEFT_OUT and (one != "reason_fr" or any(row[one] is not None for row in rows))
    ]

    def shown(column: str, row: Row) -> str:
        text = _cell(column, row, frame)
        return text if len(text) <= _CELL_CHARS else f"{text[: _CELL_CHARS - 1].rstrip()}…"

    return Table(
        name,
        title,
        [label(column, frame) for column in columns],
        [_look(rows, column) for column in columns],
        [[shown(column, row) for column in columns] for row in rows],
    )


def grid(rows: Sequence[Row], column: str) -> list[list[float | None]]:
    """Seven weekdays by 24 hours."""
    found = {(row["local_weekday"], row["local_hour"]): row[column] for row in rows}
    return [[found.get((day, hour)) for hour in range(24)] for day in range(1, 8)]


def _rhythm(title: str, rows: Sequence[Row], language: Language) -> Table:
    return Table(
        "rhythm",
        title,
        ["", *(str(hour) for hour in range(24))],
        ["day", *["number"] * 24],
        [
            [name, *(language.number(value, digits=0 if value is None or value >= 10 else 1) for value in line)]
            for name, line in zip(language.weekday_names(), grid(rows, "mean_tweet_count"), strict=True)
        ],
    )


def _cell(column: str, row: Row, frame: Frame) -> str:
    """As on a page, but short: a year and a zone are told elsewhere."""
    language, value = frame.language, row[column]
    match value:
        case datetime():
            local = value.astimezone(ZoneInfo(frame.zone))
            return f"{language.short_day(local.date())}{HARD}{local:%H:%M}"
        case date():
            return language.short_day(value)
        case float() if column.endswith("z_score"):
            return language.number(value, digits=1)
        case float() if column in _SIDES and row["measure"].endswith("_rate"):
            return language.percent(value, digits=2)
        case str() if column == "measure":
            name = cell(column, value, language=language, zone=frame.zone)
            return f"{name[:1].upper()}{name[1:]}"
    return " ".join(cell(column, value, language=language, zone=frame.zone).split(" "))


def _look(rows: Sequence[Row], column: str) -> str:
    value = next((row[column] for row in rows if row[column] is not None), None)
    match value:
        case bool():
            return "plain"
        case int() | float():
            return "number"
        case date():
            return "day"
    if column.endswith(_NUMBERED):
        return "number"
    if column in {"username", "hashtag"}:
        return "tag"
    return "long" if column in {"text", "reason_fr", "measure"} else "plain"
