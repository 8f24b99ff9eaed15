"""What X can be asked, and what it costs: the fields asked for, the pages of an answer, the purse that pays.

Knows how to ask in both of X's vocabularies; which one is in force, and how an answer is had at all, is ``wire``'s
business, the only socket. What an answer means is ``page``'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final, TypeVar
from urllib.parse import urlsplit

import structlog

from arcane.errors import PageError
from arcane.x import page as pages
from arcane.x.page import Count, Page, Usage
from arcane.x.prices import Read, utc_date
from arcane.x.wire import Good, Wire

log = structlog.get_logger()
T = TypeVar("T")

LOOKUP_IDS: Final = 100
SEARCH_LEAST: Final = 10  # X gives no smaller page of search
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


@dataclass(frozen=True, slots=True)
class Answer:
    """One good page as it came. ``params`` are those sent (the token is no parameter); ``served_at`` is X's Date."""

    body: bytes
    page: Page
    observed_at: datetime
    path: str
    params: dict[str, str]
    served_at: datetime


class XClient:
    """Search, counts and lookups over ``wire``, paid from its purse. A context manager."""

    def __init__(self, wire: Wire, *, has_authors: bool = True) -> None:
        self.wire = wire
        self.has_authors = has_authors
        self._clock = wire.clock
        self._purse = wire.purse

    def __enter__(self) -> XClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.wire.close()

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
            good = self.wire.asked("/2/users", params, pages.users, reserved_usd=size * user_usd)
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
            good = self.wire.asked(path, params, pages.counts, reserved_usd=usd, is_billed_anew=True)
            page = good.read
            self._pay_counts(good, kind, usd)
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
        return self.wire.asked(
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
        path = urlsplit(address).path
        request = self.wire.addressed(method, address, content)
        return self.wire.asked(path, params or {}, read, reserved_usd=0.0, request=request).read

    def _searched(self, has_expansions: bool) -> Callable[[], dict[str, str]]:
        """What is asked for of a tweet that is searched for, in the vocabulary in force."""

        def words() -> dict[str, str]:
            asked = _ASKED[self.wire.vocabulary]
            if not has_expansions:
                return {name: asked[name] for name in asked if name != "expansions"}
            return asked if self.has_authors else {**asked, "expansions": _without_authors(asked["expansions"])}

        return words

    def _looked_up(self) -> dict[str, str]:
        """What is asked for of a tweet that is known."""
        return _ASKED_AGAIN[self.wire.vocabulary]

    def _page(
        self, path: str, params: dict[str, str], words: Callable[[], dict[str, str]], *, reserved_usd: float
    ) -> Answer:
        read = _search_page if "query" in params else _whole_page
        good = self.wire.asked(path, params, read, words=words, reserved_usd=reserved_usd)
        return self._answer(good, path, {**params, **words()})

    def _answer(self, good: Good[Page], path: str, sent: dict[str, str]) -> Answer:
        """A page that was paid."""
        self._purse.settle(good.reserved_usd, self._purse.prices.reads(good.read, served_at=good.served_at))
        return Answer(good.body, good.read, good.observed_at, path, sent, good.served_at)

    def _pay_counts(self, good: Good[Any], kind: str, usd: float) -> None:
        """Each request is billed, also one that is the same as another: its id is made up."""
        name = f"{good.observed_at:%H%M%S}-{os.urandom(6).hex()}"
        self._purse.settle(good.reserved_usd, [Read(utc_date(good.served_at), kind, name, good.served_at, usd)])


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


def _window(start_at: datetime, end_at: datetime) -> dict[str, str]:
    return {"start_time": f"{start_at:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{end_at:%Y-%m-%dT%H:%M:%SZ}"}
