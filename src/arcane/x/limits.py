"""When to ask X again, and when not to. Pure: the present is passed in.

Source: docs/x-api-facts.md#limits
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

LONGEST_BACKOFF_S: Final = 60.0
LONGEST_BLIND_S: Final = 300.0
LIMITED_ATTEMPTS: Final = 9  # 5, 10, … 300, 300 are 915 s: they outlast X's window of 15 minutes
_LONGEST_NUMBER: Final = 18  # digits: no header of X has more
_SPENT: Final = frozenset({"usage-capped", "credits", "credits-depleted"})
_SPENT_TITLES: Final = frozenset({"usagecapexceeded", "creditsdepleted"})


class Trouble(Enum):
    """What an answer other than a good page means for the next try."""

    LIMITED = "limited"  # 429: wait
    SPENT = "spent"  # cap or credit used up: waiting does not help
    DOWN = "down"  # 5xx, network, broken body: try again soon
    FINAL = "final"  # 4xx: will never be accepted


@dataclass(frozen=True, slots=True)
class Limit:
    """What the headers say of an endpoint's window; each part may be missing."""

    remaining: int | None = None
    reset_at: datetime | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Limit:
        """Headers that are absent or no numbers are None."""
        reset = _number(headers.get("x-rate-limit-reset"))
        try:
            reset_at = datetime.fromtimestamp(reset, UTC) if reset is not None else None
        except (OverflowError, OSError, ValueError):
            reset_at = None
        return cls(_number(headers.get("x-rate-limit-remaining")), reset_at)

    def pause_s(self, now: datetime) -> float:
        """Seconds to wait before the next request, so that it is not refused: 0 while some remain."""
        if self.remaining != 0 or self.reset_at is None or self.reset_at <= now:
            return 0.0
        return (self.reset_at - now).total_seconds() + 1


def trouble(status: int, *, kind: str, title: str) -> Trouble:
    """What a refusal means. ``kind`` is the last segment of X's problem address, ``title`` its title.

    The body decides before the status: X says 429 for a used-up cap as well as for a full window.
    """
    if kind in _SPENT or title.replace(" ", "").lower() in _SPENT_TITLES or status == 402:
        return Trouble.SPENT
    if status == 429:
        return Trouble.LIMITED
    return Trouble.DOWN if status >= 500 or status == 408 else Trouble.FINAL


def wait_s(found: Trouble, limit: Limit, *, attempt: int, now: datetime) -> float | None:
    """Seconds before try number ``attempt`` + 1 (the first try is 1); None: never.

    A 429 whose window is not used up is the one-per-second limit: waiting for the reset would lose a
    quarter of an hour. A reset that is missing or already past (clocks differ) tells nothing.
    """
    if found in {Trouble.SPENT, Trouble.FINAL}:
        return None
    if found is Trouble.LIMITED:
        if pause_s := limit.pause_s(now):
            return pause_s
        if not limit.remaining:
            return min(5.0 * float(2 ** (attempt - 1)), LONGEST_BLIND_S)
    return min(float(2 ** (attempt - 1)), LONGEST_BACKOFF_S)


def _number(text: str | None) -> int | None:
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else None
