"""The only socket: asks X, waits as X says, and gives back pages that were checked.

Knows how to ask in both of X's vocabularies and which one is in force; what an answer means is ``page``'s and
``limits``' business. Every error of the HTTP library becomes one of ours here and nowhere else.
"""

from __future__ import annotations

import contextlib
import email.utils
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from queue import SimpleQueue
from typing import IO, Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

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
from arcane.x import page as pages
from arcane.x.limits import LIMITED_ATTEMPTS, Limit, Trouble, trouble, wait_s
from arcane.x.page import Count, Page, Problem, Usage
from arcane.x.prices import Purse, Read, utc_date

log = structlog.get_logger()
T = TypeVar("T")

LOOKUP_IDS: Final = 100
SEARCH_LEAST: Final = 10  # X gives no smaller page of search
_LONGEST_BODY: Final = 64 * 1024 * 1024
_SHARED: Final = "id,text,created_at,lang,conversation_id,public_metrics,entities,attachments"
_INCLUDED: Final = {
    "media.fields": "media_key,type,duration_ms,public_metrics",
    "user.fields": "id,username,name,verified_type,public_metrics",
}
# What is asked for, in each vocabulary. In the new words author, references and edits are no fields any more:
# their keys arrive only with their expansions (docs/x-api-facts.md#two-vocabularies).
_ASKED: Final = {
    "tweet": {
        "tweet.fields": f"{_SHARED},note_tweet,author_id,referenced_tweets,in_reply_to_user_id,edit_history_tweet_ids",
        "expansions": "author_id,referenced_tweets.id,attachments.media_keys",
        **_INCLUDED,
    },
    "post": {
        "post.fields": f"{_SHARED},note_post",
        "expansions": "author_id,referenced_posts,attachments.media_keys,edit_history_post_ids,in_reply_to_user_id",
        **_INCLUDED,
    },
}
# Of a tweet that is known: its counters, its media, and whether it was edited. No text, so that the page tells by
# itself that it has none to believe.
_ASKED_AGAIN: Final = {
    "tweet": {
        "tweet.fields": "id,created_at,public_metrics,attachments,edit_history_tweet_ids",
        "expansions": "attachments.media_keys",
        "media.fields": _INCLUDED["media.fields"],
    },
    "post": {
        "post.fields": "id,created_at,public_metrics,attachments",
        "expansions": "attachments.media_keys,edit_history_post_ids",
        "media.fields": _INCLUDED["media.fields"],
    },
}
_USAGE_FIELDS: Final = "cap_reset_day,daily_project_usage,project_cap,project_usage"
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
class Answer:
    """One good page as it came. ``params`` are those sent (the token is no parameter); ``served_at`` is X's Date."""

    body: bytes
    page: Page
    observed_at: datetime
    path: str
    params: dict[str, str]
    served_at: datetime


@dataclass(frozen=True, slots=True)
class _Good(Generic[T]):
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


class XClient:
    """Search, counts and lookups with an app-only bearer token, paid from ``purse``. A context manager."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        clock: Clock,
        purse: Purse,
        vocabulary: str = "auto",
        has_authors: bool = True,
        attempts: int = 8,
        timeout_s: float = 30.0,
        deadline: datetime | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.request_count = 0
        self.vocabulary = "post" if vocabulary == "auto" else vocabulary
        self.served_at: datetime | None = None
        self.has_authors = has_authors
        self._purse = purse
        self._is_auto = self._may_change_words = vocabulary == "auto"
        self._token = token
        self._clock = clock
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

    def __enter__(self) -> XClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def search(
        self,
        query: str,
        *,
        start_at: datetime,
        end_at: datetime,
        max_results: int = 100,
        full_archive: bool = False,
        has_expansions: bool = True,
    ) -> Iterator[Answer]:
        """Every page of ``[start_at, end_at)``, newest first, to the last: only a missing next_token ends a chain.

        ``has_expansions`` False asks for fields alone: the doctor's way to see which keys arrive without. A page is
        made smaller where the budget holds no whole one. Where X names no author without their expansion, it is
        asked for from then on.

        Raises: SourceError, OutOfTime, BudgetExceeded; the pages given before stand.
        Source: docs/x-api-facts.md#paging
        """
        path = "/2/tweets/search/all" if full_archive else "/2/tweets/search/recent"
        params = {"query": query, **_window(start_at, end_at)}
        seen: set[str] = set()
        while True:
            worst_usd = self._purse.prices.worst_tweet_usd
            size = self._purse.reserve_page(max_results, least=SEARCH_LEAST, each_usd=worst_usd, now=self._clock.now())
            params = {**params, "max_results": str(size)}
            answer = self._page(path, params, self._searched(has_expansions), reserved_usd=size * worst_usd)
            if has_expansions and not self.has_authors and _has_no_author(answer.page):
                self.has_authors = True
                log.info("authors.expanded", path=path)
                continue  # the same page with its authors: its posts cost nothing more on the same UTC day
            yield answer
            token = answer.page.next_token
            if token is None:
                return
            if token in seen:
                raise PageError(f"X gave a next_token of {path} twice: run again, the slice begins anew")
            seen.add(token)
            params = {**params, "next_token": token}

    def tweets(self, ids: Sequence[str]) -> Iterator[Answer]:
        """Counters, media and versions of tweets by id, 100 a request, in the order asked.

        Nothing that costs more comes along. What X does not show is in ``page.errors``.

        Raises: SourceError, OutOfTime, BudgetExceeded; the pages given before stand.
        """
        worst_usd = self._purse.prices.worst_lookup_usd
        while ids:
            size = self._purse.reserve_page(
                min(len(ids), LOOKUP_IDS), least=1, each_usd=worst_usd, now=self._clock.now()
            )
            params = {"ids": ",".join(ids[:size])}
            yield self._page("/2/tweets", params, self._looked_up, reserved_usd=size * worst_usd)
            ids = ids[size:]

    def users(self, ids: Sequence[str]) -> Iterator[Answer]:
        """Lookup of users by id, 100 a request, in ``page.users``; what X does not show is in ``page.errors``."""
        user_usd = self._purse.prices.user_usd
        while ids:
            size = self._purse.reserve_page(
                min(len(ids), LOOKUP_IDS), least=1, each_usd=user_usd, now=self._clock.now()
            )
            params = {"ids": ",".join(ids[:size]), "user.fields": _INCLUDED["user.fields"]}
            good = self._asked("/2/users", params, pages.users, reserved_usd=size * user_usd)
            yield self._answer(good, "/2/users", params)
            ids = ids[size:]

    def counts(
        self, query: str, *, start_at: datetime, end_at: datetime, granularity: str = "hour", full_archive: bool = False
    ) -> list[Count]:
        """X's own counts of ``[start_at, end_at)``, oldest first; the rows at both ends may be partial.

        counts/all gives the newest 31 days first. A page that ends early without a token is asked on from its
        oldest row (DocNow/twarc#602).
        """
        path = "/2/tweets/counts/all" if full_archive else "/2/tweets/counts/recent"
        rows: list[Count] = []
        params = {"query": query, "granularity": granularity, **_window(start_at, end_at)}
        seen: set[str] = set()
        asked_until = end_at
        kind, usd = self._purse.prices.counts(full_archive=full_archive)
        while True:
            self._purse.reserve(usd, now=self._clock.now())
            good = self._asked(path, params, pages.counts, reserved_usd=usd, is_billed_anew=True)
            page = good.read
            self._pay_counts(good, kind, usd, params)
            rows = [*page.data, *rows]
            if token := page.meta.next_token:
                if token in seen:
                    raise PageError(f"X gave a next_token of {path} twice: run the same command again")
                seen.add(token)
                params = {**params, "next_token": token}
            elif full_archive and rows and start_at < rows[0].start < asked_until:
                asked_until = rows[0].start
                params = {"query": query, "granularity": granularity, **_window(start_at, asked_until)}
            else:
                return rows

    def usage(self, *, days: int) -> Usage:
        """X's own account of posts read in the last ``days`` (1 to 90) UTC days; it costs nothing."""
        return self._asked(
            "/2/usage/tweets", {"days": str(days), "usage.fields": _USAGE_FIELDS}, pages.usage, reserved_usd=0.0
        ).read

    def exchange(
        self,
        method: str,
        address: str,
        read: Callable[[bytes], T],
        *,
        params: dict[str, str] | None = None,
        content: bytes | IO[bytes] | None = None,
    ) -> T:
        """One request that costs nothing: a path of X's, or a whole address that X gave.

        The token goes to X alone: an address on another host is signed, and gets none.

        Raises: SourceError, OutOfTime.
        """

        def request(_: str, params: dict[str, str]) -> httpx2.Request:
            if content is not None and not isinstance(content, bytes):
                content.seek(0)
            kind = {} if content is None else {"Content-Type": "application/json" if method == "POST" else "text/plain"}
            made = self._http.build_request(method, address, params=params or None, content=content, headers=kind)
            if (made.url.scheme, made.url.host, made.url.port) != self._own:
                del made.headers["Authorization"]
            return made

        path = urlsplit(address).path
        return self._asked(path, params or {}, read, reserved_usd=0.0, request=request).read

    def _searched(self, has_expansions: bool) -> Callable[[], dict[str, str]]:
        """What is asked for of a tweet that is searched for, in the vocabulary in force."""

        def words() -> dict[str, str]:
            asked = _ASKED[self.vocabulary]
            if not has_expansions:
                return {name: asked[name] for name in asked if name != "expansions"}
            return asked if self.has_authors else {**asked, "expansions": _without_authors(asked["expansions"])}

        return words

    def _looked_up(self) -> dict[str, str]:
        """What is asked for of a tweet that is known."""
        return _ASKED_AGAIN[self.vocabulary]

    def _page(
        self, path: str, params: dict[str, str], words: Callable[[], dict[str, str]], *, reserved_usd: float
    ) -> Answer:
        read = _search_page if "query" in params else _whole_page
        good = self._asked(path, params, read, words=words, reserved_usd=reserved_usd)
        return self._answer(good, path, {**params, **words()})

    def _answer(self, good: _Good[Page], path: str, sent: dict[str, str]) -> Answer:
        """A page that was paid."""
        self._purse.settle(good.reserved_usd, self._purse.prices.reads(good.read, served_at=good.served_at))
        return Answer(good.body, good.read, good.observed_at, path, sent, good.served_at)

    def _pay_counts(self, good: _Good[Any], kind: str, usd: float, params: dict[str, str]) -> None:
        digest = blake2b(repr(sorted(params.items())).encode(), digest_size=6).hexdigest()
        name = f"{good.observed_at:%H%M%S%f}-{self.request_count}-{digest}"
        paid = Read(utc_date(good.served_at), kind, name, good.served_at, usd)
        self._purse.settle(good.reserved_usd, [paid])

    def _asked(
        self,
        path: str,
        params: dict[str, str],
        read: Callable[[bytes], T],
        *,
        words: Callable[[], dict[str, str]] | None = None,
        reserved_usd: float,
        request: _Request | None = None,
        is_billed_anew: bool = False,
    ) -> _Good[T]:
        """Ask until the answer is good, or must be given up; ``words`` adds what is asked for of a tweet.

        ``reserved_usd`` was set aside for it: whoever gets the answer settles it. ``is_billed_anew``: X bills every
        request, not each resource once a UTC day. Raises: BudgetExceeded where asking again may cost more.
        """
        lost: list[datetime] = []

        def book_lost() -> None:
            """X bills the next try besides the lost one."""
            if lost and (is_billed_anew or utc_date(lost[0]) != utc_date(self._clock.now())):
                self._purse.lose(reserved_usd, now=lost.pop())
                self._purse.reserve(reserved_usd, now=self._clock.now())

        try:
            good = self._tried(
                path, params, read, words=words, lost=lost, before=book_lost, request=request or self._get
            )
        except BaseException:
            if lost:
                self._purse.lose(reserved_usd, now=lost[0])
            else:
                self._purse.release(reserved_usd)
            raise
        if lost and utc_date(lost[0]) != utc_date(good.served_at):  # by X's clock it was another day
            self._purse.lose(reserved_usd, now=lost[0])
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
    ) -> _Good[T]:
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
                lost[:] = [self._clock.now()]
                raise
            if refusal.is_lost:
                lost[:] = [self._clock.now()]
            if words and refusal.names_words and self._may_change_words:
                self._may_change_words = False
                self.vocabulary = _OTHER[self.vocabulary]
                attempt -= 1
                log.info("request.vocabulary_changed", vocabulary=self.vocabulary)
                continue
            pause_s = wait_s(refusal.found, refusal.limit, attempt=attempt, now=self._clock.now())
            is_limited = refusal.found is Trouble.LIMITED
            if pause_s is None or attempt >= (max(self._attempts, LIMITED_ATTEMPTS) if is_limited else self._attempts):
                raise refusal.error
            log.warning("request.retried", path=path, status=refusal.status, attempt=attempt, wait_s=round(pause_s, 1))
            self._wait(pause_s, refusal.error if is_limited else _no_time(path, refusal.error))

    def _pace(self, path: str) -> None:
        """Wait before asking, where the last answer said that asking is useless; stop when time is up."""
        now = self._clock.now()
        if self._deadline is not None and now >= self._deadline:
            raise OutOfTime(
                "the run's time is up: everything read so far is committed; run the same command again to go on"
            )
        if pause_s := self._limits.get(path, Limit()).pause_s(now):
            log.info("request.paused", path=path, wait_s=round(pause_s, 1))
            self._wait(pause_s, _limited(path, now + timedelta(seconds=pause_s)))
        if path.endswith("/all") and path in self._asked_at:
            spent_s = (self._clock.now() - self._asked_at[path]).total_seconds()
            if spent_s < 1:
                self._clock.sleep(1 - spent_s)
        self._asked_at[path] = self._clock.now()

    def _wait(self, pause_s: float, error: SourceError) -> None:
        if self._deadline is not None and self._clock.now() + timedelta(seconds=pause_s) > self._deadline:
            raise error
        self._clock.sleep(pause_s)

    def _get(self, path: str, params: dict[str, str]) -> httpx2.Request:
        return self._http.build_request("GET", path, params=params)

    def _once(self, path: str, params: dict[str, str], read: Callable[[bytes], T], request: _Request) -> _Good[T]:
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
        observed_at = self._clock.now()
        limit = Limit.from_headers(response.headers)
        self._limits[path] = limit
        dated_at = _date(response.headers.get("date"))
        self.served_at = dated_at or self.served_at
        if response.status_code != 200:
            raise _Wrong(self._refused(response.status_code, body, limit, path))
        try:
            if len(body) > _LONGEST_BODY:
                raise PageError(f"X answered over {_LONGEST_BODY} bytes, more than any page has")
            return _Good(read(body), body, observed_at, dated_at or observed_at)
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


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made while the one before it is used, in one thread.

    An error comes out after the items that were made before it. Leaving early waits a second for the item being
    made, no longer: it may be asleep for a quarter of an hour, and Ctrl+C must not be.
    """
    end = object()
    asks: SimpleQueue[bool] = SimpleQueue()
    made: SimpleQueue[tuple[T | object, BaseException | None]] = SimpleQueue()

    def work() -> None:
        while asks.get():
            try:
                made.put((next(items, end), None))
            except BaseException as exc:
                made.put((end, exc))

    worker = threading.Thread(target=work, name="ahead", daemon=True)
    worker.start()
    try:
        asks.put(True)
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is end:
                return
            asks.put(True)
            yield item  # type: ignore[misc]
    finally:
        asks.put(False)
        worker.join(1)


def _without_authors(expansions: str) -> str:
    """What costs a user read each, where X bills what comes along."""
    return ",".join(one for one in expansions.split(",") if one not in {"author_id", "in_reply_to_user_id"})


def _has_no_author(page: Page) -> bool:
    """In the new words a tweet may carry its author only with the expansion (docs/x-api-facts.md#two-vocabularies)."""
    return bool(page.data) and all(tweet.author_id is None for tweet in page.data)


def _search_page(body: bytes) -> Page:
    """A page of search: it always says how many tweets it has. Raises: PageError."""
    found = _whole_page(body)
    if found.meta.result_count is None:
        raise PageError(f"X answered {len(body)} bytes of search without saying how many tweets they hold")
    return found


def _whole_page(body: bytes) -> Page:
    """A page that agrees with itself. Raises: PageError."""
    found = pages.page(body)
    told = found.meta.result_count
    if told is not None and told != len(found.data):
        raise PageError(f"X announced {told} tweets and sent {len(found.data)}")
    return found


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


def _window(start_at: datetime, end_at: datetime) -> dict[str, str]:
    return {"start_time": f"{start_at:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{end_at:%Y-%m-%dT%H:%M:%SZ}"}


def _date(text: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(UTC) if text else None
    except ValueError:
        return None
