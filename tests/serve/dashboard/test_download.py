"""Files for spreadsheets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from arcane.serve.dashboard.download import csv, harmless
from arcane.serve.language import ENGLISH, FRENCH
from arcane.warehouse.interface import Result


def test_french_spreadsheets_open_it() -> None:
    """Mark of UTF-8, semicolons, decimal commas, local dates, every field quoted; formulas are texts."""
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    rows: list[tuple[object, ...]] = [("=1+1", 1.5, -3, None, True, date(2026, 11, 25), moment, "2125404124500459520")]
    result = Result(("a", "b", "c", "d", "e", "f", "g", "h"), rows)
    french = csv(result, name="x", language=FRENCH, zone="Europe/Paris")
    assert (
        french.body
        == (
            '\ufeff"a";"b";"c";"d";"e";"f";"g";"h"\r\n'
            '"\'=1+1";"1,500000";"-3";"";"oui";"25/11/2026";"25/11/2026 00:30:00";"2125404124500459520"\r\n'
        ).encode()
    )
    english = csv(result, name="x", language=ENGLISH, zone="Europe/Paris")
    assert (
        english.body
        == (
            '\ufeff"a","b","c","d","e","f","g","h"\r\n'
            '"\'=1+1","1.500000","-3","","yes","2026-11-25","2026-11-25T00:30:00+01:00","2125404124500459520"\r\n'
        ).encode()
    )
    assert french.headers["content-disposition"] == 'attachment; filename="x.csv"'


@pytest.mark.parametrize("text", ["=a", "+33 6", "-50%", "@marque", "  =a", "\t=a", "\n@a", "＝a"])
def test_no_text_becomes_a_formula(text: str) -> None:
    """Whatever sign or space leads, a spreadsheet sees a text."""
    assert harmless(text) == f"'{' '.join(text.split())}"


def test_plain_texts_stay() -> None:
    """What no spreadsheet would compute is not touched, but for its lines."""
    assert harmless("deux\nlignes = 2") == "deux lignes = 2"
