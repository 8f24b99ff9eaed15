"""What an export holds: the rows of one French view, of a tracker and a period, and what a reader must know of them.

A view is narrowed by its own columns; a table function gets the same as arguments; the dashboard's other filters go in
by its own door (``queries``). The rows stay in the warehouse until they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from arcane.errors import ConfigError
from arcane.serve.dashboard.filters import Filters, Span, preceding, told
from arcane.serve.dashboard.queries import Layer, Question, Value
from arcane.serve.dashboard.questions import Statement
from arcane.serve.language import FRENCH, spaced
from arcane.views import Named, View
from arcane.warehouse.interface import Batches, Reader, Result

_TRACKERS: Final = """\
select name, query
from trackers
qualify row_number() over (partition by name order by valid_from desc) = 1
order by name"""
_STATUS: Final = """\
select complete_until, read_at, time_zone, gap_hour_count
from {dataset}.data_status"""
_TOTALS: Final = Statement("select * from totals")
_DAYS: Final = Statement(
    """\
select v.local_date, v.tweet_count, e.interaction_count, e.impression_count, v.coverage_rate, e.is_provisional
from volume_by_day as v
left join engagement_by_day as e on e.tracker = v.tracker and e.local_date = v.local_date
where v.tracker = @tracker_name and v.local_date between @first_date and @last_date""",
    order="local_date",
)
_KNOWN_DAYS: Final = """\
select min(local_date), max(local_date)
from {dataset}.volume_by_day
where tracker = @tracker_name"""

_READ_DAYS: Final = """\
select
    count(*) as read_day_count,
    countif(is_whole) as whole_day_count,
    min(local_date) as first_date,
    max(local_date) as last_date
from {dataset}.days
where
    tracker = @tracker_name
    and local_date between @first_date and @last_date
    and read_hour_count + partial_hour_count > 0"""
# Of these X counts all tweets, whatever a filter leaves of them.
_UNFILTERED: Final = {"expected_count", "coverage_rate", "base_coverage_rate"}

_Days = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for; empty is all. ``base``: what a period is compared with. ``narrow``: the dashboard's filters,
    where they are more than these."""

    tracker: str = ""
    span: Span | None = None
    base: Span | None = None
    narrow: Filters | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """``title`` and ``subtitle``: what it is about; ``source``: where its rows come from, in a sentence's middle.
    ``facts``: how whole it is; ``definitions``: of columns; all in French. ``totals`` and ``days`` where it is one tracker's."""

    title: str
    subtitle: str
    source: str
    facts: Sequence[tuple[str, str]]
    definitions: Sequence[tuple[str, str]]
    totals: Mapping[str, Any] | None = None
    days: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows that are read once. Each column with the contract's name, from which its unit is known, and its title."""

    columns: Sequence[Named]
    batches: Batches
    zone: str
    cover: Cover | None = None


def scope(tracker: str, days: _Days, base_days: _Days) -> Scope:
    """What was asked for on a command line; without days of its own, a base is the period just before, by weekdays.

    Raises: ConfigError.
    """
    span, base = _span(days, "--from", "--to"), _span(base_days, "--base-from", "--base-to")
    if base is None and span is not None:
        base = preceding(span)
    return Scope(tracker, span, base)


def found(views: Sequence[View], name: str) -> View:
    """The view or function of that name, in which office tools can read. Raises: ConfigError."""
    known = {one.name: one for one in views if one.has_twin}
    if name not in known:
        raise ConfigError(f"no view can be exported by the name {name}: there are {', '.join(sorted(known))}")
    return known[name]


def fitting(view: View, filters: Filters) -> Scope:
    """What a page of the dashboard looks at, as far as ``view`` tells it apart."""
    has_days = "first_date" in view.parameters if view.parameters else _day(view) is not None
    tells_trackers = "tracker_name" in view.parameters if view.parameters else "tracker" in view.column_names
    return Scope(
        tracker=filters.tracker if tells_trackers else "",
        span=filters.span if has_days else None,
        base=filters.base or preceding(filters.span),
        narrow=filters if filters.is_narrow else None,
    )


def is_reached(view: View, *, layer: Layer) -> bool:
    """Whether more of the dashboard's filters than tracker and period can leave rows of ``view`` out."""
    return _is_of_tweets(view) or layer.is_narrowed(view.name)


def unfiltered(view: View, filters: Filters) -> list[str]:
    """French names of the columns that count every tweet, where ``filters`` leave a part of them in the others."""
    return [one.fr for one in view.columns if one.name in _UNFILTERED] if filters.is_part else []


def _is_of_tweets(view: View) -> bool:
    return "tweet_id" in view.column_names and not view.parameters


def question(view: View, scope: Scope, *, layer: Layer) -> Question:
    """GoogleSQL for the rows. Tweets come in no order: what has to be sorted cannot be streamed.

    Raises: ConfigError naming what is missing, or what the view knows nothing of.
    """
    values = _values(view, scope)
    for name in view.parameters:
        if name not in values:
            raise ConfigError(f"{view.name} needs {_OPTIONS[name]}")
    if scope.narrow is not None:
        return _narrowed(view, scope, scope.narrow, layer=layer)
    conditions = _conditions(view, scope, {one.name: one.fr for one in view.columns})
    sql = _select([one.fr for one in view.columns], f"{layer.dataset}_fr.{view.call}", conditions)
    if order := _order(view):
        sql += f"\norder by {order}"
    return Question(sql, tuple((name, value) for name, value in values.items() if f"@{name}" in sql))


def _narrowed(view: View, scope: Scope, filters: Filters, *, layer: Layer) -> Question:
    """The same out of the text of the view, over the tweets that the filters leave."""
    conditions = _conditions(view, scope, {one: one for one in view.column_names})
    if not is_reached(view, layer=layer):
        raise ConfigError(f"{view.name} knows only tracker and period: take the other filters back")
    if _is_of_tweets(view):
        conditions.append("tweet_id in (select tweet_id from posted_tweets)")
    sql = _select([f"{one.name} as {one.fr}" for one in view.columns], view.name, conditions)
    return layer.question(Statement(sql, _order(view)), filters)


def _select(columns: Sequence[str], source: str, conditions: Sequence[str]) -> str:
    listed = ",\n".join(f"    {one}" for one in columns)
    where = f"\nwhere {' and '.join(conditions)}" if conditions else ""
    return f"select\n{listed},\nfrom {source}{where}"


def extract(reader: Reader, view: View, scope: Scope, *, layer: Layer, has_cover: bool) -> Extract:
    """The rows of ``view`` in ``scope``, and its cover where one is wanted. A function that needs a tracker takes the
    only one that there is. Raises: ConfigError, SqlError.
    """
    trackers: dict[Any, Any] = dict(reader.query(_TRACKERS).rows)  # type: ignore[arg-type]
    if scope.tracker and scope.tracker not in trackers:
        raise ConfigError(f"no tracker is called {scope.tracker!r}: there are {', '.join(trackers) or 'none'}")
    if "tracker_name" in view.parameters and not scope.tracker and len(trackers) == 1:
        scope = replace(scope, tracker=next(iter(trackers)))
    if has_cover:
        view = replace(view, columns=_as_read(view.columns))
    asked = question(view, scope, layer=layer)
    (status,) = _rows(reader.query(_STATUS.format(dataset=layer.dataset)))
    cover = _cover(reader, view, scope, trackers, status, layer=layer) if has_cover else None
    return Extract(view.columns, reader.batches(asked.sql, asked.bound), status["time_zone"], cover)


def _as_read(columns: Sequence[Named]) -> tuple[Named, ...]:
    """Ranks and, right beside them, the text that they rank; the others as they come."""
    ranks = [one for one in columns if one.name.endswith("_rank")]
    first = [*ranks, *(one for one in columns if one.name == "text")] if ranks else []
    return (*first, *(one for one in columns if one not in first))


def _cover(
    reader: Reader, view: View, scope: Scope, trackers: Mapping[str, str], status: Mapping[str, Any], *, layer: Layer
) -> Cover:
    span = scope.span
    period = FRENCH.period(span.first, span.last) if span is not None else "toutes les dates connues"
    facts = [("Suivi", scope.tracker or ", ".join(trackers)), ("Période", period)]
    if scope.base is not None and "base_first_date" in view.parameters:
        facts.append(("Comparée à la période", FRENCH.period(scope.base.first, scope.base.last)))
    if scope.narrow is not None:
        facts.append(("Filtres", ", ".join(told(scope.narrow, FRENCH))))
    made = Cover(
        title=f"{_subject(scope.tracker, trackers)} · {period}",
        subtitle=view.sens,
        source=f"de la vue {view.name}",
        facts=[*facts, *_beside_filters(view, scope), *state(status)],
        definitions=[(one.fr, one.sens) for one in view.columns],
    )
    if scope.tracker and span is None:
        ((first, last),) = reader.query(_KNOWN_DAYS.format(dataset=layer.dataset), {"tracker_name": scope.tracker}).rows
        span = Span(first, last) if isinstance(first, date) and isinstance(last, date) else None
    if not scope.tracker or span is None:
        return made
    filters = scope.narrow or Filters(scope.tracker, span)
    totals, days = (layer.question(one, filters) for one in (_TOTALS, _DAYS))
    (row,) = _rows(reader.query(totals.sql, totals.bound))
    asked = {"tracker_name": scope.tracker, "first_date": span.first, "last_date": span.last}
    (read,) = _rows(reader.query(_READ_DAYS.format(dataset=layer.dataset), asked))
    facts += [*_read_days(read, span, row), *_beside_filters(view, scope, has_tiles=True), *_excluded(view, row)]
    facts += state(status)
    return replace(made, facts=facts, totals=row, days=reader.query(days.sql, days.bound).rows)


def _read_days(read: Mapping[str, Any], span: Span, totals: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How much of the period was read, where that is not all of it, and why it then has no coverage."""
    count, whole = read["read_day_count"], read["whole_day_count"]
    if whole == span.days and totals["coverage_rate"] is not None:
        return []
    said = f"{FRENCH.number(count) if count else 'aucun'} {'jours lus' if count > 1 else 'jour lu'} sur {span.days}"
    if count:
        known = Span(read["first_date"], read["last_date"])
        said += f", {FRENCH.period(known.first, known.last)}" + (", avec des trous" if known.days > count else "")
    if count > whole:
        said += f", dont {FRENCH.number(count - whole)} en partie"
    if totals["coverage_rate"] is None:
        said += ". La couverture reste inconnue (–) : X n'a pas compté chaque heure de la période"
    return [("Jours lus", spaced(said))]


def _beside_filters(view: View, scope: Scope, *, has_tiles: bool = False) -> list[tuple[str, str]]:
    """What stands unfiltered beside what the filters leave; ``has_tiles``: also above, among the key figures."""
    filters = scope.narrow
    if filters is None or not filters.is_part:
        return []
    named = unfiltered(view, filters) + (["la couverture ci-dessus"] if has_tiles else [])
    if not named:
        return []
    listed = " et ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    many = "comptent" if len(named) > 1 else "compte"
    return [("Sans les filtres", f"{listed} {many} toutes les publications, sans les filtres")]


def _excluded(view: View, totals: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Why there are more rows of tweets than tweets in the key figures."""
    reason = next((one.fr for one in view.columns if one.name == "exclusion_reason"), None)
    count = (totals["raw_tweet_count"] or 0) - (totals["tweet_count"] or 0)
    if reason is None or not count:
        return []
    many = f"{FRENCH.number(count)} {'lignes sont' if count > 1 else 'ligne est'}"
    return [
        (
            "Publications exclues",
            spaced(
                f"{many} hors périmètre ({reason} rempli) : les chiffres clés et « Par jour » ne les comptent pas. "
                f"Pour les mêmes publications, ne gardez que les lignes dont {reason} est vide"
            ),
        )
    ]


def state(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How far and how well everything was read, from ``data_status``, in French."""
    zone = status["time_zone"]
    return [
        ("Données complètes jusqu’au", _moment(status["complete_until"], zone, "aucun suivi n’est encore complet")),
        ("Dernière lecture de X", _moment(status["read_at"], zone, "rien n’a encore été lu")),
        ("Heures non lues sur sept jours", FRENCH.number(status["gap_hour_count"])),
        ("Fuseau des heures et des jours", zone),
    ]


def _subject(tracker: str, trackers: Mapping[str, str]) -> str:
    """What the tracker follows, where that is one hashtag; else its name."""
    query = trackers.get(tracker) or ""
    return query if re.fullmatch(r"#\w+", query) else tracker or "Tous les suivis"


def _rows(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def _values(view: View, scope: Scope) -> dict[str, Value]:
    values: dict[str, Value] = {}
    if scope.tracker:
        values["tracker_name"] = scope.tracker
    if scope.span is not None:
        values |= {"first_date": scope.span.first, "last_date": scope.span.last}
    if scope.base is not None:
        values |= {"base_first_date": scope.base.first, "base_last_date": scope.base.last}
    if scope.tracker and view.parameters and "tracker_name" not in view.parameters:
        raise ConfigError(f"{view.name} is about all trackers: leave --tracker out")
    return values


def _conditions(view: View, scope: Scope, written: Mapping[str, str]) -> list[str]:
    """``written``: how the source calls each column."""
    if view.parameters:
        return []
    conditions = []
    if scope.tracker:
        if "tracker" not in written:
            raise ConfigError(f"{view.name} does not tell trackers apart: leave --tracker out, or take another view")
        conditions.append(f"{written['tracker']} = @tracker_name")
    if scope.span is not None:
        day = _day(view)
        if day is None:
            raise ConfigError(f"{view.name} has no day: leave --from and --to out")
        conditions.append(f"{written[day]} between @first_date and @last_date")
    return conditions


def _day(view: View) -> str | None:
    """The column that a period is about."""
    days = [one for one in view.column_names if one.endswith("_date")]
    return "local_date" if "local_date" in days else next(iter(days), None)


def _order(view: View) -> str:
    """Ranks first, then days, then the key; none where there is a row a tweet, but of a function."""
    french = {one.name: one.fr for one in view.columns}
    if not view.parameters and "tweet_id" in view.key:
        return ""
    ranks = [f"{french[one]} is null, {french[one]}" for one in view.column_names if one.endswith("_rank")]
    day = _day(view)
    keys = [french[one] for one in view.key]
    return ", ".join(dict.fromkeys([*ranks[:1], *([french[day]] if day in view.key else []), *keys]))


def _span(days: _Days, first_name: str, last_name: str) -> Span | None:
    first, last = days
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise ConfigError(f"{first_name} and {last_name} go together: give both, both days inclusive")
    if last < first:
        raise ConfigError(f"{last_name} {last:%Y-%m-%d} is before {first_name} {first:%Y-%m-%d}: exchange them")
    return Span(first.date(), last.date())


def _moment(moment: object, zone: str, otherwise: str) -> str:
    return FRENCH.moment(moment, zone) if isinstance(moment, datetime) else otherwise


_OPTIONS: Final = {
    "tracker_name": "--tracker with the name of one",
    "first_date": "--from and --to, both days inclusive",
    "last_date": "--from and --to, both days inclusive",
    "base_first_date": "--base-from and --base-to, both days inclusive",
    "base_last_date": "--base-from and --base-to, both days inclusive",
}
