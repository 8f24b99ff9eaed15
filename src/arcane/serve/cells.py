"""Values as a spreadsheet or a program reads them: a column at a time, from Arrow to what a file holds. Pure.

What X says is hostile: a text may begin like a formula, hide signs that turn the reading direction round, or hold what
no XML may. Ids have 19 digits and a spreadsheet keeps 15.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_TRIGGERS: Final = tuple("=+-@\t\r\n＝＋－＠")
# C0 and C1 without tab and newline; marks that turn the direction round; what XML 1.0 cannot hold.
_HIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_EXACT_DIGITS: Final = 15  # the figures of a number that Excel keeps
_ADDRESSES: Final = {
    "author_id": "https://x.com/i/user/",
    "tweet_id": "https://x.com/i/status/",
    "conversation_id": "https://x.com/i/status/",
}


def visible(text: str) -> str:
    """The text without signs that are not seen; lines stay."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def harmless(text: str) -> str:
    """One line that no spreadsheet takes for a formula: it begins with an apostrophe where it might."""
    flat = " ".join(visible(text).split())
    return f"'{flat}" if flat and (text.startswith(_TRIGGERS) or flat.startswith(_TRIGGERS)) else flat


def local(column: pa.Array, *, zone: str) -> pa.Array:
    """Moments as the clock on the wall showed them; anything else as it is."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return pc.local_timestamp(column.cast(pa.timestamp("us", zone)))
    return column


def typed(column: pa.Array, *, zone: str) -> list[Any]:
    """For a cell that has a type: None, bool, int, float, date, naive datetime, or visible text."""
    values: list[Any] = local(column, zone=zone).to_pylist()
    if pa.types.is_string(column.type):
        return [None if one is None else visible(one) for one in values]
    if pa.types.is_list(column.type):
        return [None if one is None else visible(", ".join(map(str, one))) for one in values]
    if pa.types.is_floating(column.type):
        return [one if one is not None and math.isfinite(one) else None for one in values]
    return values


def french(name: str, column: pa.Array, *, zone: str) -> list[str]:
    """For a French Excel that opens a text file: decimal commas, local dates, ids as addresses, nothing a formula."""
    return _written(local(column, zone=zone), _sheet(name, column.type, _FRENCH))


def english(name: str, column: pa.Array, *, zone: str) -> list[str]:
    """The same for a spreadsheet in English: decimal points, ISO dates."""
    return _written(local(column, zone=zone), _sheet(name, column.type, _ENGLISH))


def plain(column: pa.Array) -> list[str]:
    """For programs: ISO 8601, moments in UTC, decimal points, text to the letter, lists between spaces."""
    return _written(column, _plain(column.type))


def _written(column: pa.Array, write: Callable[[Any], str]) -> list[str]:
    return ["" if one is None else write(one) for one in column.to_pylist()]


@dataclass(frozen=True, slots=True)
class _Style:
    """How a spreadsheet of a language reads what has a type."""

    truth: Callable[[bool], str]
    decimal: Callable[[float], str]
    moment: Callable[[datetime], str]
    day: Callable[[date], str]


def _sheet(name: str, found: pa.DataType, style: _Style) -> Callable[[Any], str]:
    if pa.types.is_boolean(found):
        return style.truth
    if pa.types.is_integer(found) or pa.types.is_null(found):
        return str
    if pa.types.is_floating(found) or pa.types.is_decimal(found):
        return style.decimal
    if pa.types.is_timestamp(found):
        return style.moment
    if pa.types.is_date(found):
        return style.day
    if pa.types.is_list(found):
        return _listed
    address = next((start for end, start in _ADDRESSES.items() if name.endswith(end)), "")
    return _addressed(address) if address else _text


def _plain(found: pa.DataType) -> Callable[[Any], str]:
    if pa.types.is_boolean(found):
        return _true_or_false
    if pa.types.is_timestamp(found):
        return _moment
    if pa.types.is_date(found):
        return date.isoformat
    if pa.types.is_list(found):
        return _list
    return repr if pa.types.is_floating(found) else str


def _true_or_false(value: bool) -> str:
    return "true" if value else "false"


def _decimal(value: float) -> str:
    """Without an exponent and without zeros that say nothing."""
    return f"{value:z.6f}".rstrip("0").removesuffix(".") if math.isfinite(value) else ""


def _listed(value: Sequence[object]) -> str:
    return harmless(", ".join(map(str, value)))


def _text(value: str) -> str:
    is_long_number = len(value) > _EXACT_DIGITS and value.isdecimal()
    return f"'{value}" if is_long_number else harmless(value)


def _addressed(start: str) -> Callable[[str], str]:
    return lambda value: start + value if value.isdecimal() else harmless(value)


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _list(value: Sequence[object]) -> str:
    return " ".join(map(str, value))


_FRENCH: Final = _Style(
    truth=lambda value: "oui" if value else "non",
    decimal=lambda value: _decimal(value).replace(".", ","),
    moment=lambda value: f"{value:%d/%m/%Y %H:%M:%S}",
    day=lambda value: f"{value:%d/%m/%Y}",
)
_ENGLISH: Final = _Style(
    truth=lambda value: "yes" if value else "no",
    decimal=_decimal,
    moment=lambda value: f"{value:%Y-%m-%d %H:%M:%S}",
    day=date.isoformat,
)
