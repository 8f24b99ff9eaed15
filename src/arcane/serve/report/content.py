"""What stands in a report, in words and numbers, before it is a page or a slide. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from arcane.serve.charts import Row
from arcane.serve.dashboard.frame import Frame
from arcane.serve.dashboard.pages import Card, cell, header, legible
from arcane.serve.dashboard.queries import Layer
from arcane.serve.dashboard.tiles import Tile, tiles
from arcane.serve.language import HARD, Language
from arcane.serve.report.against import against, base_days, caution
from arcane.serve.report.answers import Answers
from arcane.serve.report.comments import Comment
from arcane.serve.report.logo import Logo
from arcane.serve.report.sections import EVOLUTION, TITLES, Section, sections
from arcane.serve.report.sentences import LEAST_TWEETS, Scope, Sentence, judged, sentences
from arcane.views import View

_CARDS: Final = 6
_CARD_CHARS: Final = 300
_CELL_CHARS: Final = 110
_SPIKE_CAUSES: Final = 4
_TILES: Final = (
    "tweet_count", "author_count", "interaction_count", "engagement_rate", "impression_count", "like_count",
    "retweet_count", "reply_count", "video_view_count", "coverage_rate",
)  # fmt: skip
_GROWTH: Final = (
    "tweet_count", "raw_tweet_count", "author_count", "interactions_per_tweet_at_24h", "interactions_per_tweet_at_7d",
    "engagement_rate",
)  # fmt: skip
_GROWN: Final = ("measure", "value", "base_value", "growth_rate", "day_count", "measured_tweet_count", "reason_fr")
_SIDES: Final = {"value", "base_value"}  # of a measure that the row names
_LEFT_OUT: Final = {"media_key", "tweet_id", "tweet_rank", "interaction_rank", "view_rank"}
# What was asked → the columns that the annex gives of it, where that is not all.
_ONLY: Final = {
    "volume": (
        "local_date", "tweet_count", "original_tweet_count", "reply_tweet_count", "quote_tweet_count", "expected_count",
        "coverage_rate", "is_whole",
    ),
    "compared": ("local_date", "tweet_count", "base_date", "base_tweet_count"),
}  # fmt: skip
# View → the columns whose meaning a reader of the report needs.
_DEFINED: Final = {
    "totals": _TILES,
    "growth": ("growth_rate", "measured_tweet_count", "day_count"),
    "spikes": ("median_tweet_count", "z_score", "is_spike"),
    "spike_causes": ("explained_share",),
    "top_authors": ("median_interaction_count",),
    "emerging_hashtags": ("is_emerging",),
    "weekday_hours": ("mean_tweet_count",),
    "share_of_voice": ("tweet_share",),
}
# Columns that the dashboard has no name for.
_HEADERS: Final = {
    "interaction_count_at_24h": ("Interactions à 24 h", "Interactions at 24 h"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """``looks``: how each column stands: number, day, tag (a name without spaces), long or plain."""

    name: str
    title: str
    headers: Sequence[str]
    looks: Sequence[str]
    cells: Sequence[Sequence[str]]


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
    ``uncompared`` says why; ``base``: what the period is compared with; ``against``: the same as the cover says it."""

    frame: Frame
    rows: Mapping[str, Sequence[Row]]
    sections: Sequence[Section]
    said: Sequence[Sentence]
    unsaid: Sequence[Sentence]
    tiles: Sequence[Tile]
    growth: Table | None
    uncompared: str
    spikes: Sequence[Spiked]
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
        tiles=_tiles(growth, layer, frame),
        growth=_grown(growth, frame),
        uncompared=_uncompared(growth, language),
        spikes=_spikes(rows, language),
        cards=_cards(rows["best"], frame),
        emerging=[row for row in rows["emerging"] if row["is_emerging"]],
        tables=_tables(shown, rows, frame),
        definitions=_definitions(layer.views, frame),
        method=_method(frame, found.as_of),
        comments=comments,
        logo=logo,
        title=say(f"{frame.tracker_title} sur X", f"{frame.tracker_title} on X"),
        period=language.period(filters.span.first, filters.span.last),
        base=against(filters, language),
        against=_against(frame),
        settled=say(f"Chiffres arrêtés au {moment}", f"Figures as of {moment}"),
        coverage=_coverage(frame, rows["base_totals"]),
        then=_then(found.as_of, language),
        read_at=found.read_at,
    )


def label(column: str, frame: Frame) -> str:
    """A column as a reader calls it; one of the period compared with by its days."""
    language, span, base = frame.language, frame.filters.span, frame.filters.base
    if column in _HEADERS:
        return language.text(*_HEADERS[column])
    if base is None or not (column in _SIDES or column.startswith("base_")) or column == "base_date":
        return header(column, language)
    if column == "value":
        days = language.period(span.first, span.last, has_year=span.first.year != base.first.year, is_short=True)
    else:
        days = base_days(span, base, language, is_short=True)
    return days if column in _SIDES else f"{header(column.removeprefix('base_'), language)} {days}"


def table(name: str, title: str, rows: Sequence[Row], frame: Frame, *, only: Sequence[str] = ()) -> Table:
    """Rows as they are read; ids and ranks are left out, and reasons where none is given."""
    columns = [
        one
        for one in (only or list(rows[0]))
        if one not in _LEFT_OUT and (one != "reason_fr" or any(row[one] is not None for row in rows))
    ]

    def shown(column: str, row: Row) -> str:
        text = _cell(column, row, frame)
        return text if len(text) <= _CELL_CHARS else f"{text[: _CELL_CHARS - 1].rstrip()}…"

    return Table(
        name,
        title,
        [label(column, frame) for column in columns],
        [_look(rows, column) for column in columns],
        [[shown(column, row) for column in columns] for row in rows],
    )


def grid(rows: Sequence[Row], column: str) -> list[list[float | None]]:
    """Seven weekdays by 24 hours."""
    found = {(row["local_weekday"], row["local_hour"]): row[column] for row in rows}
    return [[found.get((day, hour)) for hour in range(24)] for day in range(1, 8)]


def _tables(shown: Sequence[Section], rows: Mapping[str, Sequence[Row]], frame: Frame) -> list[Table]:
    """The numbers behind every figure, each once."""
    language, found = frame.language, []
    seen: set[str] = set()
    for section in shown:
        for figure in section.figures:
            if figure.rows in seen:
                continue
            seen.add(figure.rows)
            is_whole = section.look != "growth" and len({one.rows for one in section.figures}) == 1
            title = section.title if is_whole else figure.title
            if figure.rows == "rhythm":
                found.append(_rhythm(title, rows["rhythm"], language))
            else:
                found.append(table(figure.rows, title, rows[figure.rows], frame, only=_ONLY.get(figure.rows, ())))
        if section.look == "spikes" and rows["spikes"]:
            found.append(
                table(
                    "spikes",
                    language.text("Pics : le verdict de chaque jour", "Spikes: the verdict of each day"),
                    rows["spikes"],
                    frame,
                )
            )
        if section.look == "emerging" and any(row["z_score"] is not None for row in rows["emerging"]):
            base = against(frame.filters, language)
            title = language.text(f"Hashtags face à {base}", f"Hashtags beside {base}")
            found.append(table("emerging", title, rows["emerging"], frame))
        if section.look == "tweets":
            columns = (
                "created_at",
                "username",
                "text",
                "interaction_count",
                "interaction_count_at_24h",
                "impression_count",
            )
            ranked = [row for row in rows["best"] if (row["interaction_rank"] or 99) <= 20]
            found.append(table("tweets", section.title, ranked, frame, only=columns))
    return found


def _rhythm(title: str, rows: Sequence[Row], language: Language) -> Table:
    return Table(
        "rhythm",
        title,
        ["", *(str(hour) for hour in range(24))],
        ["day", *["number"] * 24],
        [
            [name, *(language.number(value, digits=0 if value is None or value >= 10 else 1) for value in line)]
            for name, line in zip(language.weekday_names(), grid(rows, "mean_tweet_count"), strict=True)
        ],
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


def _cards(rows: Sequence[Row], frame: Frame) -> list[Card]:
    first = [row for row in rows if row["interaction_rank"] is not None][:_CARDS]
    return [Card({**row, "text": _cut(row["text"])}, frame.language, frame.zone) for row in first]


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= _CARD_CHARS:
        return text
    return f"{text[: _CARD_CHARS - 1].rstrip()}…"


def _title(frame: Frame, name: str) -> str:
    """What a tracker follows, where that is one hashtag."""
    row = next(one for one in frame.trackers if one["name"] == name)
    query: str = row["query"] or ""
    return query if query.startswith("#") and query[1:].isalnum() else name


def _tiles(growth: Sequence[Row], layer: Layer, frame: Frame) -> list[Tile]:
    """Each change with the days that it is against."""
    span, base = frame.filters.span, frame.filters.base
    days = base_days(span, base, frame.language, is_short=True) if base is not None else ""
    found = tiles([frame.totals], growth, layer=layer, frame=frame)
    return [replace(one, beside=f"{one.beside} {days}") if one.change else one for one in found]


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


def _coverage(frame: Frame, base_totals: Sequence[Row]) -> str:
    """How much of the period was read, and of the one that it is compared with."""
    language, rate = frame.language, frame.totals["coverage_rate"]
    say = language.text
    if rate is None:
        said = say(
            "Couverture de la période inconnue : X n'en a pas compté chaque heure",
            "Coverage unknown: X did not count every hour",
        )
    else:
        share = language.percent(rate)
        said = say(
            f"{share} du décompte de X ont été lus sur la période", f"{share} of X's own count of the period was read"
        )
    base = frame.filters.base
    if base is None:
        return said
    days, (totals,) = language.period(base.first, base.last), base_totals
    if totals["coverage_rate"] is None:
        return said + say(f" ; couverture inconnue sur celle {days}", f"; coverage of {days} is unknown")
    share = language.percent(totals["coverage_rate"])
    return said + say(f", {share} sur celle {days}", f", {share} of {days}")


def _then(as_of: date | None, language: Language) -> str:
    if as_of is None:
        return ""
    day = language.day(as_of)
    return language.text(
        f"Rapport rétrospectif, tel que les lectures le permettaient au soir du {day}. Les publications lues depuis n'y sont "
        "pas, les compteurs sont ceux de la dernière lecture d'alors. Textes, noms et exclusions sont ceux d'aujourd'hui ; ce "
        "qui a été effacé depuis n'y est plus.",
        f"Looking back: what the readings until the evening of {day} told. Posts first read later are not here, counters are "
        "those of the newest reading of then. Texts, names and exclusions are today's; what was erased since is gone.",
    )


def _definitions(views: Mapping[str, View], frame: Frame) -> list[tuple[str, str]]:
    """In the views' own words; each term once."""
    language, found = frame.language, dict[str, str]()
    for name, columns in _DEFINED.items():
        if frame.filters.base is None and "base_first_date" in views[name].parameters:
            continue
        known = {one.name: one for one in views[name].columns}
        for column in columns:
            found.setdefault(
                label(column, frame),
                language.text(known[column].sens, known[column].meaning).replace("NULL", language.text("rien", "none")),
            )
    return list(found.items())


def _method(frame: Frame, as_of: date | None) -> list[str]:
    language = frame.language
    say, totals = language.text, frame.totals
    raw, kept = totals["raw_tweet_count"], totals["tweet_count"]
    left_out = language.percent((raw - kept) / raw) if raw else language.percent(0)
    until = frame.status["complete_until"]
    found = [
        say(
            f"Les publications sont celles que X donne pour {frame.tracker_title}, retweets hors périmètre (ils comptent parmi "
            f"les interactions). {language.number(raw)} ont été trouvées ; {language.number(raw - kept)} ({left_out}) sont hors "
            "périmètre selon la liste d'exclusions.",
            f"Posts are those that X gives for {frame.tracker_title}, reposts left out (they count among interactions). "
            f"{language.number(raw)} were found; {language.number(raw - kept)} ({left_out}) are excluded by the analysts' list.",
        ),
        say(
            "La couverture rapporte, heure par heure, ce qui a été lu à ce que X compte lui-même. Un jour qui n'a pas été lu "
            "est un trou, jamais un zéro.",
            "Coverage sets what was read beside X's own count, hour by hour. A day that was not read is a gap, never a zero.",
        ),
        say(
            "Les jours sont ceux de l'heure locale "
            f"({frame.zone}). Les compteurs sont ceux de la dernière lecture de chaque publication ; ils montent encore une "
            "semaine environ, d'où la comparaison à âge égal (24 heures, 7 jours), interpolée entre les deux lectures voisines.",
            f"Days are local ({frame.zone}). Counters are those of the last reading of each post; they grow for about a week, "
            "hence the comparison at equal age (24 hours, 7 days), interpolated between the two readings around it.",
        ),
        say(
            "Les phrases de « L'essentiel » sont calculées, jamais rédigées à la main : elles exigent une couverture de 95 % et "
            f"{LEAST_TWEETS} publications. Ce qui accompagne un pic n'en est pas forcément la cause.",
            "The sentences of “In short” are computed, never written by hand: they take 95 % coverage and "
            f"{LEAST_TWEETS} posts. What goes with a spike need not have caused it.",
        ),
        *_compared(frame),
        say(
            "Les publications effacées sur X le sont aussi d'ici : refait plus tard, ce rapport peut en compter moins.",
            "Posts erased on X are erased here too: made again later, this report may count fewer.",
        ),
    ]  # fmt: skip
    if as_of is not None:
        found.insert(0, _then(as_of, language))
    elif until is not None:
        moment = language.moment(until, frame.zone)
        found.insert(
            2,
            say(
                f"Tous les suivis sont lus sans trou jusqu'au {moment}.",
                f"All trackers are read without a gap until {moment}.",
            ),
        )
    return found


def _compared(frame: Frame) -> list[str]:
    """How periods are compared; nothing where none is."""
    language, base = frame.language, against(frame.filters, frame.language)
    if not base:
        return []
    chosen = language.text(
        {"previous": " (le même nombre de jours, aux mêmes jours de la semaine)", "year": " (aux mêmes jours de la semaine)"}
        .get(frame.filters.compare, ""),
        {"previous": " (as many days, on the same weekdays)", "year": " (on the same weekdays)"}
        .get(frame.filters.compare, ""),
    )  # fmt: skip
    said = language.text(
        f"La comparaison est faite avec {base}{chosen}, chaque jour face au jour de même rang. Une phrase qui compare exige "
        "cette couverture et ce nombre des deux côtés, l'âge égal et plus de la moitié des jours. Sous 5 %, un écart n'est "
        "appelé ni hausse ni baisse.",
        f"Compared with {base}{chosen}, each day with the one of the same place. A sentence that compares takes that coverage "
        "and number on both sides, equal age and more than half of the days. Under 5 % a change is called none.",
    )
    return [f"{said} {caution(frame.filters, language)}".rstrip()]


def _cell(column: str, row: Row, frame: Frame) -> str:
    """As on a page, but short: a year and a zone are told elsewhere."""
    language, value = frame.language, row[column]
    match value:
        case datetime():
            local = value.astimezone(ZoneInfo(frame.zone))
            return f"{language.short_day(local.date())}{HARD}{local:%H:%M}"
        case date():
            return language.short_day(value)
        case float() if column.endswith("z_score"):
            return language.number(value, digits=1)
        case float() if column in _SIDES and row["measure"].endswith("_rate"):
            return language.percent(value, digits=2)
        case str() if column == "measure":
            name = cell(column, value, language=language, zone=frame.zone)
            return f"{name[:1].upper()}{name[1:]}"
    return " ".join(cell(column, value, language=language, zone=frame.zone).split(" "))


def _look(rows: Sequence[Row], column: str) -> str:
    value = next((row[column] for row in rows if row[column] is not None), None)
    match value:
        case bool():
            return "plain"
        case int() | float():
            return "number"
        case date():
            return "day"
    if column in {"username", "hashtag"}:
        return "tag"
    return "long" if column in {"text", "reason_fr", "measure"} else "plain"
