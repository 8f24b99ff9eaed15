"""What is looked at: one value, and the URL that says the same. Pure.

Every filter of every page is in the URL under the names of ``_PARAMETERS``; what is not said is the default, and a
default is not said, so that one view of the data has one address.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode

from arcane.errors import AddressError
from arcane.serve.language import Language

PERIODS: Final = {"7d": 7, "14d": 14, "28d": 28, "90d": 90, "365d": 365}
COMPARISONS: Final = ("previous", "year", "dates", "none")
KINDS: Final = ("original", "reply", "quote")
MEDIA: Final = ("video", "gif", "photo", "link", "text")
YEAR_DAYS: Final = 364  # the same weekdays a year ago
_LONGEST_DAYS: Final = 3 * 366
_FIRST_DAY: Final = date(2006, 3, 21)
_NARROWING: Final = ("kinds", "media", "lang", "author", "text", "least", "has_exclusions")
_LANG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?")
_AUTHOR: Final = re.compile(r"[A-Za-z0-9_]{1,50}")
_TEXT_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Span:
    """Both days inclusive, local."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self, days: int) -> Span:
        return Span(self.first - timedelta(days=days), self.last - timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Filters:
    """``period``: the preset that ``span`` comes from, empty for dates. ``base``: what ``span`` is compared with, None
    for nothing. Empty means all. ``has_exclusions``: what the analysts exclude is left out."""

    tracker: str
    span: Span
    period: str = "7d"
    compare: str = "previous"
    base: Span | None = None
    kinds: tuple[str, ...] = ()
    lang: str = ""
    media: tuple[str, ...] = ()
    author: str = ""
    text: str = ""
    least: int = 0
    has_exclusions: bool = True

    @property
    def is_narrow(self) -> bool:
        """More is asked than a tracker and a period."""
        return bool(
            self.kinds or self.lang or self.media or self.author or self.text or self.least or not self.has_exclusions
        )

    @property
    def is_part(self) -> bool:
        """Less is asked than X counts: its own count of the period stands for more than what is shown."""
        return replace(self, has_exclusions=True).is_narrow

    @property
    def plain(self) -> Filters:
        """Tracker, period and comparison alone."""
        return Filters(self.tracker, self.span, self.period, self.compare, self.base)

    def without(self, name: str) -> Filters:
        """The same with one filter taken back."""
        return replace(self, **{name: getattr(_PLAIN, name)})


_PLAIN: Final = Filters("", Span(_FIRST_DAY, _FIRST_DAY))


def read(query: str, *, trackers: Sequence[str], last_day: date) -> Filters:
    """The filters that a URL's query says. ``last_day``: where presets end; ``trackers``: the first is the default.

    Raises: AddressError naming the parameter that makes no sense.
    """
    pairs = parse_qsl(query, keep_blank_values=False)
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in value:
            raise AddressError(f"« {name} » contient un signe nul : ôtez-le", f"{name} holds a NUL sign: take it out")
        said.setdefault(name, []).append(value)
    one = {name: values[-1].strip() for name, values in said.items()}
    tracker = one.get("tracker") or (trackers[0] if trackers else "")
    if trackers and tracker not in trackers:
        known = ", ".join(trackers)
        raise AddressError(
            f"aucun suivi ne s'appelle « {tracker} » : il y a {known}",
            f"no tracker is called {tracker!r}: there are {known}",
        )
    period, span = _span(one, last_day)
    compare = _of("compare", one.get("compare", "previous"), COMPARISONS)
    return Filters(
        tracker=tracker,
        span=span,
        period=period,
        compare=compare,
        base=_base(compare, span, one),
        kinds=_several("kind", said, KINDS),
        lang=_matching("lang", one.get("lang", ""), _LANG),
        media=_several("media", said, MEDIA),
        author=_matching("author", one.get("author", "").removeprefix("@"), _AUTHOR),
        text=one.get("text", "")[:_TEXT_CHARS],
        least=_count("least", one.get("least", "0")),
        has_exclusions=_of("exclusions", one.get("exclusions", "on"), ("on", "off")) == "on",
    )


def query(filters: Filters, *, trackers: Sequence[str]) -> str:
    """The URL's query that says these filters, defaults left out; ``read`` gives them back."""
    pairs: list[tuple[str, str]] = []
    if not trackers or filters.tracker != trackers[0]:
        pairs.append(("tracker", filters.tracker))
    if not filters.period:
        pairs += [("from", filters.span.first.isoformat()), ("to", filters.span.last.isoformat())]
    elif filters.period != _PLAIN.period:
        pairs.append(("period", filters.period))
    if filters.compare != _PLAIN.compare:
        pairs.append(("compare", filters.compare))
    if filters.compare == "dates" and filters.base is not None:
        pairs += [("base_from", filters.base.first.isoformat()), ("base_to", filters.base.last.isoformat())]
    pairs += [("kind", one) for one in filters.kinds]
    pairs += [("media", one) for one in filters.media]
    pairs += [
        (name, value)
        for name, value in (("lang", filters.lang), ("author", filters.author), ("text", filters.text))
        if value
    ]
    if filters.least:
        pairs.append(("least", str(filters.least)))
    if not filters.has_exclusions:
        pairs.append(("exclusions", "off"))
    return urlencode(pairs)


def preceding(span: Span) -> Span:
    """As many days before, with the same weekdays."""
    return span.before(7 * math.ceil(span.days / 7))


def told(filters: Filters, language: Language) -> list[str]:
    """What is left of the tweets of the period, in words."""
    said = {"lang": language.text("toutes langues", "all languages"), **narrowed(filters, language)}
    return [said[name] for name in _NARROWING if name in said]


def narrowed(filters: Filters, language: Language) -> dict[str, str]:
    """The same of each filter that is set, by its name in ``Filters``."""
    say = language.text
    least, many = language.number(filters.least), "s" if filters.least > 1 else ""
    said = {
        "kinds": ", ".join(map(language.kind, filters.kinds)),
        "media": ", ".join(map(language.media, filters.media)),
        "lang": language.lang(filters.lang) if filters.lang else "",
        "author": f"@{filters.author}" if filters.author else "",
        "text": say(f"contenant « {filters.text} »", f"containing “{filters.text}”") if filters.text else "",
        "least": say(f"au moins {least} interaction{many}", f"at least {least} interaction{many}")
        if filters.least
        else "",
        "has_exclusions": "" if filters.has_exclusions else say("exclusions comprises", "exclusions included"),
    }
    return {name: said[name] for name in _NARROWING if said[name]}


def _span(one: Mapping[str, str], last_day: date) -> tuple[str, Span]:
    period = one.get("period", "")
    if "from" in one and "to" in one and period in {"", "dates"}:
        return "", _dates("from", "to", one)
    period = _of("period", period if period not in {"", "dates"} else _PLAIN.period, tuple(PERIODS))
    return period, Span(last_day - timedelta(days=PERIODS[period] - 1), last_day)


def _base(compare: str, span: Span, one: Mapping[str, str]) -> Span | None:
    match compare:
        case "previous":
            return preceding(span)
        case "year":
            return span.before(YEAR_DAYS * math.ceil(span.days / YEAR_DAYS))
        case "dates" if "base_from" in one and "base_to" in one:
            return _dates("base_from", "base_to", one)
        case "dates":
            return preceding(span)
    return None


def _dates(first: str, last: str, one: Mapping[str, str]) -> Span:
    span = Span(_day(first, one[first]), _day(last, one[last]))
    if span.last < span.first:
        raise AddressError(
            f"« {last} » est avant « {first} » : échangez-les", f"{last} is before {first}: exchange them"
        )
    if span.days > _LONGEST_DAYS:
        raise AddressError(
            f"de « {first} » à « {last} », il y a plus de trois ans : regardez une période plus courte",
            f"{first} to {last} is more than three years: look at a shorter period",
        )
    return span


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise AddressError(
            f"« {name} » n'est pas une date : écrivez-la comme 2026-11-25",
            f"{name} is no date: write it as 2026-11-25",
        ) from None
    if not _FIRST_DAY <= day <= date(9000, 1, 1):
        raise AddressError(
            f"« {name} » est avant la première publication, ou trop loin : choisissez un jour depuis le {_FIRST_DAY}",
            f"{name} is before the first tweet, or beyond reason: choose a day since {_FIRST_DAY}",
        )
    return day


def _of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        listed = ", ".join(known)
        raise AddressError(f"« {name} » ne peut valoir que {listed}", f"{name} is none of {listed}")
    return value


def _several(name: str, said: Mapping[str, list[str]], known: Sequence[str]) -> tuple[str, ...]:
    """In the order of ``known``; all of them is the same as none."""
    chosen = {_of(name, value, known) for value in said.get(name, ())}
    return tuple(one for one in known if one in chosen) if len(chosen) < len(known) else ()


def _matching(name: str, value: str, form: re.Pattern[str]) -> str:
    if value and not form.fullmatch(value):
        raise AddressError(f"« {name} » contient des signes impossibles", f"{name} has signs that it cannot have")
    return value


def _count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise AddressError(f"« {name} » n'est pas un nombre entier", f"{name} is no whole number")
    return int(value)
