"""The command line: parse, call, print, exit code. No logic.

Heavy imports wait inside the commands, so that ``--help`` and ``--version`` answer at once.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcane import __version__
from arcane.errors import STOPPED, TERMINATED, ArcaneError, ConfigError, Terminated

if TYPE_CHECKING:
    from types import FrameType

    from arcane.app import App
    from arcane.warehouse.interface import Stretch

app = typer.Typer(
    name="arcane",
    help="Every post on X that carries a hashtag, in your warehouse each morning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_PREMIERE_TAG = 19  # the rarest hashtag of the simulator's world
_DAY = ["%Y-%m-%d"]
_FIRST_TWEET = datetime(2006, 3, 21, tzinfo=UTC)
_KEPT = "stopped; what was read is kept and the next run goes on from there"
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="Settings file (default: settings.toml here, if there is one).")
]

MaxRun = Annotated[
    int | None, typer.Option("--max-run-s", min=1, help="Stop at a commit after so many seconds (exit code 75).")
]
Occurrence = Annotated[
    str, typer.Option(help="Go on with what a scheduler began under this name; done once, it is not done again.")
]


def main() -> None:
    """Run the command; an expected failure is one sentence on standard error and its exit code."""
    gc.set_threshold(100_000, 50, 50)  # rows by the ten thousand make no cycles: looking for them cost a fifth
    if os.environ.get("ARCANE_LOG__FORMAT") == "cloud":  # wrong settings and arguments are to be told there as well
        from arcane.logs import configure

        configure(style="cloud", level="info")
    signal.signal(signal.SIGTERM, _end)
    try:
        exit_code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        exit_code = STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Terminated as exc:
        sys.exit(_told(exc))
    except Exception as exc:
        sys.exit(_told(_expected(exc)))
    if exit_code == STOPPED:  # Typer may give Ctrl+C back as this code
        print(f"arcane: {_KEPT}", file=sys.stderr)
    sys.exit(exit_code if isinstance(exit_code, int) else 0)


def _end(_: int, __: FrameType | None) -> None:
    """SIGTERM ends the command at once: pages are in the archive, the lease goes back. Another one changes nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated(_KEPT)


def _expected(exc: Exception) -> Exception:
    """Typer's own complaints about arguments become ours; everything else stays what it is."""
    format_message = getattr(exc, "format_message", None)
    return ConfigError(f"{format_message()} (arcane --help shows what there is)") if format_message else exc


def _told(exc: Exception | Terminated) -> int:
    """Tell why the command ends: a sentence for people, a line of its own for Cloud Logging; returns the exit code.

    Raises: what nobody foresaw, for its traceback, unless that is in Cloud Logging's line.
    """
    from arcane.logs import is_for_cloud, tell_failure

    exit_code = exc.exit_code if isinstance(exc, ArcaneError) else TERMINATED if isinstance(exc, Terminated) else 1
    if is_for_cloud():
        tell_failure(exc, exit_code=exit_code)
    elif isinstance(exc, ArcaneError | Terminated):
        print(f"arcane: {exc}", file=sys.stderr)
    else:
        raise exc
    return exit_code


def _version(is_asked: bool) -> None:
    if is_asked:
        print(f"arcane {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Every post on X that carries a hashtag, in your warehouse each morning."""


@app.command()
def demo(settings: SettingsFile = None) -> None:
    """Live through two weeks of daily runs on made-up tweets and show what came of it; needs no account."""
    from arcane import demo as story

    shown = story.demo(_app(settings))
    if sys.stdout.isatty():
        _serve(shown, port=shown.settings.dashboard.port)
    else:
        print("Look at it:       arcane dashboard")


@app.command()
def collect(
    settings: SettingsFile = None,
    tracker: Annotated[
        list[str] | None, typer.Option(help="Only this tracker of the settings; may be given several times.")
    ] = None,
    max_run_s: MaxRun = None,
    occurrence: Occurrence = "",
) -> None:
    """Read what is missing of every tracker from X and commit it."""
    from arcane.terminal import bar

    with bar("tweets") as progress:
        _app(settings).collect(progress=progress, trackers=tracker or (), max_run_s=max_run_s, occurrence=occurrence)


@app.command()
def refresh(
    settings: SettingsFile = None,
    tracker: Annotated[str, typer.Option(help="Only the tweets of this tracker.")] = "",
    max_run_s: MaxRun = None,
    occurrence: Occurrence = "",
) -> None:
    """Read tweets again that are due by their age, so that their numbers live, and erase what X has deleted."""
    from arcane.terminal import bar

    with bar("tweets") as progress:
        _app(settings).refresh(progress=progress, tracker=tracker, max_run_s=max_run_s, occurrence=occurrence)


@app.command()
def run(settings: SettingsFile = None, max_run_s: MaxRun = None, occurrence: Occurrence = "") -> None:
    """The whole of a day's work: collect, then refresh."""
    from arcane.terminal import bar

    with bar("tweets") as progress:
        _app(settings).run(progress=progress, max_run_s=max_run_s, occurrence=occurrence)


@app.command()
def backfill(
    first: Annotated[datetime | None, typer.Option("--from", help="First day (UTC).")] = None,
    last: Annotated[datetime | None, typer.Option("--to", help="First day not wanted any more (UTC).")] = None,
    counts_only: Annotated[
        str, typer.Option(help="Only X's own hourly counts, so many months back: 12m. No tweet is read.")
    ] = "",
    tracker: Annotated[list[str] | None, typer.Option(help="Only this tracker; may be repeated.")] = None,
    is_agreed: Annotated[bool, typer.Option("--yes", help="Read, do not only tell what it will cost.")] = False,
    settings: SettingsFile = None,
    max_run_s: MaxRun = None,
) -> None:
    """Fill older time from X's full archive, where the token may; tells the price first, goes on where it stopped."""
    from arcane.terminal import bar, print_costs, print_table
    from arcane.warehouse.interface import Stretch

    app, names = _app(settings), tracker or []
    if counts_only and (first is not None or last is not None):
        raise ConfigError("--counts-only 12m counts back from now: leave --from and --to out")
    if counts_only:
        span = _months(counts_only, now=app.clock.now())
        sums = app.count(span, trackers=names)
        print_table(("tracker", "counted by X", "of these in French"), [(name, *both) for name, both in sums.items()])
        return
    if first is None or last is None or first >= last:
        raise ConfigError(
            "a backfill needs --from and --to, the first before the second: --from 2026-01-01 --to 2026-02-01"
        )
    if first.replace(tzinfo=UTC) < _FIRST_TWEET:
        raise ConfigError(f"--from {first:%Y-%m-%d}: the first tweet was posted on {_FIRST_TWEET:%Y-%m-%d}")
    span = Stretch(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))
    if not is_agreed:
        print_costs(app.backfill_cost(span, trackers=names))
        print("nothing was read: add --yes to read it")
        return
    with bar("tweets") as progress:
        app.backfill(span, trackers=names, progress=progress, max_run_s=max_run_s)


@app.command()
def estimate(
    is_asking: Annotated[
        bool, typer.Option("--ask", help="Ask X's counts what is missing ($0.005 a tracker): for a first run.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """What the next run, a day and a month will cost, as the last seven days went; asks X nothing without --ask."""
    from arcane.terminal import print_costs

    app = _app(settings)
    print_costs(app.first_cost() if is_asking else app.estimate())


@app.command()
def usage(
    days: Annotated[int, typer.Option(min=1, max=90, help="UTC days to look back.")] = 7, settings: SettingsFile = None
) -> None:
    """Posts that X says were read, by UTC day, beside our own books."""
    from arcane.terminal import print_usage

    print_usage(_app(settings).usage(days=days))


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Recorded pages: one API response a line, plain, .gz or .zst.")],
    tracker: Annotated[str, typer.Option(help="Tracker that the tweets are filed under.")] = "import",
    observed_at: Annotated[
        str | None, typer.Option(help="When the pages were read, where they do not tell (2026-01-31T12:00:00Z).")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Bring recorded pages (Arcane's archive, twarc2's JSONL, bare answers) into the same tables."""
    from arcane.terminal import print_report, printable

    reports = _app(settings).import_files(files, tracker=tracker, observed_at=_moment(observed_at), after=print_report)
    broken = [report for report in reports if report.lines["broken"]]
    if broken:
        from arcane.errors import PageError

        first = broken[0]
        raise PageError(
            f"{sum(report.lines['broken'] for report in broken)} lines are no whole JSON, the first in {first.path} "
            f"({printable(first.first_broken)}): everything else is imported"
        )


@app.command()
def compliance(settings: SettingsFile = None, max_run_s: MaxRun = None) -> None:
    """Ask X about every stored tweet and author (once a week), and erase what was deleted, protected or suspended."""
    from arcane.terminal import print_erased

    print_erased(_app(settings).comply(max_run_s=max_run_s))


@app.command()
def forget(
    tweet: Annotated[list[str] | None, typer.Option(help="Id of a tweet; may be repeated.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="Id of an author, with all tweets; may be repeated.")] = None,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Erase tweets and authors for ever, at a person's request, and keep them out from now on."""
    from arcane.terminal import print_forgotten

    if not tweet and not author:
        raise ConfigError("nothing to forget: name --tweet or --author with an id")
    done = _app(settings).forget(tweet_ids=tweet or [], author_ids=author or [], is_dry=is_dry)
    print_forgotten(done, is_dry=is_dry)


@app.command()
def replay(settings: SettingsFile = None) -> None:
    """Rebuild the tables from the archive, without asking X; as a task of a Cloud Run job, its share of them."""
    from arcane.config import task_of
    from arcane.replay import Share
    from arcane.terminal import bar

    task = task_of(os.environ)
    share = Share(task.index, task.count, task.execution) if task.count > 1 else None
    with bar("pages") as progress:
        count = _app(settings).replay(after=progress.advance, share=share)
    print(f"{count} archived pages replayed")


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One GoogleSQL query.")],
    style: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    settings: SettingsFile = None,
) -> None:
    """Run one GoogleSQL query, read-only, on what was last published."""
    from arcane.terminal import print_result

    if style not in {"table", "json", "csv"}:
        raise ConfigError(f"--format {style} is not known: use table, json or csv")
    print_result(_app(settings).query(sql), style=style)


@app.command()
def export(
    view: Annotated[str, typer.Argument(help="A view or function of arcane_fr (arcane views list).")],
    file: Annotated[Path, typer.Option("--output", "-o", help="File to write: .xlsx, .csv or .parquet.")],
    tracker: Annotated[str, typer.Option(help="Only this tracker.")] = "",
    first: Annotated[datetime | None, typer.Option("--from", help="First day, local.", formats=_DAY)] = None,
    last: Annotated[datetime | None, typer.Option("--to", help="Last day, inclusive.", formats=_DAY)] = None,
    base_first: Annotated[
        datetime | None,
        typer.Option("--base-from", help="What a function compares with (default: just before).", formats=_DAY),
    ] = None,
    base_last: Annotated[datetime | None, typer.Option("--base-to", help="Last day of that.", formats=_DAY)] = None,
    style: Annotated[
        str | None,
        typer.Option("--format", help="xlsx, csv-fr (for .csv), csv-en, csv (for programs) or parquet."),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Write a view with its French titles into a workbook, a CSV or a Parquet file; all of it or nothing."""
    from arcane.serve.extract import scope
    from arcane.terminal import bar

    asked = scope(tracker, (first, last), (base_first, base_last))
    with bar("rows") as progress:
        count = _app(settings).export(view, file, scope=asked, style=style, after=progress.advance)
    print(f"{count:,} {'row of' if count == 1 else 'rows of'} {view} {'is' if count == 1 else 'are'} in {file}")


@app.command()
def status(
    is_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Trackers, how far they are complete, gaps, rows, the last run."""
    from arcane.terminal import print_status

    print_status(_app(settings).status(), is_json=is_json)


@app.command()
def dashboard(
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Instead of dashboard.port; 0 picks a free one.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Serve the dashboard: on this machine alone, or with a login (docs/dashboard.md); Ctrl+C stops it."""
    app = _app(settings)
    _serve(app, port=app.settings.dashboard.port if port is None else port)


@app.command()
def datastudio(
    report: Annotated[str | None, typer.Option(help="Id of the template; without one, a blank report.")] = None,
    view: Annotated[
        list[str] | None, typer.Option(help="Only this French view; may be repeated where there is a template.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the report.")] = "Arcane",
    billing_project: Annotated[
        str | None, typer.Option(help="Project that pays for its queries (default: warehouse.project).")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Print the address that opens a report of Data Studio on the French views (office/datastudio)."""
    print(_app(settings).datastudio(view or [], template=report, name=name, billing_project=billing_project))


@app.command()
def report(
    target: Annotated[Path, typer.Option("--output", "-o", help="The file: rapport.html, .pdf or .pptx.")],
    first: Annotated[
        datetime | None, typer.Option("--from", help="First day; without, the last seven whole ones.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", help="Last day, included.")] = None,
    compare: Annotated[
        str, typer.Option(help="previous, year or none: what to compare with; without, the days before.")
    ] = "",
    base_first: Annotated[datetime | None, typer.Option("--base-from", help="Or compare from this day on …")] = None,
    base_last: Annotated[datetime | None, typer.Option("--base-to", help="… to this one, included.")] = None,
    tracker: Annotated[str, typer.Option(help="Whose report; without, the first of the settings.")] = "",
    sections: Annotated[str, typer.Option(help="Which sections, as in essentiel,volume; without, all.")] = "",
    logo: Annotated[Path | None, typer.Option(help="The client's logo, PNG or JPEG.")] = None,
    comments: Annotated[
        Path | None, typer.Option("--commentaires", help="Your words, Markdown: a heading names the section.")
    ] = None,
    as_of: Annotated[datetime | None, typer.Option(help="As it was known on the evening of this day.")] = None,
    language: Annotated[str, typer.Option("--lang", help="fr or en.")] = "fr",
    settings: SettingsFile = None,
) -> None:
    """Write a report for a client: one file, computed from the data (docs/report.md)."""
    from arcane.serve.language import LANGUAGES
    from arcane.serve.report.answers import Asked
    from arcane.serve.report.report import Order

    if language not in LANGUAGES:
        raise ConfigError(f"--lang {language} is not known: use {' or '.join(LANGUAGES)}")
    asked = Asked(
        tracker,
        _date(first),
        _date(last),
        _date(as_of),
        compare=compare,
        base_first=_date(base_first),
        base_last=_date(base_last),
    )
    order = Order(target, asked, LANGUAGES[language], sections, logo, comments)
    print(f"the report is in {_app(settings).report(order)}")


@app.command()
def check(
    is_json: Annotated[bool, typer.Option("--json", help="For programs, with some of the rows found.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Look for rows that must not be (exit code 7 if there are any) and for what a person should know (0)."""
    from arcane.checks import refuse
    from arcane.terminal import print_outcomes

    outcomes = _app(settings).check()
    print_outcomes(outcomes, is_json=is_json)
    refuse(outcomes)


views = typer.Typer(help="What the tables mean: the views, and your own of views.path.", no_args_is_help=True)
app.add_typer(views, name="views")


@views.command(name="list")
def list_views(settings: SettingsFile = None) -> None:
    """Every view, what it says and what its rows are."""
    from arcane.terminal import print_table

    found = _app(settings).views()
    print_table(("view", "key", "meaning"), [(one.name, ", ".join(one.key), one.meaning) for one in found])


@views.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of the view.")],
    dialect: Annotated[str, typer.Option(help="googlesql or duckdb.")] = "googlesql",
    is_french: Annotated[bool, typer.Option("--french", help="The view of arcane_fr, with French names.")] = False,
    settings: SettingsFile = None,
) -> None:
    """The SQL of a view."""
    from arcane.warehouse.dialect import duckdb

    if dialect not in {"googlesql", "duckdb"}:
        raise ConfigError(f"--dialect {dialect} is not known: use googlesql or duckdb")
    known = {one.name: one for one in _app(settings).views()}
    if name not in known:
        raise ConfigError(f"no view is called {name}: there are {', '.join(known)}")
    sql = known[name].french("arcane") if is_french else known[name].sql
    print(duckdb(sql) if dialect == "duckdb" else sql)


@views.command(name="apply")
def apply_views(settings: SettingsFile = None) -> None:
    """Bring the views of the warehouse up to date; each run does so too, unless views.is_applied is false."""
    layer = _app(settings).apply_views()
    counts = ", ".join(f"{rows.num_rows} {name}" for name, rows in layer.notes.items())
    print(f"{len(layer.views)} views are up to date, and those for analysts in arcane_fr with French names; {counts}")


@views.command(name="check")
def check_views(settings: SettingsFile = None) -> None:
    """Whether the key of every view is unique (exit code 7 if not)."""
    from arcane.checks import refuse
    from arcane.terminal import print_outcomes

    outcomes = _app(settings).check_views()
    print_outcomes(outcomes, is_json=False)
    refuse(outcomes)


@app.command()
def simulate(
    port: Annotated[int, typer.Option(help="0 picks a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    tweets: Annotated[int, typer.Option(help="Size of the world.", min=1)] = 24_000,
    days: Annotated[float, typer.Option(help="Days that it spans.", min=0.01)] = 8.0,
    ends_at: Annotated[datetime | None, typer.Option(help="Its last moment (UTC); without, now.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 1,
    vocabulary: Annotated[str, typer.Option(help="Words that it accepts: both, tweet or post.")] = "both",
    fault_rate: Annotated[float, typer.Option(help="Share of requests that fail, in all of X's ways.")] = 0.0,
    rate_limits: Annotated[bool, typer.Option(help="Keep X's limits.")] = True,
    token: Annotated[str, typer.Option(help="Bearer token that it accepts.")] = "simulator",  # noqa: S107 - no secret
    stands_at: Annotated[
        datetime | None, typer.Option(help="Let its clock stand here (UTC); POST /simulator/clock moves it.")
    ] = None,
    burst_at: Annotated[
        datetime | None, typer.Option(help="Let a premiere begin here (UTC): an hour with a tenth more of all tweets.")
    ] = None,
    port_file: Annotated[Path | None, typer.Option(help="File to write the port to once it listens.")] = None,
) -> None:
    """Serve a made-up X API on this machine."""
    from arcane.simulator.clock import AdjustableClock
    from arcane.simulator.faults import Faults
    from arcane.simulator.server import Simulator, serve
    from arcane.simulator.world import Burst, World

    burst = Burst(_utc(burst_at), tweets // 10, tag=_PREMIERE_TAG) if burst_at else None
    end = _utc(ends_at) if ends_at else datetime.now(UTC)
    world = World.generate(seed=seed, end=end, days=days, tweet_count=tweets, burst=burst)
    simulator = Simulator(
        world,
        token=token,
        clock=AdjustableClock(_utc(stands_at)) if stands_at else None,
        vocabulary=vocabulary,
        faults=Faults(rate=fault_rate, seed=seed),
        rate_limits=rate_limits,
    )
    serve(simulator, host=host, port=port, port_file=port_file)


@app.command()
def config(settings: SettingsFile = None) -> None:
    """Settings in force and where each comes from; secrets masked."""
    from arcane.config import explained, load_from_process
    from arcane.terminal import print_table

    rows = [(row.key, row.value, row.origin) for row in explained(load_from_process(settings))]
    print_table(("setting", "value", "from"), rows)


@app.command()
def doctor(
    probe: Annotated[
        bool, typer.Option("--probe", help="Also read 10 posts to see which words X speaks (about $0.05).")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Check settings, disk, warehouse, token and clock, and say what to mend (one counts request, $0.005)."""
    from arcane.doctor import examine
    from arcane.terminal import print_findings

    findings = examine(_app(settings), has_probe=probe)
    print_findings(findings)
    worst = max((finding.exit_code for finding in findings), default=0)
    if worst:
        raise typer.Exit(worst)


def _app(settings_file: Path | None) -> App:
    from arcane.app import App
    from arcane.config import load_from_process, task_of
    from arcane.logs import configure
    from arcane.run import JOB_PATIENCE_S

    settings = load_from_process(settings_file).settings
    configure(style=settings.log.format, level=settings.log.level)
    return App(settings, patience_s=JOB_PATIENCE_S if task_of(os.environ).execution else 0)


def _serve(app: App, *, port: int) -> None:
    app.dashboard().serve(
        host=app.settings.dashboard.host,
        port=port,
        ready=lambda address: print(f"the dashboard is at {address}; Ctrl+C stops it", flush=True),
    )


def _months(text: str, *, now: datetime) -> Stretch:
    """The last so many twelfths of a year of 366 days, up to the last whole hour."""
    from arcane.warehouse.interface import Stretch

    found = re.fullmatch(r"([1-9]\d?)m", text)
    if not found:
        raise ConfigError(f"--counts-only {text!r} is no number of months: write it as 12m")
    end_at = (now - timedelta(minutes=1)).replace(minute=0, second=0, microsecond=0)  # X does not count the present
    return Stretch(end_at - timedelta(days=round(30.5 * int(found[1]))), end_at)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise ConfigError(f"--observed-at {text!r} is no time: write it as 2026-01-31T12:00:00Z") from exc
    return _utc(moment)


def _date(midnight: datetime | None) -> date | None:
    return midnight.date() if midnight is not None else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


if __name__ == "__main__":
    main()
