"""Values as files hold them: nothing a formula, nothing hidden, no id rounded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcane.serve import cells

PARIS = "Europe/Paris"
ID = "1960000282763198465"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("+33 6 12 34 56 78", "'+33 6 12 34 56 78"),
        ("-50 %", "'-50 %"),
        ("@marque bravo", "'@marque bravo"),
        ("＝SUM(A1)", "'＝SUM(A1)"),
        ("   =SUM(A1)", "'=SUM(A1)"),
        ("\t=SUM(A1)", "'=SUM(A1)"),
        ("\x00=SUM(A1)", "'=SUM(A1)"),
        ("\u202e=SUM(A1)", "'=SUM(A1)"),
        ("one\r\ntwo\ttabs", "one two tabs"),
        ("Été « à 5 € » 🎬", "Été « à 5 € » 🎬"),
        ("", ""),
    ],
)
def test_a_text_is_one_line_that_no_spreadsheet_takes_for_a_formula(text: str, expected: str) -> None:
    """Whatever it begins with, also after signs that are not seen."""
    assert cells.harmless(text) == expected


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    """For any text: no trigger first, no newline, no control sign."""
    made = cells.harmless(text)
    assert not made.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert cells.visible(made) == made
    assert "\n" not in made


VALUES: list[tuple[str, pa.DataType, Any, str, str]] = [
    ("tweet_count", pa.int64(), -1234567, "-1234567", "-1234567"),
    ("engagement_rate", pa.float64(), -0.0268, "-0,0268", "-0.0268"),
    ("usd", pa.decimal128(10, 2), Decimal("12.50"), "12,5", "12.50"),
    ("is_spike", pa.bool_(), True, "oui", "true"),
    ("is_spike", pa.bool_(), False, "non", "false"),
    ("local_date", pa.date32(), date(2026, 3, 9), "09/03/2026", "2026-03-09"),
    (
        "created_at",
        pa.timestamp("us", "UTC"),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        "25/10/2026 02:30:00",
        "2026-10-25T00:30:00Z",
    ),
    ("tweet_id", pa.string(), ID, f"https://x.com/i/status/{ID}", ID),
    ("author_id", pa.string(), "7", "https://x.com/i/user/7", "7"),
    ("in_reply_to_tweet_id", pa.string(), ID, f"https://x.com/i/status/{ID}", ID),
    ("tweet_id", pa.string(), "=1", "'=1", "=1"),
    ("word", pa.string(), ID, f"'{ID}", ID),
    ("word", pa.string(), "2026", "2026", "2026"),
    ("text", pa.string(), "-1\n@a", "'-1 @a", "-1\n@a"),
    ("hashtags", pa.list_(pa.string()), ["=a", "b"], "'=a, b", "=a b"),
    ("text", pa.string(), None, "", ""),
    ("engagement_rate", pa.float64(), None, "", ""),
]


@pytest.mark.parametrize(("name", "kind", "value", "french", "plain"), VALUES)
def test_a_value_in_a_text_file(name: str, kind: pa.DataType, value: Any, french: str, plain: str) -> None:
    """For a French Excel, and for a program."""
    column = pa.array([value], kind)
    assert cells.french(name, column, zone=PARIS) == [french]
    assert cells.plain(column) == [plain]


def test_what_has_no_number_is_an_empty_cell() -> None:
    """NaN and the infinities."""
    column = pa.array([float("nan"), float("inf"), 1.5])
    assert cells.typed(column, zone=PARIS) == [None, None, 1.5]
    assert cells.french("value", column, zone=PARIS) == ["", "", "1,5"]


def test_moments_are_local_and_bare() -> None:
    """As Excel wants them, on both sides of the change of clocks."""
    moments = [datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC), None]
    column = pa.array(moments, pa.timestamp("us", "UTC"))
    assert cells.typed(column, zone=PARIS) == [datetime(2026, 3, 29, 1, 59, 59), datetime(2026, 3, 29, 3), None]  # noqa: DTZ001 - as cells hold them
