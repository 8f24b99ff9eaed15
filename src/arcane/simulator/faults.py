"""What can go wrong, on request: the same seed and the same request number always fail alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final

KINDS: Final = (
    "limited",  # 429, window used up, reset in two seconds
    "limited_bare",  # 429 without any header
    "limited_second",  # 429 of the one-per-second limit: plenty remaining
    "down_json",  # 503 as X's own servers say it
    "down_text",  # 503 as its edge says it
    "html",  # 200 with a page for people
    "cut",  # 200, body cut in the middle
    "slow",  # a good page, a little late
    "duplicated",  # a tweet twice on the page
    "shifted",  # the page begins with tweets of the page before
    "no_includes",  # includes left out
    "no_data",  # an empty page with a next_token
)


@dataclass(frozen=True, slots=True)
class Faults:
    """``rate``: share of requests that fail, 0 to 1, evenly over ``kinds``. ``outages``: stretches of time, each from
    its first moment up to its second, in which X answers nothing at all.

    Raises: ValueError for a rate outside of that, or a kind that is none of ``KINDS``.
    """

    rate: float = 0.0
    seed: int = 0
    kinds: tuple[str, ...] = KINDS
    outages: tuple[tuple[datetime, datetime], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1 or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"a rate is between 0 and 1, kinds are {', '.join(KINDS)}: {self}")

    def of(self, number: int) -> str | None:
        """The fault of request ``number``, or None."""
        if not self.rate:
            return None
        chance = random.Random(self.seed * 1_000_003 + number)  # noqa: S311 - reproducible on purpose
        return chance.choice(self.kinds) if chance.random() < self.rate else None

    def is_down(self, now: datetime) -> bool:
        """Is this a moment of an outage?"""
        return any(from_at <= now < until_at for from_at, until_at in self.outages)
