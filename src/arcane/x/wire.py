"""The only socket: sends what ``client`` asks, waits as X says, and gives back answers that were read whole.

Knows which of X's vocabularies is in force, when to ask again, what a refusal means and what a lost answer may have
cost; what is asked and what an answer holds is ``client``'s and ``page``'s business. Every error of the HTTP library
becomes one of ours here and nowhere else.
"""

from __future__ import annotations

import contextlib
import email.utils
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final, Generic, TypeVar

import httpx2
import msgspec
import structlog

from arcane.clock import Clock
from arcane.errors import (
    AuthError,
    ConfigError,
    CreditsExhausted,
    OutOfTime,
    PageError,
    QueryError,
    RateLimited,
    SourceError,
    Unavailable,
)
from arcane.x.limits import LIMITED_ATTEMPTS, Limit, Trouble, trouble, wait_s
from arcane.x.page import Problem
from arcane.x.prices import Purse, utc_date

log = structlog.get_logger()
T = TypeVar("T")

_LONGEST_BODY: Final = 64 * 1024 * 1024
_OTHER: Final = {"tweet": "post", "post": "tweet"}
_WORDS: Final = (
    "post.fields",
    "tweet.fields",
    "note_post",
    "note_tweet",
    "_posts",
    "_tweets",
    "_post_ids",
    "_tweet_ids",
)
_UNSENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
_FOREIGN: Final = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, httpx2.CookieConflict)

_Request = Callable[[str, dict[str, str]], httpx2.Request]


@dataclass(frozen=True, slots=True)
class Good(Generic[T]):
    """What ``read`` made of a body, and the body; ``reserved_usd`` waits to be settled."""

    read: T
    body: bytes
    observed_at: datetime
    served_at: datetime
    reserved_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """An answer, or the lack of one, that is no good page; ``is_lost``: X may have given one, and billed it."""

    found: Trouble
    status: int
    limit: Limit
    error: SourceError
    names_words: bool = False
    is_lost: bool = False


class _Refused(Problem, gc=False):
    """A refusal may list several messages."""

    errors: list[Any] | None = None


class _Wrong(Exception):
    def __init__(self, refusal: _Refusal) -> None:
        self.refusal = refusal


class Wire:
    """The way to X with an app-only bearer token: one request at a time, until it is answered or given up.

    ``purse`` books what a lost answer may have cost. ``served_at`` is the last Date that X told.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        clock: Clock,
        purse: Purse,
        vocabulary: str = "auto",
        attempts: int = 8,
        timeout_s: float = 30.0,
        deadline: datetime | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.clock = clock
        self.purse = purse
        self.request_count = 0
        self.vocabulary = "post" if vocabulary == "auto" else vocabulary
        self.served_at: datetime | None = None
        self._is_auto = self._may_change_words = vocabulary == "auto"
        self._token = token
        self._attempts = attempts
        self._deadline = deadline
        self._limits: dict[str, Limit] = {}
        self._asked_at: dict[str, datetime] = {}
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise AuthError(
                "the bearer token is empty or holds signs that no token has: copy it again from X's developer portal"
            )
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "arcane"}
        try:
            self._http = httpx2.Client(
                base_url=base_url,
                headers=headers,
                timeout=timeout_s,
                transport=transport,
                follow_redirects=False,
                trust_env=True,
            )
        except httpx2.InvalidURL as exc:
            raise ConfigError(f"x.base_url is no address ({exc}): write it like https://api.x.com") from exc
        own = self._http.base_url
        self._own = (own.scheme, own.host, own.port)

    def close(self) -> None:
        self._http.close()

    def addressed(self, method: str, address: str, content: bytes | IO[bytes] | None) -> _Request:
        """What makes a request to a path of X's, or to a whole address that X gave: another host gets no token."""

        def request(_: str, params: dict[str, str]) -> httpx2.Request:
            if content is not None and not isinstance(content, bytes):
                content.seek(0)
            kind = {} if content is None else {"Content-Type": "application/json" if method == "POST" else "text/plain"}
            made = self._http.build_request(method, address, params=params or None, content=content, headers=kind)
            if (made.url.scheme, made.url.host, made.url.port) != self._own:
                del made.headers["Authorization"]
            return made

        return request

    def asked(
        self,
        path: str,
        params: dict[str, str],
        read: Callable[[bytes], T],
        *,
        words: Callable[[], dict[str, str]] | None = None,
        reserved_usd: float,
        request: _Request | None = None,
        is_billed_anew: bool = False,
    ) -> Good[T]:
        """Ask until the answer is good, or must be given up; ``words`` adds what is asked for of a tweet.

        ``reserved_usd`` was set aside for it: whoever gets the answer settles it. ``is_billed_anew``: X bills every
        request, not each resource once a UTC day. Raises: BudgetExceeded where asking again may cost more.
        """
        lost: list[datetime] = []

        def book_lost() -> None:
            """X bills the next try besides the lost one."""
            if lost and (is_billed_anew or utc_date(lost[0]) != utc_date(self.clock.now())):
                self.purse.lose(reserved_usd, now=lost.pop())
                self.purse.reserve(reserved_usd, now=self.clock.now())

        try:
            good = self._tried(
                path, params, read, words=words, lost=lost, before=book_lost, request=request or self._get
            )
        except BaseException:
            if lost:
                self.purse.lose(reserved_usd, now=lost[0])
            else:
                self.purse.release(reserved_usd)
            raise
        if lost and utc_date(lost[0]) != utc_date(good.served_at):  # by X's clock it was another day
            self.purse.lose(reserved_usd, now=lost[0])
        return replace(good, reserved_usd=reserved_usd)

    def _tried(
        self,
        path: str,
        params: dict[str, str],
        read: Callable[[bytes], T],
        *,
        words: Callable[[], dict[str, str]] | None,
        lost: list[datetime],
        before: Callable[[], None],
        request: _Request,
    ) -> Good[T]:
        """``lost`` gets the moment at which an answer went missing that X may have billed; ``before`` every try."""
        attempt = 0
        while True:
            attempt += 1
            self._pace(path)
            before()
            try:
                return self._once(path, {**params, **words()} if words else params, read, request)
            except _Wrong as wrong:
                refusal = wrong.refusal
            except BaseException:  # stopped while X was answering
                lost[:] = [self.clock.now()]
                raise
            if refusal.is_lost:
                lost[:] = [self.clock.now()]
            if words and refusal.names_words and self._may_change_words:
                self._may_change_words = False
                self.vocabulary = _OTHER[self.vocabulary]
                attempt -= 1
                log.info("request.vocabulary_changed", vocabulary=self.vocabulary)
                continue
            pause_s = wait_s(refusal.found, refusal.limit, attempt=attempt, now=self.clock.now())
            is_limited = refusal.found is Trouble.LIMITED
            if pause_s is None or attempt >= (max(self._attempts, LIMITED_ATTEMPTS) if is_limited else self._attempts):
                raise refusal.error
            log.warning("request.retried", path=path, status=refusal.status, attempt=attempt, wait_s=round(pause_s, 1))
            self._wait(pause_s, refusal.error if is_limited else _no_time(path, refusal.error))

    def _pace(self, path: str) -> None:
        """Wait before asking, where the last answer said that asking is useless; stop when time is up."""
        now = self.clock.now()
        if self._deadline is not None and now >= self._deadline:
            raise OutOfTime(
                "the run's time is up: everything read so far is committed; run the same command again to go on"
            )
        if pause_s := self._limits.get(path, Limit()).pause_s(now):
            log.info("request.paused", path=path, wait_s=round(pause_s, 1))
            self._wait(pause_s, _limited(path, now + timedelta(seconds=pause_s)))
        if path.endswith("/all") and path in self._asked_at:
            spent_s = (self.clock.now() - self._asked_at[path]).total_seconds()
            if spent_s < 1:
                self.clock.sleep(1 - spent_s)
        self._asked_at[path] = self.clock.now()

    def _wait(self, pause_s: float, error: SourceError) -> None:
        if self._deadline is not None and self.clock.now() + timedelta(seconds=pause_s) > self._deadline:
            raise error
        self.clock.sleep(pause_s)

    def _get(self, path: str, params: dict[str, str]) -> httpx2.Request:
        return self._http.build_request("GET", path, params=params)

    def _once(self, path: str, params: dict[str, str], read: Callable[[bytes], T], request: _Request) -> Good[T]:
        self.request_count += 1
        try:
            with contextlib.closing(self._http.send(request(path, params), stream=True)) as response:
                body = _body(response)
        except _FOREIGN as exc:
            error = Unavailable(
                f"X did not answer {path} ({type(exc).__name__}): check the network, then run the same command again"
            )
            error.__cause__ = exc  # raised outside this block, where "from" would find nothing
            is_lost = not isinstance(exc, _UNSENT)
            raise _Wrong(_Refusal(Trouble.DOWN, 0, Limit(), error, is_lost=is_lost)) from exc
        observed_at = self.clock.now()
        limit = Limit.from_headers(response.headers)
        self._limits[path] = limit
        dated_at = _date(response.headers.get("date"))
        self.served_at = dated_at or self.served_at
        if response.status_code != 200:
            raise _Wrong(self._refused(response.status_code, body, limit, path))
        try:
            if len(body) > _LONGEST_BODY:
                raise PageError(f"X answered over {_LONGEST_BODY} bytes, more than any page has")
            return Good(read(body), body, observed_at, dated_at or observed_at)
        except PageError as exc:
            broken = PageError(
                f"{path}: {exc}; asked again several times: run the same command later, what was read before is kept"
            )
            broken.__cause__ = exc
            raise _Wrong(_Refusal(Trouble.DOWN, 200, limit, broken, is_lost=True)) from exc

    def _refused(self, status: int, body: bytes, limit: Limit, path: str) -> _Refusal:
        """A status other than 200 as one of our errors."""
        problem, said, names_words = _problem(body, self._token)
        found = trouble(status, kind=problem.kind, title=problem.title or "")
        if found is Trouble.SPENT:
            error: SourceError = CreditsExhausted(
                f"X's cap or credit is used up ({said}): top up or wait for the new cycle; what was read is kept"
            )
        elif found is Trouble.LIMITED:
            error = _limited(path, limit.reset_at)
        elif found is Trouble.DOWN:
            error = Unavailable(
                f"X answers {status} to {path} ({said}): run the same command again later; what was read is kept"
            )
        elif status == 401:
            error = AuthError(
                "X does not accept the bearer token: set ARCANE_X__BEARER_TOKEN to the one in X's developer portal"
            )
        elif status == 409:
            error = Unavailable(f"X is at work on another job of this kind ({said}): run the same command again later")
        elif status == 403:
            error = AuthError(
                f"X does not let this token use {path} ({said}): see the app's plan and project in X's developer portal"
            )
        else:
            hint = "mend the tracker's query"
            if status != 400:
                hint = "see whether x.base_url is X's own address"
            elif names_words:
                hint = "X takes the words of neither vocabulary" if self._is_auto else 'set x.vocabulary to "auto"'
            error = QueryError(f"X refuses the request to {path} ({said}): {hint}")
        return _Refusal(found, status, limit, error, names_words=status == 400 and names_words)


def _body(response: httpx2.Response) -> bytes:
    """The unpacked body; of one that is longer than any page, just enough to tell."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > _LONGEST_BODY:
            break
    return b"".join(chunks)


def _problem(body: bytes, token: str) -> tuple[Problem, str, bool]:
    """What X said: the problem, one line of it without the token, and whether it names words of a vocabulary."""
    try:
        problem = msgspec.json.decode(body, type=_Refused, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem(), "no explanation", False
    listed = [item for item in problem.errors or () if isinstance(item, dict)]
    messages = [str(item.get("message") or "") for item in listed]
    said = next((text for text in messages if text), None) or problem.detail or problem.title or "no explanation"
    # A query may hold any text, so what X says of it tells nothing of the words.
    about_words = [str(item.get("message") or "") for item in listed if "query" not in (item.get("parameters") or ())]
    names_words = any(word in text for text in about_words or [problem.detail or ""] for word in _WORDS)
    said = said.replace(token, "…")
    return problem, "".join(sign if sign.isprintable() else " " for sign in said)[:200], names_words


def _no_time(path: str, cause: SourceError) -> Unavailable:
    """The run ends before ``path`` may be asked again."""
    error = Unavailable(
        f"X gave no good answer to {path} and the run has no time to ask again: what was read is kept; "
        "run the same command again later"
    )
    error.__cause__ = cause
    return error


def _limited(path: str, until: datetime | None) -> RateLimited:
    when = f"until {until:%H:%M:%S} UTC" if until else "for a while"
    return RateLimited(
        f"X's rate limit for {path} is used up {when} and the run cannot wait longer: everything read so far is "
        "committed; run the same command again then"
    )


def _date(text: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(UTC) if text else None
    except ValueError:
        return None
