"""What keeps Arcane from working here, found before the night's run finds it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arcane.errors import ArcaneError, ErasureBlocked, WarehouseError
from arcane.status import erasing_count

if TYPE_CHECKING:
    from arcane.app import App
    from arcane.budget import Budget
    from arcane.x.client import XClient

_SKEW_S: Final = 60
_DUCK: Final = b"DUCK"  # from the ninth byte of every file of DuckDB


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``exit_code`` 0: fine."""

    subject: str
    message: str
    exit_code: int = 0


def examine(app: App, *, has_probe: bool) -> list[Finding]:
    """Every check, in the order in which one would mend. With ``has_probe`` X is asked for 10 posts."""
    settings = app.settings
    findings = _checked("archive", lambda: app.archive().check())
    if settings.warehouse.kind == "duckdb":
        findings.append(_writable("warehouse", settings.warehouse.path.parent))
    else:
        findings += _checked("warehouse", lambda: _bigquery(app))
    findings += _checked("trackers", lambda: ", ".join(f"{one.name} = {one.query}" for one in app.followed()))
    findings += _checked("tables", lambda: _tables(app))
    budget = app.budget()
    try:
        with app.client(budget=budget) as client:
            findings += _checked("token", lambda: _token(app, client))
            findings += _checked("clock", lambda: _clock(app, client))
            if has_probe:
                findings += _checked("words", lambda: _words(app, client))
    except ArcaneError as exc:
        findings.append(Finding("token", str(exc), exc.exit_code))
    if budget.run_usd:
        findings += _checked("books", lambda: _booked(app, budget))
    return findings


def _booked(app: App, budget: Budget) -> str:
    """What these checks have cost belongs into the books, where there are any and nobody else writes them."""
    usd = f"${budget.run_usd:.3f}"
    if app.settings.warehouse.kind == "duckdb" and not app.settings.warehouse.path.exists():
        return f"these checks cost {usd}; there are no books yet"
    try:
        app.book(budget)
    except WarehouseError as exc:
        return f"these checks cost {usd}, which is not in the books ({exc})"
    return f"these checks cost {usd}: booked"


class _ClockOff(ArcaneError):
    exit_code = 2


def _checked(subject: str, check: Callable[[], str]) -> list[Finding]:
    try:
        return [Finding(subject, check())]
    except ArcaneError as exc:
        return [Finding(subject, str(exc), exc.exit_code)]


def _writable(subject: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".arcane-doctor"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as exc:
        return Finding(subject, f"{folder} cannot be written to ({exc.strerror}): allow it or choose another path", 7)
    return Finding(subject, f"{folder} can be written to")


def _bigquery(app: App) -> str:
    with contextlib.closing(app.bigquery()) as warehouse:
        return warehouse.check()


def _tables(app: App) -> str:
    warehouse = app.settings.warehouse
    if warehouse.kind == "duckdb":
        name = str(warehouse.path)
        if not warehouse.path.exists():
            return f"{name} does not exist yet: the first run makes it"
        with warehouse.path.open("rb") as file:
            is_duckdb = file.read(12)[8:] == _DUCK
        if not is_duckdb:
            raise WarehouseError(f"{name} is no DuckDB file: move it away or restore a copy")
    else:
        name = f"BigQuery's dataset {warehouse.dataset}"
    with contextlib.closing(app.reader()) as reader:
        ((count,),) = reader.query("select count(*) from tweets").rows
        under_way = erasing_count(reader)
    if under_way:
        raise ErasureBlocked(
            f"{name} holds {count} tweets, and {under_way} erasures in it are under way: run arcane run, "
            "which ends them, or logs erasure.blocked with the archived object to mend, restore or delete"
        )
    return f"{name} holds {count} tweets"


def _token(app: App, client: XClient) -> str:
    now = app.clock.now()
    query = app.followed()[0].query
    counts = client.counts(
        query, start_at=now - timedelta(hours=2), end_at=now - timedelta(minutes=1), granularity="hour"
    )
    return f"X accepts it and counts {sum(row.count for row in counts)} posts for {query} in the last two hours"


def _clock(app: App, client: XClient) -> str:
    served_at = client.wire.served_at
    if served_at is None:
        return "X did not tell its time"
    skew_s = (app.clock.now() - served_at).total_seconds()
    if abs(skew_s) > _SKEW_S:
        raise _ClockOff(
            f"this machine's clock is {skew_s:.0f} s off X's: set it by NTP, or windows and reading times will be wrong"
        )
    return f"within {abs(skew_s):.0f} s of X's"


def _words(app: App, client: XClient) -> str:
    """Which words X takes, and which keys it sends when their expansions are not asked for."""
    now = app.clock.now()
    start_at, end_at = now - timedelta(days=6), now - timedelta(minutes=1)
    query = app.followed()[0].query
    answers = client.search(query, start_at=start_at, end_at=end_at, max_results=10, has_expansions=False)
    bare = next(answers).page.data
    takes = f"X takes the words of {client.wire.vocabulary!r}"
    if not bare:
        return f"{takes}; no post of the last six days was found to look at"
    seen = {
        "author_id": sum(tweet.author_id is not None for tweet in bare),
        "references": sum(bool(tweet.references) for tweet in bare),
        "edit history": sum(bool(tweet.edit_history) for tweet in bare),
    }
    told = ", ".join(f"{name} on {count}" for name, count in seen.items())
    return f"{takes}; asked for no expansion, {len(bare)} posts carry {told}"
