"""What a report compares its period with, in words: on its cover, over its figures, in its sentences. Pure."""

from __future__ import annotations

from arcane.serve.dashboard.filters import YEAR_DAYS, Filters, Span
from arcane.serve.language import Language


def against(filters: Filters, language: Language) -> str:
    """la période précédente, du 11 au 17 novembre 2026; empty where nothing is compared."""
    base, say = filters.base, language.text
    if base is None:
        return ""
    days = language.period(base.first, base.last)
    match filters.compare:
        case "previous":
            return say(f"la période précédente, {days}", f"the period before, {days}")
        case "year":
            years = (filters.span.first - base.first).days // YEAR_DAYS
            return say(
                f"la même période {'un an' if years == 1 else f'{years} ans'} plus tôt, {days}",
                f"the same period {'a year' if years == 1 else f'{years} years'} before, {days}",
            )
    return _named(base, days, language)


def base_days(span: Span, base: Span, language: Language, *, is_short: bool = False) -> str:
    """du 11 au 17 novembre; with its year where ``span`` is of another."""
    has_year = (base.first.year, base.last.year) != (span.first.year, span.last.year)
    return language.period(base.first, base.last, has_year=has_year, is_short=is_short)


def over(days: str, language: Language) -> str:
    """The same behind a figure: English wants a word between."""
    return days if language.is_french or days.startswith("on ") else f"over {days}"


def base_name(span: Span, base: Span, language: Language) -> str:
    """la période du 11 au 17 novembre, la journée du 11 novembre: the same as a noun."""
    return _named(base, base_days(span, base, language), language)


def _named(base: Span, days: str, language: Language) -> str:
    if base.days == 1:
        day = days.partition(" ")[2]
        return language.text(f"la journée du {day}", day)
    return language.text(f"la période {days}", f"the period {days}")


def caution(filters: Filters, language: Language) -> str:
    """Why a difference may be that of the days: the weekdays of two periods do not face each other. Else empty."""
    base = filters.base
    if base is None or base.first.weekday() == filters.span.first.weekday():
        return ""
    first, other = (language.weekday(span.first.isoweekday()) for span in (filters.span, base))
    return language.text(
        f"L'une commence un {first}, l'autre un {other} : un écart peut n'être que celui des jours de la semaine.",
        f"One begins on a {first}, the other on a {other}: a difference may be that of the weekdays alone.",
    )
