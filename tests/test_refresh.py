"""Tweets are read again as they age: when, in which order, and what a reading may change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.made_up import NOON, PARIS, body, snowflake, tweet
from tests.stories import NOW, Silent, Stage, stage, table

from arcane.app import App
from arcane.errors import BudgetExceeded, ConfigError
from arcane.transform import Batch as Rows
from arcane.transform import Reading
from arcane.warehouse.duckdb import DuckDBWarehouse
from arcane.warehouse.interface import Batch
from arcane.x import page as pages

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AGES_H = (24, 48, 72, 168, 336, 720)
POSTED = NOON.replace(hour=6)
ID = snowflake(POSTED, 1)


@pytest.fixture(name="warehouse")
def _warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    with closing(DuckDBWarehouse(tmp_path / "arcane.duckdb", time_zone="Europe/Paris")) as opened:
        opened.migrate()
        opened.acquire("test", now=NOON)
        yield opened


def made(likes: int = 5, number: int = 1, **changes: Any) -> dict[str, Any]:
    counts = {"like_count": likes, "retweet_count": 0, "reply_count": 0, "quote_count": 0}
    return tweet(
        number,
        id=snowflake(POSTED, number),
        created_at=f"{POSTED:%Y-%m-%dT%H:%M:%S}.000Z",
        edit_history_tweet_ids=[snowflake(POSTED, number)],
        public_metrics=counts,
        **changes,
    )


def read(warehouse: DuckDBWarehouse, age_h: float, *found: dict[str, Any], tracker: str = "arcane") -> None:
    """Commit a reading of these tweets at an age."""
    rows = Rows(zone=PARIS)
    rows.add(Reading(pages.page(body(*found)), POSTED + age_h * HOUR, tracker, f"{age_h:09}"))
    warehouse.commit(Batch(rows.to_arrow()), now=POSTED + age_h * HOUR)


def due(warehouse: DuckDBWarehouse, age_h: float, *, ages_h: Sequence[int] = AGES_H, tracker: str = "") -> list[str]:
    return warehouse.due(ages_h=ages_h, now=POSTED + age_h * HOUR, tracker=tracker)


@pytest.mark.parametrize(
    ("readings", "age_h", "is_due"),
    [
        ([(1, 5)], 23.9, False),
        ([(1, 5)], 24, True),
        ([(1, 5)], 500, True),  # several missed ages: one reading
        ([(1, 5), (24, 6)], 47.9, False),
        ([(1, 5), (24, 6)], 48, True),
        ([(1, 5), (30, 6)], 40, False),
        ([(1, 5), (30, 6)], 48, True),
        ([(1, 5), (50, 6)], 71, False),
        ([(1, 5), (100, 6)], 167, False),
        ([(1, 5), (100, 6)], 168, True),
        ([(1, 5), (24, 5)], 48, False),  # unchanged at two readings: it waits until it is a week old
        ([(1, 5), (24, 5)], 167, False),
        ([(1, 5), (24, 5)], 168, True),
        ([(1, 5), (24, 5), (168, 6)], 336, True),
        ([(1, 5), (24, 5), (168, 5)], 720, False),  # unchanged then too: it is done
        ([(1, 5), (6, 5)], 24, True),  # two readings within half a day prove nothing
        ([(1, 5), (24, 5), (30, 7)], 48, True),  # it moved after all
        ([(1, 5), (48, 8), (72, 8)], 167, False),
        ([(1, 5), (48, 8), (72, 8)], 168, True),
        ([(1, 5), (168, 8), (336, 8)], 720, False),
        ([(1, 5), (720, 9)], 900, False),  # the last age is read once
        ([(1, 5)], 720 + 15 * 24 - 1, True),  # a last reading that was missed is made good for two weeks
        ([(1, 5)], 720 + 17 * 24, False),
    ],
)
def test_when_a_tweet_is_due(
    warehouse: DuckDBWarehouse, readings: list[tuple[float, int]], age_h: float, is_due: bool
) -> None:
    """Once for each age that has passed since its last reading, as long as its numbers move."""
    for read_at_h, likes in readings:
        read(warehouse, read_at_h, made(likes))
    assert due(warehouse, age_h) == ([ID] if is_due else [])


@pytest.mark.parametrize(("ages_h", "next_age_h"), [((24, 48, 72), 72), ((24, 48, 336, 720), 336)])
def test_a_schedule_without_the_age_of_a_week(
    warehouse: DuckDBWarehouse, ages_h: tuple[int, ...], next_age_h: int
) -> None:
    """A quiet tweet waits for the first later age, or for the last; unchanged then too, it is done."""
    read(warehouse, 1, made())
    read(warehouse, 24, made())
    assert [due(warehouse, age_h, ages_h=ages_h) for age_h in (next_age_h - 1, next_age_h)] == [[], [ID]]
    read(warehouse, next_age_h, made())
    assert due(warehouse, 720, ages_h=ages_h) == []


def test_hourly_ages_come_first(warehouse: DuckDBWarehouse) -> None:
    """With 1 and 6 hours in the schedule a tweet read at once is due at one hour, then at six."""
    ages_h = (1, 6, *AGES_H)
    read(warehouse, 0.3, made())
    assert [due(warehouse, age_h, ages_h=ages_h) for age_h in (0.9, 1, 5)] == [[], [ID], [ID]]
    read(warehouse, 1.2, made())
    assert [due(warehouse, age_h, ages_h=ages_h) for age_h in (5.9, 6)] == [[], [ID]]


def test_what_lives_no_more_is_not_read_again(warehouse: DuckDBWarehouse) -> None:
    """Retweets repeat another's numbers, and superseded versions are over."""
    newer = snowflake(POSTED, 9)
    read(
        warehouse,
        1,
        made(number=1),
        made(number=2, referenced_tweets=[{"type": "retweeted", "id": "1"}]),
        {**made(number=3), "edit_history_tweet_ids": [snowflake(POSTED, 3), newer]},
    )
    assert due(warehouse, 24) == [ID]


def test_one_trackers_tweets_only(warehouse: DuckDBWarehouse) -> None:
    """Those that it met; without a name, everyone's, each once."""
    read(warehouse, 1, made(number=1), made(number=2))
    read(warehouse, 1.1, made(number=2), made(number=3), tracker="other")
    one, two, three = (snowflake(POSTED, number) for number in (1, 2, 3))
    assert (due(warehouse, 24, tracker="arcane"), due(warehouse, 24, tracker="other")) == ([one, two], [two, three])
    assert (due(warehouse, 24), due(warehouse, 24, tracker="nobody")) == ([one, two, three], [])


def test_what_is_free_comes_first_and_then_what_is_worth_most(warehouse: DuckDBWarehouse) -> None:
    """Read on this UTC day already, a reading costs nothing; of the others those with most engagement, least lately."""
    quiet, loud, lately, free = (snowflake(POSTED, number) for number in (1, 2, 3, 4))
    read(warehouse, 1, made(3, number=1), made(300, number=2), made(1, number=4))
    read(warehouse, 23, made(300, number=3))
    read(warehouse, 43, made(2, number=4))  # 1 o'clock of the second day after
    assert due(warehouse, 48) == [free, loud, lately, quiet]


# Told by the simulator


def tweets(app: App) -> dict[str, dict[str, Any]]:
    return {row["tweet_id"]: row for row in table(app, "tweets")}


READING = {
    "like_count", "retweet_count", "reply_count", "quote_count", "bookmark_count", "impression_count",
    "video_view_count", "metrics_observed_at", "metrics_page", "media_observed_at", "media_page", "is_current",
}  # fmt: skip


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    """A world of a week, on its fourth day."""
    with stage(tweets=1500, days=8, request_s=1, rates={"deleted_rate": 0.1, "edited_rate": 0.03}) as on:
        on.at(NOW - 4 * DAY)
        yield on


CHANGES = {"collect": {"first_run_days": 2.0}}


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_a_reading_moves_the_numbers_and_nothing_else(tmp_path: Path, vocabulary: str) -> None:
    """In both vocabularies: text, author, references, trackers and authors stay; counters and views are those of X."""
    with stage(tweets=1500, days=8, request_s=1, vocabulary=vocabulary, rates={"edited_rate": 0.03}) as on:
        on.at(NOW - 4 * DAY)
        on.app(tmp_path, is_moving=True, **CHANGES).collect(progress=Silent())
        app = on.app(tmp_path, is_moving=True, **CHANGES)
        before = tweets(app)
        found = table(app, "tracker_tweets"), table(app, "authors"), table(app, "tweet_media")
        on.at(NOW - 3 * DAY)
        app = on.app(tmp_path, is_moving=True, **CHANGES)
        app.refresh(progress=Silent())
        after = tweets(app)
        assert (table(app, "tracker_tweets"), table(app, "authors"), table(app, "tweet_media")) == found
        assert after.keys() == before.keys()
        read_again = [one for one in after if after[one]["metrics_observed_at"] > NOW - 3 * DAY]
        assert len(read_again) > 250
        for one, row in after.items():
            changed = {name for name in row if row[name] != before[one][name]}
            assert changed <= READING
        assert any(after[one]["like_count"] > before[one]["like_count"] for one in read_again)
        assert any(after[one]["video_view_count"] != before[one]["video_view_count"] for one in read_again)
        now_ms = int(after[read_again[0]]["metrics_observed_at"].timestamp() * 1000)
        world = on.simulator.world
        place = world.index(read_again[0])
        assert place is not None
        assert after[read_again[0]]["like_count"] == int(world.counters([place], now_ms)[0][2])


def test_a_week_of_days_reads_each_age_once(tmp_path: Path) -> None:
    """Every day collect and refresh: each tweet is read at most once an age, and a quiet one less often."""
    with stage(tweets=1500, days=8, request_s=1, rates={"deleted_rate": 0.0}) as on:
        for days in range(4, -1, -1):
            on.at(NOW - days * DAY)
            app = on.app(tmp_path, is_moving=True, **CHANGES)
            app.run(progress=Silent())
        asked = [one for params in on.asked("/2/tweets") for one in params["ids"].split(",")]
        rows = tweets(app)
    assert set(asked) <= rows.keys()
    for one in set(asked):
        age_days = (NOW + HOUR - rows[one]["created_at"]) / DAY
        assert asked.count(one) <= sum(age_days >= age for age in (1, 2, 3, 7))
    live = [row for row in rows.values() if row["created_at"] < NOW - 2 * DAY and row["is_current"]]
    assert len([row for row in live if asked.count(row["tweet_id"]) == 1]) > 20
    assert len([row for row in live if asked.count(row["tweet_id"]) > 1]) > 20


def test_one_snapshot_a_tweet_and_hour_the_newest(tmp_path: Path, on: Stage) -> None:
    """Two readings within an hour leave the later one; the first reading's hour keeps its own."""
    changes = {**CHANGES, "refresh": {"is_hourly": True}}
    on.app(tmp_path, is_moving=True, **changes).collect(progress=Silent())
    on.at(NOW - 4 * DAY + HOUR)
    for _ in range(2):
        app = on.app(
            tmp_path, is_moving=True, collect={"first_run_days": 2.0, "overlap_s": 86_400}, refresh={"is_hourly": True}
        )
        app.run(progress=Silent())
        on.simulator.clock.advance(600)  # type: ignore[attr-defined]
    snapshots: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
    for row in table(app, "tweet_snapshots"):
        snapshots.setdefault((row["tweet_id"], row["hour_at"]), []).append(row)
    rows = tweets(app)
    assert {len(found) for found in snapshots.values()} == {1}
    assert {hour_at for _, hour_at in snapshots} == {NOW - 4 * DAY, NOW - 4 * DAY + HOUR}
    for (one, hour_at), (row,) in snapshots.items():
        if hour_at == rows[one]["metrics_observed_at"].replace(minute=0, second=0, microsecond=0):
            assert (row["observed_at"], row["like_count"]) == (
                rows[one]["metrics_observed_at"],
                rows[one]["like_count"],
            )


def test_the_hourly_job_reads_young_tweets(tmp_path: Path, on: Stage) -> None:
    """At one and at six hours, on the same UTC day: X bills no tweet a second time."""
    changes = {
        "collect": {"first_run_days": 0.4},
        "refresh": {"is_hourly": True},
        "prices": {"are_includes_billed": False},
    }
    on.at(NOW - 4 * DAY + 2 * HOUR)
    on.app(tmp_path, is_moving=True, **changes).run(progress=Silent())
    day = (NOW - 4 * DAY).date()
    before = len(on.simulator.api.bill.ids(day, "post"))
    on.at(NOW - 4 * DAY + 9 * HOUR)
    on.app(tmp_path, is_moving=True, **changes).refresh(progress=Silent())
    asked = [one for params in on.asked("/2/tweets") for one in params["ids"].split(",")]
    assert len(asked) > 10
    assert len(on.simulator.api.bill.ids(day, "post")) == before


def test_short_money_is_spent_on_the_most_valuable(tmp_path: Path, on: Stage) -> None:
    """Those that were read again have more engagement than those that were not."""
    on.app(tmp_path, is_moving=True, **CHANGES).collect(progress=Silent())
    before = tweets(on.app(tmp_path, **CHANGES))
    on.at(NOW - 3 * DAY)
    with pytest.raises(BudgetExceeded):
        on.app(tmp_path, is_moving=True, budget={"run_usd": 0.5}, **CHANGES).refresh(progress=Silent())
    asked = {one for params in on.asked("/2/tweets") for one in params["ids"].split(",")}
    assert 60 < len(asked) < 110
    likes = [before[one]["like_count"] for one in asked]
    others = [row["like_count"] for one, row in before.items() if one not in asked]
    assert sum(likes) > sum(others)


def test_a_hidden_tweet_is_asked_for_a_second_time(tmp_path: Path, on: Stage) -> None:
    """What X names as not there is asked again, and only that."""
    on.app(tmp_path, is_moving=True, **CHANGES).collect(progress=Silent())
    before = tweets(on.app(tmp_path, **CHANGES))
    on.at(NOW - 3 * DAY)
    on.app(tmp_path, is_moving=True, **CHANGES).refresh(progress=Silent())
    asked = [one for params in on.asked("/2/tweets") for one in params["ids"].split(",")]
    twice = {one for one in asked if asked.count(one) == 2}
    world = on.simulator.world
    deleted = {
        one for one in before
        if one in asked and world.deleted_ms[world.index(one) or 0] < (NOW - 3 * DAY).timestamp() * 1000
    }  # fmt: skip
    assert len(twice) > 5
    assert twice == deleted


def test_an_unknown_tracker_is_told(tmp_path: Path, on: Stage) -> None:
    """Before X is asked anything."""
    with pytest.raises(ConfigError, match="no tracker is called 'nobody'"):
        on.app(tmp_path).refresh(progress=Silent(), tracker="nobody")
    assert on.simulator.api.log == []


# Authors


def users_asked(on: Stage) -> list[str]:
    return [one for params in on.asked("/2/users") for one in params["ids"].split(",")]


def test_only_unknown_and_stale_authors_are_looked_up(tmp_path: Path) -> None:
    """In the old words pages come without users; each author is asked for once, and again when a reading is stale."""
    changes = {**CHANGES, "x": {"authors": "lookup", "authors_stale_days": 2.5}}
    with stage(tweets=1200, days=8, request_s=1, vocabulary="tweet") as on:
        on.at(NOW - 4 * DAY)
        app = on.app(tmp_path, is_moving=True, **changes)
        app.run(progress=Silent())
        assert {one["expansions"] for one in on.asked("/search/recent")} == {
            "referenced_tweets.id,attachments.media_keys"
        }
        authors = {row["author_id"] for row in table(app, "tweets")}
        first = users_asked(on)
        assert (sorted(first), None in authors) == (sorted(authors), False)
        assert {row["author_id"] for row in table(app, "authors")} == authors
        on.at(NOW - 3 * DAY)
        app = on.app(tmp_path, is_moving=True, **changes)
        app.run(progress=Silent())
        second = users_asked(on)[len(first) :]
        assert sorted(second) == sorted({row["author_id"] for row in table(app, "tweets")} - authors)
        on.at(NOW - DAY)
        app = on.app(tmp_path, is_moving=True, **changes)
        app.run(progress=Silent())
        assert authors <= set(users_asked(on)[len(first) + len(second) :])


@pytest.mark.parametrize("keys_need_expansion", [True, False])
def test_no_tweet_is_stored_without_its_author(tmp_path: Path, keys_need_expansion: bool) -> None:
    """In the new words author_id may come with its expansion only: the first page tells, and is read again with it."""
    with stage(tweets=900, request_s=1, vocabulary="post", keys_need_expansion=keys_need_expansion) as on:
        app = on.app(tmp_path, is_moving=True, x={"authors": "lookup"}, **CHANGES)
        app.run(progress=Silent())
        rows = tweets(app)
        assert [one for one, row in rows.items() if row["author_id"] is None] == []
        assert {row["author_id"] for row in rows.values()} == {row["author_id"] for row in table(app, "authors")}
        expansions = ["author_id" in one["expansions"].split(",") for one in on.asked("/search/recent")]
        if keys_need_expansion:
            assert expansions == [False, *[True] * (len(expansions) - 1)]
            assert on.asked("/2/users") == []
        else:
            assert set(expansions) == {False}
        assert len(rows) > 100


def test_the_day_of_an_author_is_told_by_the_schedule(warehouse: DuckDBWarehouse) -> None:
    """Authors of tweets past their last age are left alone; unknown ones come, and those read before a moment."""
    read(warehouse, 1, made(number=1, author_id="7"), made(number=2, author_id="8"))
    rows = Rows(zone=PARIS)
    found = {"id": "8", "username": "u", "name": "U", "public_metrics": {"followers_count": 1}}
    rows.add(Reading(pages.users(json.dumps({"data": [found]}).encode()), NOON, "", "aa"))
    warehouse.commit(Batch(rows.to_arrow()), now=NOON)
    today = POSTED.date()
    stale = [
        warehouse.stale_authors(since=since, stale_before=before)
        for since, before in ((today, NOON), (today, NOON + HOUR), (today + DAY, NOON + HOUR))
    ]
    assert stale == [["7"], ["7", "8"], []]


def test_the_schedule_is_bounded(warehouse: DuckDBWarehouse) -> None:
    """A day's ids are bounded by the schedule's last age: older tweets are not even looked at."""
    read(warehouse, 1, made())
    assert due(warehouse, 24, ages_h=(24,)) == [ID]
    assert due(warehouse, 24 + 17 * 24, ages_h=(24,)) == []
