"""The command line: what it prints, and the exit code of everything that can go wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.made_up import body, tweet
from tests.stories import Stage, stage

PAGES = Path(__file__).parents[2] / "shared" / "x-pages"
needs_pages = pytest.mark.skipif(not PAGES.is_dir(), reason="the recorded pages are not beside the project")


def environment(added: dict[str, str]) -> dict[str, str]:
    """This process's environment with no settings but ``added``."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith("ARCANE_")}, **added}


def arcane(
    folder: Path, *arguments: str, limit_bytes: int | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in ``folder`` with no settings but ``environ``."""

    def limit() -> None:
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.run(
        [sys.executable, "-m", "arcane.cli", *arguments],
        cwd=folder,
        env=environment(environ),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        preexec_fn=limit,
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on standard error that is no log line."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert "Traceback" not in done.stderr
    assert len(lines) == 1, done.stderr
    return lines[0]


@needs_pages
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("twarc2sql_search_recent_2023", (600, 291, 37, 12, 68, 1341)),
        ("twarc-network_search_recent_2021", (500, 192, 30, 10, 178_376, 664)),
        ("tidy_tweet_user_timeline_2021", (218, 189, 19, 0, None, 13)),
    ],
)
def test_recorded_pages_give_the_counted_figures(tmp_path: Path, name: str, expected: tuple[int | None, ...]) -> None:
    """Tweets, likes, replies, tweets with video views and their sum, and (tweet, hashtag) pairs outside retweets."""
    file = str(PAGES / f"{name}.jsonl.gz")
    assert arcane(tmp_path, "import", file).returncode == 0
    sql = (
        "select count(*) as a, sum(like_count) as b, sum(reply_count) as c, "
        "countif(video_view_count is not null) as d, "
        "sum(video_view_count) as e, sum(if(kind != 'retweet', array_length(hashtags), 0)) as f from arcane.tweets"
    )
    answer = json.loads(arcane(tmp_path, "query", sql, "--format", "json").stdout)
    assert tuple(answer[0].values()) == expected
    again = arcane(tmp_path, "import", file)
    assert "0 tweets" in again.stdout
    assert json.loads(arcane(tmp_path, "query", sql, "--format", "json").stdout) == answer


@needs_pages
def test_kinds_and_times_of_a_recorded_chain(tmp_path: Path) -> None:
    """96 originals, 35 replies, 45 quotes, 424 retweets, from the first to the last second."""
    arcane(tmp_path, "import", str(PAGES / "twarc2sql_search_recent_2023.jsonl.gz"))
    sql = "select kind, count(*) as n, min(created_at) as a, max(created_at) as b from arcane.tweets group by kind"
    rows = json.loads(arcane(tmp_path, "query", sql, "--format", "json").stdout)
    assert Counter({row["kind"]: row["n"] for row in rows}) == {
        "original": 96,
        "reply": 35,
        "quote": 45,
        "retweet": 424,
    }
    assert min(row["a"] for row in rows) == "2023-03-27T18:59:56+00:00"
    assert max(row["b"] for row in rows) == "2023-04-07T21:39:22+00:00"


@needs_pages
def test_every_recorded_file_is_counted_to_its_last_line(tmp_path: Path) -> None:
    """Nothing is dropped in silence: the lines told add up to the lines read."""
    files = sorted(str(path) for path in PAGES.glob("*.jsonl.gz"))
    done = arcane(tmp_path, "import", *files)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, len(files))
    assert "28 users" in done.stdout


def test_broken_lines_are_told_and_the_rest_imported(tmp_path: Path) -> None:
    """A cut line costs itself only; exit code 5 says that something was broken."""
    file = tmp_path / "pages.jsonl"
    file.write_bytes(body(tweet(1)) + b"\n" + body(tweet(2))[:50] + b"\n" + body(tweet(3)) + b"\n")
    done = arcane(tmp_path, "import", str(file))
    assert (done.returncode, done.stdout.strip()) == (5, f"{file}: 2 tweets (1 broken, 2 imported)")
    assert "1 lines are no whole JSON" in said(done)


def test_an_imported_page_without_time_never_beats_a_real_reading(tmp_path: Path) -> None:
    """Without a reading time a page counts as read when its newest tweet was made."""
    file = tmp_path / "pages.jsonl"
    file.write_bytes(body(tweet(1), tweet(2)) + b"\n")
    arcane(tmp_path, "import", str(file))
    sql = "select metrics_observed_at = (select max(created_at) from tweets) as same from tweets"
    assert json.loads(arcane(tmp_path, "query", sql, "--format", "json").stdout) == [{"same": True}, {"same": True}]


def test_collect_query_status(tmp_path: Path) -> None:
    """The main job through the command line: collect, ask, look."""
    with stage(now=datetime.now(UTC), tweets=300) as on:
        environ = live(on)
        done = arcane(tmp_path, "collect", **environ)
        assert done.returncode == 0, done.stderr
        assert all(json.loads(line)["event"] for line in done.stderr.splitlines())
        status = json.loads(arcane(tmp_path, "status", "--json").stdout)
        assert (status["trackers"][0]["name"], status["trackers"][0]["gaps"]) == ("arcane", [])
        assert status["last_run"]["outcome"] == "complete"
        (row,) = json.loads(arcane(tmp_path, "query", "select count(*) as n from tweets", "--format", "json").stdout)
        assert row["n"] > 100


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "told"),
    [
        (["collect"], {}, 2, "no token for X"),
        (["collect"], {"ARCANE_X__TOKEN": "a"}, 2, "unknown setting x.token"),
        (["collect"], {"ARCANE_TRACKERS": '[{"name": "a", "hashtag": "two words"}]'}, 2, "a hashtag has no spaces"),
        (
            ["collect"],
            {"ARCANE_X__BEARER_TOKEN": "t", "ARCANE_TRACKERS": json.dumps([{"name": "a", "query": "#a " * 200}])},
            4,
            "has 599 characters and X takes 512",
        ),
        (["collect", "--tracker", "x"], {}, 2, "no tracker is called 'x': the settings know arcane"),
        (["status"], {}, 7, "nothing has been collected into"),
        (["check"], {}, 7, "nothing has been collected into"),
        (["query", "select 1"], {}, 7, "nothing has been collected into"),
        (["import", "missing.jsonl"], {}, 2, "cannot be read"),
        (["config", "--settings", "none.toml"], {}, 2, "does not exist"),
        (["nonsense"], {}, 2, "No such command"),
        (["query", "select 1", "--format", "xml"], {}, 2, "--format xml is not known"),
        (["export", "totals", "-o", "a.xlsx"], {}, 7, "nothing has been collected into"),
        (["export", "nonsense", "-o", "a.xlsx"], {}, 2, "no view can be exported by the name nonsense: there are"),
        (["export", "totals", "-o", "a.ods"], {}, 2, "does not tell the format"),
        (["export", "totals", "-o", "a.xlsx", "--from", "2026-11-31", "--to", "2026-12-01"], {}, 2, "2026-11-31"),
        (["export", "totals", "-o", "a.xlsx", "--from", "2026-11-02", "--to", "2026-11-01"], {}, 2, "is before --from"),
        (["export", "totals"], {}, 2, "--output"),
        (
            ["report", "-o", "a.html", "--compare", "week"],
            {},
            2,
            "--compare week is not known: use previous, year or none",
        ),
        (
            ["report", "-o", "a.html", "--compare", "year", "--base-from", "2026-11-01", "--base-to", "2026-11-07"],
            {},
            2,
            "--compare year and --base-from name two ways to compare",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_its_exit_code(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], code: int, told: str
) -> None:
    """Bad settings, arguments and states: no traceback, and what to do next."""
    done = arcane(tmp_path, *arguments, **environ)
    assert told in said(done)
    assert done.returncode == code


def test_a_wrong_token_ends_with_3(tmp_path: Path) -> None:
    """X's 401 on the command line."""
    with stage(tweets=20) as on:
        done = arcane(tmp_path, "collect", ARCANE_X__BASE_URL=on.base_url, ARCANE_X__BEARER_TOKEN="wr0ng")
        assert (done.returncode, "does not accept the bearer token" in said(done)) == (3, True)
        assert "wr0ng" not in done.stderr + done.stdout


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """An unreadable warehouse is named and left alone."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "arcane.duckdb").write_bytes(b"something else " * 1000)
    (tmp_path / "p.jsonl").write_bytes(body(tweet(1)))
    done = arcane(tmp_path, "import", "p.jsonl")
    assert (done.returncode, "cannot be read as a DuckDB file" in said(done)) == (7, True)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """When no byte more can be written the run ends with 7, and the next one makes it good."""
    file = tmp_path / "p.jsonl"
    file.write_bytes(b"\n".join(body(*(tweet(n + 100 * p, text="é" * 2000) for n in range(1, 60))) for p in range(30)))
    full = arcane(tmp_path, "import", str(file), limit_bytes=400_000)
    assert full.returncode == 7, full.stderr
    said(full)
    assert arcane(tmp_path, "import", str(file)).returncode == 0
    rows = json.loads(arcane(tmp_path, "query", "select count(*) as n from tweets", "--format", "json").stdout)
    assert rows == [{"n": 1770}]


def test_an_export_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """A file in each format; a folder that is not there (2) and a full disk (7) leave what was there before."""
    texts = [tweet(n, text="".join(chr(33 + (n * k) % 90) for k in range(2000))) for n in range(1, 400)]
    (tmp_path / "p.jsonl").write_bytes(b"\n".join(body(*texts[start : start + 100]) for start in range(0, 400, 100)))
    assert arcane(tmp_path, "import", "p.jsonl").returncode == 0
    for name in ("a.xlsx", "a.csv", "a.parquet"):
        done = arcane(tmp_path, "export", "tweets_flat", "-o", name)
        assert (done.returncode, done.stdout) == (0, f"399 rows of tweets_flat are in {name}\n"), done.stderr
    before = {one.name: one.read_bytes() for one in tmp_path.glob("a.*")}
    for name in before:
        full = arcane(tmp_path, "export", "tweets_flat", "-o", name, limit_bytes=15_000)
        assert (full.returncode, said(full)) == (
            7,
            f"arcane: {name} cannot be written (File too large): make room there and export again",
        )
    lost = arcane(tmp_path, "export", "tweets_flat", "-o", "no/a.csv")
    assert (lost.returncode, "the folder no does not exist" in said(lost)) == (2, True)
    assert {one.name: one.read_bytes() for one in tmp_path.glob("a.*")} == before
    assert sorted(one.name for one in tmp_path.iterdir()) == [*sorted(before), "data", "p.jsonl"]


def test_text_cannot_take_over_the_terminal(tmp_path: Path) -> None:
    """Control characters and bidi marks of a tweet do not reach the screen."""
    (tmp_path / "p.jsonl").write_bytes(body(tweet(1, text="a\u001b[31mred\u202eb\u0007\nc")))
    arcane(tmp_path, "import", "p.jsonl")
    shown = arcane(tmp_path, "query", "select text from tweets").stdout
    assert "a[31mredb c" in shown


def test_version_answers() -> None:
    """Without loading what the commands need."""
    heavy = "{'duckdb', 'pyarrow', 'pydantic', 'sqlglot', 'rich'}"
    code = (
        "import sys; sys.argv = ['arcane', '--version']\nfrom arcane.cli import main\n"
        f"try: main()\nexcept SystemExit: pass\nprint(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["arcane 0.1.0", "[]"]


CLOUD = {"ARCANE_LOG__FORMAT": "cloud"}
AWAY = {"ARCANE_X__BASE_URL": "http://127.0.0.1:9", "ARCANE_X__BEARER_TOKEN": "t", "ARCANE_X__ATTEMPTS": "1"}


@pytest.mark.parametrize(
    ("arguments", "environ", "exit_code", "severity", "outcome"),
    [
        (["collect"], {"ARCANE_WAREHOUSE__KIND": "oracle"}, 2, "ERROR", "ConfigError"),
        (["collect", "--max-run-s", "soon"], {}, 2, "ERROR", "ConfigError"),
        (["query", "select 1 frm"], {}, 7, "ERROR", "WarehouseEmpty"),
        (["collect"], AWAY, 75, "WARNING", "Unavailable"),
    ],
)
def test_a_job_that_fails_tells_cloud_logging(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], exit_code: int, severity: str, outcome: str
) -> None:
    """One line of JSON with outcome, reason and exit code, and no other text: an ERROR unless trying again may do."""
    done = arcane(tmp_path, *arguments, **CLOUD, **environ)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    (told,) = [line for line in lines if line["message"] == "run.failed"]
    assert (done.returncode, told["exit_code"], told["severity"], told["outcome"]) == (exit_code, exit_code, severity, outcome)  # fmt: skip
    assert told["reason"]
    assert {line["severity"] for line in lines if line is not told} <= {"INFO"}


def test_what_nobody_foresaw_is_one_line_with_its_traceback(tmp_path: Path) -> None:
    """In Cloud Logging the traceback is inside the line; on a terminal it is printed, as Python prints it."""
    program = "from arcane import app, cli; app.App.status = lambda _: {}['no such key']; cli.main()"
    command = [sys.executable, "-c", program, "status"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(CLOUD), capture_output=True, text=True, check=False)
    (told,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, told["severity"], told["message"], told["outcome"]) == (1, "ERROR", "run.failed", "KeyError")  # fmt: skip
    assert told["exception"].splitlines()[-1] == "KeyError: 'no such key'"
    done = subprocess.run(command, cwd=tmp_path, env=environment({}), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "KeyError: 'no such key'")


def cells(line: str) -> list[str]:
    """The cells of a table's row."""
    return [cell.strip() for cell in line.split("│")]


def live(on: Stage) -> dict[str, str]:
    """The simulator's time becomes the machine's, which the program goes by; and where it is."""
    on.at(datetime.now(UTC))
    return {"ARCANE_X__BASE_URL": on.base_url, "ARCANE_X__BEARER_TOKEN": "simulator"}


def test_a_day_and_what_it_costs(tmp_path: Path) -> None:
    """run, refresh, estimate and usage on the command line; a cap ends with 6 and says what is missing."""
    with stage(now=datetime.now(UTC), tweets=400) as on:
        environ = live(on)
        capped = arcane(tmp_path, "run", **environ, ARCANE_BUDGET__RUN_USD="2")
        assert (capped.returncode, "budget.run_usd = 2" in said(capped), "missing of arcane" in said(capped)) == (
            6,
            True,
            True,
        )
        for command in ("run", "refresh"):
            done = arcane(tmp_path, command, **environ)
            assert (done.returncode, done.stdout) == (0, ""), done.stderr
        told = arcane(tmp_path, "estimate")
        assert [cells(line)[0] for line in told.stdout.splitlines()[2:]] == ["the next run", "a day", "a month"]
        used = arcane(tmp_path, "usage", "--days", "2", **environ).stdout.splitlines()
        _, theirs, ours, drift = cells(used[-1])
        assert (theirs == ours, drift) == (True, "0")


def test_a_backfill_tells_its_price_first(tmp_path: Path) -> None:
    """Without --yes nothing is read; --counts-only reads counts alone, by 30 days a month."""
    now = datetime.now(UTC)
    with stage(now=now, days=20, tweets=400) as on:
        environ = live(on)
        days = ("--from", f"{now - timedelta(days=15):%Y-%m-%d}", "--to", f"{now - timedelta(days=10):%Y-%m-%d}")
        priced = arcane(tmp_path, "backfill", *days, **environ)
        assert (priced.returncode, priced.stdout.splitlines()[-1]) == (0, "nothing was read: add --yes to read it")
        assert on.asked("/search/all") == []
        assert arcane(tmp_path, "backfill", *days, "--yes", **environ).returncode == 0
        assert len(on.asked("/search/all")) > 0
        counted = arcane(tmp_path, "backfill", "--counts-only", "2m", **environ)
        name, whole, french = cells(counted.stdout.splitlines()[-1])
        assert (name, int(whole) > int(french) > 0) == ("arcane", True)
        rows = json.loads(arcane(tmp_path, "query", "select count(*) as n from hours", "--format", "json").stdout)
        assert rows == [{"n": 61 * 24}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["backfill"], "a backfill needs --from and --to"),
        (["backfill", "--from", "2026-02-01", "--to", "2026-01-01"], "the first before the second"),
        (["backfill", "--counts-only", "12"], "--counts-only '12' is no number of months: write it as 12m"),
        (["backfill", "--counts-only", "0m"], "is no number of months"),
        (["backfill", "--counts-only", "1m", "--from", "2026-01-01"], "leave --from and --to out"),
        (["backfill", "--from", "2000-01-01", "--to", "2026-01-02"], "the first tweet was posted on 2006-03-21"),
        (["refresh", "--tracker", "x"], "no tracker is called 'x'"),
        (["usage", "--days", "91"], "Invalid value for '--days'"),
        (["backfill", "--from", "2999-01-01", "--to", "2999-01-02", "--yes"], "2999-01-01 00:00 UTC is not past yet"),
    ],
)
def test_arguments_of_money_are_checked(tmp_path: Path, arguments: list[str], told: str) -> None:
    """Before X is asked: one sentence, exit code 2."""
    done = arcane(tmp_path, *arguments, ARCANE_X__BEARER_TOKEN="t")
    assert (told in said(done), done.returncode) == (True, 2), done.stderr


def test_an_estimate_of_nothing_ends_with_7(tmp_path: Path) -> None:
    """There is nothing to tell it by."""
    done = arcane(tmp_path, "estimate")
    assert (done.returncode, "nothing has been collected into" in said(done)) == (7, True)


def test_the_dashboard_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    """The address is printed once it answers; SIGTERM ends it quietly."""
    page = tmp_path / "page.json"
    page.write_bytes(body(tweet(1)))
    assert arcane(tmp_path, "import", str(page), "--observed-at", "2026-10-20T12:00:00Z").returncode == 0
    command = [sys.executable, "-m", "arcane.cli", "dashboard", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment({}), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.fullmatch(
            r"the dashboard is at (http://127\.0\.0\.1:\d+); Ctrl\+C stops it\n", process.stdout.readline()
        )
        assert address is not None
        with urllib.request.urlopen(f"{address[1]}/?tracker=import", timeout=60) as answer:
            assert answer.status == 200
        process.terminate()
        assert process.wait(20) in {0, 143}


def test_the_dashboard_refuses_to_be_open_to_everyone(tmp_path: Path) -> None:
    """On another address without a login nothing is served, and the sentence says what to set."""
    done = arcane(tmp_path, "dashboard", ARCANE_DASHBOARD__HOST="0.0.0.0")
    assert (done.returncode, said(done)) == (
        2,
        "arcane: the dashboard would be open to everyone who reaches 0.0.0.0: set ARCANE_DASHBOARD__TOKEN, or "
        "dashboard.identity_header behind a proxy that logs people in (docs/dashboard.md)",
    )
