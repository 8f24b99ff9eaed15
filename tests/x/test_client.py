"""The client against a scripted X over a socket."""

from __future__ import annotations

import email.utils
import gzip
import inspect
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from structlog.testing import capture_logs
from tests.x.conftest import NOW, TOKEN, FakeClock, Reply, ScriptedX

from arcane import errors
from arcane.budget import Budget, Caps
from arcane.x.client import _ASKED, _ASKED_AGAIN, Answer, XClient, _search_page, ahead
from arcane.x.page import Author, Count, Page, Tweet
from arcane.x.prices import Prices

Made = Callable[..., XClient]
START = datetime(2026, 2, 28, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = {"start_time": "2026-02-28T00:00:00Z", "end_time": "2026-03-01T00:00:00Z"}
EMPTY = {"meta": {"result_count": 0}}
PROBLEM = "https://api.x.com/2/problems/"
REFUSED_WORDS = {
    "errors": [{"message": "The query parameter [post.fields] is not one of [query,tweet.fields]"}],
    "title": "Invalid Request",
    "detail": "One or more parameters to your request was invalid.",
    "type": PROBLEM + "invalid-request",
}


def page_of(*ids: str, token: str | None = None) -> dict[str, Any]:
    """A search page as X shapes it."""
    meta: dict[str, Any] = {"result_count": len(ids)}
    if token:
        meta["next_token"] = token
    return {"data": [{"id": one, "text": "made up"} for one in ids], "meta": meta} if ids else {"meta": meta}


def search(client: XClient, **changes: Any) -> list[Answer]:
    """All pages of the day."""
    return list(client.search("#Arcane", start_at=START, end_at=END, **changes))


def ids_of(answers: list[Answer]) -> list[list[str]]:
    return [[tweet.id for tweet in answer.page.data] for answer in answers]


def window_headers(remaining: int, reset_at: datetime) -> dict[str, str]:
    return {"x-rate-limit-remaining": str(remaining), "x-rate-limit-reset": str(int(reset_at.timestamp()))}


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
    file = Path(f"/work/shared/x-api/openapi-{version}.json.gz")
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
    assert made.served_at == datetime(2026, 3, 1, 11, 59, 58, tzinfo=UTC)


def test_a_date_that_is_none_is_unknown(x: ScriptedX, client: Made) -> None:
    """A broken Date header costs no page."""
    x.replies = [Reply(body=EMPTY, headers={"date": "yesterday"})]
    made = client()
    assert (len(search(made)), made.served_at) == (1, None)


def test_a_gzipped_page_is_read(x: ScriptedX, client: Made) -> None:
    """The kept body is the unpacked one."""
    plain = json.dumps(page_of("1")).encode()
    x.replies = [Reply(body=gzip.compress(plain), headers={"content-encoding": "gzip"})]
    assert [answer.body for answer in search(client())] == [plain]


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
    assert (made.request_count, len(x.connections)) == (4, 1)


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


def test_the_full_archive_is_asked_once_a_second(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """search/all has a limit of one a second besides its window; search/recent has none."""
    x.replies = [Reply(body=page_of("9", token="a")), Reply(body=page_of("8", token="b")), Reply(body=EMPTY)]
    search(client(), full_archive=True)
    assert ([asked.path for asked in x.asked], clock.slept) == (["/2/tweets/search/all"] * 3, [1.0, 1.0])
    x.replies = [Reply(body=page_of("9", token="a")), Reply(body=EMPTY)]
    search(client())
    assert clock.slept == [1.0, 1.0]


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


# Refusals


LIMITED = {"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"}
ENROLLED = {"title": "Client Forbidden", "reason": "client-not-enrolled", "detail": "Use a Project."}


@pytest.mark.parametrize(
    ("status", "body", "expected", "part"),
    [
        (401, {"title": "Unauthorized", "status": 401}, errors.AuthError, "ARCANE_X__BEARER_TOKEN"),
        (403, {**ENROLLED, "type": PROBLEM + "client-forbidden"}, errors.AuthError, r"\(Use a Project\.\)"),
        (400, {"errors": [{"message": "Bad operator"}], "title": "Invalid Request"}, errors.QueryError, "Bad operator"),
        (400, {"title": "Invalid Request", "detail": "Bad window"}, errors.QueryError, r"\(Bad window\)"),
        (404, b"<!DOCTYPE html><title>Nothing</title>", errors.QueryError, "x.base_url"),
        (302, None, errors.QueryError, "x.base_url"),
        (402, {"title": "CreditsDepleted", "type": PROBLEM + "credits"}, errors.CreditsExhausted, "CreditsDepleted"),
        (402, b"", errors.CreditsExhausted, "top up"),
        (402, {"title": "Payment Required", "type": PROBLEM + "credits-depleted"}, errors.CreditsExhausted, "top up"),
        (403, {"title": "Forbidden", "type": PROBLEM + "usage-capped"}, errors.CreditsExhausted, "top up"),
        (429, {"title": "UsageCapExceeded", "errors": None}, errors.CreditsExhausted, "top up"),
        (
            429,
            {"title": "x", "type": "https://api.twitter.com/2/problems/usage-capped"},
            errors.CreditsExhausted,
            "top up",
        ),
    ],
)
def test_a_final_refusal_is_asked_once(
    x: ScriptedX, client: Made, clock: FakeClock, status: int, body: Any, expected: type[Exception], part: str
) -> None:
    """Each status has its class, is not asked again, and gives X's own words."""
    healthy = {**window_headers(200, NOW + timedelta(minutes=9)), "location": "/elsewhere"}
    x.replies = [Reply(status, body, healthy)]
    with pytest.raises(expected, match=part) as refused:
        search(client())
    assert (type(refused.value), len(x.asked), clock.slept) == (expected, 1, [])


@pytest.mark.parametrize(
    ("reply", "expected", "attempts", "part"),
    [
        (Reply(503, {"title": "Service Unavailable"}), errors.Unavailable, 8, "Service Unavailable"),
        (Reply(500, b"upstream connect error"), errors.Unavailable, 8, "500"),
        (Reply(503, {"errors": [{"message": "Over capacity", "code": 130}]}), errors.Unavailable, 8, "Over capacity"),
        (Reply(200, b"<html>maintenance</html>"), errors.PageError, 8, "not whole JSON"),
        (Reply(200, b'{"data":[{"id":"1"},{"id'), errors.PageError, 8, "not whole JSON"),
        (Reply(200, b""), errors.PageError, 8, "0 bytes"),
        (Reply(200, {}), errors.PageError, 8, "neither data, errors nor meta"),
        (
            Reply(200, {"data": [{"id": "1"}], "meta": {"result_count": 2}}),
            errors.PageError,
            8,
            "announced 2 .* sent 1",
        ),
        (Reply(200, {"meta": {"result_count": 3}}), errors.PageError, 8, "announced 3 .* sent 0"),
        (Reply(200, page_of("1"), claimed_bytes=999), errors.Unavailable, 8, "RemoteProtocolError"),
        (Reply(200, b"no gzip", {"content-encoding": "gzip"}), errors.Unavailable, 8, "DecodingError"),
    ],
)
def test_trouble_is_asked_again_and_then_told(
    x: ScriptedX, client: Made, clock: FakeClock, reply: Reply, expected: type[Exception], attempts: int, part: str
) -> None:
    """Waits grow to a minute; what stays broken is an error, never an empty page."""
    x.replies = [reply]
    with pytest.raises(expected, match=part) as refused:
        search(client())
    assert (type(refused.value), len(x.asked), clock.slept) == (expected, attempts, [1, 2, 4, 8, 16, 32, 60])


@pytest.mark.parametrize("first", [Reply(503), Reply(200, b"{"), Reply(200, page_of("1"), claimed_bytes=999)])
def test_passing_trouble_costs_a_second(x: ScriptedX, client: Made, clock: FakeClock, first: Reply) -> None:
    """One bad answer is forgotten when the next is good."""
    x.replies = [first, Reply(body=page_of("1"))]
    made = client()
    assert (ids_of(search(made)), clock.slept, made.request_count) == ([["1"]], [1], 2)


def test_a_retry_is_logged_without_the_token(x: ScriptedX, client: Made) -> None:
    """One constant event with what a person needs."""
    x.replies = [Reply(503), Reply(body=EMPTY)]
    structlog.reset_defaults()
    with capture_logs() as logged:
        search(client())
    assert logged == [
        {
            "event": "request.retried",
            "log_level": "warning",
            "path": "/2/tweets/search/recent",
            "status": 503,
            "attempt": 1,
            "wait_s": 1,
        }
    ]


def test_nobody_there_is_unavailable_with_its_cause(client: Made) -> None:
    """The library's own error is kept as the cause."""
    made = client(base_url="http://127.0.0.1:1")
    with pytest.raises(errors.Unavailable, match="ConnectError") as refused:
        search(made)
    assert (type(refused.value.__cause__), made.request_count) == (httpx2.ConnectError, 8)


def test_a_broken_page_keeps_its_cause(x: ScriptedX, client: Made) -> None:
    """What the parser said is kept as the cause."""
    x.replies = [Reply(body=b"{")]
    with pytest.raises(errors.PageError) as refused:
        search(client(attempts=1))
    assert type(refused.value.__cause__) is errors.PageError


def library_errors() -> list[type[Exception]]:
    return [one for _, one in inspect.getmembers(httpx2, inspect.isclass) if issubclass(one, Exception)]


class Failing(httpx2.BaseTransport):
    """A way to X that raises one error of the library."""

    def __init__(self, kind: type[Exception]) -> None:
        self.kind = kind

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if issubclass(self.kind, httpx2.HTTPStatusError):
            raise self.kind("down", request=request, response=httpx2.Response(500))
        count = len([one for one in inspect.signature(self.kind).parameters.values() if one.default is one.empty])
        raise self.kind(*["down"] * (count if self.kind.__init__ is not Exception.__init__ else 1))


@pytest.mark.parametrize("kind", library_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_translated(client: Made, kind: type[Exception]) -> None:
    """No class of httpx2 passes the boundary; a new one makes this fail."""
    try:
        transport = Failing(kind)
        transport.handle_request(httpx2.Request("GET", "http://x.test"))
    except kind:
        pass
    with pytest.raises(errors.Unavailable) as refused:
        search(client(attempts=1, transport=Failing(kind)))
    assert type(refused.value.__cause__) is kind


def test_an_address_that_is_none_is_a_setting_to_mend(clock: FakeClock) -> None:
    """A base_url that does not parse is told before anything is asked."""
    with pytest.raises(errors.ConfigError, match=r"x\.base_url"):
        XClient(base_url="http://127.0.0.1:port", token=TOKEN, clock=clock, purse=Budget(Prices()))


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "é"])
def test_a_token_that_cannot_be_one_is_refused_unsent(clock: FakeClock, token: str) -> None:
    """It is not repeated in the message."""
    with pytest.raises(errors.AuthError) as refused:
        XClient(base_url="http://127.0.0.1:1", token=token, clock=clock, purse=Budget(Prices()))
    assert token == "" or token not in str(refused.value)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 503])
def test_the_token_is_never_told_even_when_x_repeats_it(x: ScriptedX, client: Made, status: int) -> None:
    """An echo of the header is hidden in the error, its causes, the log and the client's own text."""
    x.replies = [Reply(status, {"detail": f"no such token: Bearer {TOKEN}", "title": f"t {TOKEN}"})]
    made = client()
    with capture_logs() as logged, pytest.raises(errors.SourceError) as refused:
        search(made)
    told = [str(refused.value), repr(refused.value), repr(refused.value.__cause__), repr(made), repr(logged)]
    assert [TOKEN in text for text in told] == [False] * 5


def test_what_x_says_is_cut_and_harmless(x: ScriptedX, client: Made) -> None:
    """At most 200 characters, and nothing that moves a terminal's cursor."""
    x.replies = [Reply(400, {"errors": [{"message": "\x1b[31m\r\n" + "a" * 5000}]})]
    with pytest.raises(errors.QueryError) as refused:
        search(client())
    assert "(" + " [31m  " + "a" * 193 + ")" in str(refused.value)
    assert str(refused.value).isprintable()


class Endless(httpx2.SyncByteStream):
    """A body that goes on, and the MiB taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for self.taken in range(1, 201):
            yield b" " * 1024 * 1024


class Pouring(httpx2.BaseTransport):
    """A way to X whose every answer has an endless body."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.body = Endless()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(self.status, stream=self.body, request=request)


@pytest.mark.parametrize(
    ("status", "expected", "part"),
    [(200, errors.PageError, "more than any page has"), (503, errors.Unavailable, "503"), (401, errors.AuthError, "")],
)
def test_a_body_without_end_is_not_read_to_its_end(
    client: Made, status: int, expected: type[Exception], part: str
) -> None:
    """Reading stops one piece after the longest body that is allowed, whatever the status and the endpoint."""
    transport = Pouring(status)
    with pytest.raises(expected) as refused:
        list(client(attempts=1, transport=transport).users(["1"]))
    assert (part in str(refused.value), transport.body.taken) == (True, 65)


# Limits


def test_a_full_window_is_waited_out_once(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """429 with nothing remaining: until the reset and a second, then on."""
    x.replies = [Reply(429, LIMITED, window_headers(0, NOW + timedelta(seconds=300))), Reply(body=page_of("1"))]
    assert (ids_of(search(client())), clock.slept, len(x.asked)) == ([["1"]], [301.0], 2)


def test_the_limit_of_one_a_second_is_no_quarter_of_an_hour(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """429 with requests remaining: short waits."""
    refused = Reply(429, LIMITED, window_headers(200, NOW + timedelta(seconds=900)))
    x.replies = [refused, refused, refused, Reply(body=page_of("1"))]
    assert (ids_of(search(client())), clock.slept) == ([["1"]], [1, 2, 4])


def test_a_blind_429_is_asked_until_the_window_has_passed(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """Without headers the waits together outlast X's 15 minutes."""
    x.replies = [Reply(429, LIMITED)]
    with pytest.raises(errors.RateLimited) as refused:
        search(client())
    assert clock.slept == [5, 10, 20, 40, 80, 160, 300, 300]
    assert sum(clock.slept) >= 15 * 60
    assert "/2/tweets/search/recent" in str(refused.value)


def test_a_used_up_window_is_waited_out_before_asking(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """After a last allowed answer no request is wasted on a 429; other endpoints do not wait."""
    x.replies = [
        Reply(body=page_of("9", token="a"), headers=window_headers(0, NOW + timedelta(seconds=60))),
        Reply(body={"data": [{"id": "1"}]}),
        Reply(body=EMPTY),
    ]
    made = client()
    pages = made.search("#Arcane", start_at=START, end_at=END)
    next(pages)
    list(made.users(["1"]))
    assert clock.slept == []
    list(pages)
    assert (clock.slept, len(x.asked)) == ([61.0], 3)


# Deadline


@pytest.mark.parametrize(
    ("reply", "expected", "part"),
    [
        (Reply(429, LIMITED, window_headers(0, NOW + timedelta(seconds=300))), errors.RateLimited, "12:05:00 UTC"),
        (Reply(429, LIMITED), errors.RateLimited, "run the same command again"),
        (Reply(503), errors.Unavailable, "run the same command again"),
        (Reply(200, b"{"), errors.Unavailable, "run the same command again"),
        (Reply(200, page_of("1"), claimed_bytes=999), errors.Unavailable, "run the same command again"),
    ],
)
def test_a_wait_past_the_deadline_ends_the_run_at_once(
    x: ScriptedX, client: Made, clock: FakeClock, reply: Reply, expected: type[Exception], part: str
) -> None:
    """Nothing is slept that cannot help."""
    x.replies = [reply]
    with pytest.raises(expected, match=part) as refused:
        search(client(deadline=NOW + timedelta(milliseconds=500)))
    assert (type(refused.value), len(x.asked), clock.slept) == (expected, 1, [])


def test_a_used_up_window_past_the_deadline_is_not_waited_for(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """The page that was read stands; the next is not asked for."""
    x.replies = [Reply(body=page_of("9", token="a"), headers=window_headers(0, NOW + timedelta(seconds=300)))]
    pages = client(deadline=NOW + timedelta(seconds=120)).search("#Arcane", start_at=START, end_at=END)
    assert ids_of([next(pages)]) == [["9"]]
    with pytest.raises(errors.RateLimited, match="12:05:01 UTC"):
        next(pages)
    assert (len(x.asked), clock.slept) == (1, [])


def test_after_the_deadline_nothing_is_asked(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """Before every request the time is looked at."""
    x.replies = [Reply(body=page_of("9", token="a"))]
    pages = client(deadline=NOW + timedelta(seconds=1)).search("#Arcane", start_at=START, end_at=END)
    next(pages)
    clock.at += timedelta(seconds=1)
    with pytest.raises(errors.OutOfTime):
        next(pages)
    assert len(x.asked) == 1


# Vocabulary


@pytest.mark.parametrize(
    "refusal",
    [
        REFUSED_WORDS,
        {
            "errors": [
                {"message": "The `expansions` query parameter value [referenced_posts] is not one of [author_id]"}
            ]
        },
        {"title": "Invalid Request", "detail": "The query parameter [post.fields] is not one of [query]"},
    ],
)
def test_the_words_change_once_and_stay(x: ScriptedX, client: Made, clock: FakeClock, refusal: Any) -> None:
    """The first refused word is no failed try; from then on the other words are sent."""
    x.replies = [Reply(400, refusal), Reply(body=page_of("9", token="a")), Reply(body=EMPTY)]
    made = client(vocabulary="auto", attempts=1)
    assert ids_of(search(made)) == [["9"], []]
    search(made)
    words = ["tweet.fields" if "tweet.fields" in asked.params else "post.fields" for asked in x.asked]
    assert words == ["post.fields", *["tweet.fields"] * 3]
    assert (made.vocabulary, clock.slept) == ("tweet", [])


def test_a_change_of_words_uses_up_no_try(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """After the change every try that was allowed is still there, and waits as the first."""
    x.replies = [Reply(400, REFUSED_WORDS), Reply(503), Reply(body=page_of("9"))]
    assert (ids_of(search(client(vocabulary="auto", attempts=2))), clock.slept) == ([["9"]], [1])


def test_words_refused_in_both_vocabularies_are_an_error(x: ScriptedX, client: Made) -> None:
    """The change is made once, not for ever."""
    x.replies = [Reply(400, REFUSED_WORDS)]
    with pytest.raises(errors.QueryError, match="either vocabulary"):
        search(client(vocabulary="auto"))
    assert len(x.asked) == 2


def test_forced_words_are_not_changed(x: ScriptedX, client: Made) -> None:
    """The person who forced them is told how to let the client choose."""
    x.replies = [Reply(400, REFUSED_WORDS)]
    with pytest.raises(errors.QueryError, match=r'set x\.vocabulary to "auto"'):
        search(client(vocabulary="post"))
    assert len(x.asked) == 1


def test_a_refused_query_changes_no_words(x: ScriptedX, client: Made) -> None:
    """A query may hold any text, also one that looks like a word of a vocabulary."""
    message = "There were errors processing your request: no viable alternative at '#my_posts ('"
    x.replies = [Reply(400, {"errors": [{"message": message, "parameters": {"query": ["#my_posts ("]}}]})]
    made = client(vocabulary="auto")
    with pytest.raises(errors.QueryError, match="mend the tracker's query"):
        search(made)
    assert (len(x.asked), made.vocabulary) == (1, "post")


# Money


CUT = Reply(200, page_of("1"), claimed_bytes=999)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def booked(budget: Budget) -> tuple[list[tuple[str, str, str]], list[tuple[str, float]]]:
    """What a commit would book: (day, kind, id) of reads, (day, dollars) of answers that were lost."""
    assert round(budget._reserved_usd, 9) == 0
    rows = {name: found.to_pylist() for name, found in budget.rows(now=NOW).items()}
    reads = [(f"{row['utc_date']:%d}", row["kind"], row["id"]) for row in rows["reads"]]
    return reads, [(f"{row['utc_date']:%d}", round(row["usd"], 9)) for row in rows["reservations"]]


def dated(ids: str, served_at: datetime) -> Reply:
    return Reply(body=page_of(*ids), headers={"date": email.utils.format_datetime(served_at, usegmt=True)})


def test_an_answer_costs_what_it_holds(x: ScriptedX, client: Made) -> None:
    """What was reserved gives way to it."""
    x.replies = [Reply(body=page_of("1", "2"))]
    budget = Budget(Prices())
    search(client(purse=budget))
    assert (booked(budget), round(budget.run_usd, 9)) == (([("01", "post", "1"), ("01", "post", "2")], []), 0.01)


@pytest.mark.parametrize("refusal", [Reply(401), Reply(400), Reply(429, LIMITED), Reply(503), Reply(402)])
def test_a_refusal_costs_nothing(x: ScriptedX, client: Made, refusal: Reply) -> None:
    """X bills what it gives."""
    x.replies = [refusal]
    budget = Budget(Prices())
    with pytest.raises(errors.SourceError):
        search(client(purse=budget))
    assert booked(budget) == ([], [])


def test_nobody_there_costs_nothing(client: Made) -> None:
    """A connection that was refused carried no request."""
    budget = Budget(Prices())
    with pytest.raises(errors.Unavailable):
        search(client(purse=budget, base_url="http://127.0.0.1:1"))
    assert booked(budget) == ([], [])


@pytest.mark.parametrize("broken", [CUT, Reply(200, b'{"data":['), Reply(200, b"<html>")])
def test_a_page_that_stays_broken_stays_booked(x: ScriptedX, client: Made, broken: Reply) -> None:
    """X may have billed it, however often it was asked for that day: its worst case, once."""
    x.replies = [broken]
    budget = Budget(Prices())
    with pytest.raises(errors.SourceError):
        search(client(purse=budget, attempts=3))
    assert booked(budget) == ([], [("01", 5.5)])


def test_a_lost_page_that_comes_on_the_same_day_is_paid_once(x: ScriptedX, client: Made) -> None:
    """The same posts on the same UTC day are billed once."""
    x.replies = [CUT, Reply(body=page_of("1"))]
    budget = Budget(Prices())
    search(client(purse=budget))
    assert booked(budget) == ([("01", "post", "1")], [])


def test_a_lost_page_that_comes_on_the_next_day_is_paid_twice(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """Midnight lies between: the lost answer stays booked, and the next one is reserved anew."""
    clock.at = MIDNIGHT - timedelta(milliseconds=500)
    x.replies = [CUT, dated("1", MIDNIGHT)]
    budget = Budget(Prices())
    search(client(purse=budget))
    assert booked(budget) == ([("02", "post", "1")], [("01", 5.5)])


def test_asking_again_over_midnight_keeps_within_the_cap(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """Where the cap does not hold both days' worst cases, the run ends with the first one booked."""
    clock.at = MIDNIGHT - timedelta(milliseconds=500)
    x.replies = [CUT, dated("1", MIDNIGHT)]
    budget = Budget(Prices(), Caps(run_usd=6.0))
    with pytest.raises(errors.BudgetExceeded):
        search(client(purse=budget))
    assert (booked(budget), len(x.asked)) == (([], [("01", 5.5)]), 1)


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


# One step ahead


def test_ahead_gives_the_same_items() -> None:
    """Order and number stay, also of nothing at all."""
    assert (list(ahead(iter(range(5)))), list(ahead(iter(())))) == ([0, 1, 2, 3, 4], [])


def test_ahead_makes_the_next_item_while_one_is_used() -> None:
    """One step, no more, and in a thread of its own."""
    made: list[int] = []
    is_made = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number in range(4):
            made.append(number)
            is_made[number].set()
            yield number

    coming = ahead(items())
    assert next(coming) == 0
    assert is_made[1].wait(5)
    assert (made, is_made[2].wait(0.05)) == ([0, 1], False)
    coming.close()  # type: ignore[attr-defined]


def test_ahead_tells_an_error_after_the_items_before_it() -> None:
    """No item that was fetched is lost to what follows it."""

    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise errors.PageError("third")

    coming = ahead(items())
    assert next(coming) == 1
    time.sleep(0.05)  # the error is there before the second item is asked for
    assert next(coming) == 2
    with pytest.raises(errors.PageError, match="third"):
        next(coming)


def test_leaving_ahead_leaves_no_thread() -> None:
    """An endless source stops with its reader."""
    coming = ahead(itertools.count())
    assert [next(coming), next(coming)] == [0, 1]
    coming.close()  # type: ignore[attr-defined]
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")] == []


def test_a_search_page_without_meta_is_no_page() -> None:
    """Search always says how many tweets it has: without that a cut chain would read as its last page."""
    with pytest.raises(errors.PageError, match="without saying how many"):
        _search_page(b'{"data":[{"id":"1","text":"a"}]}')


def test_leaving_ahead_does_not_wait_for_a_sleeper() -> None:
    """An item that is asleep for a quarter of an hour must not hold Ctrl+C up."""
    asleep = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        asleep.wait(60)

    coming = ahead(items())
    assert next(coming) == 1
    started = time.monotonic()
    coming.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 10
    asleep.set()


def test_an_address_on_another_host_gets_no_token(client: Callable[..., XClient], x: ScriptedX) -> None:
    """X may give the signed address of a store that is not its own: only X itself ever sees the token."""
    other = ScriptedX()
    try:
        x.replies = other.replies = [Reply(body={"data": []})]
        made = client()
        made.exchange("GET", f"{other.address}/store?token=signed", lambda body: body)
        made.exchange("GET", f"{x.address}/2/own?token=signed", lambda body: body)
        assert ["authorization" in one.headers for one in (*other.asked, *x.asked)] == [False, True]
        assert other.asked[0].params == {"token": "signed"}
    finally:
        other.close()
