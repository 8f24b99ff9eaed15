"""X's bill: each resource once a UTC day, what is free, caps, and the usage that X tells."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

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
    reply,
    simulator,
    truth,
    validator,
    world,
)

from arcane.simulator.bill import Bill
from arcane.simulator.faults import Faults

SEARCH = {"query": "#Arcane", "max_results": "100", **WINDOW}
TODAY = NOW.date()


def test_a_resource_is_billed_once_a_day() -> None:
    """Reading again the same day adds reads, the next day adds posts; a day is one of UTC."""
    x = simulator()
    one = {"ids": truth(x)[0]}
    for _ in range(3):
        reply(x, "/2/tweets", one)
    x.clock.advance(14 * 3600 - 1)  # type: ignore[attr-defined]
    reply(x, "/2/tweets", one)
    x.clock.advance(1)  # type: ignore[attr-defined]
    reply(x, "/2/tweets", one)
    assert x.api.bill.days() == {
        "2026-11-20": {"post": {"billed": 1, "read": 4, "usd": 0.005}},
        "2026-11-21": {"post": {"billed": 1, "read": 1, "usd": 0.005}},
    }
    assert x.api.bill.usd() == 0.01


def test_every_kind_has_its_price() -> None:
    """Posts half a cent, users a cent, counts by the request: half a cent or a whole one."""
    x = simulator()
    for _ in range(2):
        asked(x, "/2/tweets/counts/recent", {"query": "#Arcane"})
        asked(x, "/2/tweets/counts/all", {"query": "#Arcane"})
        asked(x, "/2/users", {"ids": "100001,100002,7"})
    assert x.api.bill.days() == {
        "2026-11-20": {
            "counts_recent": {"billed": 2, "read": 2, "usd": 0.01},
            "counts_all": {"billed": 2, "read": 2, "usd": 0.02},
            "user": {"billed": 2, "read": 4, "usd": 0.02},
        }
    }
    assert x.api.bill.ids(TODAY, "user") == {100_001, 100_002}


@pytest.mark.parametrize("bills_includes", [True, False])
def test_the_bill_is_what_was_given_out(bills_includes: bool) -> None:
    """The book holds every id of data and, unless told otherwise, of includes; media are free."""
    x = simulator(bills_includes=bills_includes)
    found = pages(x, {**SEARCH, **EVERYTHING["tweet"]})
    posts, users = set(ids(found)), set()
    if bills_includes:
        posts |= {tweet["id"] for page in found for tweet in page["includes"].get("tweets", [])}
        users = {user["id"] for page in found for user in page["includes"]["users"]}
    bill = x.api.bill
    assert {str(one) for one in bill.ids(TODAY, "post")} == posts
    assert {str(one) for one in bill.ids(TODAY, "user")} == users
    assert set(bill.days()["2026-11-20"]) == ({"post", "user"} if bills_includes else {"post"})


@pytest.mark.parametrize(
    ("kind", "is_billed"),
    [("cut", True), ("slow", True), ("no_data", False), ("html", False), ("down_json", False), ("limited", False)],
)
def test_only_answers_with_data_are_billed(kind: str, is_billed: bool) -> None:
    """A body that is cut on its way costs what a whole one does; without data nothing is owed."""
    x = simulator(faults=Faults(rate=1.0, kinds=(kind,)))
    reply(x, RECENT, SEARCH)
    assert x.api.bill.usd() == (0.5 if is_billed else 0)


def test_refusals_and_misses_are_free() -> None:
    """A bad request, an empty search, ids of nothing and the usage itself cost nothing."""
    x = simulator()
    asked(x, RECENT, {"query": "#nothinglikeit"})
    asked(x, "/2/tweets", {"ids": "12"})
    asked(x, "/2/usage/tweets", {})
    assert reply(x, RECENT, {"query": ""}).status == 400
    assert x.api.bill.days() == {}


def test_without_credits_nothing_is_read() -> None:
    """A 402 once the money is gone; the answer that used it up was whole, and usage is still told."""
    x = simulator(cap_usd=0.6, rate_limits=True)
    statuses = []
    for _ in range(3):
        statuses.append(reply(x, RECENT, {"query": "#Arcane", "max_results": "100"}).status)
        x.clock.advance(86_400)  # type: ignore[attr-defined]
    assert (statuses, x.api.bill.usd()) == ([200, 200, 402], 1.0)
    for path, params in ((ALL, SEARCH), ("/2/tweets/counts/recent", {"query": "#Arcane"}), ("/2/users", {"ids": "1"})):
        last = reply(x, path, params)
        assert (last.status, "x-rate-limit-remaining" in last.headers, json.loads(last.body)) == (
            402,
            True,
            {
                "title": "CreditsDepleted",
                "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
                "type": "https://api.x.com/2/problems/credits",
            },
        )
    assert asked(x, "/2/usage/tweets", {})["data"]["project_usage"] == "200"


def test_a_cap_of_posts_is_a_429_that_no_waiting_ends() -> None:
    """The headers look healthy and the type says why; users and counts go on; the next cycle begins anew."""
    x = simulator(cap_posts=100, cap_reset_day=25, rate_limits=True)
    asked(x, RECENT, SEARCH)
    capped = reply(x, "/2/tweets", {"ids": truth(x)[0]})
    body = json.loads(capped.body)
    assert (capped.status, body["title"], body["type"], capped.headers["x-rate-limit-remaining"]) == (
        429,
        "UsageCapExceeded",
        "https://api.x.com/2/problems/usage-capped",
        "3499",
    )
    assert [reply(x, *one).status for one in ((RECENT, SEARCH), ("/2/users", {"ids": "100001"}))] == [429, 200]
    assert reply(x, "/2/tweets/counts/recent", {"query": "#Arcane"}).status == 200
    x.clock.advance(5 * 86_400)  # type: ignore[attr-defined]
    assert (NOW.day, reply(x, "/2/tweets", {"ids": truth(x)[0]}).status) == (20, 200)


CYCLES = [
    ("2026-11-24T23:59:59Z", 30),
    ("2026-11-25T00:00:00Z", 0),
    ("2026-11-26T10:00:00Z", 20),
    ("2026-12-24T10:00:00Z", 20),
    ("2026-12-25T10:00:00Z", 0),
    ("2027-01-01T10:00:00Z", 0),
]


@pytest.mark.parametrize(("moment", "posts"), CYCLES)
def test_a_cycle_begins_on_its_day(moment: str, posts: int) -> None:
    """Posts of the 20th belong to the cycle that ends before the 25th, those of the 26th to the next."""
    bill = Bill(cap_reset_day=25)
    bill.book(NOW, "post", list(range(30)))
    bill.book(NOW.replace(day=26), "post", list(range(20)))
    assert bill.posts_of_cycle(datetime.fromisoformat(moment)) == posts


def test_a_cycle_begins_on_a_day_that_every_month_has() -> None:
    """There is no cycle from the 30th of February."""
    with pytest.raises(ValueError, match="day 1 to 28, not 30"):
        simulator(world(50), cap_reset_day=30)


USAGE_FIELDS = "cap_reset_day,daily_client_app_usage,daily_project_usage,project_cap,project_id,project_usage"


@pytest.mark.parametrize("words", ["tweet", "post"])
def test_usage_is_as_x_specifies(words: str) -> None:
    """Whole or not, the answer is valid under the published schema: numbers in the old one, texts in the new."""
    x = simulator(vocabulary=words)
    asked(x, RECENT, SEARCH)
    for params in ({}, {"usage.fields": USAGE_FIELDS, "days": "90"}):
        validator(words, "/2/usage/tweets").validate(asked(x, "/2/usage/tweets", params))


def test_usage_tells_the_posts_of_the_book() -> None:
    """By default four fields; by day, oldest first, what the bill has of posts, and nothing of users or counts."""
    x = simulator(cap_posts=5_000, cap_reset_day=10)
    asked(x, RECENT, SEARCH)
    asked(x, "/2/users", {"ids": "100001"})
    x.clock.advance(86_400)  # type: ignore[attr-defined]
    asked(x, "/2/tweets", {"ids": ",".join(truth(x)[:7])})
    found: dict[str, Any] = asked(x, "/2/usage/tweets", {"usage.fields": USAGE_FIELDS, "days": "3"})["data"]
    daily = [
        {"date": "2026-11-19T00:00:00.000Z", "usage": "0"},
        {"date": "2026-11-20T00:00:00.000Z", "usage": "100"},
        {"date": "2026-11-21T00:00:00.000Z", "usage": "7"},
    ]
    four = {"cap_reset_day": 10, "project_cap": "5000", "project_id": found["project_id"], "project_usage": "107"}
    assert found == {
        **four,
        "daily_project_usage": {"project_id": found["project_id"], "usage": daily},
        "daily_client_app_usage": [{"client_app_id": "1", "usage": daily, "usage_result_count": 3}],
    }
    assert asked(x, "/2/usage/tweets", {})["data"] == four


@pytest.mark.parametrize("params", [{"days": "0"}, {"days": "91"}, {"usage.fields": "mood"}, {"ids": "1"}])
def test_usage_refuses_what_x_refuses(params: dict[str, str]) -> None:
    """One to ninety days, known fields, nothing else."""
    assert reply(simulator(world(50)), "/2/usage/tweets", params).status == 400
