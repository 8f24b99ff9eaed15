"""The wire, asked through the client, against a scripted X over a socket."""

from __future__ import annotations

import gzip
import inspect
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
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
from arcane.x.prices import Prices
from arcane.x.wire import Wire

# The socket


def test_a_date_that_is_none_is_unknown(x: ScriptedX, client: Made) -> None:
    """A broken Date header costs no page."""
    x.replies = [Reply(body=EMPTY, headers={"date": "yesterday"})]
    made = client()
    assert (len(search(made)), made.wire.served_at) == (1, None)


def test_a_gzipped_page_is_read(x: ScriptedX, client: Made) -> None:
    """The kept body is the unpacked one."""
    plain = json.dumps(page_of("1")).encode()
    x.replies = [Reply(body=gzip.compress(plain), headers={"content-encoding": "gzip"})]
    assert [answer.body for answer in search(client())] == [plain]


def test_an_address_on_another_host_gets_no_token(client: Made, x: ScriptedX) -> None:
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


# Refusals


LIMITED = {"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"}
ENROLLED = {"title": "Client Forbidden", "reason": "client-not-enrolled", "detail": "Use a Project."}


def window_headers(remaining: int, reset_at: datetime) -> dict[str, str]:
    return {"x-rate-limit-remaining": str(remaining), "x-rate-limit-reset": str(int(reset_at.timestamp()))}


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
    assert (ids_of(search(made)), clock.slept, made.wire.request_count) == ([["1"]], [1], 2)


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
    assert (type(refused.value.__cause__), made.wire.request_count) == (httpx2.ConnectError, 8)


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
        Wire(base_url="http://127.0.0.1:port", token=TOKEN, clock=clock, purse=Budget(Prices()))


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "é"])
def test_a_token_that_cannot_be_one_is_refused_unsent(clock: FakeClock, token: str) -> None:
    """It is not repeated in the message."""
    with pytest.raises(errors.AuthError) as refused:
        Wire(base_url="http://127.0.0.1:1", token=token, clock=clock, purse=Budget(Prices()))
    assert token == "" or token not in str(refused.value)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 503])
def test_the_token_is_never_told_even_when_x_repeats_it(x: ScriptedX, client: Made, status: int) -> None:
    """An echo of the header is hidden in the error, its causes, the log and the own text of client and wire."""
    x.replies = [Reply(status, {"detail": f"no such token: Bearer {TOKEN}", "title": f"t {TOKEN}"})]
    made = client()
    with capture_logs() as logged, pytest.raises(errors.SourceError) as refused:
        search(made)
    told = [
        str(refused.value),
        repr(refused.value),
        repr(refused.value.__cause__),
        repr(made),
        repr(made.wire),
        repr(logged),
    ]
    assert [TOKEN in text for text in told] == [False] * 6


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


def test_the_full_archive_is_asked_once_a_second(x: ScriptedX, client: Made, clock: FakeClock) -> None:
    """search/all has a limit of one a second besides its window; search/recent has none."""
    x.replies = [Reply(body=page_of("9", token="a")), Reply(body=page_of("8", token="b")), Reply(body=EMPTY)]
    search(client(), full_archive=True)
    assert ([asked.path for asked in x.asked], clock.slept) == (["/2/tweets/search/all"] * 3, [1.0, 1.0])
    x.replies = [Reply(body=page_of("9", token="a")), Reply(body=EMPTY)]
    search(client())
    assert clock.slept == [1.0, 1.0]


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


REFUSED_WORDS = {
    "errors": [{"message": "The query parameter [post.fields] is not one of [query,tweet.fields]"}],
    "title": "Invalid Request",
    "detail": "One or more parameters to your request was invalid.",
    "type": PROBLEM + "invalid-request",
}


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
    assert (made.wire.vocabulary, clock.slept) == ("tweet", [])


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
    assert (len(x.asked), made.wire.vocabulary) == (1, "post")


# Lost answers


CUT = Reply(200, page_of("1"), claimed_bytes=999)


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
