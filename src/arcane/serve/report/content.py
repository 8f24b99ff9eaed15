"""What stands in a report, in words and numbers, before it is a page or a slide. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from arcane.serve.charts import Row
from arcane.serve.dashboard.answers import Card
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.queries import Layer
from arcane.serve.dashboard.tiles import Tile, tiles
from arcane.serve.dashboard.wording import legible
from arcane.serve.language import Language
from arcane.serve.report.against import against, base_days, over
from arcane.serve.report.answers import Answers
from arcane.serve.report.carried import Calm, calm
from arcane.serve.report.changes import judged
from arcane.serve.report.comments import Comment
from arcane.serve.report.logo import Logo
from arcane.serve.report.method import coverage, definitions, method, then
from arcane.serve.report.rules import Scope, Sentence
from arcane.serve.report.sections import EVOLUTION, TITLES, Section, sections
from arcane.serve.report.sentences import sentences
from arcane.serve.report.tables import Table, table, tables

_CARDS: Final = 6
_CARD_CHARS: Final = 300
_MARKS: Final = 7  # of a kind, below the chart of a slide
_MARK_CHARS: Final = 40
_SPIKE_CAUSES: Final = 4
_GROWTH: Final = (
    "tweet_count", "raw_tweet_count", "author_count", "interactions_per_tweet_at_24h", "interactions_per_tweet_at_7d",
    "engagement_rate",
)  # fmt: skip
_GROWN: Final = ("measure", "value", "base_value", "growth_rate", "day_count", "measured_tweet_count", "reason_fr")


@dataclass(frozen=True, slots=True)
class Spiked:
    """A spike with what goes with it, ready to be read."""

    day: str
    count: str
    usual: str
    causes: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Content:
    """``rows``: of what was asked, by name; ``growth``: None where nothing is compared, or could be: then
    ``uncompared`` says why; ``marks``: what the page draws into the chart of volume and slides write below it; ``base``: what the period is compared with; ``against``: the same as the cover says it."""

    frame: Frame
    rows: Mapping[str, Sequence[Row]]
    sections: Sequence[Section]
    said: Sequence[Sentence]
    unsaid: Sequence[Sentence]
    tiles: Sequence[Tile]
    growth: Table | None
    uncompared: str
    spikes: Sequence[Spiked]
    marks: str
    cards: Sequence[Card]
    emerging: Sequence[Row]
    tables: Sequence[Table]
    definitions: Sequence[tuple[str, str]]
    method: Sequence[str]
    comments: Mapping[str, Comment]
    logo: Logo | None
    title: str
    period: str
    base: str
    against: str
    settled: str
    coverage: str
    then: str
    read_at: datetime

    @property
    def language(self) -> Language:
        return self.frame.language

    def section(self, key: str) -> Section | None:
        return next((one for one in self.sections if one.key == key), None)


def content(
    found: Answers, *, layer: Layer, keys: Sequence[str], comments: Mapping[str, Comment], logo: Logo | None
) -> Content:
    """A report's content from its answers."""
    frame = found.frame
    language, filters = frame.language, frame.filters
    say = language.text
    names = {name: _title(frame, name) for name in frame.names}
    rows = dict(found.rows)
    scope = Scope(language, filters.tracker, frame.tracker_title, filters.span, filters.base, names)
    spoken = sentences(rows, totals=frame.totals, events=frame.events, scope=scope)
    growth = sorted(judged(rows["growth"], scope=scope), key=lambda row: _GROWTH.index(row["measure"]))
    rows["voices"] = [{**row, "tracker": names.get(row["tracker"], row["tracker"])} for row in rows["voices"]]
    shown = sections(rows, keys=keys, frame=frame)
    moment = language.moment(found.read_at, frame.zone)
    return Content(
        frame=frame,
        rows=rows,
        sections=shown,
        said=[one for one in spoken if one.is_said],
        unsaid=[one for one in spoken if not one.is_said],
        tiles=_tiles(growth, calm(growth, rows["spikes"], rows["base_spikes"], scope=scope), layer, frame),
        growth=_grown(growth, frame),
        uncompared=_uncompared(growth, language),
        spikes=_spikes(rows, language),
        marks=_marks(rows["volume"], frame),
        cards=_cards(rows["best"], frame),
        emerging=[row for row in rows["emerging"] if row["is_emerging"]],
        tables=tables(shown, rows, frame),
        definitions=definitions(layer.views, frame),
        method=method(frame, found.as_of),
        comments=comments,
        logo=logo,
        title=say(f"{frame.tracker_title} sur X", f"{frame.tracker_title} on X"),
        period=language.period(filters.span.first, filters.span.last),
        base=against(filters, language),
        against=_against(frame),
        settled=say(f"Chiffres arrêtés au {moment}", f"Figures as of {moment}"),
        coverage=coverage(frame, rows["base_totals"]),
        then=then(found.as_of, language),
        read_at=found.read_at,
    )


def _spikes(rows: Mapping[str, Sequence[Row]], language: Language) -> list[Spiked]:
    say = language.text
    signs = {"author": "@", "hashtag": "#"}
    found = []
    for row in rows["spikes"]:
        if not row["is_spike"]:
            continue
        causes = [one for one in rows["causes"] if one["local_date"] == row["local_date"]][:_SPIKE_CAUSES]
        named = [
            (
                legible(signs.get(one["cause_kind"], "") + (one["cause"] or say("inconnu", "unknown"))),
                language.percent(one["explained_share"], digits=0) if one["explained_share"] is not None else "",
            )
            for one in causes
        ]
        usual = language.number(row["median_tweet_count"])
        found.append(Spiked(language.day(row["local_date"]), language.number(row["tweet_count"]), usual, named))
    return found


def _marks(rows: Sequence[Row], frame: Frame) -> str:
    """Pics : 25 nov. · Noté : 25 nov., Bande-annonce."""
    language = frame.language
    say = language.text
    spikes = [language.short_day(row["local_date"]) for row in rows if row["is_spike"]]
    noted = [
        f"{language.short_day(one['local_date'])}, {_cut(legible(one['label']), _MARK_CHARS)}" for one in frame.events
    ]
    gaps = [language.short_day(row["local_date"]) for row in rows if row["tweet_count"] is None or not row["is_whole"]]
    named = (
        (say("Pics", "Spikes"), ", ", spikes),
        (say("Noté", "Noted"), say(" ; ", "; "), noted),
        (say("Pas lus en entier", "Not read whole"), ", ", gaps),
    )
    told = []
    for name, between, found in named:
        more = [f"+{len(found) - _MARKS}"] if len(found) > _MARKS else []
        told += [f"{name}{say(' : ', ': ')}{between.join([*found[:_MARKS], *more])}"] if found else []
    return " · ".join(told)


def _cards(rows: Sequence[Row], frame: Frame) -> list[Card]:
    first = [row for row in rows if row["interaction_rank"] is not None][:_CARDS]
    return [Card({**row, "text": _cut(row["text"], _CARD_CHARS)}, frame.language, frame.zone) for row in first]


def _cut(text: str | None, most: int) -> str | None:
    if text is None or len(text) <= most:
        return text
    return f"{text[: most - 1].rstrip()}…"


def _title(frame: Frame, name: str) -> str:
    """What a tracker follows, where that is one hashtag."""
    row = next(one for one in frame.trackers if one["name"] == name)
    query: str = row["query"] or ""
    return query if query.startswith("#") and query[1:].isalnum() else name


def _tiles(growth: Sequence[Row], away: Calm | None, layer: Layer, frame: Frame) -> list[Tile]:
    """Each change with the days that it is against; that of volume with what it is away from spikes."""
    span, base = frame.filters.span, frame.filters.base
    days = over(base_days(span, base, frame.language, is_short=True), frame.language) if base is not None else ""
    found = tiles([frame.totals], growth, layer=layer, frame=frame)
    found = [replace(one, beside=f"{one.beside} {days}") if one.change else one for one in found]
    if away is None or away.rate is None:
        return found
    rate = frame.language.change(away.rate)
    without = frame.language.text(f" ; hors pics : {rate}", f"; without spikes: {rate}")
    return [replace(one, beside=f"{one.beside}{without}") if one.name == "tweet_count" else one for one in found]


def _grown(growth: Sequence[Row], frame: Frame) -> Table | None:
    if all(row["value"] is None for row in growth):
        return None
    return table("growth", frame.language.text(*TITLES[EVOLUTION]), growth, frame, only=_GROWN)


def _uncompared(growth: Sequence[Row], language: Language) -> str:
    why = language.text(" ; ", "; ").join(dict.fromkeys(row["reason_fr"] for row in growth if row["reason_fr"]))
    return language.text(f"Rien ne peut être comparé : {why}.", f"Nothing can be compared: {why}.")


def _against(frame: Frame) -> str:
    say, base = frame.language.text, against(frame.filters, frame.language)
    return (
        say(f"comparé à {base}", f"compared with {base}") if base else say("sans comparaison", "without a comparison")
    )
