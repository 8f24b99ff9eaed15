"""What X charges: each resource once a UTC day, counts by the request, and what happens when a cap is met.

Whether X bills what comes in ``includes`` is unknown; who books decides. Media are free.

Source: docs/x-api-facts.md#money
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from arcane.simulator import request
from arcane.simulator.request import Params

_MILLS: Final = {"post": 5, "user": 10, "counts_recent": 5, "counts_all": 10}  # thousandths of a dollar
_X_CAP: Final = 3_000_000  # posts a cycle, pay-per-use
_PROJECT: Final = "1369785403853424"
_USAGE_FIELDS: Final = (
    "cap_reset_day", "daily_client_app_usage", "daily_project_usage", "project_cap", "project_id", "project_usage",
)  # fmt: skip
_USAGE_DEFAULT: Final = ("cap_reset_day", "project_cap", "project_id", "project_usage")


class Bill:
    """X's book. ``cap_usd``: credits bought, which no cycle renews; ``cap_posts``: posts a billing cycle, which
    begins on day ``cap_reset_day`` of the month.

    Raises: ValueError for a day that not every month has.
    """

    def __init__(self, *, cap_usd: float | None = None, cap_posts: int | None = None, cap_reset_day: int = 1) -> None:
        if not 1 <= cap_reset_day <= 28:
            raise ValueError(f"a billing cycle begins on day 1 to 28, not {cap_reset_day}")
        self._cap_usd = cap_usd
        self._cap_posts = cap_posts
        self._cap_reset_day = cap_reset_day
        self._given: dict[date, dict[str, list[int]]] = {}  # with repeats: to sort them out now would slow X down
        self._known: dict[tuple[date, str], tuple[set[int], int]] = {}  # ids, and how many of the given are in them

    def book(self, now: datetime, kind: str, ids: list[int]) -> None:
        """``ids`` were given out at ``now``; of a kind that is billed by the request, its number."""
        self._given.setdefault(now.date(), {}).setdefault(kind, []).extend(ids)

    def ids(self, day: date, kind: str) -> set[int]:
        """What was billed on a UTC day; not to be changed."""
        given = self._given.get(day, {}).get(kind, [])
        found, count = self._known.get((day, kind), (set(), 0))
        found.update(given[count:])
        self._known[day, kind] = found, len(given)
        return found

    def usd(self) -> float:
        """Everything that was ever billed."""
        return (
            sum(_MILLS[kind] * len(self.ids(day, kind)) for day, kinds in self._given.items() for kind in kinds) / 1000
        )

    def days(self) -> dict[str, dict[str, dict[str, float]]]:
        """By UTC date and kind: resources billed, reads with repeats, dollars."""
        return {
            day.isoformat(): {
                kind: {
                    "billed": (count := len(self.ids(day, kind))),
                    "read": len(given),
                    "usd": _MILLS[kind] * count / 1000,
                }
                for kind, given in kinds.items()
            }
            for day, kinds in self._given.items()
        }

    def has_credits(self) -> bool:
        """Is there any money left? The last answer may have cost more than there was."""
        return self._cap_usd is None or self.usd() < self._cap_usd

    def has_posts(self, now: datetime) -> bool:
        """May any post be read in the cycle of ``now``?"""
        return self._cap_posts is None or self.posts_of_cycle(now) < self._cap_posts

    def posts_of_cycle(self, now: datetime) -> int:
        """Posts billed since the cycle began."""
        today = now.date()
        first = today.replace(day=self._cap_reset_day)
        if first > today:
            first = (today.replace(day=1) - timedelta(days=1)).replace(day=self._cap_reset_day)
        return self._posts(day for day in self._given if first <= day <= today)

    def usage(self, params: Params, now: datetime, *, has_numbers: bool) -> dict[str, Any]:
        """The body of GET /2/usage/tweets. ``has_numbers``: counts are numbers, as in 2.166, not texts.

        Raises: Refused.
        """
        day_count = request.number_of(params, "days", 7, 1, 90)
        asked = request.listed_of(params, "usage.fields", _USAGE_FIELDS) or _USAGE_DEFAULT
        told = int if has_numbers else str
        days = [now.date() - timedelta(days=back) for back in reversed(range(day_count))]
        daily = [
            {
                "date": f"{datetime(day.year, day.month, day.day, tzinfo=UTC):%Y-%m-%dT%H:%M:%S}.000Z",
                "usage": told(self._posts([day])),
            }
            for day in days
        ]
        whole = {
            "cap_reset_day": self._cap_reset_day,
            "project_cap": told(self._cap_posts or _X_CAP),
            "project_id": _PROJECT,
            "project_usage": told(self.posts_of_cycle(now)),
            "daily_project_usage": {"project_id": told(_PROJECT), "usage": daily},
            "daily_client_app_usage": [{"client_app_id": "1", "usage": daily, "usage_result_count": len(daily)}],
        }
        return {"data": {name: value for name, value in whole.items() if name in asked}}

    def _posts(self, days: Iterable[date]) -> int:
        return sum(len(self.ids(day, "post")) for day in days)
