"""What is erased is nowhere: searched for before and after, in every byte of DuckDB, every row, every page."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests import doomed
from tests.emulators import Bucket
from tests.made_up import NOON, body, tweet
from tests.stories import NOW, Silent, StillClock, settings, stage, table
from tests.test_kill import chosen

from arcane import erasure, tables
from arcane.app import App
from arcane.archive.folder import FolderArchive
from arcane.doctor import examine
from arcane.erasure import Named
from arcane.errors import ArchiveError, ConfigError, ErasureBlocked
from arcane.run import running

_context = multiprocessing.get_context("forkserver")
Made = tuple[Path, dict[str, Any]]


@pytest.fixture(name="made", params=["duckdb", pytest.param("bigquery", marks=pytest.mark.bigquery)])
def _made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """A folder, and the settings that name the warehouse and the archive."""
    if request.param == "duckdb":
        return tmp_path, {}
    google = request.getfixturevalue("google")
    bucket: Bucket = request.getfixturevalue("bucket")
    return tmp_path, {
        "warehouse": google.settings(google.dataset()),
        "archive": {"url": bucket.url, "endpoint": bucket.endpoint},
    }


def app_of(made: Made, *, hours: float = 6) -> App:
    folder, changes = made
    return App(settings(folder, "http://127.0.0.1:9", **changes), clock=StillClock(NOON + timedelta(hours=hours)))


def imported(made: Made, *bodies: bytes, name: str = "pages.jsonl", seconds: int = 0) -> Path:
    """Bring pages, read at noon and so many seconds, into tables and archive."""
    path = made[0] / name
    path.write_bytes(b"\n".join(bodies) + b"\n")  # no name of DuckDB's: it is not searched
    app_of(made).import_files(
        [path], tracker="arcane", observed_at=NOON + timedelta(seconds=seconds), after=lambda _: None
    )
    return path


def erased(made: Made, *named: Named) -> erasure.Erased:
    with app_of(made)._store() as store, running("forget", store=store):
        return erasure.erase(store, named)


def everywhere(made: Made) -> str:
    """Every byte of DuckDB's files, every row of every table, every page of the archive, escapes undone."""
    folder, app = made[0], app_of(made)
    found = [
        path.read_bytes().decode("latin-1") for path in folder.rglob("*") if ".duckdb" in str(path) and path.is_file()
    ]
    found += [repr(table(app, one.name)) for one in tables.ALL]
    archive = app.archive()
    for name in [*archive.objects(), *archive.pending()]:
        found += [repr(kept.frame.request) + repr(json.loads(bytes(kept.frame.body))) for kept in archive.read(name)]
    return "\n".join(found)


def named(kind: str, identity: str, reason: str = "deleted", *, seconds: int = 3600) -> Named:
    return Named(kind, identity, reason, NOON + timedelta(seconds=seconds), "lookup")


AUTHOR = {"id": "666", "username": "marmot_handle", "name": "Marmot Name"}
OTHER = {"id": "7", "username": "other_handle", "name": "Other Name"}
GONE = tweet(1, text="wombat text #Arcane", attachments={"media_keys": ["1_1", "1_2"]})
NOTED = tweet(2, text="short #Arcane", note_tweet={"text": "long wombat note #Arcane"}, author_id="666")
KEPT = tweet(3, text="platypus text #Arcane", attachments={"media_keys": ["1_2"]})
VIDEOS = [{"media_key": key, "type": "video", "public_metrics": {"view_count": 5}} for key in ("1_1", "1_2")]
RETWEET = tweet(
    4,
    text="RT @marmot_handle: long wombat…",
    referenced_tweets=[{"type": "retweeted", "id": NOTED["id"]}],
    author_id="8",
)
QUOTE = tweet(5, text="a quote #Arcane", referenced_tweets=[{"type": "quoted", "id": GONE["id"]}])
FIRST = body(GONE, NOTED, KEPT, users=[AUTHOR, OTHER], media=VIDEOS)
SECOND = body(RETWEET, QUOTE, users=[OTHER], tweets=[NOTED, GONE])
TRACES = ("wombat", "marmot_handle", "Marmot Name", "1_1")


@pytest.mark.timeout(400)  # the emulator of BigQuery takes seconds for a transaction
def test_no_trace_is_left_and_nothing_brings_it_back(made: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Text and author, found before, are in no byte after; a replay and the old archive again change nothing."""
    imported(made, FIRST, SECOND)
    imported(made, body(tweet(9, text="last wombat", author_id="666"), users=[AUTHOR]), name="more.jsonl")
    old = old_archive(made, tmp_path_factory.mktemp("old") / "old.jsonl")
    before = everywhere(made)
    assert [trace for trace in TRACES if trace not in before] == []
    done = erased(made, named("tweet", GONE["id"]), named("author", "666", "forgotten"))
    assert done.row_counts == {
        "tweets": 4, "tweet_snapshots": 4, "tweet_media": 2, "media": 1, "media_snapshots": 1, "authors": 1,
    }  # fmt: skip
    assert done.object_count == 2
    clean = content(made)
    assert [trace for trace in TRACES if trace in everywhere(made)] == []
    assert {row["text"] for row in clean["tweets"]} == {"platypus text #Arcane", "a quote #Arcane"}
    assert len(clean["tracker_tweets"]) == 6, "what was found stays countable"
    app_of(made).replay(after=lambda _: None)
    assert content(made) == clean
    assert import_again(made, old) == {"known": 3}
    assert content(made) == clean
    imported(made, FIRST, SECOND, seconds=60)  # the same pages, read at another moment
    assert {row["tweet_id"] for row in content(made)["tweets"]} == {KEPT["id"], QUOTE["id"]}
    assert [trace for trace in TRACES if trace in everywhere(made)] == []


def old_archive(made: Made, path: Path) -> Path:
    """A copy of every page, in Arcane's own format."""
    archive = app_of(made).archive()
    frames = [kept.frame for name in archive.objects() for kept in archive.read(name)]
    path.write_bytes(b"".join(msgspec.json.encode(frame) + b"\n" for frame in frames))
    return path


def import_again(made: Made, path: Path) -> dict[str, int]:
    (report,) = app_of(made).import_files([path], tracker="arcane", observed_at=None, after=lambda _: None)
    return dict(report.lines)


NAMED = [named("tweet", GONE["id"]), named("author", "666", "forgotten")]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], dict[str, Any]]:
    """A folder before an erasure, the steps of a whole one, and the tables that it leaves."""
    fresh, whole = tmp_path_factory.mktemp("fresh"), tmp_path_factory.mktemp("whole") / "copy"
    imported((fresh, {}), FIRST, SECOND)
    shutil.copytree(fresh, whole)
    return fresh, doom(whole, None), content((whole, {}))


@pytest.mark.parametrize("part", range(4))
def test_killed_anywhere_the_next_run_ends_it(
    tmp_path: Path, undisturbed: tuple[Path, list[str], dict[str, Any]], part: int
) -> None:
    """After each kind of step: the next run, whatever it is for, leaves what an undisturbed erasure leaves."""
    fresh, steps, expected = undisturbed
    whole = {"_run", "_merge", "rewrite", "scrub", "publish", ".rewritten", ".new"}
    assert {step.split()[1] for step in steps} >= whole
    for die_at in chosen(steps)[part::4]:
        made: Made = (tmp_path / str(die_at), {})
        shutil.copytree(fresh, made[0])
        doom(made[0], die_at)
        imported(made, body(tweet(99)), name="next.jsonl")
        told = f"after dying at step {die_at}, {steps[die_at]}"
        is_set = table(app_of(made), "tombstones") != []
        assert is_set or die_at < steps.index("before rewrite"), told
        if is_set:
            found = {
                name: [row for row in rows if row.get("tweet_id") != tweet(99)["id"]]
                for name, rows in content(made).items()
            }
            assert found == expected, told
            assert [trace for trace in TRACES if trace in everywhere(made)] == [], told
        shutil.rmtree(made[0])


def doom(folder: Path, die_at: int | None) -> list[str]:
    """Erase in a process that dies at a step; the steps taken, empty if it died."""
    told = folder / "steps"
    now = (NOON + timedelta(hours=6)).isoformat()
    process = _context.Process(target=doomed.erase, args=(str(folder), now, die_at, str(told), NAMED))
    process.start()
    process.join(60)
    assert process.exitcode == (0 if die_at is None else -9)
    return told.read_text().splitlines() if told.exists() else []


def content(made: Made) -> dict[str, list[dict[str, Any]]]:
    """The derived tables."""
    app = app_of(made)
    return {one.name: table(app, one.name) for one in tables.DERIVED}


def test_a_forgotten_author_stays_forgotten(tmp_path: Path) -> None:
    """The command says what it did; the next day's collect stores and archives nothing of the author's."""
    with stage(tweets=1200, rate_limits=False) as on:
        whole = on.app(tmp_path / "whole")
        whole.collect(progress=Silent())
        yesterday = NOW - timedelta(days=1)
        days = {(row["author_id"], row["created_at"] > yesterday) for row in table(whole, "tweets")}
        author = min(one for one, is_new in days if is_new and (one, False) in days)
        on.simulator.clock.advance(-86_400)  # type: ignore[attr-defined]
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        rows = table(app, "tweets")
        assert traces_of(author, tmp_path) > 0
        dry = arcane(tmp_path, "forget", "--author", author, "--dry-run")
        assert table(app, "tweets") == rows
        done = arcane(tmp_path, "forget", "--author", author)
        count = sum(row["author_id"] == author for row in rows)
        for told in (dry, done):
            assert re.search(rf"tweets\W+{count}\b", told), told
        assert (done.splitlines()[-1], "never stored" in done) == (FINAL, False)
        assert "1 archive objects would be written anew" in dry
        assert "1 archive objects were written anew" in done
        assert traces_of(author, tmp_path) == 0
        on.simulator.clock.advance(86_400)  # type: ignore[attr-defined]
        later = on.app(tmp_path)
        later.collect(progress=Silent())
        tweets = table(later, "tweets")
        assert max(row["created_at"] for row in tweets) > yesterday
        assert author not in {row["author_id"] for row in tweets}
        written = {row["tweet_id"] for row in table(whole, "tweets") if row["author_id"] == author}
        assert written <= {row["tweet_id"] for row in table(later, "tracker_tweets")}, "seen, and countable"
        assert traces_of(author, tmp_path) == 0
        assert [row for row in table(later, "authors") if row["author_id"] == author] == []
        assert arcane(tmp_path, "forget", "--tweet", "1\r").splitlines() == [
            "0 archive objects were written anew",
            "the tweet 1 was never stored: it is kept out from now on; that is for ever",
            FINAL,
        ]
        assert arcane(tmp_path, "forget", "--tweet", "1", "--author", author).splitlines()[1:] == [FINAL]
        assert ("tweet", "1", "forgotten") in {(r["kind"], r["id"], r["reason"]) for r in table(later, "tombstones")}


FINAL = "this is final: nothing brings it back, whatever X shows later"


def test_a_dry_run_counts_what_the_real_one_takes(made: Made) -> None:
    """Every table and every object, retweets and media included; an id that was never stored is told by both."""
    imported(made, FIRST, SECOND)
    imported(made, body(tweet(9, text="last wombat", author_id="666"), users=[AUTHOR]), name="more.jsonl")
    app = app_of(made)
    ids = {"tweet_ids": [GONE["id"], "1"], "author_ids": [" 666\r\n", "77"]}
    dry = app.forget(**ids, is_dry=True)
    assert dry.row_counts == {
        "tweets": 4, "tweet_snapshots": 4, "tweet_media": 2, "media": 1, "media_snapshots": 1, "authors": 1,
    }  # fmt: skip
    assert (dry.object_count, dry.unknown) == (2, (("tweet", "1"), ("author", "77")))
    assert app.forget(**ids) == dry


def traces_of(author: str, folder: Path) -> int:
    """Objects of archived pages that are the author, or the author's."""
    archive = FolderArchive(folder / "archive")
    found = [json.loads(bytes(kept.frame.body)) for name in archive.objects() for kept in archive.read(name)]
    includes = [page.get("includes", {}) for page in found]
    tweets = [one for page in found for one in page.get("data", ())]
    tweets += [one for part in includes for name in ("tweets", "posts") for one in part.get(name, ())]
    users = [one for part in includes for one in part.get("users", ())]
    return sum(one.get("author_id") == author for one in tweets) + sum(one["id"] == author for one in users)


def arcane(folder: Path, *arguments: str) -> str:
    """What the program prints."""
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ARCANE_")},
        "ARCANE_WAREHOUSE__PATH": str(folder / "arcane.duckdb"),
        "ARCANE_ARCHIVE__PATH": str(folder / "archive"),
        "ARCANE_LOG__LEVEL": "error",
    }
    command = [sys.executable, "-m", "arcane.cli", *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("remedy", ["restore", "delete"])
def test_a_damaged_object_keeps_nothing_else_from_being_erased(tmp_path: Path, remedy: str) -> None:
    """Exit code 7 at the end, all but that object is clean; runs go on and tell it, and with the remedy it ends."""
    made: Made = (tmp_path, {})
    imported(made, FIRST, SECOND)
    imported(made, body(tweet(9, text="last wombat", author_id="666"), users=[AUTHOR]), name="more.jsonl")
    name = app_of(made).archive().objects()[-1]
    whole = damaged(tmp_path / "archive" / name)
    with pytest.raises(
        ErasureBlocked, match=f"what {name} holds is not erased: .* at byte 0; mend it or restore a copy"
    ):
        app_of(made).forget(tweet_ids=[GONE["id"]], author_ids=["666"])
    aside = (tmp_path / "archive" / name).rename(tmp_path / "aside")
    assert [trace for trace in TRACES if trace in everywhere(made)] == []
    aside.rename(tmp_path / "archive" / name)
    under_way = len(table(app_of(made), "tombstones"))
    assert app_of(made).status().erasing_count == under_way > 2
    assert told_by_the_doctor(made).startswith(f"{tmp_path}/arcane.duckdb holds 2 tweets, and {under_way} erasures")
    with capture_logs() as logs:
        imported(made, body(tweet(99)), name="next.jsonl")
    blocked = [(line["log_level"], line["archive_object"]) for line in logs if line["event"] == "erasure.blocked"]
    assert blocked == [("error", name)]
    assert tweet(99)["id"] in {row["tweet_id"] for row in content(made)["tweets"]}
    if remedy == "restore":
        (tmp_path / "archive" / name).write_bytes(whole)
    else:
        (tmp_path / "archive" / name).unlink()
    imported(made, body(tweet(98)), name="last.jsonl")
    assert (app_of(made).status().erasing_count, [one for one in TRACES if one in everywhere(made)]) == (0, [])
    if remedy == "restore":
        app_of(made).replay(after=lambda _: None)
        assert len(content(made)["tweets"]) == 4
    else:
        with pytest.raises(ArchiveError, match=r"1 archived objects .* are not in"):
            app_of(made).replay(after=lambda _: None)


def damaged(path: Path) -> bytes:
    """Overwrite 14 bytes of an object; what it was before."""
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + b"#" * 14 + whole[34:])
    return whole


def told_by_the_doctor(made: Made) -> str:
    (found,) = [one for one in examine(app_of(made), has_probe=False) if one.subject == "tables" and one.exit_code == 7]
    return found.message


def test_a_refresh_reads_on_before_it_tells_what_is_blocked(tmp_path: Path) -> None:
    """A day's run that erases what X hides ends with 7 only after its own work: the books are compared, all is there."""
    with stage(tweets=600, rate_limits=False) as on:
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        hidden = table(app, "tweets")[0]
        on.simulator.api.set_fate("deleted", tweet_id=hidden["tweet_id"])
        for name in app.archive().objects():
            damaged(tmp_path / "archive" / name)
        on.simulator.clock.advance(86_400)  # type: ignore[attr-defined]
        later = on.app(tmp_path)
        with pytest.raises(ErasureBlocked):
            later.run(progress=Silent())
        assert hidden["tweet_id"] not in {row["tweet_id"] for row in table(later, "tweets")}
        assert on.asked("/usage/tweets"), "what comes after the refresh was done"
        later.collect(progress=Silent())
        outcomes = {row["outcome"] for row in table(later, "runs")}
        assert outcomes == {"complete", "ErasureBlocked"}


def test_what_is_no_id_is_refused(tmp_path: Path) -> None:
    """A name, or an address, in place of an id is told in one sentence."""
    with pytest.raises(ConfigError, match="is no id of X's"):
        app_of((tmp_path, {})).forget(tweet_ids=["https://x.com/i/status/1"], author_ids=[])
