"""What X bills, and how a UTC day is booked. Pure.

X bills each post and each user once a UTC day of its own clock, however often it gives them that day, and each counts
request. Whether what comes along in ``includes`` is billed is not known (docs/x-api-facts.md#money): a setting.

Source: docs/x-api-facts.md#money
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Protocol

from arcane.x.page import Page

POST: Final = "post"
USER: Final = "user"
COUNTS_RECENT: Final = "counts_recent"
COUNTS_ALL: Final = "counts_all"
# With one tweet at most so many come along: it answers one and quotes another; its author, and whom it answers; and
# the other versions of an edited one.
_REFERENCED: Final = 2
_USERS: Final = 2
_VERSIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Read:
    """One line of the bill: ``id`` is X's, or that of a counts request."""

    utc_date: date
    kind: str
    id: str
    read_at: datetime
    usd: float

    @property
    def key(self) -> tuple[date, str, str]:
        return self.utc_date, self.kind, self.id


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars a resource or a request. ``are_includes_billed``: whether what comes along with a page costs too."""

    post_usd: float = 0.005
    user_usd: float = 0.010
    counts_recent_usd: float = 0.005
    counts_all_usd: float = 0.010
    are_includes_billed: bool = True

    @property
    def worst_tweet_usd(self) -> float:
        """The most that one tweet of a search can cost, with all that may come along."""
        if not self.are_includes_billed:
            return self.post_usd
        return (1 + _REFERENCED + _VERSIONS) * self.post_usd + _USERS * self.user_usd

    @property
    def worst_lookup_usd(self) -> float:
        """The most that one tweet of a lookup by id can cost, which asks for counters and versions alone."""
        return (1 + _VERSIONS) * self.post_usd if self.are_includes_billed else self.post_usd

    def counts(self, *, full_archive: bool) -> tuple[str, float]:
        """Kind and price of a counts request."""
        return (COUNTS_ALL, self.counts_all_usd) if full_archive else (COUNTS_RECENT, self.counts_recent_usd)

    def reads(self, page: Page, *, served_at: datetime) -> list[Read]:
        """What X bills for one page: each resource once, whatever was read before that day."""
        posts = [tweet.id for tweet in page.data]
        users = [author.id for author in page.users]
        if self.are_includes_billed:
            posts += [tweet.id for tweet in page.referenced]
            users += [author.id for author in page.includes.users or ()]
        return [*self._lines(POST, posts, served_at), *self._lines(USER, users, served_at)]

    def _lines(self, kind: str, ids: Iterable[str], served_at: datetime) -> list[Read]:
        usd = self.post_usd if kind == POST else self.user_usd
        day = utc_date(served_at)
        return [Read(day, kind, one, served_at, usd) for one in dict.fromkeys(ids)]


def utc_date(moment: datetime) -> date:
    """The day by which X bills."""
    return moment.astimezone(UTC).date()


class Purse(Protocol):
    """Whoever pays: every request reserves its worst case, then settles, releases or loses it. Dollars."""

    @property
    def prices(self) -> Prices: ...

    def reserve(self, usd: float, *, now: datetime) -> None:
        """Set the price of one request aside. Raises: BudgetExceeded if a cap does not hold it."""

    def reserve_page(self, wanted: int, *, least: int, each_usd: float, now: datetime) -> int:
        """Set a page of up to ``wanted`` resources aside; returns how many fit. Raises: BudgetExceeded."""

    def settle(self, usd: float, reads: Iterable[Read]) -> None:
        """The request was answered: what it reserved gives way to what it cost."""

    def release(self, usd: float) -> None:
        """The request came to nothing that X bills."""

    def lose(self, usd: float, *, now: datetime) -> None:
        """The answer was lost on the way: X may have billed it."""
