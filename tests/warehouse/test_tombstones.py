"""Tombstones bind whatever comes, in whatever order."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.made_up import NOON, body, tweet
from tests.stories import StillClock
from tests.warehouse.test_contract import Made, batch, duckdb, made, seen

from arcane import erasure, tables
from arcane.archive.folder import FolderArchive
from arcane.erasure import Named
from arcane.store import Store
from arcane.warehouse.interface import Batch, Warehouse

__all__ = ["made"]
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # each example is half a second of a real warehouse
USERS = [{"id": "7", "username": "u", "name": "U"}, {"id": "8", "username": "v", "name": "V"}]
FIRST, SECOND = tweet(4)["id"], tweet(3)["id"]
COMMITS = {
    "one": batch(body(tweet(1), users=USERS)),
    "again": batch(body(tweet(1, public_metrics={"like_count": 9, "retweet_count": 1, "reply_count": 1})), seconds=60),
    "other": batch(body(tweet(2, author_id="8"), users=USERS)),
    "first version": batch(body(tweet(4, edit_history_tweet_ids=[FIRST]))),
    "second version": batch(body(tweet(3, edit_history_tweet_ids=[FIRST, SECOND]))),
    "retweet": batch(body(tweet(5, author_id="9", referenced_tweets=[{"type": "retweeted", "id": tweet(1)["id"]}]))),
    "video": batch(body(tweet(6, attachments={"media_keys": ["a"]}), media=[{"media_key": "a", "type": "video"}])),
}


def stone(kind: str, identity: str, reason: str, seconds: int = 30) -> Named:
    return Named(kind, identity, reason, NOON + timedelta(seconds=seconds), "lookup")


STONES = {
    "deleted": stone("tweet", tweet(1)["id"], "deleted"),
    "an edit": stone("tweet", SECOND, "deleted"),
    "an author": stone("author", "8", "forgotten"),
    "a video": stone("tweet", tweet(6)["id"], "deleted"),
    "older": stone("tweet", tweet(6)["id"], "suspended", 10),
    "newer": stone("tweet", tweet(6)["id"], "protected", 90),
}


def ended(made: Made, folder: Any, steps: list[str]) -> dict[str, Any]:
    """Commit and erase in this order; the tables that it ends in."""
    with closing(made[0]()) as warehouse:
        store = opened(warehouse, folder)
        for name in steps:
            if name in COMMITS:
                warehouse.commit(COMMITS[name], now=NOON)
            else:
                erasure.erase(store, [STONES[name]])
        erasure.finish(store)
        found = {table.name: seen(warehouse, made, table.name) for table in (*tables.DERIVED, tables.TOMBSTONES)}
    # A tweet of a tombstoned author gets a tombstone of its own only where it was stored before.
    found["tombstones"] = [row for row in found["tombstones"] if row["id"] != tweet(2)["id"]]
    return {
        name: [{key: value for key, value in row.items() if key != "erased_at"} for row in rows]
        for name, rows in found.items()
    }


def opened(warehouse: Warehouse, folder: Any) -> Store:
    warehouse.migrate()
    warehouse.acquire("test", now=NOON)
    archive, clock = FolderArchive(folder), StillClock(NOON)
    return Store(archive=archive, warehouse=warehouse, clock=clock, zone=ZoneInfo("Europe/Paris"), publish_every_s=0)


@hypothesis_settings(
    max_examples=12, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.permutations([*COMMITS, *STONES]))
def test_any_order_of_commits_and_tombstones_ends_in_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, steps: list[str]
) -> None:
    """Versions, retweets, media and all of an author fall whether they come before or after."""
    folder = tmp_path_factory.mktemp("order")
    found = ended(duckdb(folder, request), folder / "archive", steps)
    assert found == reference(tmp_path_factory, request)
    assert [found[name] for name in ("tweets", "tweet_snapshots", "media")] == [[], [], []]
    assert [row["author_id"] for row in found["authors"]] == ["7"]


_REFERENCE: dict[str, Any] = {}


def reference(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Any]:
    if not _REFERENCE:
        folder = tmp_path_factory.mktemp("reference")
        _REFERENCE.update(ended(duckdb(folder, request), folder / "archive", [*COMMITS, *STONES]))
    return _REFERENCE


@pytest.mark.parametrize("reason", ["protected", "suspended", "withheld"])
@pytest.mark.parametrize("steps", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_a_newer_reading_lifts_what_is_not_final(
    tmp_path: Any, request: pytest.FixtureRequest, reason: str, steps: tuple[int, ...]
) -> None:
    """An older reading is dropped, a newer one stored and the tombstone gone, whichever comes first."""
    made = duckdb(tmp_path, request)
    with closing(made[0]()) as warehouse:
        store = opened(warehouse, tmp_path / "archive")
        for step in steps:
            if step == 2:
                erasure.erase(store, [stone("author", "7", reason)])
            else:
                warehouse.commit(batch(body(tweet(1, text=f"text {step}")), seconds=60 * step), now=NOON)
        rows, stones = seen(warehouse, made), seen(warehouse, made, "tombstones")
    assert [row["text"] for row in rows] == ["text 1"]
    assert {row["kind"] for row in stones} <= {"tweet"}, "the author's is gone; the tweet's own may have been lifted"
    assert stones == []


def test_a_final_tombstone_stays_final(tmp_path: Any, request: pytest.FixtureRequest) -> None:
    """Neither a newer reading nor a newer tombstone that would lift makes it less."""
    made = duckdb(tmp_path, request)
    with closing(made[0]()) as warehouse:
        store = opened(warehouse, tmp_path / "archive")
        erasure.erase(store, [stone("tweet", tweet(1)["id"], "deleted", 10)])
        erasure.erase(store, [stone("tweet", tweet(1)["id"], "suspended", 20)])
        warehouse.commit(batch(body(tweet(1)), seconds=60), now=NOON)
        rows, (left,) = seen(warehouse, made), seen(warehouse, made, "tombstones")
    assert (rows, left["reason"], left["is_final"], left["erased_at"]) == ([], "deleted", True, NOON)


@pytest.mark.timeout(300)  # the emulator of BigQuery takes seconds for a transaction
def test_any_warehouse_erases_alike(made: Made, tmp_path: Any) -> None:
    """The same in every warehouse: before, between and after, in one order."""
    steps = ["one", "retweet", "deleted", "again", "second version", "an edit", "first version", "other", "an author"]
    found = ended(made, tmp_path / "archive", steps)
    assert [found[name] for name in ("tweets", "tweet_snapshots", "media")] == [[], [], []]
    assert [row["author_id"] for row in found["authors"]] == ["7"]
    assert {(row["kind"], row["id"], row["reason"]) for row in found["tombstones"]} == {
        ("tweet", tweet(1)["id"], "deleted"),
        ("tweet", tweet(5)["id"], "deleted"),
        ("tweet", FIRST, "deleted"),
        ("tweet", SECOND, "deleted"),
        ("author", "8", "forgotten"),
    }


def test_a_rebuild_is_bound_too(made: Made) -> None:
    """What was rebuilt before a tombstone was set is not there when the rebuilt tables are put in place."""
    with closing(made[0]()) as warehouse:
        warehouse.migrate()
        warehouse.acquire("test", now=NOON)
        warehouse.begin_rebuild(None)
        warehouse.rebuild(batch(body(tweet(1), tweet(2), users=USERS)), sources=["a"], now=NOON)
        rows = tables.TOMBSTONES.of(
            [
                ("tweet", tweet(1)["id"], "deleted", True, NOON, "lookup", None),
                ("author", "8", "forgotten", True, NOON, "forget", None),
            ]
        )
        warehouse.commit(Batch({"tombstones": rows}), now=NOON)
        warehouse.rebuild(batch(body(tweet(1, lang="en"), tweet(3))), sources=["b"], now=NOON)
        warehouse.finish_rebuild(now=NOON)
        assert {row["tweet_id"] for row in seen(warehouse, made)} == {tweet(2)["id"], tweet(3)["id"]}
        assert [row["author_id"] for row in seen(warehouse, made, "authors")] == ["7"]
