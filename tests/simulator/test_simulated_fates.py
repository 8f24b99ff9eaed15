"""Fates: what search, counts and lookups say of what is deleted, withheld, protected or suspended, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import numpy as np
import pytest
from tests.simulator.asking import (
    ALL,
    EVERYTHING,
    NOW,
    RECENT,
    WINDOW,
    asked,
    ids,
    pages,
    simulator,
    truth,
    validator,
    world,
)

from arcane.simulator.server import Simulator
from arcane.simulator.world import NEVER, World

SEARCH = {"query": "#Arcane", "max_results": "100", **WINDOW}
COUNTS = {"query": "#Arcane", "granularity": "day", **WINDOW}


def _total(x: Simulator) -> int:
    return int(asked(x, "/2/tweets/counts/recent", COUNTS)["meta"]["total_tweet_count"])


def _victim(x: Simulator) -> tuple[str, str]:
    """A tweet in the window, the only one of its author, and never edited; and its author."""
    on = x.world
    for one in truth(x)[20:]:
        index = on.index(one)
        assert index is not None
        if (on.author == on.author[index]).sum() == 1 and len(on.versions(index)) == 1:
            return one, str(100_000 + int(on.author[index]))
    raise AssertionError("every author has written twice")


FATES = [
    ("tweet_id", "deleted", "resource-not-found", -1),
    ("tweet_id", "withheld", "not-authorized-for-resource", 0),
    ("author_id", "deleted", "resource-not-found", -1),
    ("author_id", "protected", "not-authorized-for-resource", -1),
    ("author_id", "suspended", "not-authorized-for-resource", -1),
]


@pytest.mark.parametrize(("whose", "fate", "problem", "counted"), FATES)
def test_while_a_fate_lasts_search_and_lookup_hide_the_tweet(whose: str, fate: str, problem: str, counted: int) -> None:
    """Search leaves it out, a lookup says why, counts keep what is withheld; live again, all is as before."""
    x = simulator()
    tweet_id, author_id = _victim(x)
    who = {whose: tweet_id if whose == "tweet_id" else author_id}
    before, total = truth(x), _total(x)
    x.api.set_fate(fate, **who)
    assert ids(pages(x, SEARCH)) == [one for one in before if one != tweet_id]
    assert _total(x) == total + counted
    body = asked(x, "/2/tweets", {"ids": tweet_id})
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    assert (error["resource_id"], error["resource_type"], error["type"].rsplit("/", 1)[1]) == (
        tweet_id,
        "tweet",
        problem,
    )
    x.api.set_fate("live", **who)
    assert (ids(pages(x, SEARCH)), _total(x)) == (before, total)
    assert [one["id"] for one in asked(x, "/2/tweets", {"ids": tweet_id})["data"]] == [tweet_id]


def test_not_authorized_is_said_in_x_words() -> None:
    """The whole error of a protected author's tweet, as recorded."""
    x = simulator()
    tweet_id, author_id = _victim(x)
    x.api.set_fate("protected", author_id=author_id)
    assert asked(x, "/2/tweets", {"ids": tweet_id}) == {
        "errors": [
            {
                "value": tweet_id,
                "detail": f"Sorry, you are not authorized to see the Tweet with ids: [{tweet_id}].",
                "title": "Authorization Error",
                "resource_type": "tweet",
                "parameter": "ids",
                "resource_id": tweet_id,
                "section": "data",
                "type": "https://api.x.com/2/problems/not-authorized-for-resource",
            }
        ]
    }


def test_a_users_lookup_tells_what_became_of_them() -> None:
    """Deleted: not found; suspended: forbidden by title, not found by type; protected: there, and said to be."""
    x = simulator()
    gone, banned, shy, well = "100001", "100002", "100003", "100004"
    for author_id, fate in ((gone, "deleted"), (banned, "suspended"), (shy, "protected")):
        x.api.set_fate(fate, author_id=author_id)
    body = asked(x, "/2/users", {"ids": f"{gone},{banned},{shy},{well}", "user.fields": "protected"})
    assert [(user["id"], user["protected"]) for user in body["data"]] == [(shy, True), (well, False)]
    not_found = {"resource_type": "user", "parameter": "ids", "type": "https://api.x.com/2/problems/resource-not-found"}
    assert body["errors"] == [
        {
            **not_found,
            "value": gone,
            "resource_id": gone,
            "title": "Not Found Error",
            "detail": f"Could not find user with ids: [{gone}].",
        },
        {
            **not_found,
            "value": banned,
            "resource_id": banned,
            "title": "Forbidden",
            "detail": f"User has been suspended: [{banned}].",
        },
    ]
    x.api.set_fate("live", author_id=shy)
    (user,) = asked(x, "/2/users", {"ids": shy, "user.fields": "protected"})["data"]
    assert not user["protected"]


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_partial_errors_are_as_x_specifies(words: str) -> None:
    """A lookup and a page with every kind of missing tweet in them are valid under the published schemas."""
    x = simulator(World.generate(seed=3, end=NOW, days=9, tweet_count=3_000, protected_rate=0.1, suspended_rate=0.1))
    problems = set()
    for page in pages(x, {**SEARCH, **EVERYTHING[words]}):
        validator(words, RECENT).validate(page)
        problems |= {(error["title"], error.get("section")) for error in page.get("errors", [])}
    assert problems == {("Not Found Error", None), ("Authorization Error", "includes")}
    some = [str(one) for one in x.world.ids[-400:-300]]
    body = asked(x, "/2/tweets", {"ids": ",".join(some), **EVERYTHING[words]})
    validator(words, "/2/tweets").validate(body)
    assert {one["id"] for one in body["data"]} | {error["resource_id"] for error in body["errors"]} >= set(some)


def test_includes_show_no_hidden_tweet() -> None:
    """A referenced tweet of a protected author is an error of the page, and none of its includes."""
    x = simulator()
    fields = {**SEARCH, "tweet.fields": "referenced_tweets", "expansions": "referenced_tweets.id"}
    first = asked(x, RECENT, fields)
    named = first["includes"]["tweets"][0]["id"]
    index = x.world.index(named)
    assert index is not None
    x.api.set_fate("protected", author_id=str(100_000 + int(x.world.author[index])))
    again = asked(x, RECENT, fields)
    assert named not in {one["id"] for one in again["includes"]["tweets"]}
    assert "Sorry, you are not authorized to see the Tweet with referenced_tweets.id" in json.dumps(again["errors"])
    assert named in {error["resource_id"] for error in again["errors"]}


def test_deleting_one_version_deletes_all() -> None:
    """Neither the old nor the new id of an edited tweet is found again."""
    x = simulator(world(20_000, 3))
    on = x.world
    edits = np.flatnonzero((on.first_version != np.arange(len(on))) & (on.deleted_ms == NEVER) & ~on.withheld)
    new = int(edits[-1])
    both = [str(on.ids[on.first_version[new]]), str(on.ids[new])]
    x.api.set_fate("deleted", tweet_id=both[1])
    body = asked(x, "/2/tweets", {"ids": ",".join(both)})
    assert [error["resource_id"] for error in body["errors"]] == both
    assert "data" not in body


GENERATED = ["protected", "suspended", "deactivated"]


@pytest.mark.parametrize("fate", GENERATED)
def test_authors_get_their_fates_from_the_seed(fate: str) -> None:
    """The share asked for is met within the world's time, about half come back, and the tweets stay the same."""
    plain = world(4_000)
    on = World.generate(seed=3, end=NOW, days=9, tweet_count=4_000, **{f"{fate}_rate": 0.2})  # type: ignore[arg-type]
    from_ms, until_ms = getattr(on, f"{fate}_ms")
    met = from_ms < NEVER
    assert 0.17 < met.mean() < 0.23
    assert 0.4 < (until_ms[met] < NEVER).mean() < 0.6
    assert (from_ms[met] >= on.made_ms[0]).all()
    assert (from_ms[met] <= int(NOW.timestamp() * 1000)).all()
    assert (from_ms[met] < until_ms[met]).all()
    same: list[Callable[[World], Any]] = [lambda w: w.ids, lambda w: w.words, lambda w: w.finals, lambda w: w.author]
    assert all(np.array_equal(column(on), column(plain)) for column in same)
    assert not any((getattr(on, f"{other}_ms") < NEVER).any() for other in GENERATED if other != fate)


def test_a_released_author_comes_back() -> None:
    """Before, during and after: search gives the author's tweet, does not, and does again."""
    x = simulator(World.generate(seed=3, end=NOW, days=9, tweet_count=4_000, protected_rate=0.2))
    on, now_ms = x.world, int(NOW.timestamp() * 1000)
    from_ms, until_ms = on.protected_ms[:, on.author]
    fits = on.has_arcane & ~on.withheld & (on.superseded_ms == NEVER) & (on.deleted_ms == NEVER)
    index = int(np.flatnonzero(fits & (from_ms > on.made_ms + 60_000) & (until_ms < now_ms))[0])
    seen = []
    for moment_ms in (from_ms[index] - 1, from_ms[index], until_ms[index] - 1, until_ms[index]):
        x.clock.set(datetime.fromtimestamp(int(moment_ms) / 1000, UTC) + timedelta(microseconds=500))  # type: ignore[attr-defined]
        found = pages(x, {"query": "#Arcane", "max_results": "500"}, ALL)
        seen.append(str(on.ids[index]) in ids(found))
    assert seen == [True, False, False, True]


def test_fates_over_a_socket() -> None:
    """A test in another process sets them too, and is told what it did wrong."""
    x = simulator()
    tweet_id, author_id = _victim(x)
    with x.running() as base_url, httpx2.Client(base_url=base_url, trust_env=False) as http:
        done = http.post("/simulator/fate", json={"author_id": author_id, "fate": "suspended"})
        assert done.json() == {"author_id": author_id, "fate": "suspended", "at": "2026-11-20T10:00:00+00:00"}
        assert tweet_id not in truth(x)
        for wrong in (
            {"author_id": author_id, "fate": "withheld"},
            {"tweet_id": tweet_id, "fate": "protected"},
            {"tweet_id": tweet_id, "fate": "lost"},
            {"tweet_id": "12", "fate": "deleted"},
            {"author_id": "12", "fate": "deleted"},
            {"tweet_id": tweet_id, "author_id": author_id, "fate": "deleted"},
            {"fate": "deleted"},
            {"tweet_id": tweet_id},
        ):
            assert http.post("/simulator/fate", json=wrong).status_code == 400
