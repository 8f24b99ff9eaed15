"""French and English as they are read: signs compared one by one, spaces included."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from arcane.serve.language import ENGLISH, FRENCH, spaced

THIN, HARD, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (1_234_567, f"1{THIN}234{THIN}567", "1,234,567"),
        (-1_234, f"{MINUS}1{THIN}234", f"{MINUS}1,234"),
    ],
)
def test_numbers(value: float | None, french: str, english: str) -> None:
    """Thousands are grouped by a thin space in French, by a comma in English; a minus is a minus."""
    assert (FRENCH.number(value), ENGLISH.number(value)) == (french, english)


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (99_999, f"99{THIN}999", "99,999"),
        (100_000, f"100{THIN}k", "100k"),
        (419_187, f"419{THIN}k", "419k"),
        (999_499, f"999{THIN}k", "999k"),
        (999_950, f"1,00{THIN}M", "1.00M"),
        (14_720_909, f"14,7{THIN}M", "14.7M"),
        (2_000_000_000, f"2,00{THIN}Md", "2.00bn"),
    ],
)
def test_short_numbers_keep_three_figures(value: float, french: str, english: str) -> None:
    """What is large is cut to three figures that count, and never shows a thousand thousands."""
    assert (FRENCH.short(value), ENGLISH.short(value)) == (french, english)


@pytest.mark.parametrize(
    ("rate", "french", "english"),
    [
        (None, "–", "–"),
        (0.1234, f"+12,3{THIN}%", "+12.3%"),
        (-0.04, f"{MINUS}4,0{THIN}%", f"{MINUS}4.0%"),
        (-0.0001, f"0,0{THIN}%", "0.0%"),
        (0.0004, f"0,0{THIN}%", "0.0%"),
    ],
)
def test_a_change_is_rounded_before_it_is_signed(rate: float | None, french: str, english: str) -> None:
    """A change that rounds to nothing has no sign."""
    assert (FRENCH.change(rate), ENGLISH.change(rate)) == (french, english)


def test_dates_say_what_they_share_once() -> None:
    """Month and year stand once where both days have them; the first of a month is 1er in French alone."""
    first, last = date(2026, 11, 1), date(2026, 11, 7)
    assert FRENCH.period(first, last) == f"du 1er au 7{HARD}novembre{HARD}2026"
    assert FRENCH.period(date(2026, 10, 30), last) == f"du 30{HARD}octobre au 7{HARD}novembre{HARD}2026"
    assert FRENCH.period(date(2025, 12, 30), date(2026, 1, 2)) == (
        f"du 30{HARD}décembre{HARD}2025 au 2{HARD}janvier{HARD}2026"
    )
    assert FRENCH.period(first, first) == f"le 1er{HARD}novembre{HARD}2026"
    assert ENGLISH.period(first, last) == f"1 to 7{HARD}November{HARD}2026"
    assert FRENCH.period(first, last, has_year=False) == f"du 1er au 7{HARD}novembre"
    assert FRENCH.period(date(2025, 12, 30), date(2026, 1, 2), has_year=False, is_short=True) == (
        f"du 30{HARD}déc.{HARD}2025 au 2{HARD}janv.{HARD}2026"
    )


def test_moments_are_local() -> None:
    """An hour is shown in the warehouse's zone, before and after the clock changes."""
    assert FRENCH.moment(datetime(2026, 10, 24, 22, 5, tzinfo=UTC), "Europe/Paris") == (
        f"25{HARD}octobre{HARD}2026 à 0{THIN}h{THIN}05"
    )
    assert FRENCH.moment(datetime(2026, 10, 25, 22, 5, tzinfo=UTC), "Europe/Paris") == (
        f"25{HARD}octobre{HARD}2026 à 23{THIN}h{THIN}05"
    )
    assert ENGLISH.moment(datetime(2026, 10, 25, 22, 5, tzinfo=UTC), "UTC") == f"25{HARD}October{HARD}2026, 22:05"


def test_french_is_spaced() -> None:
    """Plain spaces become those that the punctuation wants, and apostrophes curl; addresses stay as they are."""
    assert spaced("Qui est là ? « L'un » : http://a") == f"Qui est là{THIN}? «{HARD}L’un{HARD}»{HARD}: http://a"


def test_codes_have_names_and_unknown_codes_stay() -> None:
    """A language, a kind or a medium is named; one that we do not know shows its code, a missing one says so."""
    assert [FRENCH.lang(code) for code in ("fr", "und", "xx", None)] == ["français", "indéterminée", "xx", "inconnu"]
    assert [ENGLISH.kind(kind) for kind in ("original", "reply", "quote")] == ["originals", "replies", "quotes"]
    assert [FRENCH.media(kind) for kind in ("video", "text", None)] == ["vidéo", "texte seul", "inconnu"]
