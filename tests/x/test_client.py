"""The client against a scripted X over a socket."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs
from tests.x.conftest import (
    EMPTY,
    END,
    MIDNIGHT,
    NOW,
    PROBLEM,
    START,
    TOKEN,
    FakeClock,
    Made,
    Reply,
    ScriptedX,
    booked,
    dated,
    ids_of,
    page_of,
    search,
)

from arcane import errors
from arcane.budget import Budget, Caps
from arcane.x.client import _ASKED, _ASKED_AGAIN, Answer, XClient, _search_page
from arcane.x.page import Author, Count, Page, Tweet
from arcane.x.prices import Prices

WINDOW = {"start_time": "2026-02-28T00:00:00Z", "end_time": "2026-03-01T00:00:00Z"}


# What is asked


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_a_search_sends_its_window_and_the_words_in_force(x: ScriptedX, client: Made, vocabulary: str) -> None:
    """Times to the second, never ids, the token in its header only, compression offered."""
    x.replies = [Reply(body=EMPTY)]
    search(client(vocabulary=vocabulary), max_results=50)
    (asked,) = x.asked
    assert (asked.path, asked.params) == (
        "/2/tweets/search/recent",
        {"query": "#Arcane", "max_results": "50", **WINDOW, **_ASKED[vocabulary]},
    )
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert "gzip" in asked.headers["accept-encoding"]


@pytest.mark.parametrize(("vocabulary", "version"), [("tweet", "2.166"), ("post", "2.167")])
@pytest.mark.parametrize("path", ["/2/tweets/search/recent", "/2/tweets/search/all", "/2/tweets"])
def test_every_word_asked_is_in_the_published_spec(vocabulary: str, version: str, path: str) -> None:
    """No field or expansion is asked that the spec of its vocabulary does not list."""
    file = Path(__file__).parents[3] / "shared" / "x-api" / f"openapi-{version}.json.gz"
    if not file.exists():
        pytest.skip("the specs of X are not part of the project")
    spec = json.loads(gzip.decompress(file.read_bytes()))
    listed = {}
    for parameter in spec["paths"][path]["get"]["parameters"]:
        one = spec["components"]["parameters"][parameter["$ref"].split("/")[-1]] if "$ref" in parameter else parameter
        listed[one["name"]] = set(one["schema"].get("items", {}).get("enum", ()))
    assert {name: set(words.split(",")) - listed[name] for name, words in _ASKED[vocabulary].items()} == {
        name: set() for name in _ASKED[vocabulary]
    }


def test_an_answer_keeps_what_was_sent_and_when(x: ScriptedX, client: Made) -> None:
    """The body is kept as it came, with X's own date; the token is no part of it."""
    x.replies = [Reply(body=page_of("1"), headers={"date": "Sun, 01 Mar 2026 11:59:58 GMT"})]
    made = client()
    (answer,) = search(made)
    params = {"query": "#Arcane", "max_results": "100", **WINDOW, **_ASKED["tweet"]}
    assert (answer.body, answer.observed_at, answer.path, answer.params, answer.served_at) == (
        x.replies[0].sent,
        NOW,
        "/2/tweets/search/recent",
        params,
        NOW - timedelta(seconds=2),
    )
    assert made.wire.served_at == datetime(2026, 3, 1, 11, 59, 58, tzinfo=UTC)


# Paging


def test_a_chain_ends_only_where_no_token_is_given(x: ScriptedX, client: Made) -> None:
    """Short and empty pages with a token go on, over one connection."""
    x.replies = [
        Reply(body=page_of("9", "8", token="a")),
        Reply(body=page_of(token="b")),
        Reply(body=page_of("7", token="c")),
        Reply(body=EMPTY),
    ]
    made = client()
    assert ids_of(search(made)) == [["9", "8"], [], ["7"], []]
    assert [asked.params.get("next_token") for asked in x.asked] == [None, "a", "b", "c"]
    assert [{name: asked.params[name] for name in WINDOW} for asked in x.asked] == [WINDOW] * 4
    assert (made.wire.request_count, len(x.connections)) == (4, 1)


def test_a_token_given_twice_ends_in_an_error_after_the_good_pages(x: ScriptedX, client: Made) -> None:
    """A cycle never runs for ever."""
    x.replies = [
        Reply(body=page_of("9", token="a")),
        Reply(body=page_of("8", token="b")),
        Reply(body=page_of("7", token="a")),
    ]
    got: list[Answer] = []
    with pytest.raises(errors.PageError, match=r"next_token .* twice"):
        got.extend(client().search("#Arcane", start_at=START, end_at=END))
    assert ids_of(got) == [["9"], ["8"], ["7"]]
    assert [asked.params.get("next_token") for asked in x.asked] == [None, "a", "b"]


def test_a_search_page_without_meta_is_no_page() -> None:
    """Search always says how many tweets it has: without that a cut chain would read as its last page."""
    with pytest.raises(errors.PageError, match="without saying how many"):
        _search_page(b'{"data":[{"id":"1","text":"a"}]}')


# Counts


def row(start_at: datetime, count: int, *, word: str = "tweet_count") -> dict[str, Any]:
    form = "%Y-%m-%dT%H:%M:%S.000Z"
    return {"start": f"{start_at:{form}}", "end": f"{start_at + timedelta(days=1):{form}}", word: count}


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def counted(client: XClient, **changes: Any) -> list[tuple[datetime, int]]:
    settings: dict[str, Any] = {"start_at": day(1), "end_at": day(7), "granularity": "day", "full_archive": True}
    rows: list[Count] = client.counts("#Arcane", **{**settings, **changes})
    return [(one.start, one.count) for one in rows]


@pytest.mark.parametrize("word", ["tweet_count", "post_count"])
def test_pages_of_counts_come_out_oldest_first(x: ScriptedX, client: Made, word: str) -> None:
    """The pages of counts/all go backwards, their rows forwards."""
    x.replies = [
        Reply(body={"data": [row(day(5), 5, word=word), row(day(6), 6, word=word)], "meta": {"next_token": "a"}}),
        Reply(body={"data": [row(day(3), 3, word=word), row(day(4), 4, word=word)], "meta": {"next_token": "b"}}),
        Reply(body={"data": [row(day(1), 1, word=word), row(day(2), 2, word=word)], "meta": {}}),
    ]
    assert counted(client()) == [(day(number), number) for number in range(1, 7)]
    assert x.asked[0].params == {
        "query": "#Arcane",
        "granularity": "day",
        "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-07T00:00:00Z",
    }
    assert [asked.params.get("next_token") for asked in x.asked] == [None, "a", "b"]


def test_an_empty_page_of_counts_before_the_start_is_asked_on(x: ScriptedX, client: Made) -> None:
    """X may stop too early (DocNow/twarc#602): the rest is asked with the oldest row as its end."""
    x.replies = [
        Reply(body={"data": [row(day(5), 5), row(day(6), 6)], "meta": {"next_token": "a"}}),
        Reply(body={"meta": {}}),
        Reply(body={"data": [row(day(number), number) for number in range(1, 5)], "meta": {}}),
    ]
    assert counted(client()) == [(day(number), number) for number in range(1, 7)]
    assert [(asked.params["end_time"], asked.params.get("next_token")) for asked in x.asked] == [
        ("2026-01-07T00:00:00Z", None),
        ("2026-01-07T00:00:00Z", "a"),
        ("2026-01-05T00:00:00Z", None),
    ]


def test_counts_that_begin_late_end_when_the_rest_is_empty(x: ScriptedX, client: Made) -> None:
    """Asking on brings nothing older: that is the end, not a loop."""
    x.replies = [Reply(body={"data": [row(day(5), 5)], "meta": {}}), Reply(body={"meta": {}})]
    assert counted(client()) == [(day(5), 5)]
    assert len(x.asked) == 2


def test_recent_counts_are_one_request(x: ScriptedX, client: Made) -> None:
    """counts/recent gives its whole week at once."""
    x.replies = [Reply(body={"data": [row(day(5), 5)], "meta": {}})]
    assert counted(client(), full_archive=False) == [(day(5), 5)]
    assert [asked.path for asked in x.asked] == ["/2/tweets/counts/recent"]


def test_a_counts_token_given_twice_is_an_error(x: ScriptedX, client: Made) -> None:
    """A cycle of counts never runs for ever."""
    x.replies = [Reply(body={"data": [row(day(5), 5)], "meta": {"next_token": "a"}})]
    with pytest.raises(errors.PageError, match=r"next_token .* twice"):
        counted(client())
    assert len(x.asked) == 2


# Lookups


def test_tweets_are_looked_up_a_hundred_at_a_time(x: ScriptedX, client: Made) -> None:
    """Ids in the order given, with the words in force; what X hides stands in the page's errors."""
    hidden = {
        "resource_id": "1",
        "resource_type": "tweet",
        "title": "Not Found",
        "type": PROBLEM + "resource-not-found",
    }
    x.replies = [Reply(body={"data": [{"id": "0"}]}), Reply(body={"errors": [hidden]})]
    answers = list(client().tweets([str(number) for number in range(150)]))
    assert [asked.params["ids"].split(",") for asked in x.asked] == [
        [str(number) for number in range(100)],
        [str(number) for number in range(100, 150)],
    ]
    assert {name: x.asked[0].params[name] for name in _ASKED_AGAIN["tweet"]} == _ASKED_AGAIN["tweet"]
    assert ids_of(answers) == [["0"], []]
    assert [error.kind for error in answers[1].page.errors] == ["resource-not-found"]


def test_users_are_looked_up_a_hundred_at_a_time(x: ScriptedX, client: Made) -> None:
    """All that X shows, in one list."""
    x.replies = [Reply(body={"data": [{"id": "1", "username": "a"}]}), Reply(body={"data": [{"id": "101"}]})]
    users = [user for answer in client().users([str(n) for n in range(1, 102)]) for user in answer.page.users]
    assert users == [Author(id="1", username="a"), Author(id="101")]
    assert [(asked.path, len(asked.params["ids"].split(","))) for asked in x.asked] == [
        ("/2/users", 100),
        ("/2/users", 1),
    ]


def test_nothing_to_look_up_asks_nothing(x: ScriptedX, client: Made) -> None:
    """No ids, no request, no cost."""
    made = client()
    assert (list(made.tweets([])), list(made.users([])), x.asked) == ([], [], [])


# Money


def test_an_answer_costs_what_it_holds(x: ScriptedX, client: Made) -> None:
    """What was reserved gives way to it."""
    x.replies = [Reply(body=page_of("1", "2"))]
    budget = Budget(Prices())
    search(client(purse=budget))
    assert (booked(budget), round(budget.run_usd, 9)) == (([("01", "post", "1"), ("01", "post", "2")], []), 0.01)


def test_every_counts_request_is_paid(x: ScriptedX, client: Made) -> None:
    """Counts are billed by the request: a lost one stays booked though the next one came."""
    x.replies = [Reply(200, b"{"), Reply(200, b"{"), Reply(body={"data": [row(day(5), 5)], "meta": {}})]
    budget = Budget(Prices())
    counted(client(purse=budget), full_archive=False)
    reads, lost = booked(budget)
    assert ([(one[0], one[1]) for one in reads], lost) == ([("01", "counts_recent")], [("01", 0.005), ("01", 0.005)])


def test_the_day_that_is_billed_is_xs(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """By the Date header, not by our clock."""
    clock.at = MIDNIGHT + timedelta(seconds=3)
    x.replies = [dated("1", MIDNIGHT - timedelta(seconds=1))]
    budget = Budget(Prices())
    search(client(purse=budget))
    assert booked(budget) == ([("01", "post", "1")], [])


def test_a_search_asks_for_what_the_budget_holds(x: ScriptedX, client: Made) -> None:
    """Pages of 100, then smaller, none below X's ten; the pages before stand."""
    x.replies = [Reply(body=page_of(*"abcdefghij", token=one)) for one in ("t1", "t2", "t3")]
    budget = Budget(Prices(are_includes_billed=False), Caps(run_usd=0.12))
    made = client(purse=budget)
    got: list[Answer] = []
    budget.settle(0, Prices().reads(Page(data=[Tweet(id=str(one)) for one in range(10)]), served_at=NOW))
    with pytest.raises(errors.BudgetExceeded, match=r"budget\.run_usd = 0\.12 leaves \$0\.02"):
        got.extend(made.search("#Arcane", start_at=START, end_at=END))
    assert [asked.params["max_results"] for asked in x.asked] == ["14"]
    assert len(got) == 1


def test_a_lookup_asks_for_what_the_budget_holds(x: ScriptedX, client: Made) -> None:
    """Down to a single id."""
    x.replies = [Reply(body={"data": [{"id": str(one)} for one in range(3)]}), Reply(body={"data": [{"id": "3"}]})]
    budget = Budget(Prices(are_includes_billed=False), Caps(run_usd=0.02))
    with pytest.raises(errors.BudgetExceeded):
        list(client(purse=budget).tweets([str(one) for one in range(9)]))
    assert [asked.params["ids"] for asked in x.asked] == ["0,1,2,3", "4"]


def test_usage_is_free_and_its_numbers_may_be_texts(x: ScriptedX, client: Made) -> None:
    """X's own account, in either version of the specification."""
    day_of = {"date": "2026-02-28T00:00:00.000Z"}
    said: dict[str, Any] = {"cap_reset_day": 9, "project_cap": "3000000", "project_usage": "12"}
    said["daily_project_usage"] = {"project_id": "1", "usage": [{**day_of, "usage": "12"}, {**day_of, "usage": 3}]}
    x.replies = [Reply(body={"data": said})]
    budget = Budget(Prices())
    told = client(purse=budget).usage(days=7)
    assert (told.project_usage, told.project_cap, told.cap_reset_day) == (12, 3_000_000, 9)
    assert [(one.date, one.usage) for one in told.daily_project_usage.usage] == [(START, 12), (START, 3)]
    assert (x.asked[0].path, x.asked[0].params["days"], booked(budget)) == ("/2/usage/tweets", "7", ([], []))


# Authors


def authored(*ids: str, token: str | None = None) -> dict[str, Any]:
    page = page_of(*ids, token=token)
    return {**page, "data": [{**one, "author_id": "7"} for one in page["data"]]}


def expansions(x: ScriptedX) -> list[bool]:
    """Whether each request asked for its authors."""
    return ["author_id" in asked.params["expansions"].split(",") for asked in x.asked]


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_pages_may_come_without_their_authors(x: ScriptedX, client: Made, vocabulary: str) -> None:
    """Only the expansions that cost a user are left out."""
    x.replies = [Reply(body=authored("1"))]
    search(client(vocabulary=vocabulary, has_authors=False))
    left = set(_ASKED[vocabulary]["expansions"].split(",")) - set(x.asked[0].params["expansions"].split(","))
    assert left == {"tweet": {"author_id"}, "post": {"author_id", "in_reply_to_user_id"}}[vocabulary]


def test_a_page_that_names_no_author_is_read_again_with_them(x: ScriptedX, client: Made) -> None:
    """The first page tells; it is not given, and from then on authors come along. Its posts are booked once."""
    structlog.reset_defaults()
    x.replies = [Reply(body=page_of("1", "2", token="a")), Reply(body=authored("1", "2", token="a")), Reply(body=EMPTY)]
    budget = Budget(Prices())
    made = client(purse=budget, has_authors=False, vocabulary="post")
    with capture_logs() as logged:
        answers = search(made)
    assert ids_of(answers) == [["1", "2"], []]
    assert [tweet.author_id for tweet in answers[0].page.data] == ["7", "7"]
    assert (expansions(x), made.has_authors) == ([False, True, True], True)
    assert [asked.params.get("next_token") for asked in x.asked] == [None, None, "a"]
    assert logged == [{"event": "authors.expanded", "log_level": "info", "path": "/2/tweets/search/recent"}]
    assert booked(budget) == ([("01", "post", "1"), ("01", "post", "2")], [])


def test_one_tweet_without_author_changes_nothing(x: ScriptedX, client: Made) -> None:
    """Nor does an empty page; nor a page that is asked for without any expansion."""
    found = authored("1", "2", token="a")
    del found["data"][0]["author_id"]
    x.replies = [Reply(body=found), Reply(body=EMPTY)]
    made = client(has_authors=False)
    search(made)
    assert (expansions(x), made.has_authors) == ([False, False], False)
    x.replies = [Reply(body=page_of("1"))]
    search(made, has_expansions=False)
    assert (len(x.asked), made.has_authors) == (3, False)
