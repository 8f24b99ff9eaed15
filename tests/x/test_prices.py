"""What X bills for an answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.made_up import body, tweet

from arcane.x import page as pages
from arcane.x.prices import COUNTS_ALL, COUNTS_RECENT, POST, USER, Prices, Read, utc_date

SERVED = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
DAY = date(2026, 3, 1)


def keys(raw: bytes, prices: Prices) -> list[tuple[str, str, float]]:
    """What is billed for a page of tweets."""
    return [(one.kind, one.id, one.usd) for one in prices.reads(pages.page(raw), served_at=SERVED)]


FOUND = {
    "data": [{"id": "1", "author_id": "7"}, {"id": "2", "author_id": "8"}, {"id": "1", "author_id": "7"}],
    "includes": {"users": [{"id": "7"}, {"id": "8"}], "tweets": [{"id": "2"}, {"id": "3"}], "media": [{"media_key": "m"}]},
    "errors": [{"resource_id": "4"}],
    "meta": {"result_count": 3},
}  # fmt: skip


def test_each_resource_of_a_page_is_billed_once() -> None:
    """A tweet that comes twice, or again in the includes, is one post; media and what X does not show are free."""
    assert keys(json.dumps(FOUND).encode(), Prices()) == [
        (POST, "1", 0.005),
        (POST, "2", 0.005),
        (POST, "3", 0.005),
        (USER, "7", 0.01),
        (USER, "8", 0.01),
    ]


def test_what_comes_along_may_be_free() -> None:
    """Where X does not bill includes, only data costs."""
    prices = Prices(are_includes_billed=False)
    assert keys(json.dumps(FOUND).encode(), prices) == [(POST, "1", 0.005), (POST, "2", 0.005)]


def test_the_new_words_cost_the_same() -> None:
    """Posts that are referred to are found under their new name as well."""
    raw = body(tweet(1, id="9"), posts=[{"id": "3"}])
    assert keys(raw, Prices()) == [(POST, "9", 0.005), (POST, "3", 0.005)]


@pytest.mark.parametrize("are_includes_billed", [True, False])
def test_users_that_were_asked_for_are_billed(are_includes_billed: bool) -> None:
    """A lookup of users costs users, whatever includes cost."""
    found = pages.users(b'{"data":[{"id":"7"},{"id":"8"},{"id":"7"}],"errors":[{"resource_id":"9"}]}')
    prices = Prices(are_includes_billed=are_includes_billed)
    assert [(one.kind, one.id) for one in prices.reads(found, served_at=SERVED)] == [(USER, "7"), (USER, "8")]


def test_the_day_is_one_of_utc() -> None:
    """The last second of a day belongs to it, whatever the zone that tells it."""
    (read,) = Prices().reads(pages.page(body(tweet(1, id="1"))), served_at=SERVED)
    assert (read, read.key) == (Read(DAY, POST, "1", SERVED, 0.005), (DAY, POST, "1"))
    paris = SERVED.astimezone(timezone(timedelta(hours=1)))
    assert (utc_date(paris), utc_date(SERVED + timedelta(seconds=1))) == (DAY, date(2026, 3, 2))


def test_counts_cost_by_the_request() -> None:
    """Each endpoint of counts has its kind and its price."""
    prices = Prices(counts_recent_usd=0.1, counts_all_usd=0.2)
    assert (prices.counts(full_archive=False), prices.counts(full_archive=True)) == (
        (COUNTS_RECENT, 0.1),
        (COUNTS_ALL, 0.2),
    )


@pytest.mark.parametrize(
    ("changes", "search_usd", "lookup_usd"),
    [
        ({}, 0.055, 0.025),
        ({"are_includes_billed": False}, 0.005, 0.005),
        ({"post_usd": 1.0, "user_usd": 10.0}, 27.0, 5.0),
    ],
)
def test_the_worst_case_has_all_that_can_come_along(
    changes: dict[str, Any], search_usd: float, lookup_usd: float
) -> None:
    """A tweet, two that it refers to, four more versions and two users; a lookup has its versions alone."""
    prices = Prices(**changes)
    assert (round(prices.worst_tweet_usd, 9), round(prices.worst_lookup_usd, 9)) == (search_usd, lookup_usd)
