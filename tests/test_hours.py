"""Every hour is judged, a deficient one is read again once, and what is lost is told."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stories import NOW, RemoteClock, Silent, Stage, settings, stage, table

from arcane import collect, hours
from arcane.app import App
from arcane.errors import BudgetExceeded, RateLimited, Unavailable
from arcane.hours import HOUR, Hour
from arcane.simulator.faults import Faults
from arcane.warehouse.interface import Stretch
from arcane.x.page import Count

DAY = timedelta(days=1)
T0 = datetime(2026, 11, 1, tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)
_context = multiprocessing.get_context("forkserver")


def at(hour: float) -> datetime:
    return T0 + timedelta(hours=hour)


def judged(
    *,
    covered: Iterable[tuple[float, float]] = ((0, 1),),
    expected: int | None = 100,
    seen: int = 100,
    known: Hour | None = None,
    lost_before: datetime = NEVER,
) -> list[tuple[str, int | None, int]]:
    """One hour, judged at its end: what is found to write down."""
    found = hours.judged(
        Stretch(at(0), at(1)),
        covered=[Stretch(at(low), at(high)) for low, high in covered],
        counts={} if expected is None else {at(0): (expected, at(2))},
        seen={at(0): seen} if seen else {},
        known={at(0): known} if known else {},
        lost_before=lost_before,
    )
    return [(one.status, one.expected_count, one.seen_count) for one in found]


def known(status: str, *, expected: int | None = 100, seen: int = 0, reread: bool = False) -> Hour:
    return Hour(at(0), expected, None, at(1), seen, status, at(3) if reread else None)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        # first judgements
        ({}, [("complete", 100, 100)]),
        ({"seen": 98}, [("complete", 100, 98)]),
        ({"seen": 97}, [("partial", 100, 97)]),
        ({"seen": 130}, [("complete", 100, 130)]),
        ({"expected": 0, "seen": 0}, [("complete", 0, 0)]),
        ({"covered": [], "seen": 0}, [("gap", 100, 0)]),
        ({"covered": [(0, 0.5)], "seen": 100}, [("gap", 100, 100)]),
        ({"covered": [(0, 0.5), (0.5, 1)]}, [("complete", 100, 100)]),
        ({"covered": [], "seen": 0, "lost_before": at(1)}, [("lost", 100, 0)]),
        ({"covered": [], "seen": 0, "lost_before": at(0.9)}, [("gap", 100, 0)]),
        ({"covered": [(0.5, 1)], "seen": 50, "lost_before": at(0.5)}, [("lost", 100, 50)]),
        ({"covered": [], "seen": 0, "expected": None}, [("gap", None, 0)]),
        ({"expected": None}, []),
        # from one state to the next
        ({"known": known("gap")}, [("complete", 100, 100)]),
        ({"known": known("gap"), "covered": [], "seen": 0, "lost_before": at(1)}, [("lost", 100, 0)]),
        ({"known": known("lost"), "seen": 99}, [("complete", 100, 99)]),
        ({"known": known("counted")}, [("complete", 100, 100)]),
        ({"known": known("partial", seen=90), "seen": 99}, [("complete", 100, 99)]),
        ({"known": known("partial", seen=90), "seen": 91}, [("partial", 100, 91)]),
        ({"known": known("partial", seen=90, reread=True), "seen": 90}, [("settled", 100, 90)]),
        ({"known": known("partial", seen=90, reread=True), "seen": 98}, [("complete", 100, 98)]),
        ({"known": known("settled", seen=90, reread=True), "seen": 99}, [("complete", 100, 99)]),
        # what has not changed is not written again
        ({"known": known("complete", seen=100), "expected": None}, []),
        ({"known": known("complete", seen=100)}, []),
        ({"known": known("partial", seen=90), "seen": 90, "expected": None}, []),
        ({"known": known("settled", seen=90, reread=True), "seen": 90, "expected": None}, []),
        ({"known": known("gap", expected=None), "covered": [], "seen": 0, "expected": None}, []),
    ],
)  # fmt: skip
def test_an_hour_is_judged_by_coverage_first_and_then_by_count(case: dict[str, Any], found: list[Any]) -> None:
    """Each status and each way from one to another."""
    assert judged(**case) == found


@pytest.mark.parametrize(("expected", "tolerated"), [(0, 2), (5, 2), (100, 2), (101, 2.02), (1000, 20)])
def test_two_tweets_or_two_percent_may_be_missing(expected: int, tolerated: float) -> None:
    """X's counts include what its search withholds."""
    assert hours.tolerance(expected) == tolerated


@given(expected=st.integers(0, 10_000), seen=st.integers(0, 10_000), is_reread=st.booleans())
def test_a_drained_hour_has_one_of_three_states(expected: int, seen: int, is_reread: bool) -> None:
    """Complete within the tolerance, else partial, or settled once it was read again; and it stays so."""
    before = known("partial", expected=None, seen=0, reread=is_reread)
    (found,) = hours.judged(
        Stretch(at(0), at(1)), covered=[Stretch(at(0), at(1))], counts={at(0): (expected, at(2))},
        seen={at(0): seen}, known={at(0): before}, lost_before=NEVER,
    )  # fmt: skip
    missing = expected - seen
    deficient = "settled" if is_reread else "partial"
    assert found.status == ("complete" if missing <= max(2, 0.02 * expected) else deficient)
    assert hours.judged(
        Stretch(at(0), at(1)), covered=[Stretch(at(0), at(1))], counts={}, seen={at(0): seen},
        known={at(0): found}, lost_before=NEVER,
    ) == []  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 71), st.integers(0, 71)), max_size=6), st.integers(0, 72))
def test_every_whole_hour_has_a_state(pairs: list[tuple[int, int]], lost: int) -> None:
    """Of three days cut anyhow into read and unread time, no hour is left out and none is told wrong."""
    covered = [Stretch(at(low + 0.25), at(high + 0.25)) for low, high in pairs if low < high]
    counts = {at(hour): (5, at(80)) for hour in range(73)}
    found = hours.judged(
        Stretch(at(0.5), at(72.5)), covered=covered, counts=counts, seen={}, known={}, lost_before=at(lost)
    )
    assert [one.hour_at for one in found] == [at(hour) for hour in range(1, 72)]
    for one in found:
        unread = [
            quarter for quarter in range(4)
            if not any(s.start_at <= one.hour_at + quarter * HOUR / 4 < s.end_at for s in covered)
        ]  # fmt: skip
        end_at = one.hour_at + (unread[-1] + 1) * HOUR / 4 if unread else None
        assert one.status == ("partial" if end_at is None else "lost" if end_at <= at(lost) else "gap")


def test_rows_by_the_minute_add_up_and_cut_hours_are_left_out() -> None:
    """A loud hour is counted by its minutes; of an hour that the window cuts nothing is known."""
    minutes = [Count(at(1) + timedelta(minutes=n), at(1) + timedelta(minutes=n + 1), tweet_count=2) for n in range(60)]
    rows = [
        Count(at(0.5), at(1), tweet_count=9),
        *minutes,
        Count(at(2), at(3), tweet_count=7),
        Count(at(3), at(3.2), 4),
    ]
    assert hours.counted(rows, counted_at=at(4)) == {at(1): (120, at(4)), at(2): (7, at(4))}


@pytest.mark.parametrize(
    ("hour", "now", "lost_before", "is_read"),
    [
        (known("partial"), at(2), NEVER, True),
        (known("partial"), at(1.99), NEVER, False),
        (known("partial", reread=True), at(9), NEVER, False),
        (known("partial"), at(9), at(0.1), False),
        (known("complete"), at(9), NEVER, False),
        (known("settled", reread=True), at(9), NEVER, False),
        (known("gap"), at(9), NEVER, False),
        (known("lost"), at(9), NEVER, False),
    ],
)
def test_only_a_deficient_hour_within_reach_is_read_again(
    hour: Hour, now: datetime, lost_before: datetime, is_read: bool
) -> None:
    """An hour after its end, when X's index has it all; never twice."""
    found = hours.to_reread([hour], now=now, lost_before=lost_before)
    assert [(one.hour_at, one.reread_at) for one in found] == ([(at(0), now)] if is_read else [])


# Told by the simulator


def rows(app: App, **columns: Any) -> list[dict[str, Any]]:
    found = table(app, "hours")
    return sorted((row for row in found if columns.items() <= row.items()), key=lambda row: row["hour_at"])


def stretches_asked(on: Stage) -> list[Stretch]:
    """Every stretch that was searched, each chain of pages once."""
    return [
        Stretch(datetime.fromisoformat(one["start_time"]), datetime.fromisoformat(one["end_time"]))
        for one in on.asked("/search/recent")
        if "next_token" not in one
    ]


def times_read(on: Stage, hour_at: datetime) -> int:
    """How often the middle of an hour was searched; the small overlap of runs lies elsewhere."""
    return sum(one.start_at <= hour_at + HOUR / 2 < one.end_at for one in stretches_asked(on))


WITHHELD = {"withheld_rate": 0.1, "deleted_rate": 0.0, "edited_rate": 0.0}


def run(on: Stage, folder: Path, now: datetime, **changes: Any) -> App:
    on.at(now)
    app = on.app(folder, is_moving=True, **changes)
    app.collect(progress=Silent())
    return app


def test_a_deficient_hour_is_read_again_exactly_once(tmp_path: Path) -> None:
    """Of a tenth of all tweets search gives nothing: the hours are read twice, settle, and are never read a third time."""
    with stage(tweets=9000, days=8, request_s=1, rates=WITHHELD) as on:
        for days in (5.0, 4.0, 3.5, 3.0):
            app = run(on, tmp_path, NOW - days * DAY, collect={"first_run_days": 1.0})
        found = rows(app)
        states = Counter(row["status"] for row in found)
        assert set(states) <= {"complete", "settled", "partial"}
        assert states["settled"] > 30
        for row in found:
            twice = row["reread_at"] is not None
            assert times_read(on, row["hour_at"]) == 1 + twice
            assert (row["status"] == "settled") <= twice
            assert row["status"] != "partial" or row["hour_at"] + 2 * HOUR > NOW - 3 * DAY
        truth = on.simulator.api.truth_counts("#Arcane", found[0]["hour_at"], found[-1]["hour_at"] + HOUR)
        assert {row["hour_at"]: (row["expected_count"], row["seen_count"]) for row in found} == truth


def test_what_dies_between_mark_and_reading_is_not_read_again(tmp_path: Path) -> None:
    """The mark is durable before the reading: after a kill there the hours settle unread, rather than cost again."""
    with stage(tweets=6000, days=8, request_s=1, rates=WITHHELD) as on:
        process = _context.Process(target=_die_at_reread, args=(str(tmp_path), on.base_url))
        process.start()
        process.join(60)
        assert process.exitcode == -9
        assert len(stretches_asked(on)) == 1
        app = run(on, tmp_path, NOW + HOUR, collect={"first_run_days": 1.0})
        marked = [row for row in rows(app) if row["reread_at"] is not None and row["reread_at"] < NOW + HOUR / 2]
        assert len(marked) > 3
        assert {times_read(on, row["hour_at"]) for row in marked} == {1}
        assert {row["status"] for row in marked} == {"settled"}


def _die_at_reread(folder: str, base_url: str) -> None:
    """Collect, and die when the deficient hours are marked."""
    collect._read_again = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    changes = settings(Path(folder), base_url, collect={"first_run_days": 1.0})
    App(changes, clock=RemoteClock(base_url)).collect(progress=Silent())


@pytest.mark.parametrize("cap_usd", [6.0, 12.0])
def test_an_hour_that_a_cap_kept_from_its_second_reading_gets_it_later(tmp_path: Path, cap_usd: float) -> None:
    """A run that stops marks no hour that it did not come to; in the end each deficient one was read twice, no more."""
    with stage(tweets=4000, days=8, request_s=1, rates=WITHHELD, bills_includes=False) as on:
        changes = {
            "collect": {"first_run_days": 1.0},
            "prices": {"are_includes_billed": False},
        }
        stops = 0
        for tries in range(12):
            on.at(NOW - DAY + tries * HOUR / 60)
            app = on.app(tmp_path, is_moving=True, **changes, budget={"run_usd": cap_usd / 10})
            try:
                app.collect(progress=Silent())
                break
            except BudgetExceeded:
                stops += 1
        assert 0 < stops < 11
        app = run(on, tmp_path, NOW - DAY + 2 * HOUR, **changes)
        app = run(on, tmp_path, NOW - DAY + 5 * HOUR, **changes)
        for row in rows(app):
            if row["hour_at"] + 4 * HOUR < NOW - DAY:
                assert row["status"] in {"complete", "settled"}
                assert (row["status"] == "settled") <= (row["reread_at"] is not None)
                assert times_read(on, row["hour_at"]) >= 1 + (row["reread_at"] is not None)


class Breaking(Silent):
    """X goes down once so many tweets were read."""

    def __init__(self, on: Stage, *, after: int) -> None:
        self._on, self._left = on, after

    def advance(self, tweet_count: int) -> None:
        self._left -= tweet_count
        if self._left <= 0:
            self._on.simulator.api.faults = Faults(rate=1.0, kinds=("down_json",))


def test_hours_that_x_kept_from_their_second_reading_get_it_from_the_next_run(tmp_path: Path) -> None:
    """X goes down right before: the marks are taken back, and the next run reads each of them once more."""
    with stage(tweets=12_000, days=8, request_s=1, rates=WITHHELD) as on:
        on.at(NOW - DAY)
        truth = on.simulator.api.truth("#Arcane", NOW - 1.5 * DAY, NOW - DAY - timedelta(minutes=15))
        changes = {"collect": {"first_run_days": 0.5}, "x": {"attempts": 1}}
        app = on.app(tmp_path, is_moving=True, **changes)
        with pytest.raises(Unavailable):
            app.collect(progress=Breaking(on, after=len(truth)))
        waiting = [row["hour_at"] for row in rows(app, status="partial")]
        assert (len(waiting) > 3, [row for row in rows(app) if row["reread_at"]]) == (True, [])
        on.simulator.api.faults = Faults()
        app = run(on, tmp_path, NOW - DAY + HOUR / 2, **changes)
        found = {row["hour_at"]: row for row in rows(app)}
        assert {found[hour_at]["status"] for hour_at in waiting} == {"settled"}
        assert {times_read(on, hour_at) for hour_at in waiting} == {2}


def test_a_run_that_a_limit_stops_marks_nothing(tmp_path: Path) -> None:
    """Its hours are judged, their second reading is the next run's."""
    with stage(tweets=9000, days=8, request_s=1, rates=WITHHELD) as on:
        on.at(NOW - 4 * DAY)
        app = on.app(tmp_path, is_moving=True, collect={"first_run_days": 3.0, "max_run_s": 20})
        with pytest.raises((RateLimited, Exception)) as stopped:
            app.collect(progress=Silent())
        assert stopped.value.exit_code == 75  # type: ignore[attr-defined]
        assert [row for row in rows(app) if row["reread_at"] is not None] == []
        assert {row["status"] for row in rows(app)} >= {"partial", "gap"}
        app = run(on, tmp_path, NOW - 3 * DAY, collect={"first_run_days": 3.0})
        assert len(rows(app, status="settled")) > 30


def test_ten_days_without_a_run_are_told(tmp_path: Path) -> None:
    """What X gives no more is lost, what it still gives is read once, and every hour has its state."""
    with stage(tweets=6000, days=16, request_s=1) as on:
        run(on, tmp_path, NOW - 12 * DAY, collect={"first_run_days": 1.0})
        app = run(on, tmp_path, NOW, collect={"first_run_days": 1.0})
        found = rows(app)
        first = (NOW - 13 * DAY + timedelta(minutes=59)).replace(minute=0)
        assert [row["hour_at"] for row in found] == [first + n * HOUR for n in range(len(found))]
        assert found[-1]["hour_at"] == NOW - 2 * HOUR
        lost = [row["hour_at"] for row in found if row["status"] == "lost"]
        edge = NOW - 7 * DAY
        assert lost == [hour for hour in (row["hour_at"] for row in found) if NOW - 12 * DAY - HOUR <= hour <= edge]
        assert [row for row in found if row["status"] == "gap"] == []
        assert max(times_read(on, row["hour_at"]) for row in found if row["reread_at"] is None) == 1
        assert on.truth() <= {row["tweet_id"] for row in table(app, "tweets")}


def test_a_changed_query_opens_new_coverage(tmp_path: Path) -> None:
    """The old query's hours stay as they were; the new one's are judged on their own."""
    with stage(tweets=3000, request_s=1) as on:
        old = run(on, tmp_path, NOW - DAY, collect={"first_run_days": 1.0})
        before = rows(old)
        trackers = [{"name": "arcane", "query": "#Arcane lang:fr"}]
        app = run(on, tmp_path, NOW, collect={"first_run_days": 1.0}, trackers=trackers)
        (old_hash,) = {row["query_hash"] for row in before}
        assert rows(app, query_hash=old_hash) == before
        new = [row for row in rows(app) if row["query_hash"] != old_hash]
        assert [row["hour_at"] for row in new] == [NOW - DAY + n * HOUR for n in range(23)]
        assert {row["status"] for row in new} <= {"complete", "settled", "partial"}


def test_tweets_that_search_learns_late_come_with_the_second_reading(tmp_path: Path) -> None:
    """Counts have them at once: the last hour of each run is deficient, and the next run's second reading heals it."""
    rates = {"late_rate": 0.5, "withheld_rate": 0.0, "deleted_rate": 0.0, "edited_rate": 0.0}
    with stage(tweets=6000, days=2, request_s=1, rates=rates) as on:
        starts = [NOW - timedelta(hours=back, minutes=20) for back in (6, 5, 4, 3, 2, 1, 0)]
        for start_at in starts:
            app = run(on, tmp_path, start_at, collect={"first_run_days": 0.2})
        tweets = table(app, "tweets")
        healed = [row for row in rows(app) if row["reread_at"] is not None and row["hour_at"] >= starts[0] - HOUR]
        assert len(healed) >= 5
        for row in healed:
            late = [
                tweet for tweet in tweets
                if row["hour_at"] <= tweet["created_at"] < row["hour_at"] + HOUR
                and tweet["first_seen_at"] >= row["reread_at"]
            ]  # fmt: skip
            assert len(late) > 0, row
            assert times_read(on, row["hour_at"]) == 2


def test_faults_leave_no_hour_unread(tmp_path: Path) -> None:
    """One request in ten fails, in all of X's ways: every hour still comes to its end."""
    with stage(tweets=3000, request_s=1, faults=Faults(rate=0.1, seed=5)) as on:
        app = run(on, tmp_path, NOW, collect={"first_run_days": 3.0})
        found = rows(app)
        assert len(found) > 68
        assert {row["status"] for row in found} <= {"complete", "settled", "partial"}
