"""Asks the warehouse for a report: every question once, all of one state of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
from arcane.warehouse.interface import Reader


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose report, of which days (the last seven whole ones where there are none), as of the end of which day."""

    tracker: str = ""
    first: date | None = None
    last: date | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """``rows``: by the name of what was asked. ``read_at``: the newest reading that the figures stand on."""

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
    """Raises: ConfigError for a tracker, days or a moment of which nothing is known; WarehouseError."""
    if (asked.first is None) != (asked.last is None):
        raise ConfigError("--from and --to go together: name both days, or none for the last seven whole ones")
    with Desk(open_reader).seat() as seat:
        frame, as_of = _frame(seat, asked, layer=layer, trackers=trackers, language=language)
        found = _asked(seat, statements, layer, frame.filters, as_of)
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
    seat: Seat, asked: Asked, *, layer: Layer, trackers: Sequence[str], language: Language
) -> tuple[Frame, datetime | None]:
    today = Filters("", Span(date.min + timedelta(days=60), date.min + timedelta(days=60)))
    plain = {"status": questions.STATUS, "trackers": questions.TRACKERS}
    now = _asked(seat, plain, layer, today, None)
    zone = now["status"][0]["time_zone"]
    order = {name: place for place, name in enumerate(trackers)}
    known = sorted(now["trackers"], key=lambda row: (order.get(row["name"], len(order)), row["name"]))
    as_of = None
    if asked.as_of is not None:
        as_of = datetime.combine(asked.as_of + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)
    newest = now["status"][0]["complete_until"] or now["status"][0]["read_at"]
    if newest is None:
        raise ConfigError("nothing was read yet: run arcane collect first")
    newest = newest if as_of is None else min(newest, as_of)
    filters = filtering.read(
        _query(asked), trackers=[row["name"] for row in known], last_day=local_day(newest, zone) - timedelta(days=1)
    )
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
    """As a page's address would say it, so that both are read by the same rules."""
    said = {"tracker": asked.tracker, "from": asked.first, "to": asked.last}
    return "&".join(f"{name}={value}" for name, value in said.items() if value)


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
