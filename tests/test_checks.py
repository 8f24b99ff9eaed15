"""Checks: each kind of offence, planted, is found; what is sound is not."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.made_up import NOON, body, tweet
from tests.stories import stage
from tests.test_cli import arcane, said
from tests.warehouse.test_contract import Made, batch, duckdb, made

from arcane import tables
from arcane.checks import Severity, check, checks, outcomes
from arcane.errors import ConfigError
from arcane.warehouse.duckdb import DuckDBWarehouse
from arcane.warehouse.interface import Batch, Covered, Stretch, Warehouse

__all__ = ["made"]
DAY = timedelta(days=1)
SOON = NOON + timedelta(hours=1)
VIDEO = {"media_key": "a", "type": "video", "public_metrics": {"view_count": 5}}
AUTHOR = {"id": "7", "username": "u", "name": "U"}


@pytest.fixture(name="duck")
def _duck(tmp_path: Path, request: pytest.FixtureRequest) -> Made:
    return duckdb(tmp_path, request)


def sound(warehouse: Warehouse) -> None:
    """At least one row in every table, and nothing wrong with it."""
    warehouse.migrate()
    warehouse.acquire("test", now=NOON)
    rows = batch(body(tweet(1, attachments={"media_keys": ["a"]}), tweet(2), media=[VIDEO], users=[AUTHOR])).tables
    rows["pages"] = tables.PAGES.of([("aa", "object", 0, 10, "arcane", NOON, ["1"], ["7"])])
    rows["trackers"] = tables.TRACKERS.of([("arcane", "q", "#Arcane", NOON - DAY)])
    run = ("run", "collect", NOON, NOON, "complete", 0, 1, 1, 2, "")
    rows["runs"] = tables.RUNS.of([run])
    rows["hours"] = tables.HOURS.of([("arcane", "q", NOON, 2, None, NOON, 2, "complete", None, NOON, "run")])
    rows["reads"] = tables.READS.of([(NOON.date(), "post", "1", NOON, 0.005)])
    rows["reservations"] = tables.RESERVATIONS.of([("run/1", NOON.date(), NOON, 7.0, NOON)])
    rows["tombstones"] = tables.TOMBSTONES.of([("tweet", "1", "deleted", True, NOON, "lookup", NOON)])
    rows["events"] = tables.EVENTS.of([(NOON.date(), "Sortie", None)])
    rows["exclusions"] = tables.EXCLUSIONS.of([("word", "lol", "jeu", None)])
    rows["made_views"] = tables.MADE_VIEWS.of([("days", "aa", None)])
    whole = Covered("arcane", "q", Stretch(NOON - 3 * DAY, NOON))
    warehouse.commit(Batch(rows, (whole,)), now=NOON)


def plant(warehouse: Warehouse, sql: str) -> None:
    """Change the tables behind Arcane's back."""
    if isinstance(warehouse, DuckDBWarehouse):
        warehouse._run(sql)
    else:
        warehouse._session.run(sql, {})  # type: ignore[attr-defined]


def found(warehouse: Warehouse, made: Made, *, now: datetime = SOON) -> dict[str, int]:
    """Rows by check, where there are any."""
    warehouse.publish()
    with closing(made[1]()) as reader:
        return {one.check.name: one.row_count for one in outcomes(reader, now=now) if one.row_count}


OFFENCES = (
    ("negative_counters", "update tweets set like_count = -1 where like_count = 1", 1),
    ("negative_counters", "update media_snapshots set view_count = -1 where view_count = 5", 2),
    ("tweets_untracked", "delete from tracker_tweets where tracker = 'arcane'", 2),
    ("media_missing", "delete from media where media_key = 'a'", 1),
    ("coverage_gaps", "update hours set status = 'gap' where tracker = 'arcane'", 1),
    ("coverage_short", "update hours set expected_count = 3 where tracker = 'arcane'", 1),
    ("readings_orphaned", "update tweet_snapshots set tweet_id = '9' where like_count = 2", 1),
    (
        "tweets_missing",
        "insert into tracker_tweets (tracker, tweet_id, created_at) values ('autre', '9', timestamp '2100-01-01')",
        1,
    ),
    ("freshness", "update runs set outcome = 'AuthError' where command = 'collect'", 1),
)


def test_each_offence_is_found_by_its_check_alone(duck: Made) -> None:
    """Sound tables give no row; then one offence after another is planted, and each shows in its own check."""
    with closing(duck[0]()) as warehouse:
        sound(warehouse)
        expected: dict[str, int] = {}
        assert found(warehouse, duck) == expected
        for name, sql, row_count in OFFENCES:
            plant(warehouse, sql)
            expected[name] = row_count
            assert found(warehouse, duck) == expected


def test_both_warehouses_find_the_same(made: Made) -> None:
    """All offences at once, and a table with its rows twice."""
    with closing(made[0]()) as warehouse:
        sound(warehouse)
        for _, sql, _ in OFFENCES:
            plant(warehouse, sql)
        plant(warehouse, "insert into authors select * from authors")
        expected = {name: row_count for name, _, row_count in OFFENCES}
        assert found(warehouse, made) == {**expected, "unique_authors": 1}


def test_warnings_end_where_their_time_does(duck: Made) -> None:
    """A collection may be 26 hours old; a gap counts until X's seven days have passed it."""
    with closing(duck[0]()) as warehouse:
        sound(warehouse)
        unread = {"coverage_gaps": 1, "coverage_short": 1}
        gap = ("arcane", "q", NOON - 3 * DAY, 4, None, NOON, 0, "gap", None, NOON, "run")
        warehouse.commit(Batch({"hours": tables.HOURS.of([gap])}), now=NOON)
        for now, expected in (
            (NOON + timedelta(hours=26), unread),
            (NOON + timedelta(hours=26, seconds=1), {**unread, "freshness": 1}),
            (NOON + 4 * DAY - timedelta(seconds=1), {**unread, "freshness": 1}),
            (NOON + 4 * DAY, {"freshness": 1}),
        ):
            assert found(warehouse, duck, now=now) == expected


def test_every_table_may_hold_a_key_once(duck: Made) -> None:
    """All rows of all tables twice: each table's own check counts its keys."""
    with closing(duck[0]()) as warehouse:
        sound(warehouse)
        for table in tables.ALL:
            plant(warehouse, f"insert into {table.name} select * from {table.name}")
        two = {"tweets", "tracker_tweets", "tweet_snapshots"}
        expected = {f"unique_{table.name}": 2 if table.name in two else 1 for table in tables.ALL}
        assert found(warehouse, duck) == expected


def test_many_offences_are_counted_and_some_shown(duck: Made) -> None:
    """The number is that of all; ten come along."""
    with closing(duck[0]()) as warehouse:
        sound(warehouse)
        warehouse.commit(batch(body(*(tweet(number) for number in range(1, 26)))), now=NOON)
        plant(warehouse, "update tweets set reply_count = -3 where reply_count = 3")
        warehouse.publish()
        with closing(duck[1]()) as reader:
            (one,) = [one for one in outcomes(reader, now=SOON) if one.row_count]
        assert (one.check.name, one.row_count, len(one.rows)) == ("negative_counters", 25, 10)
        assert {row["table_name"] for row in one.rows} == {"tweets"}
        assert set(one.rows[0]) == {"table_name", "row_id"}


def test_the_command_tells_and_ends_with_7(tmp_path: Path) -> None:
    """Warnings are told and end with 0; wrong rows with 7 and one sentence."""
    (tmp_path / "p.jsonl").write_bytes(body(tweet(1)) + b"\n")
    assert arcane(tmp_path, "import", "p.jsonl").returncode == 0
    done = arcane(tmp_path, "check", "--json")
    told = {one["check"]["name"]: (one["check"]["severity"], one["row_count"]) for one in json.loads(done.stdout)}
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: one for name, one in told.items() if one[1]} == {"freshness": ("warn", 1)}
    with closing(DuckDBWarehouse(tmp_path / "data" / "arcane.duckdb", time_zone="Europe/Paris")) as warehouse:
        plant(warehouse, "insert into tweets select * from tweets")
        warehouse.publish()
    done = arcane(tmp_path, "check")
    assert (done.returncode, said(done)) == (
        7,
        "arcane: the tables hold rows that must not be (unique_tweets 1, unique_tweet_hashtags 1, unique_tweets_flat 1, unique_tracker_tweets_flat 1): arcane check --json shows some of them",
    )
    (line,) = [line.split() for line in done.stdout.splitlines() if line.startswith("unique_tweets ")]
    assert line[2:6:2] == ["fail", "1"]


def test_a_run_ends_with_the_checks(tmp_path: Path) -> None:
    """What fails is a line of its own, the last line counts it, and the run ends as it would have."""
    with stage(now=datetime.now(UTC), tweets=300) as on:  # the command has the machine's clock
        environ = {"ARCANE_X__BASE_URL": on.base_url, "ARCANE_X__BEARER_TOKEN": "simulator"}
        found = []
        for _ in range(2):
            done = arcane(tmp_path, "collect", **environ)
            lines = [json.loads(line) for line in done.stderr.splitlines()]
            found.append((done.returncode, [line for line in lines if line["event"].startswith("check")]))
            with closing(DuckDBWarehouse(tmp_path / "data" / "arcane.duckdb", time_zone="Europe/Paris")) as warehouse:
                plant(warehouse, "update authors set followers_count = -1")
    (sound_code, sound_lines), (code, lines) = found
    assert (sound_code, code) == (0, 0)
    assert [(line["event"], line["failed_count"]) for line in sound_lines] == [("checks.ended", 0)]
    assert [(line["event"], line["level"]) for line in lines] == [("check.failed", "error"), ("checks.ended", "info")]
    assert lines[0]["check"] == "negative_counters"
    assert (lines[1]["check_count"], lines[1]["failed_count"]) == (len(checks()), 1)


def test_a_file_is_all_it_takes() -> None:
    """Every file of the folder is a check, told in two languages; the keys come from the contract."""
    folder = Path(tables.__file__).parent / "sql" / "checks"
    named = [f"unique_{table.name}" for table in tables.ALL]
    assert [one.name for one in checks()] == [*named, *sorted(path.stem for path in folder.iterdir())]
    assert all(one.sens.endswith(".") and one.meaning.endswith(".") for one in checks())
    one = check("x", "-- Français.\n-- English.\n-- Severity: warn\nselect 1 as a\n")
    assert (one.severity, one.sens, one.meaning) == (Severity.WARN, "Français.", "English.")


@pytest.mark.parametrize(
    "text",
    ["select 1", "-- Français.\n-- English.\nselect 1", "-- Français.\n-- English.\n-- Severity: bad\nselect 1", ""],
)
def test_a_file_that_is_no_check_is_named(text: str) -> None:
    """Sentences and severity are part of it."""
    with pytest.raises(ConfigError, match=r"x\.sql is no check"):
        check("x", text)


def test_no_counter_is_left_out() -> None:
    """A counter that joins the contract must join the check of negative ones."""
    (negative,) = [one for one in checks() if one.name == "negative_counters"]
    parts = negative.sql.split("union all")
    for table in tables.DERIVED:
        for column in table.columns:
            if column.name.endswith(("_count", "duration_s")):
                (part,) = [part for part in parts if f"from {table.name}\n" in part]
                assert f"{column.name} < 0" in part
