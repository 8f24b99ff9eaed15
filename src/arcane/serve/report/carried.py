"""What a change stands on: whether spikes, or one post, carry it. Pure.

``growth`` compares whole days with those that face them, coverage of 95 % on both sides; the same days are found here
in the rows of ``spikes`` of both periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from arcane.serve.charts import Row
from arcane.serve.report.rules import LEAST_COVERAGE, LEAST_TWEETS, Scope, at_equal_age, tone


@dataclass(frozen=True, slots=True)
class Calm:
    """How volume changed away from spikes, where that is not how it changed in all. ``spikes``, ``base_spikes``:
    the days of each period; ``day_count``: days that are none and face none; ``rate``: None for under 30 posts on either
    side."""

    spikes: Sequence[date]
    base_spikes: Sequence[date]
    day_count: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Without:
    """A mean at 24 hours without ``first``, the post that gathered most of those that it stands on."""

    first: Row
    mean: float
    is_still_up: bool


def calm(growth: Sequence[Row], days: Sequence[Row], base_days: Sequence[Row], *, scope: Scope) -> Calm | None:
    """``growth``: judged; ``days``, ``base_days``: spikes of both periods. None where all days tell the same, where no
    day is a spike, or none is left."""
    row = next((one for one in growth if one["measure"] == "tweet_count"), None)
    if row is None or row["growth_rate"] is None:
        return None
    pairs = _pairs(days, base_days, scope=scope)
    spikes, base_spikes = ([pair[side]["local_date"] for pair in pairs if pair[side]["is_spike"]] for side in (0, 1))
    left = [pair for pair in pairs if not any(one["is_spike"] for one in pair)]
    if len(left) in {0, len(pairs)}:
        return None
    count, base_count = (sum(pair[side]["tweet_count"] or 0 for pair in left) for side in (0, 1))
    rate = count / base_count - 1 if min(count, base_count) >= LEAST_TWEETS else None
    if rate is not None and tone(rate) == tone(row["growth_rate"]):
        return None
    return Calm(spikes, base_spikes, len(left), rate)


def without(
    growth: Sequence[Row],
    tweets: Sequence[Row],
    at_24h: Sequence[Row],
    days: Sequence[Row],
    base_days: Sequence[Row],
    *,
    scope: Scope,
) -> Without | None:
    """A mean at 24 hours that rose, tried without its first post; ``growth``: judged; ``at_24h``: a row a day.

    Days too young are the last ones: those that are compared are the first ``day_count`` that are covered. None where
    the posts found on them are not as many as the mean stands on, or the first is not among the best that are known.
    """
    row = next((one for one in growth if one["measure"] == "interactions_per_tweet_at_24h"), None)
    if row is None or row["growth_rate"] is None or tone(row["growth_rate"]) != "up":
        return None
    pairs = _pairs(days, base_days, scope=scope)[: row["day_count"]]
    compared = {own["local_date"] for own, _ in pairs}
    count, whole = at_equal_age([one for one in at_24h if one["local_date"] in compared])
    ranked = [one for one in tweets if one["local_date"] in compared and one["interaction_at_24h_rank"] is not None]
    if count != row["measured_tweet_count"] or count < 2 or not ranked:
        return None
    first = min(ranked, key=lambda one: one["interaction_at_24h_rank"])
    mean = (whole - first["interaction_count_at_24h"]) / (count - 1)
    return Without(first, mean, tone(mean / row["base_value"] - 1) == "up")


def _pairs(days: Sequence[Row], base_days: Sequence[Row], *, scope: Scope) -> list[tuple[Row, Row]]:
    """Covered days, each with the one that it faces."""
    if scope.base is None:
        return []
    first, base_first = scope.span.first, scope.base.first
    faced = {row["local_date"]: row for row in base_days if _is_covered(row)}
    dates = [(first + timedelta(days=n), base_first + timedelta(days=n)) for n in range(scope.paired_days)]
    own = {row["local_date"]: row for row in days if _is_covered(row)}
    return [(own[one], faced[other]) for one, other in dates if one in own and other in faced]


def _is_covered(row: Row) -> bool:
    return (row["coverage_rate"] or 0) >= LEAST_COVERAGE
