"""What the commands show on a terminal. Text from X is made harmless before it gets there."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from arcane.checks import Outcome
    from arcane.doctor import Finding
    from arcane.erasure import Erased
    from arcane.forecast import Cost
    from arcane.recorded import Report
    from arcane.status import Status
    from arcane.warehouse.interface import Result

_BIDI: Final = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


def printable(text: str) -> str:
    """One line without control characters or marks that turn the reading direction round."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " "
        if sign in "\n\r\t\u2028\u2029"
        else ""
        if sign in _BIDI or unicodedata.category(sign) in {"Cc", "Cs"}
        else sign
        for sign in text
    )


class Bar:
    """A progress bar on a terminal, nothing elsewhere (log lines tell the story there)."""

    def __init__(self, progress: Progress | None, unit: str) -> None:
        self._progress = progress
        self._task = progress.add_task(unit, total=None) if progress else None
        self._expected = 0

    def expect(self, tweet_count: int) -> None:
        self._expected += tweet_count
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=self._expected)

    def advance(self, tweet_count: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, tweet_count)


@contextlib.contextmanager
def bar(unit: str) -> Iterator[Bar]:
    """A bar on standard error, counting ``unit``."""
    if not sys.stderr.isatty():
        yield Bar(None, unit)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, unit)


def print_result(result: Result, *, style: str) -> None:
    """Rows as a table, JSON (one array of objects) or CSV (RFC 4180)."""
    if style == "json":
        rows = [dict(zip(result.columns, map(_plain, row), strict=True)) for row in result.rows]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    elif style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows([_cell(value) for value in row] for row in result.rows)
    else:
        print_table(result.columns, result.rows)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """A table as wide as the terminal; long cells wrap, numbers stand right."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        is_number = any(isinstance(row[index], int | float) and not isinstance(row[index], bool) for row in rows)
        table.add_column(Text(printable(column)), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(_cell(value))) for value in row))
    console().print(table)


def console() -> Console:
    """Standard output; wide where nobody watches, so that pipes get whole lines."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def print_status(status: Status, *, is_json: bool) -> None:
    """Trackers, gaps, rows, last run."""
    if is_json:
        print(json.dumps(_plain(status), ensure_ascii=False, indent=2))
        return
    trackers = [
        (t.name, t.query, t.tweet_count, t.covered_from, t.complete_until, len(t.gaps), t.covered_until)
        for t in status.trackers
    ]
    columns = ("tracker", "query", "tweets", "from", "complete until", "gaps", "covered until")
    if trackers:
        print_table(columns, trackers)
    else:
        print("no tracker has been collected yet")
    for tracker in status.trackers:
        if tracker.hours.counts:
            told = ", ".join(f"{count} {name}" for name, count in tracker.hours.counts.items())
            print(
                f"hours of {tracker.name} in seven days: {told}; X counts {tracker.hours.expected_count:,}, "
                f"seen {tracker.hours.seen_count:,}, unexplained {tracker.hours.residual_count:,}"
            )
        for gap in tracker.gaps:
            print(f"gap in {tracker.name}: {_cell(gap.start_at)} to {_cell(gap.end_at)}")
    print("rows: " + ", ".join(f"{name} {count:,}" for name, count in status.row_counts.items()))
    spent = status.spent
    print(
        f"spent at X by our books: ${spent.today_usd:,.2f} today, ${spent.cycle_usd:,.2f} in this cycle"
        + (f", and ${spent.unsettled_usd:,.2f} at most by runs that died" if spent.unsettled_usd else "")
    )
    if status.erasing_count:
        print(f"erasures under way: {status.erasing_count:,} (docs/compliance.md says what a stuck one needs)")
    run = status.last_run
    if run:
        print(
            f"last run: {run['command']} {run['outcome']} at {_cell(run['ended_at'])} UTC, "
            f"{run['tweet_count']:,} tweets in {run['page_count']:,} pages"
            + (f" ({printable(run['message'])})" if run["message"] else "")
        )


def print_erased(erased: Erased, *, is_dry: bool = False) -> None:
    """Rows by table and archive objects that went, or would."""
    rows = [(name, count) for name, count in sorted(erased.row_counts.items())]
    verb = "would be erased" if is_dry else "erased"
    if rows:
        print_table(("table", f"rows {verb}"), rows)
    print(f"{erased.object_count} archive objects {'would be' if is_dry else 'were'} written anew")


def print_forgotten(erased: Erased, *, is_dry: bool = False) -> None:
    """What went, or would, what was never there, and that there is no way back."""
    print_erased(erased, is_dry=is_dry)
    for kind, identity in erased.unknown:
        told = "would be kept out" if is_dry else "is kept out"
        print(f"the {kind} {identity} was never stored: it {told} from now on; that is for ever")
    if is_dry:
        print("nothing was erased; without --dry-run it is final: nothing brings it back, whatever X shows later")
    else:
        print("this is final: nothing brings it back, whatever X shows later")


def print_costs(costs: Sequence[Cost]) -> None:
    """What reading costs, in dollars."""
    rows = [(one.what, one.post_count, f"{one.likely_usd:,.2f}", f"{one.most_usd:,.2f}") for one in costs]
    print_table(("for", "posts", "likely $", "at most $"), rows)


def print_usage(days: Sequence[tuple[date, int, int]]) -> None:
    """X's account beside ours, and what a difference may mean."""
    from arcane.audit import has_drifted

    print_table(("UTC day", "X says", "our books", "drift"), [(day, x, ours, x - ours) for day, x, ours in days])
    theirs, ours = sum(day[1] for day in days), sum(day[2] for day in days)
    if has_drifted(told=theirs, booked=ours):
        print(
            "X counted more than our books: is another program using the same project?"
            if theirs > ours
            else "X counted less than our books: it may not bill what comes along (prices.are_includes_billed = false)"
        )


def print_report(report: Report) -> None:
    """One line a file: what its lines were."""
    told = ", ".join(f"{count} {name}" for name, count in sorted(report.lines.items()) if count)
    print(f"{report.path}: {report.tweet_count:,} tweets ({told or 'nothing in it'})")


def print_findings(findings: Sequence[Finding]) -> None:
    """One line a check, and what to do where it failed."""
    for finding in findings:
        print(f"{'ok  ' if finding.exit_code == 0 else 'BAD '} {finding.subject}: {printable(finding.message)}")


def print_outcomes(outcomes: Sequence[Outcome], *, is_json: bool) -> None:
    """One line a check; as JSON with its SQL and some of the rows that it found."""
    if is_json:
        print(json.dumps(_plain(outcomes), ensure_ascii=False, indent=2))
        return
    found_first = sorted(outcomes, key=lambda one: not one.row_count)
    rows = [
        (one.check.name, str(one.check.severity) if one.row_count else "ok", one.row_count, one.check.meaning)
        for one in found_first
    ]
    print_table(("check", "verdict", "offending rows", "meaning"), rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _plain(value: Any) -> Any:
    """As JSON knows it: times in ISO 8601, 64-bit ids are text already."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
