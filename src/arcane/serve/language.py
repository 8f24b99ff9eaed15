"""What analysts read, in French first or in English: words, numbers, dates and the spaces between them. Pure.

French numbers are grouped by U+202F, which also stands before « % » and the high punctuation; U+00A0 stands before a
colon and inside guillemets (Lexique des règles typographiques en usage à l'Imprimerie nationale). Charts get the same
signs (``vega_number_format``), so that an axis and a table never differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

THIN: Final = "\u202f"
HARD: Final = "\u00a0"
MINUS: Final = "\u2212"
_BEFORE_HIGH: Final = re.compile(r" (?=[;!?%€$])")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")
_BEFORE_HOUR: Final = re.compile(r"(?<=\d) (?=h\b)")
_BEFORE_COLON: Final = re.compile(r" (?=:(?:\s|$)|»)")
_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_SHORT_MONTHS: Final = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_ENGLISH_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LANGUAGES: Final = {
    "ar": ("arabe", "Arabic"), "ca": ("catalan", "Catalan"), "de": ("allemand", "German"), "en": ("anglais", "English"),
    "es": ("espagnol", "Spanish"), "fr": ("français", "French"), "hi": ("hindi", "Hindi"),
    "id": ("indonésien", "Indonesian"), "in": ("indonésien", "Indonesian"), "it": ("italien", "Italian"),
    "ja": ("japonais", "Japanese"), "ko": ("coréen", "Korean"), "nl": ("néerlandais", "Dutch"),
    "pl": ("polonais", "Polish"), "pt": ("portugais", "Portuguese"), "ru": ("russe", "Russian"),
    "th": ("thaï", "Thai"), "tl": ("tagalog", "Tagalog"), "tr": ("turc", "Turkish"), "uk": ("ukrainien", "Ukrainian"),
    "und": ("indéterminée", "undetermined"), "zh": ("chinois", "Chinese"),
    "qme": ("média seul", "media only"), "qht": ("hashtags seuls", "hashtags only"),
    "qam": ("mentions seules", "mentions only"), "qst": ("texte très court", "very short text"),
    "zxx": ("sans texte", "no text"), "art": ("émojis", "emoji"),
}  # fmt: skip
_KINDS: Final = {
    "original": ("originaux", "originals"),
    "reply": ("réponses", "replies"),
    "quote": ("citations", "quotes"),
}
_MEDIA: Final = {
    "video": ("vidéo", "video"),
    "gif": ("GIF", "GIF"),
    "photo": ("photo", "photo"),
    "link": ("lien", "link"),
    "text": ("texte seul", "text only"),
}
_UNKNOWN: Final = ("inconnu", "unknown")


def spaced(text: str) -> str:
    """French text with the spaces and apostrophes that it wants; write it with plain ones."""
    text = _BEFORE_HOUR.sub(HARD, _APOSTROPHE.sub("’", text))
    text = _BEFORE_COLON.sub(HARD, _BEFORE_HIGH.sub(THIN, text))
    return text.replace("« ", f"«{HARD}")


@dataclass(frozen=True, slots=True)
class Language:
    """``code``: fr or en."""

    code: str = "fr"

    @property
    def is_french(self) -> bool:
        return self.code == "fr"

    def text(self, french: str, english: str) -> str:
        """The one that is read."""
        return spaced(french) if self.is_french else english

    def number(self, value: float | None, *, digits: int = 0) -> str:
        """1 234,5; an en dash for what is unknown."""
        if value is None:
            return "–"
        return self._signs(f"{_rounded(value, digits):,.{digits}f}")

    def is_plural(self, value: float) -> bool:
        """Whether what is counted is several: nothing is none in French, and several in English."""
        return abs(value) >= 2 if self.is_french else value != 1

    def short(self, value: float | None) -> str:
        """Whole up to 99 999, then three figures that count: 123 k, 4,56 M."""
        if value is None or abs(value) < 100_000:
            return self.number(value)
        for size, sign in ((1e9, self.text("Md", "bn")), (1e6, "M"), (1e3, "k")):
            if abs(value) >= size * 0.9995:
                shown = value / size
                digits = 2 if abs(shown) < 9.995 else 1 if abs(shown) < 99.95 else 0
                return f"{self.number(shown, digits=digits)}{THIN if self.is_french else ''}{sign}"
        return self.number(value)

    def percent(self, rate: float | None, *, digits: int = 1) -> str:
        """0.1234 as 12,3 %."""
        if rate is None:
            return "–"
        return self.number(rate * 100, digits=digits) + (f"{THIN}%" if self.is_french else "%")

    def change(self, rate: float | None) -> str:
        """A growth with its sign: +12,3 %, 0,0 %. Rounded first, then signed."""
        if rate is None:
            return "–"
        return ("+" if _rounded(rate * 100, 1) > 0 else "") + self.percent(rate)

    def dollars(self, usd: float | None) -> str:
        """12,30 $, or $12.30."""
        if usd is None:
            return "–"
        return f"{self.number(usd, digits=2)}{THIN}$" if self.is_french else f"${self.number(usd, digits=2)}"

    def day(self, day: date, *, has_year: bool = True) -> str:
        """12 novembre 2026; the first of a month is 1er."""
        names = _MONTHS if self.is_french else _ENGLISH_MONTHS
        year = f" {day.year}" if has_year else ""
        return f"{self._ordinal(day.day)} {names[day.month - 1]}{year}".replace(" ", HARD)

    def short_day(self, day: date) -> str:
        """12 nov."""
        names = _SHORT_MONTHS if self.is_french else tuple(name[:3] for name in _ENGLISH_MONTHS)
        return f"{self._ordinal(day.day)}{HARD}{names[day.month - 1]}"

    def weekday(self, number: int) -> str:
        """Of ISO's 1, Monday, to 7."""
        return (_DAYS if self.is_french else _ENGLISH_DAYS)[number - 1]

    def weekday_names(self) -> tuple[str, ...]:
        """Monday first, as axes write them."""
        return tuple(f"{name[:3]}." for name in _DAYS) if self.is_french else tuple(n[:3] for n in _ENGLISH_DAYS)

    def period(self, first: date, last: date, *, has_year: bool = True, is_short: bool = False) -> str:
        """du 12 au 18 novembre 2026: what both days share is said once; two years are always said."""

        def shown(day: date, *, has_year: bool) -> str:
            if not is_short:
                return self.day(day, has_year=has_year)
            return f"{self.short_day(day)}{HARD}{day.year}" if has_year else self.short_day(day)

        if first == last:
            return f"{self.text('le', 'on')} {shown(first, has_year=has_year)}"
        if first.year != last.year:
            start = shown(first, has_year=True)
        elif first.month != last.month:
            start = shown(first, has_year=False)
        else:
            start = self._ordinal(first.day)
        end = shown(last, has_year=has_year or first.year != last.year)
        return self.text("du {} au {}", "{} to {}").format(start, end)

    def moment(self, moment: datetime, zone: str) -> str:
        """25 novembre 2026 à 2 h 25, in that zone."""
        local = moment.astimezone(ZoneInfo(zone))
        if self.is_french:
            return f"{self.day(local.date())} à {local.hour}{THIN}h{THIN}{local:%M}"
        return f"{self.day(local.date())}, {local:%H:%M}"

    def duration(self, seconds: float | None) -> str:
        """1:05 for a video."""
        if seconds is None:
            return "–"
        whole = timedelta(seconds=round(seconds))
        minutes, rest = divmod(int(whole.total_seconds()), 60)
        return f"{minutes}:{rest:02d}"

    def lang(self, code: str | None) -> str:
        """A language of X's by its name, or its code where we have none."""
        return _UNKNOWN[not self.is_french] if code is None else self._named(_LANGUAGES, code)

    def kind(self, kind: str | None) -> str:
        return _UNKNOWN[not self.is_french] if kind is None else self._named(_KINDS, kind)

    def media(self, kind: str | None) -> str:
        return _UNKNOWN[not self.is_french] if kind is None else self._named(_MEDIA, kind)

    def vega_number_format(self) -> dict[str, Any]:
        """d3's locale of numbers, with our spaces."""
        if self.is_french:
            percent = f"{THIN}%"
            return {
                "decimal": ",",
                "thousands": THIN,
                "grouping": [3],
                "currency": ["", f"{THIN}$"],
                "percent": percent,
            }
        return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""], "percent": "%"}

    def vega_time_format(self) -> dict[str, Any]:
        """d3's locale of dates."""
        sunday_first = (6, 0, 1, 2, 3, 4, 5)
        days = _DAYS if self.is_french else _ENGLISH_DAYS
        months = _MONTHS if self.is_french else _ENGLISH_MONTHS
        return {
            "dateTime": "%A %-d %B %Y, %H:%M",
            "date": "%d/%m/%Y",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": [days[number] for number in sunday_first],
            "shortDays": [f"{days[number][:3]}{'.' if self.is_french else ''}" for number in sunday_first],
            "months": list(months),
            "shortMonths": list(_SHORT_MONTHS) if self.is_french else [name[:3] for name in months],
        }

    def _signs(self, text: str) -> str:
        if self.is_french:
            text = text.replace(",", THIN).replace(".", ",")
        return text.replace("-", MINUS)

    def _ordinal(self, day: int) -> str:
        return "1er" if day == 1 and self.is_french else str(day)

    def _named(self, names: dict[str, tuple[str, str]], code: str) -> str:
        return names[code][not self.is_french] if code in names else code


FRENCH: Final = Language("fr")
ENGLISH: Final = Language("en")
LANGUAGES: Final = {one.code: one for one in (FRENCH, ENGLISH)}


def _rounded(value: float, digits: int) -> float:
    """No minus before a zero."""
    return round(value, digits) + 0.0
