"""What a report compares with, in words."""

from __future__ import annotations

from datetime import date

import pytest

from arcane.serve.dashboard.filters import Filters, Span, read
from arcane.serve.language import ENGLISH, FRENCH
from arcane.serve.report.against import against, base_days, base_name, caution, over

HARD = "\u00a0"


def week(query: str) -> Filters:
    """The week of 18 to 24 November 2026, compared as the address says."""
    return read(f"from=2026-11-18&to=2026-11-24&{query}", trackers=["arcane"], last_day=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("query", "french", "english"),
    [
        ("", f"la période précédente, du 11 au 17{HARD}novembre{HARD}2026", f"the period before, 11 to 17{HARD}November{HARD}2026"),
        (
            "compare=year",
            f"la même période un an plus tôt, du 19 au 25{HARD}novembre{HARD}2025",
            f"the same period a year before, 19 to 25{HARD}November{HARD}2025",
        ),
        (
            "compare=dates&base_from=2026-10-01&base_to=2026-10-07",
            f"la période du 1er au 7{HARD}octobre{HARD}2026",
            f"the period 1 to 7{HARD}October{HARD}2026",
        ),
        (
            "compare=dates&base_from=2026-10-01&base_to=2026-10-01",
            f"la journée du 1er{HARD}octobre{HARD}2026",
            f"1{HARD}October{HARD}2026",
        ),
        ("compare=none", "", ""),
    ],
)  # fmt: skip
def test_every_way_to_compare_has_its_name(query: str, french: str, english: str) -> None:
    """With its dates; nothing where nothing is compared."""
    assert (against(week(query), FRENCH), against(week(query), ENGLISH)) == (french, english)


def test_more_than_a_year_is_compared_with_years_before() -> None:
    """Where a year ago would share days with the period, two years are said as two."""
    filters = read("from=2025-01-01&to=2026-06-30&compare=year", trackers=["arcane"], last_day=date(2026, 6, 30))
    assert against(filters, FRENCH).startswith("la même période 2 ans plus tôt, du 4")


def test_weekdays_that_do_not_face_each_other_are_told() -> None:
    """A Wednesday beside a Thursday; periods aligned on weekdays need no word."""
    assert caution(week("compare=dates&base_from=2026-10-01&base_to=2026-10-07"), FRENCH) == (
        f"L’une commence un mercredi, l’autre un jeudi{HARD}: un écart peut n’être que celui des jours de la semaine."
    )
    assert [caution(week(query), FRENCH) for query in ("", "compare=year", "compare=none")] == ["", "", ""]


def test_days_stand_behind_a_figure() -> None:
    """With their year where the period is of another; English wants a word before them."""
    span, last_year = Span(date(2026, 11, 18), date(2026, 11, 24)), Span(date(2025, 11, 19), date(2025, 11, 25))
    week_before, day = span.before(7), Span(date(2026, 11, 17), date(2026, 11, 17))
    assert base_days(span, week_before, FRENCH, is_short=True) == f"du 11 au 17{HARD}nov."
    assert base_days(span, last_year, FRENCH, is_short=True) == f"du 19 au 25{HARD}nov.{HARD}2025"
    assert base_name(span, day, FRENCH) == f"la journée du 17{HARD}novembre"
    assert over(base_days(span, week_before, ENGLISH), ENGLISH) == f"over 11 to 17{HARD}November"
    assert over(base_days(span, day, ENGLISH), ENGLISH) == f"on 17{HARD}November"
