"""What X says of a tweet that it does not show, of users and of usage."""

from __future__ import annotations

from typing import Any

import pytest

from arcane.errors import PageError
from arcane.simulator import reply
from arcane.x import page as pages
from arcane.x.page import Problem, Usage

PROBLEMS = "https://api.twitter.com/2/problems/"


def problem(**changes: Any) -> Problem:
    whole = {"resource_id": "1", "resource_type": "tweet", "parameter": "ids", "value": "1"}
    return Problem(**{**whole, **changes})


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        (problem(type=PROBLEMS + "resource-not-found", title="Not Found Error"), "deleted"),
        (problem(type="https://api.x.com/2/problems/resource-not-found"), "deleted"),
        (problem(type=PROBLEMS + "not-authorized-for-resource", title="Authorization Error"), "protected"),
        (problem(type=PROBLEMS + "resource-not-found", detail="User has been suspended: [1]."), "suspended"),
        (problem(type=PROBLEMS + "resource-unavailable", detail="It has been Withheld in FR."), "withheld"),
        (problem(type=PROBLEMS + "resource-not-found", parameter="id"), "deleted"),
        # a tweet that another one refers to was not asked for by its id
        (problem(type=PROBLEMS + "resource-not-found", parameter="referenced_tweets.id"), None),
        (problem(type=PROBLEMS + "resource-not-found", parameter=None), None),
        (problem(type=PROBLEMS + "resource-not-found", resource_id=None), None),
        (problem(type=PROBLEMS + "field-unauthorized", title="Field Authorization Error"), None),
        (problem(), None),
        (Problem(), None),
    ],
)
def test_the_fate_of_a_tweet_is_read_from_its_error(said: Problem, fate: str | None) -> None:
    """Only of one that was asked for by its id; by the type's last segment, and by words where X says more."""
    assert said.fate == fate


def test_the_simulator_says_it_as_x_does() -> None:
    """Its partial errors come to the fates that they tell of."""
    errors = [
        reply.gone("1", "ids"),
        reply.hidden("2", "ids"),
        reply.suspended("3"),
        reply.gone("4", "referenced_posts"),
    ]
    found = pages.page(reply.encode({"errors": errors}))
    assert [(one.resource_id, one.fate) for one in found.errors] == [
        ("1", "deleted"),
        ("2", "protected"),
        ("3", "suspended"),
        ("4", None),
    ]


def test_users_are_told_apart_from_tweets() -> None:
    """By the path that was asked; an archived lookup of users is read as one again."""
    body = b'{"data":[{"id":"7","username":"u","name":"U"}],"errors":[{"resource_id":"8"}]}'
    found = pages.answered("/2/users", body)
    assert ([one.username for one in found.users], found.data, found.author_ids) == (["u"], [], ["7"])
    assert [one.resource_id for one in found.errors] == ["8"]
    assert [one.id for one in pages.answered("/2/tweets", b'{"data":[{"id":"7","text":"a"}]}').data] == ["7"]


def test_usage_that_says_nothing_is_nothing() -> None:
    """A new project has no days yet; a body without data is no usage."""
    assert pages.usage(b'{"data":{"project_usage":"0"}}') == Usage()
    with pytest.raises(PageError):
        pages.usage(b'{"meta":{}}')
