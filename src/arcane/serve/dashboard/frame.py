"""What every page says before its own panels: what is looked at, how whole the data are, and what may be chosen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from arcane.clock import Clock
from arcane.serve.charts import Row, rows_of
from arcane.serve.dashboard import filters as filtering
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.desk import Seat
from arcane.serve.dashboard.filters import Filters
from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import Language

_STALE: Final = timedelta(hours=36)
_THIN: Final = 0.95
_TOLD_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """``langs``: those of the period, most frequent first. ``totals``: the period's key figures, as filtered.
    ``thin_days``: those of the period that were not read whole or that X did not count whole."""

    filters: Filters
    language: Language
    trackers: Sequence[Row]
    events: Sequence[Row]
    langs: Sequence[str]
    totals: Row
    status: Row
    zone: str
    now: datetime
    thin_days: Sequence[Row] = ()

    @property
    def names(self) -> list[str]:
        return [row["name"] for row in self.trackers]

    @property
    def own_hashtag(self) -> str:
        """The tracker's own, as tables write hashtags; empty where it follows something else."""
        found = re.fullmatch(r"#(\w+)", self.tracker_title)
        return unicodedata.normalize("NFKC", found[1]).casefold() if found else ""

    @property
    def tracker_title(self) -> str:
        """What the tracker follows, where that is one hashtag; else its name."""
        row = next((row for row in self.trackers if row["name"] == self.filters.tracker), None)
        is_plain = row is not None and re.fullmatch(r"#\w+", row["query"] or "")
        return row["query"] if row is not None and is_plain else self.filters.tracker

    def href(self, path: str, filters: Filters | None = None, *, more: Mapping[str, str | int] | None = None) -> str:
        """An address with these filters, or with those of the page; ``more``: what else it says."""
        said = filtering.query(filters or self.filters, trackers=self.names)
        said = "&".join(
            part for part in (said, "" if self.language.is_french else "ui=en", urlencode(more or {})) if part
        )
        return f"{path}?{said}" if said else path

    def removable(self, path: str) -> list[tuple[str, str]]:
        """Each filter that is set, and the address without it."""
        set_ = filtering.narrowed(self.filters, self.language)
        return [(said, self.href(path, self.filters.without(name))) for name, said in set_.items()]

    def of_money(self) -> Frame:
        """The same up to today: the books are whole at once, tweets are not."""
        if not self.filters.period:
            return self
        today = self.now.date()
        span = filtering.Span(today - timedelta(days=self.filters.span.days - 1), today)
        return replace(self, filters=replace(self.filters, span=span))

    @property
    def scope(self) -> list[str]:
        """One line: what is counted here, and how whole it is."""
        filters, language = self.filters, self.language
        parts = [self.tracker_title, language.period(filters.span.first, filters.span.last)]
        parts += filtering.told(filters, language)
        return [*parts, self._exclusions()] if filters.has_exclusions else parts

    def _exclusions(self) -> str:
        say, raw = self.language.text, self.totals["raw_tweet_count"]
        share = self.language.percent((raw - self.totals["tweet_count"]) / raw) if raw else self.language.percent(0)
        return say(f"hors exclusions ({share})", f"without exclusions ({share})")

    @property
    def freshness(self) -> str:
        """How far the data are complete."""
        say, until = self.language.text, self.status["complete_until"]
        if until is None:
            return say("pas encore complet", "not complete yet")
        moment = self.language.moment(until, self.zone)
        return say(f"complet jusqu'au {moment}", f"complete until {moment}")

    @property
    def completeness(self) -> str:
        """How far, and how much of the period."""
        say, language, said = self.language.text, self.language, self.freshness
        rate = self.totals["coverage_rate"]
        if rate is not None:
            share = language.percent(rate)
            said += say(f" · couverture de la période {share}", f" · coverage of the period {share}")
            said += say(", sans les filtres", ", without the filters") if self.filters.is_part else ""
        return said

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before trusting a number."""
        say, language, found = self.language.text, self.language, []
        read_at, gaps, until = self.status["read_at"], self.status["gap_hour_count"], self.status["complete_until"]
        if read_at is None:
            found.append(say("Rien n'a encore été lu.", "Nothing was read yet."))
        elif self.now - read_at > _STALE:
            moment = language.moment(read_at, self.zone)
            found.append(
                say(
                    f"Dernière lecture le {moment} : rien de plus récent n'est ici.",
                    f"Last read on {moment}: nothing newer is here.",
                )
            )
        if gaps:
            hours = language.number(gaps)
            found.append(
                say(
                    "1 heure des 7 derniers jours n'a pas été lue : c'est un trou, pas un zéro.",
                    "1 hour of the last 7 days was not read: it is a gap, not a zero.",
                )
                if gaps == 1
                else say(
                    f"{hours} heures des 7 derniers jours n'ont pas été lues : ce sont des trous, pas des zéros.",
                    f"{hours} hours of the last 7 days were not read: these are gaps, not zeros.",
                )
            )
        if until is not None and self.filters.span.last >= local_day(until, self.zone):
            found.append(
                say(
                    "La période va plus loin que les données complètes : ses derniers jours sont partiels.",
                    "The period goes beyond the complete data: its last days are partial.",
                )
            )
        found += self._thin()
        rate = self.totals["coverage_rate"]
        if rate is not None and rate < _THIN:
            share = language.percent(rate)
            found.append(
                say(
                    f"Sans les filtres, seuls {share} du décompte de X ont été lus sur cette période.",
                    f"Without the filters, only {share} of X's own count was read over this period.",
                )
                if self.filters.is_part
                else say(
                    f"Seuls {share} du décompte de X ont été lus sur cette période.",
                    f"Only {share} of X's own count was read over this period.",
                )
            )
        return found

    def _thin(self) -> list[str]:
        """Which days the figures do not stand on, or not wholly; those that are not over yet have their own sentence."""
        say, language, span, until = self.language.text, self.language, self.filters.span, self.status["complete_until"]
        over = [row for row in self.thin_days if until is None or row["local_date"] < local_day(until, self.zone)]
        unread = [row["local_date"] for row in over if not row["is_read"]]
        partly = [row["local_date"] for row in over if row["is_read"] and not row["is_whole"]]
        found = []
        if len(unread) == span.days:
            found.append(say("Aucun jour de cette période n'a été lu.", "No day of this period was read."))
        elif unread:
            count, which = len(unread), _runs(unread, language)
            were = say("n'a pas été lu", "was") if count == 1 else say("n'ont pas été lus", "were")
            found.append(
                say(
                    f"{count} jour{'s' * (count > 1)} sur {span.days} {were}, {which} : les chiffres ne portent que sur les "
                    "autres.",
                    f"{count} of {span.days} days {were} not read, {which}: the figures stand on the others alone.",
                )
            )
        if partly:
            count, which = len(partly), _runs(partly, language)
            days = say("jour n'a été lu", "day was") if count == 1 else say("jours n'ont été lus", "days were")
            found.append(
                say(
                    f"{count} {days} qu'en partie, {which} : il y manque des publications.",
                    f"{count} {days} read in part, {which}: posts are missing there.",
                )
            )
        if over and len(unread) < span.days and self.totals["coverage_rate"] is None:
            found.append(
                say(
                    "La couverture de cette période est inconnue : X n'en a pas compté tous les jours en entier.",
                    "The coverage of this period is unknown: X did not count all its days whole.",
                )
            )
        return found


def _runs(days: Sequence[date], language: Language) -> str:
    """Du 3 au 5 septembre et le 20 octobre 2026; of many runs the first day and the last."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if len(runs) > _TOLD_RUNS:
        first, last = language.day(days[0], has_year=days[0].year != days[-1].year), language.day(days[-1])
        return language.text(f"entre le {first} et le {last}", f"between {first} and {last}")
    said = [language.period(run[0], run[-1], has_year=run is runs[-1] or run[-1].year != days[-1].year) for run in runs]
    last_two = language.text(" et ", " and ").join(said[-2:])
    return ", ".join([*said[:-2], last_two])


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Ground:
    """What an address asks for, where the data stand now: all that a file needs. ``trackers`` in the settings' order."""

    filters: Filters
    trackers: Sequence[Row]
    status: Row

    @property
    def zone(self) -> str:
        return str(self.status["time_zone"])


def ground_of(seat: Seat, query: str, *, layer: Layer, trackers: Sequence[str], clock: Clock) -> Ground:
    """Raises: ConfigError if the URL makes no sense; WarehouseError."""
    today = clock.now().date()
    plain = Filters("", filtering.Span(today, today))
    asked = [layer.question(one, plain) for one in (questions.STATUS, questions.TRACKERS)]
    (state,), known = (rows_of(one.columns, one.rows) for one in seat.ask_all(asked))
    order = {name: place for place, name in enumerate(trackers)}
    known.sort(key=lambda row: (order.get(row["name"], len(order)), row["name"]))
    newest = state["complete_until"] or state["read_at"] or clock.now()
    last_day = local_day(newest, state["time_zone"]) - timedelta(days=1)
    filters = filtering.read(query, trackers=[row["name"] for row in known], last_day=last_day)
    return Ground(filters, known, state)


def frame_of(seat: Seat, ground: Ground, *, layer: Layer, language: Language, clock: Clock) -> Frame:
    """Raises: SqlError, WarehouseError."""
    filters = ground.filters
    asked = [layer.question(one, filters) for one in (questions.EVENTS, questions.TOTALS)]
    unfiltered = Filters(filters.tracker, filters.span)
    asked += [layer.question(one, unfiltered) for one in (questions.LANGS, questions.THIN_DAYS)]
    events, totals, langs, thin_days = (rows_of(one.columns, one.rows) for one in seat.ask_all(asked))
    return Frame(
        filters=filters,
        language=language,
        trackers=ground.trackers,
        events=events,
        langs=[row["lang"] for row in langs],
        totals=totals[0],
        thin_days=thin_days,
        status=ground.status,
        zone=ground.zone,
        now=clock.now(),
    )
