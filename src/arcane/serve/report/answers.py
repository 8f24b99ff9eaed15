"""Asks the warehouse for a report: every question once, all of one state of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from arcane.errors import ConfigError
from arcane.serve.charts import Row, rows_of
from arcane.serve.dashboard import filters as filtering
from arcane.serve.dashboard import questions
from arcane.serve.dashboard.desk import Desk, Seat
from arcane.serve.dashboard.filters import Filters, Span
from arcane.serve.dashboard.frame import Frame, local_day
from arcane.serve.dashboard.queries import Layer, Question
from arcane.serve.dashboard.questions import Statement
from arcane.serve.language import Language
from arcane.serve.report.as_of import shadows
from arcane.serve.report.statements import AGAINST, SPIKES
from arcane.warehouse.interface import Reader

_OF_BASE: Final = {"base_totals": questions.TOTALS, "base_spikes": SPIKES}  # asked of the period compared with


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose report, of which days (the last seven whole ones where there are none), as of the end of which day.

    ``compare``: previous, year or none; empty for the period before, or for ``base_first`` to ``base_last``.
    """

    tracker: str = ""
    first: date | None = None
    last: date | None = None
    as_of: date | None = None
    compare: str = ""
    base_first: date | None = None
    base_last: date | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """``rows``: by the name of what was asked, none of what compares where nothing does; ``base_totals``, ``base_spikes``:
    the key figures and the days of the period compared with. ``read_at``: the newest reading that the figures stand on."""

    frame: Frame
    rows: Mapping[str, Sequence[Row]]
    read_at: datetime
    as_of: date | None


def answers(
    open_reader: Callable[[], Reader],
    asked: Asked,
    statements: Mapping[str, Statement],
    *,
    layer: Layer,
    trackers: Sequence[str],
    language: Language,
) -> Answers:
    """Raises: ConfigError for a tracker, days or a moment of which nothing is known, or options that contradict each
    other; WarehouseError."""
    said = _query(asked)
    with Desk(open_reader).seat() as seat:
        frame, as_of = _frame(seat, said, asked.as_of, layer=layer, trackers=trackers, language=language)
        filters, base = frame.filters, frame.filters.base
        put = {name: one for name, one in statements.items() if base is not None or name not in AGAINST}
        found: dict[str, Sequence[Row]] = dict.fromkeys((*statements, *_OF_BASE), ())
        found |= _asked(seat, put, layer, filters, as_of)
        if base is not None:
            found |= _asked(seat, _OF_BASE, layer, replace(filters, span=base), as_of)
    read_at: datetime | None = frame.status["read_at"]
    if read_at is None or not frame.totals["raw_tweet_count"]:
        span = frame.filters.span
        then = f" as of {asked.as_of}" if asked.as_of else ""
        raise ConfigError(
            f"no tweet of {frame.filters.tracker} is known from {span.first} to {span.last}{then}: "
            "choose other days with --from and --to"
        )
    return Answers(frame, found, read_at, asked.as_of)


def _frame(
    seat: Seat, said: str, evening: date | None, *, layer: Layer, trackers: Sequence[str], language: Language
) -> tuple[Frame, datetime | None]:
    today = Filters("", Span(date.min + timedelta(days=60), date.min + timedelta(days=60)))
    plain = {"status": questions.STATUS, "trackers": questions.TRACKERS}
    now = _asked(seat, plain, layer, today, None)
    zone = now["status"][0]["time_zone"]
    order = {name: place for place, name in enumerate(trackers)}
    known = sorted(now["trackers"], key=lambda row: (order.get(row["name"], len(order)), row["name"]))
    as_of = None
    if evening is not None:
        as_of = datetime.combine(evening + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)
    newest = now["status"][0]["complete_until"] or now["status"][0]["read_at"]
    if newest is None:
        raise ConfigError("nothing was read yet: run arcane collect first")
    newest = newest if as_of is None else min(newest, as_of)
    filters = filtering.read(
        said, trackers=[row["name"] for row in known], last_day=local_day(newest, zone) - timedelta(days=1)
    )
    _apart(filters)
    of_period = {"status": questions.STATUS, "totals": questions.TOTALS, "events": questions.EVENTS}
    found = _asked(seat, of_period, layer, filters, as_of)
    frame = Frame(
        filters=filters,
        language=language,
        trackers=known,
        events=found["events"],
        langs=(),
        totals=found["totals"][0],
        status=found["status"][0],
        zone=zone,
        now=newest,
    )
    return frame, as_of


def _query(asked: Asked) -> str:
    """As a page's address would say it, so that both are read by the same rules.

    Raises: ConfigError where a day has no other, or two ways to compare are meant at once.
    """
    if (asked.first is None) != (asked.last is None):
        raise ConfigError("--from and --to go together: name both days, or none for the last seven whole ones")
    if (asked.base_first is None) != (asked.base_last is None):
        raise ConfigError("--base-from and --base-to go together: name both days, or none and use --compare")
    compare = asked.compare
    if compare not in {"", *filtering.COMPARISONS}:
        raise ConfigError(f"--compare {compare} is not known: use previous, year or none, or --base-from and --base-to")
    if asked.base_first is not None and asked.base_last is not None:
        if asked.base_last < asked.base_first:
            raise ConfigError("--base-to is before --base-from: exchange them")
        if compare not in {"", "dates"}:
            raise ConfigError(f"--compare {compare} and --base-from name two ways to compare: leave one of them out")
        compare = "dates"
    elif compare == "dates":
        raise ConfigError("--compare dates does not say which: name them with --base-from and --base-to")
    said = {
        "tracker": asked.tracker, "from": asked.first, "to": asked.last, "compare": compare,
        "base_from": asked.base_first, "base_to": asked.base_last,
    }  # fmt: skip
    return urlencode({name: value for name, value in said.items() if value})


def _apart(filters: Filters) -> None:
    """Raises: ConfigError if days would be compared with themselves."""
    span, base = filters.span, filters.base
    if base is not None and base.first <= span.last and span.first <= base.last:
        raise ConfigError(
            f"{base.first} to {base.last} shares days with {span.first} to {span.last}: "
            "with --base-from and --base-to choose days outside of the period"
        )


def _asked(
    seat: Seat, statements: Mapping[str, Statement], layer: Layer, filters: Filters, as_of: datetime | None
) -> dict[str, list[Row]]:
    put = [question(layer, one, filters, as_of=as_of) for one in statements.values()]
    results = seat.ask_all(put)
    return {name: list(rows_of(one.columns, one.rows)) for name, one in zip(statements, results, strict=True)}


def question(layer: Layer, asked: Statement, filters: Filters, *, as_of: datetime | None) -> Question:
    """What is known of it now, or was at ``as_of``: then the text of every view, over the tables of then."""
    if as_of is None:
        return layer.question(asked, filters)
    return layer.shadowed(asked, filters, shadows(layer.dataset), as_of=as_of)
