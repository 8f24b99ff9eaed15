"""Older time, by the full archive: drained where it is missing, or only counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stories import NOW, Silent, Stage, books, stage, table

from arcane.app import App
from arcane.errors import BudgetExceeded, ConfigError
from arcane.warehouse.interface import Stretch

DAY = timedelta(days=1)
SPAN = Stretch(NOW - 20 * DAY, NOW - 14 * DAY)


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    """A world of three weeks."""
    with stage(tweets=2100, days=21, request_s=1, rates={"late_rate": 0.0}) as on:
        yield on


def ids(app: App) -> set[str]:
    return {row["tweet_id"] for row in table(app, "tweets")}


def wanted(on: Stage, span: Stretch = SPAN) -> set[str]:
    return set(on.simulator.api.truth("#Arcane", span.start_at, span.end_at))


def coverage(app: App) -> list[Stretch]:
    return sorted(Stretch(row["start_at"], row["end_at"]) for row in table(app, "coverage"))


def test_a_backfill_fills_what_is_missing(tmp_path: Path, on: Stage) -> None:
    """Every tweet of the stretch by search/all, and its hours judged; a second time nothing is asked."""
    app = on.app(tmp_path, is_moving=True)
    app.backfill(SPAN, trackers=[], progress=Silent())
    assert ids(app) == wanted(on)
    assert coverage(app) == [SPAN]
    found = table(app, "hours")
    assert sorted(row["hour_at"] for row in found) == [SPAN.start_at + n * timedelta(hours=1) for n in range(6 * 24)]
    assert {row["status"] for row in found} <= {"complete", "settled"}
    assert on.asked("/search/recent") == []
    asked = len(on.simulator.api.log)
    app.backfill(SPAN, trackers=[], progress=Silent())
    assert len(on.simulator.api.log) == asked


def test_days_that_runs_have_read_are_not_read_again(tmp_path: Path, on: Stage) -> None:
    """Only the gap between a backfill's bounds and what is covered is asked for."""
    app = on.app(tmp_path, is_moving=True, collect={"first_run_days": 3.0})
    app.collect(progress=Silent())
    (known,) = coverage(app)
    app.backfill(Stretch(NOW - 6 * DAY, NOW - DAY), trackers=[], progress=Silent())
    chains = [one for one in on.asked("/search/all") if "next_token" not in one]
    assert {one["end_time"] for one in chains} == {f"{known.start_at:%Y-%m-%dT%H:%M:%SZ}"}
    assert coverage(app) == [Stretch(NOW - 6 * DAY, known.end_at)]


def test_a_backfill_goes_on_where_a_cap_stopped_it(tmp_path: Path, on: Stage) -> None:
    """Run after run under a cap comes to the same tables, reads no page twice and passes no cap."""
    runs = 0
    while True:
        before = on.simulator.api.bill.usd()
        app = on.app(tmp_path, is_moving=True, budget={"run_usd": 4.0})
        try:
            app.backfill(SPAN, trackers=[], progress=Silent())
        except BudgetExceeded as exc:
            stopped = exc
        else:
            break
        runs += 1
        assert (stopped.exit_code, "missing of arcane: about" in str(stopped)) == (6, True)
        assert on.simulator.api.bill.usd() - before <= 4.0
        assert runs < 9
    assert runs >= 1
    assert ids(app) == wanted(on)
    assert coverage(app) == [SPAN]
    assert round(books(tmp_path).settled_usd, 6) == round(on.simulator.api.bill.usd(), 6)


def test_what_it_costs_is_told_before_a_tweet_is_read(tmp_path: Path, on: Stage) -> None:
    """From X's counts of what is missing: at least a post each, at most all that may come along."""
    trackers = [{"name": "arcane", "hashtag": "Arcane"}, {"name": "fr", "query": "#Arcane lang:fr"}]
    app = on.app(tmp_path, is_moving=True, trackers=trackers)
    costs = app.backfill_cost(SPAN, trackers=[])
    counted = {
        query: sum(count for count, _ in on.simulator.api.truth_counts(query, SPAN.start_at, SPAN.end_at).values())
        for query in ("#Arcane", "#Arcane lang:fr")
    }
    assert [(one.what, one.post_count) for one in costs] == [
        ("arcane", counted["#Arcane"]),
        ("fr", counted["#Arcane lang:fr"]),
    ]
    assert [(round(one.likely_usd / one.post_count, 9), round(one.most_usd / one.post_count, 9)) for one in costs] == [
        (0.005, 0.055)
    ] * 2
    assert (on.asked("/search/all"), round(on.simulator.api.bill.usd(), 9)) == ([], 0.02)
    assert books(tmp_path).settled_usd == pytest.approx(0.02)
    app.backfill(SPAN, trackers=["arcane"], progress=Silent())
    (cost,) = app.backfill_cost(SPAN, trackers=["arcane"])
    assert (cost.post_count, cost.most_usd) == (0, 0)


def test_the_price_is_an_upper_bound(tmp_path: Path, on: Stage) -> None:
    """What a backfill really costs lies below the most that was told."""
    (cost,) = on.app(tmp_path, is_moving=True).backfill_cost(SPAN, trackers=[])
    before = on.simulator.api.bill.usd()
    on.app(tmp_path, is_moving=True).backfill(SPAN, trackers=[], progress=Silent())
    assert cost.likely_usd * 0.9 < on.simulator.api.bill.usd() - before < cost.most_usd


def test_the_future_is_no_backfill(tmp_path: Path, on: Stage) -> None:
    """What has not been indexed yet is cut off; a stretch with nothing else in it is refused."""
    app = on.app(tmp_path, is_moving=True)
    with pytest.raises(ConfigError, match=r"2026-11-21 10:00 UTC is not past yet"):
        app.backfill(Stretch(NOW + DAY, NOW + 2 * DAY), trackers=[], progress=Silent())
    assert on.simulator.api.log == []
    app.backfill(Stretch(NOW - DAY, NOW + DAY), trackers=[], progress=Silent())
    (covered,) = coverage(app)
    assert covered.start_at == NOW - DAY
    assert NOW - timedelta(minutes=15) <= covered.end_at <= NOW - timedelta(minutes=14)


def test_counts_alone_give_a_trend_on_the_first_day(tmp_path: Path, on: Stage) -> None:
    """X's count of every hour and of its French part; no tweet is read, nothing is covered, a dozen requests a year."""
    span = Stretch(NOW - 60 * DAY, NOW - timedelta(hours=1))
    app = on.app(tmp_path, is_moving=True)
    sums = app.count(span, trackers=[])
    whole, french = (
        on.simulator.api.truth_counts(query, span.start_at, span.end_at) for query in ("#Arcane", "(#Arcane) lang:fr")
    )
    found = {row["hour_at"]: row for row in table(app, "hours")}
    assert {hour_at: (row["expected_count"], row["french_count"]) for hour_at, row in found.items()} == {
        hour_at: (count, french[hour_at][0]) for hour_at, (count, _) in whole.items()
    }
    assert {(row["status"], row["seen_count"]) for row in found.values()} == {("counted", 0)}
    assert sums == {"arcane": (sum(n for n, _ in whole.values()), sum(n for n, _ in french.values()))}
    assert (len(on.asked("/counts/all")), table(app, "tweets"), coverage(app)) == (4, [], [])
    assert books(tmp_path).settled_usd == pytest.approx(0.04)


def test_counted_hours_are_judged_once_they_are_read(tmp_path: Path, on: Stage) -> None:
    """What a run has read keeps its state under a later count, and a counted hour gets one when it is read."""
    app = on.app(tmp_path, is_moving=True, collect={"first_run_days": 2.0})
    app.count(Stretch(NOW - 10 * DAY, NOW - timedelta(hours=1)), trackers=[])
    app.collect(progress=Silent())
    states = {row["hour_at"]: (row["status"], row["french_count"]) for row in table(app, "hours")}
    assert {state for hour_at, (state, _) in states.items() if hour_at < NOW - 2 * DAY} == {"counted"}
    judged = {hour_at: state for hour_at, (state, _) in states.items() if hour_at >= NOW - 2 * DAY}
    assert set(judged.values()) <= {"complete", "settled", "partial"}
    app.count(Stretch(NOW - 3 * DAY, NOW - timedelta(hours=2)), trackers=[])
    after: dict[datetime, Any] = {row["hour_at"]: row["status"] for row in table(app, "hours")}
    assert {hour_at: after[hour_at] for hour_at in judged} == judged
    assert None not in {french for _, french in states.values()}
