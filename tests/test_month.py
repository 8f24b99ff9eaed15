"""A seeded month of daily runs over three trackers, with outages, kills, caps and deletions, held against X's truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stories import Silent, Stage, table
from tests.test_kill import run as doomed_run

from arcane.app import App
from arcane.errors import BudgetExceeded, Unavailable
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.faults import Faults
from arcane.simulator.server import Simulator
from arcane.simulator.world import World
from arcane.x import page as pages
from arcane.x.page import snowflake_at

BEGIN = datetime(2026, 9, 1, 6, tzinfo=UTC)
DAYS = 30
DAY = timedelta(days=1)
QUERIES = {"arcane": "#Arcane", "french": "#Arcane lang:fr", "jinx": "#Jinx"}
TRACKERS = [{"name": name, "query": query} for name, query in QUERIES.items()]
# Two runs meet a short outage; the long one is longer than X's seven days.
OUTAGES = ((3.9, 5.5), (12.9, 21.5))
KILLED = {2: 40, 8: 90, 24: 150}  # day → step at which the run dies
CAPPED = {9: 2.0, 10: 2.5}  # day → dollars


@dataclass
class Month:
    """What happened: ids that a complete run was offered, by tracker; how each day ended; after a kill, what the
    archive held and was yet asked for again."""

    folder: Path
    on: Stage
    offered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ended: dict[int, str] = field(default_factory=dict)
    rebought: dict[int, set[tuple[str, str]]] = field(default_factory=dict)

    def app(self, **changes: Any) -> App:
        return self.on.app(self.folder, is_moving=True, trackers=TRACKERS, **changes)

    def live(self) -> None:
        """All of it, day by day."""
        for day in range(DAYS):
            self.to(BEGIN + day * DAY)
            before: Counter[tuple[str, str]] = Counter()
            if day in KILLED:
                self.die(day)
                before = self.given()
            self.ended[day] = self.run(**({"budget": {"day_usd": CAPPED[day]}} if day in CAPPED else {}))
            if day in KILLED:
                again = {key for key, count in self.given().items() if 0 < before[key] < count}
                self.rebought[day] = {(name, one) for name, one in again if not self.was_reread(name, one)}

    def was_reread(self, tracker: str, tweet_id: str) -> bool:
        """Whether the tweet's hour was read a second time on purpose today."""
        hour_at = snowflake_at(tweet_id).replace(minute=0, second=0, microsecond=0)
        return any(
            row["reread_at"] is not None and row["reread_at"].date() == self.on.simulator.clock.now().date()
            for row in table(self.app(), "hours")
            if (row["tracker"], row["hour_at"]) == (tracker, hour_at)
        )

    def to(self, moment: datetime) -> None:
        clock = self.on.simulator.clock
        assert isinstance(clock, AdjustableClock)
        clock.advance((moment - clock.now()).total_seconds())

    def die(self, day: int) -> None:
        """A run that is killed at a step."""
        changes: dict[str, Any] = {"trackers": TRACKERS}
        steps = doomed_run(self.on, self.folder, die_at=KILLED[day], is_moving=True, **changes)
        assert steps == [], "it came to its end before it could die"

    def given(self) -> Counter[tuple[str, str]]:
        """How often search gave each tweet to each tracker, as the archive holds it."""
        found: Counter[tuple[str, str]] = Counter()
        for kept in self.archived():
            if kept.frame.tracker:
                page = pages.page(bytes(kept.frame.body))
                found.update({(kept.frame.tracker, one.id) for one in page.data})
        return found

    def archived(self) -> Iterator[Any]:
        archive = self.app().archive()
        for name in [*archive.objects(), *archive.pending()]:
            yield from archive.read(name)

    def run(self, **changes: Any) -> str:
        """One run; what X's search offers within its reach counts where it came to its end."""
        app = self.app(**changes)
        now = app.clock.now()
        try:
            app.run(progress=Silent())
        except (Unavailable, BudgetExceeded) as exc:
            return type(exc).__name__
        for name, query in QUERIES.items():
            start_at = max(
                now - timedelta(days=7) + timedelta(minutes=5), BEGIN - timedelta(days=7) + timedelta(minutes=5)
            )
            self.offered[name] |= set(self.on.simulator.api.truth(query, start_at, now - timedelta(minutes=15)))
        return "complete"


@pytest.fixture(scope="module", name="month")
def _month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    world = World.generate(
        seed=11, end=BEGIN + DAYS * DAY, days=DAYS + 8, tweet_count=3000, withheld_rate=0.03, deleted_rate=0.04
    )
    outages = tuple((BEGIN + low * DAY, BEGIN + high * DAY) for low, high in OUTAGES)
    simulator = Simulator(world, clock=AdjustableClock(BEGIN), faults=Faults(outages=outages), rate_limits=False)
    with simulator.running() as base_url:
        month = Month(tmp_path_factory.mktemp("month"), Stage(simulator, base_url))
        month.live()
        yield month


pytestmark = pytest.mark.timeout(500)


def test_the_month_went_as_planned(month: Month) -> None:
    """Outages and caps stopped the runs that they should; the others came to their end."""
    out = {day for day in range(DAYS) if any(low <= day < high for low, high in OUTAGES)}
    expected = {
        day: "Unavailable" if day in out else "BudgetExceeded" if day in CAPPED else "complete" for day in range(DAYS)
    }
    assert month.ended == expected


def test_whatever_search_offered_is_stored_once(month: Month) -> None:
    """Every tweet that a complete run could have been given is there, none twice."""
    rows = table(month.app(), "tracker_tweets")
    stored = defaultdict(set)
    for row in rows:
        stored[row["tracker"]].add(row["tweet_id"])
    assert sum(len(ids) for ids in stored.values()) == len(rows)
    for name in QUERIES:
        assert len(month.offered[name]) > 300
        assert month.offered[name] - stored[name] == set()


def test_hours_agree_with_the_truth(month: Month) -> None:
    """X's counts are those of the moment, seen is what is stored; what was out of reach is lost, and nothing else."""
    api, app = month.on.simulator.api, month.app()
    seen: Counter[tuple[str, datetime]] = Counter()
    for row in table(app, "tracker_tweets"):
        seen[row["tracker"], row["created_at"].replace(minute=0, second=0, microsecond=0)] += 1
    rows = table(app, "hours")
    for row in rows:
        assert row["seen_count"] == seen[row["tracker"], row["hour_at"]], row
        if row["expected_count"] is not None:
            truth = api.truth_counts(
                QUERIES[row["tracker"]], row["hour_at"], row["hour_at"] + timedelta(hours=1), at=row["counted_at"]
            )
            assert row["expected_count"] == truth[row["hour_at"]][0], row
        missing = (row["expected_count"] or 0) - row["seen_count"]
        if row["status"] == "complete":
            assert missing <= max(2, 0.02 * row["expected_count"])
        elif row["status"] == "settled":
            assert missing > max(2, 0.02 * row["expected_count"])
            assert row["reread_at"] is not None
    by_status = Counter(row["status"] for row in rows)
    assert set(by_status) <= {"complete", "settled", "partial", "lost"}
    lost = {row["hour_at"] for row in rows if row["status"] == "lost"}
    # The first run after the long outage reaches seven days back.
    end_of_outage = BEGIN + 22 * DAY
    first, last = BEGIN + 12 * DAY - timedelta(hours=1), end_of_outage - 7 * DAY + timedelta(hours=1)
    assert first <= min(lost) < max(lost) < last
    assert len(lost) >= (last - first) / timedelta(hours=1) - 4
    hours = {row["hour_at"] for row in rows if row["tracker"] == "arcane"}
    whole = [BEGIN - 7 * DAY + timedelta(hours=n) for n in range(1, 24 * (DAYS + 6) - 1)]
    assert [hour for hour in whole if hour not in hours] == []


def test_no_hour_is_read_a_third_time(month: Month) -> None:
    """Of each tracker's searches, first reading and one more: the rest is overlaps of a minute."""
    readings = month.given()
    thrice = [key for key, count in readings.items() if count > 2]
    assert len(thrice) <= 0.005 * len(readings)


def test_the_bill_is_within_our_books(month: Month) -> None:
    """X's bill is no more than what is settled and unsettled, and nearly what is settled: kills lose a page each."""
    bill = month.on.simulator.api.bill
    app = month.app()
    ((settled,),) = app.query("select sum(usd) from reads").rows
    ((unsettled,),) = app.query("select coalesce(sum(usd), 0) from reservations where settled_at is null").rows
    assert isinstance(settled, float)
    assert isinstance(unsettled, float)
    assert settled <= bill.usd() + 0.001
    assert bill.usd() <= settled + unsettled + 0.001
    for day, usd in CAPPED.items():
        spent = bill.days().get((BEGIN + day * DAY).date().isoformat(), {})
        assert sum(kind["usd"] for kind in spent.values()) <= usd


def test_a_kill_pays_nothing_twice(month: Month) -> None:
    """What the archive held when a run died is not asked for again, but for the minute that runs overlap by."""
    assert set(month.rebought) == set(KILLED)
    assert {day: len(ids) <= 6 for day, ids in month.rebought.items()} == dict.fromkeys(KILLED, True)
    assert month.rebought
