"""What may still be spent: caps, reservations and bookings. Pure: the present is passed in.

A request reserves its worst case before it is sent and settles on its answer. What is settled is booked in ``reads``
by the commit that makes its rows visible. Until then a durable reservation stands for the requests under way, made
by the commit before: what a dead run asked for and did not archive stays booked for ever, at its worst.
"""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa

from arcane import tables
from arcane.errors import BudgetExceeded
from arcane.x.prices import Prices, Read, utc_date

# Requests whose answers may be neither archived nor refused: the page that is read ahead, and the one being sent.
_UNDER_WAY: Final = 2
_PAGE_TWEETS: Final = 100


@dataclass(frozen=True, slots=True)
class Caps:
    """Dollars that a run, a UTC day and a billing cycle may cost at most; None: no cap.

    ``cap_reset_day``: day of the month on which X's cycle begins anew; in shorter months their last.
    """

    run_usd: float | None = None
    day_usd: float | None = None
    cycle_usd: float | None = None
    cap_reset_day: int = 1


@dataclass(frozen=True, slots=True)
class _Reservation:
    reservation_id: str
    utc_date: date
    made_at: datetime
    usd: float


class Budget:
    """The books of one run: what was booked before it, what it settled, what it has reserved. Dollars."""

    def __init__(self, prices: Prices, caps: Caps | None = None, *, page_tweets: int = _PAGE_TWEETS) -> None:
        self.prices = prices
        self.caps = caps or Caps()
        self.run_usd = 0.0
        self._run_id = ""
        self._page_tweets = page_tweets
        self._by_day: defaultdict[date, float] = defaultdict(float)
        self._known: set[tuple[date, str, str]] = set()
        self._reserved_usd = 0.0
        self._lost: list[_Reservation] = []
        self._unbooked: list[Read] = []
        self._standing: _Reservation | None = None
        self._number = 0

    def open(self, run_id: str, *, booked: Mapping[date, float], known: Iterable[tuple[date, str, str]]) -> None:
        """Begin a run that spends. ``booked``: dollars by UTC day, settled and not; ``known``: what was read today."""
        self._run_id = run_id
        self._by_day = defaultdict(float, booked)
        self._known = set(known)
        self.run_usd = 0.0

    def reserve(self, usd: float, *, now: datetime) -> None:
        """Set the price of one request aside. Raises: BudgetExceeded if a cap does not hold it."""
        self._fit(1, least=1, each_usd=usd, now=now)

    def reserve_page(self, wanted: int, *, least: int, each_usd: float, now: datetime) -> int:
        """Set a page of up to ``wanted`` resources aside, each at its worst; returns how many fit the caps.

        Raises: BudgetExceeded if fewer than ``least`` do.
        """
        return self._fit(wanted, least=least, each_usd=each_usd, now=now)

    def release(self, usd: float) -> None:
        """The request came to nothing that X bills."""
        self._reserved_usd = max(self._reserved_usd - usd, 0.0)

    def settle(self, usd: float, reads: Iterable[Read]) -> None:
        """The request was answered: what it reserved gives way to what it cost."""
        self.release(usd)
        for read in reads:
            if read.key not in self._known:
                self._known.add(read.key)
                self._by_day[read.utc_date] += read.usd
                self.run_usd += read.usd
                self._unbooked.append(read)

    def lose(self, usd: float, *, now: datetime) -> None:
        """The answer to a request was lost on the way: X may have billed it, so its worst case stays booked."""
        self.release(usd)
        if usd:
            self._lost.append(self._reservation(usd, now))
            self._by_day[utc_date(now)] += usd
            self.run_usd += usd

    def rows(self, *, now: datetime, is_last: bool = False) -> dict[str, pa.Table]:
        """What the next commit takes along: bookings, losses, and the reservation that stands until the one after.

        With ``is_last`` no reservation stands any more, and a request that nobody waits for is lost.
        """
        if is_last:
            self.lose(self._reserved_usd, now=now)
        reservations: list[tuple[Any, ...]] = [
            (one.reservation_id, one.utc_date, one.made_at, one.usd, None) for one in self._lost
        ]
        if standing := self._standing:
            reservations.append((standing.reservation_id, standing.utc_date, standing.made_at, standing.usd, now))
        self._standing = None if is_last or not self._run_id else self._reservation(self._under_way_usd(now), now)
        if standing := self._standing:
            reservations.append((standing.reservation_id, standing.utc_date, standing.made_at, standing.usd, None))
        unbooked, self._unbooked, self._lost = self._unbooked, [], []
        return {"reservations": tables.RESERVATIONS.of(reservations), "reads": rows_of(unbooked)}

    def _under_way_usd(self, now: datetime) -> float:
        """The most that requests until the next commit can cost without leaving a trace in the archive."""
        worst_usd = _UNDER_WAY * self._page_tweets * self.prices.worst_tweet_usd
        return max(min(worst_usd, self.room_usd(now)[0] + self._reserved_usd), 0.0)

    def room_usd(self, now: datetime) -> tuple[float, str]:
        """Dollars until the nearest cap, and its name; infinite without caps."""
        today = utc_date(now)
        first = cycle_start(today, self.caps.cap_reset_day)
        cycle_usd = sum(usd for day, usd in self._by_day.items() if day >= first)
        rooms = [
            (cap - spent - self._reserved_usd, f"budget.{name} = {cap:g}")
            for name, cap, spent in (
                ("run_usd", self.caps.run_usd, self.run_usd),
                (
                    "day_usd",
                    self.caps.day_usd,
                    max((usd for day, usd in self._by_day.items() if day >= today), default=0),
                ),
                ("cycle_usd", self.caps.cycle_usd, cycle_usd),
            )
            if cap is not None
        ]
        return min(rooms, default=(float("inf"), ""))

    def _fit(self, wanted: int, *, least: int, each_usd: float, now: datetime) -> int:
        room_usd, cap = self.room_usd(now)
        fitting = wanted if each_usd * wanted <= max(room_usd, 0) else math.floor(room_usd / each_usd)
        if fitting < least:
            raise BudgetExceeded(
                f"the cap {cap} leaves ${max(room_usd, 0):.2f} and the next request may cost "
                f"${each_usd * least:.2f}: everything read so far is committed; raise the cap, or run again "
                f"{'now' if 'run_usd' in cap else 'on the next UTC day' if 'day_usd' in cap else 'in the next cycle'}"
            )
        self._reserved_usd += fitting * each_usd
        return fitting

    def _reservation(self, usd: float, now: datetime) -> _Reservation:
        self._number += 1
        return _Reservation(f"{self._run_id}/{self._number}", utc_date(now), now, usd)


def rows_of(reads: Iterable[Read]) -> pa.Table:
    """Rows of ``reads``, unique by key."""
    return tables.READS.of({one.key: (*one.key, one.read_at, one.usd) for one in reads}.values())


def cycle_start(today: date, cap_reset_day: int) -> date:
    """First day of the billing cycle that ``today`` lies in."""
    begins = _on(today.year, today.month, cap_reset_day)
    if begins <= today:
        return begins
    year, month = (today.year - 1, 12) if today.month == 1 else (today.year, today.month - 1)
    return _on(year, month, cap_reset_day)


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
