"""No cap is ever passed, and our books are X's bill."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import test_kill
from tests.stories import NOW, Books, RemoteClock, Silent, Stage, books, settings, stage, table

from arcane.app import App
from arcane.budget import Budget, Caps, cycle_start
from arcane.errors import BudgetExceeded, CreditsExhausted, PageError, Unavailable
from arcane.simulator.faults import Faults
from arcane.store import Parcel
from arcane.x.prices import POST, Prices, Read, utc_date

DAY = timedelta(days=1)
MORNING = datetime(2026, 3, 30, 9, tzinfo=UTC)


def posts(count: int, *, now: datetime = MORNING, first: int = 0, usd: float = 0.005) -> list[Read]:
    return [Read(utc_date(now), POST, str(number), now, usd) for number in range(first, first + count)]


def opened(caps: Caps | None = None, *, booked: dict[date, float] | None = None, **prices: Any) -> Budget:
    budget = Budget(Prices(**prices), caps)
    budget.open("run", booked=booked or {}, known=())
    return budget


# Arithmetic


@pytest.mark.parametrize(
    ("today", "reset_day", "begins"),
    [
        (date(2026, 2, 27), 31, date(2026, 1, 31)),
        (date(2026, 2, 28), 31, date(2026, 2, 28)),
        (date(2026, 3, 1), 31, date(2026, 2, 28)),
        (date(2028, 2, 29), 31, date(2028, 2, 29)),
        (date(2026, 1, 5), 10, date(2025, 12, 10)),
        (date(2026, 1, 10), 10, date(2026, 1, 10)),
        (date(2026, 4, 30), 31, date(2026, 4, 30)),
        (date(2026, 4, 29), 30, date(2026, 3, 30)),
        (date(2026, 6, 1), 1, date(2026, 6, 1)),
    ],
)
def test_a_cycle_begins_on_its_day_or_the_last_of_a_shorter_month(today: date, reset_day: int, begins: date) -> None:
    """Day 31 is the 28th in February, and the year turns with January."""
    assert cycle_start(today, reset_day) == begins


@pytest.mark.parametrize(
    ("caps", "booked", "fits", "told"),
    [
        (Caps(), {}, 100, ""),
        (Caps(run_usd=0.3), {MORNING.date(): 99.0}, 60, ""),
        (Caps(run_usd=0.049), {}, None, r"budget\.run_usd = 0\.049 leaves \$0\.05 .* run again now"),
        (Caps(day_usd=1.0), {MORNING.date() - DAY: 99.0, MORNING.date(): 0.75}, 50, ""),
        (Caps(day_usd=1.0), {MORNING.date(): 3.0}, None, r"budget\.day_usd = 1 leaves \$0\.00 .* next UTC day"),
        (Caps(day_usd=1.0), {MORNING.date() + DAY: 0.75}, 50, ""),
        (Caps(cycle_usd=9.0, cap_reset_day=29), {date(2026, 3, 28): 99.0, date(2026, 3, 29): 8.75}, 50, ""),
        (Caps(cycle_usd=9.0, cap_reset_day=28), {date(2026, 3, 28): 99.0}, None, r"budget\.cycle_usd = 9 .* next cycle"),
    ],
)  # fmt: skip
def test_a_page_shrinks_to_what_the_nearest_cap_leaves(
    caps: Caps, booked: dict[date, float], fits: int | None, told: str
) -> None:
    """As many tweets as fit, and below X's least page a sentence with the cap and what to do."""
    budget = opened(caps, booked=booked)
    if fits is not None:
        assert budget.reserve_page(100, least=10, each_usd=0.005, now=MORNING) == fits
        return
    with pytest.raises(BudgetExceeded, match=told):
        budget.reserve_page(100, least=10, each_usd=0.005, now=MORNING)


def test_what_costs_nothing_always_fits() -> None:
    """Where a price is set to zero, a cap that is passed already stops nothing."""
    budget = opened(Caps(day_usd=1.0), booked={MORNING.date(): 3.0})
    assert budget.reserve_page(100, least=10, each_usd=0.0, now=MORNING) == 100


def test_a_post_is_booked_once_a_utc_day() -> None:
    """Read again the same day it costs nothing; the next day it costs again; what a run before booked is known."""
    budget = Budget(Prices())
    budget.open("run", booked={MORNING.date(): 0.005}, known=[(MORNING.date(), POST, "0")])
    for now in (MORNING, MORNING + timedelta(hours=14), MORNING + DAY):
        budget.settle(0.0, posts(2, now=now))
    rows = budget.rows(now=MORNING)["reads"].to_pylist()
    assert [(row["utc_date"], row["id"], row["read_at"]) for row in rows] == [
        (MORNING.date(), "1", MORNING),
        (MORNING.date() + DAY, "0", MORNING + DAY),
        (MORNING.date() + DAY, "1", MORNING + DAY),
    ]
    assert round(budget.run_usd, 9) == 0.015


def test_a_reservation_stands_from_one_commit_to_the_next() -> None:
    """Each commit settles the one before; the last leaves none; a request that nobody waits for stays booked."""
    budget = opened()
    first = budget.rows(now=MORNING)["reservations"].to_pylist()
    budget.reserve(1.5, now=MORNING)
    second = budget.rows(now=MORNING)["reservations"].to_pylist()
    last = budget.rows(now=MORNING, is_last=True)["reservations"].to_pylist()
    told = [[(row["reservation_id"], round(row["usd"], 9), row["settled_at"]) for row in rows] for rows in (first, second, last)]  # fmt: skip
    assert told == [
        [("run/1", 11.0, None)],
        [("run/1", 11.0, MORNING), ("run/2", 11.0, None)],
        [("run/3", 1.5, None), ("run/2", 11.0, MORNING)],
    ]


def test_a_reservation_is_never_wider_than_the_caps() -> None:
    """What stands for requests under way is no more than may still be spent."""
    budget = opened(Caps(run_usd=2.0))
    budget.settle(0.0, posts(100))
    (row,) = budget.rows(now=MORNING)["reservations"].to_pylist()
    assert round(row["usd"], 9) == 1.5


ASKED = st.tuples(
    st.integers(1, 100),  # wanted
    st.sampled_from(["settle", "release", "lose", "leave"]),
    st.integers(0, 100),  # of what was reserved, percent that came
    st.integers(0, 80_000),  # seconds until the next
    st.booleans(),  # the answer falls on the next second, maybe of the next day
)


@given(
    caps=st.builds(
        Caps,
        run_usd=st.none() | st.floats(0.01, 5),
        day_usd=st.none() | st.floats(0.01, 3),
        cycle_usd=st.none() | st.floats(0.01, 5),
        cap_reset_day=st.sampled_from([1, 30, 31]),
    ),
    before=st.floats(0, 2),
    asked=st.lists(ASKED, max_size=40),
)
def test_no_cap_is_ever_passed(caps: Caps, before: float, asked: list[tuple[int, str, int, int, bool]]) -> None:
    """Whatever is reserved, settled, given back and lost, in any order: what X can have billed stays within each cap."""
    now = datetime(2026, 3, 29, 20, tzinfo=UTC)
    budget = opened(caps, booked={now.date(): min(before, caps.day_usd or 9, caps.cycle_usd or 9)})
    billed = {now.date(): min(before, caps.day_usd or 9, caps.cycle_usd or 9)}
    of_run, number = 0.0, 0
    for wanted, what, percent, seconds, is_late in asked:
        try:
            size = budget.reserve_page(wanted, least=1, each_usd=0.01, now=now)
        except BudgetExceeded:
            size = 0
        usd, came = size * 0.01, size * percent // 100
        if size and what == "settle":
            day = utc_date(now + timedelta(seconds=is_late))
            budget.settle(usd, posts(came, now=now + timedelta(seconds=is_late), first=number, usd=0.01))
            number += came
            billed[day] = billed.get(day, 0) + came * 0.01
            of_run += came * 0.01
        elif size and what == "lose":
            budget.lose(usd, now=now)
            billed[now.date()] = billed.get(now.date(), 0) + usd
            of_run += usd
        elif size and what == "release":
            budget.release(usd)
        assert of_run <= (caps.run_usd or 1e9) + 1e-9
        assert all(spent <= (caps.day_usd or 1e9) + 1e-9 for spent in billed.values())
        for first in {cycle_start(day, caps.cap_reset_day) for day in billed}:
            spent = sum(usd for day, usd in billed.items() if cycle_start(day, caps.cap_reset_day) == first)
            assert spent <= (caps.cycle_usd or 1e9) + 1e-9
        now += timedelta(seconds=seconds)


# Told by the simulator


def billed(on: Stage) -> dict[tuple[date, str], list[str]]:
    """What X billed, by UTC day and kind; of counts only how many, since their ids are ours."""
    bill = on.simulator.api.bill
    return {
        (date.fromisoformat(day), kind): sorted(map(str, bill.ids(date.fromisoformat(day), kind)))
        for day, kinds in bill.days().items()
        for kind in kinds
        if bill.ids(date.fromisoformat(day), kind)
    }


def assert_equal(found: Books, on: Stage) -> None:
    """Every line of our books is one of X's bill, and the other way round."""
    theirs = billed(on)
    assert found.reads.keys() == theirs.keys()
    for (day, kind), ids in found.reads.items():
        if kind.startswith("counts"):
            assert len(ids) == len(theirs[day, kind]), (day, kind)
        else:
            assert ids == theirs[day, kind], (day, kind)
    assert (round(found.settled_usd, 6), found.unsettled_usd) == (round(on.simulator.api.bill.usd(), 6), 0)


@pytest.mark.parametrize("are_includes_billed", [True, False])
@pytest.mark.parametrize(("authors", "vocabulary"), [("expand", "both"), ("lookup", "both"), ("lookup", "tweet")])
def test_our_books_are_the_bill(tmp_path: Path, authors: str, vocabulary: str, are_includes_billed: bool) -> None:
    """Over several days of collecting and refreshing, each line and the sum to the cent."""
    changes = {
        "x": {"authors": authors},
        "collect": {"first_run_days": 2.0},
        "prices": {"are_includes_billed": are_includes_billed},
    }
    with stage(
        tweets=1200, days=7, request_s=1, vocabulary=vocabulary, bills_includes=are_includes_billed,
        rates={"withheld_rate": 0.05, "protected_rate": 0.03, "edited_rate": 0.03},
    ) as on:  # fmt: skip
        for days in (3.0, 2.0, 1.0, 0.6, 0.0):
            on.at(NOW - days * DAY)
            on.app(tmp_path, is_moving=True, **changes).run(progress=Silent())
        found = books(tmp_path)
        assert_equal(found, on)
        assert {kind for _, kind in found.reads} >= {"post", "counts_recent"}
        assert len(on.asked("/2/tweets")) > 5


@pytest.mark.parametrize("seed", range(2))
def test_with_faults_the_bill_is_within_our_books(tmp_path: Path, seed: int) -> None:
    """Cut, broken and slow answers: X may have billed what we did not get, and it is booked."""
    faults = Faults(rate=0.2, seed=seed)
    with stage(tweets=1200, days=7, request_s=1, faults=faults) as on:
        for days in (2, 1, 0):
            on.at(NOW - days * DAY)
            on.app(tmp_path, is_moving=True, collect={"first_run_days": 2.0}, x={"max_results": 20}).run(
                progress=Silent()
            )
        assert on.simulator.api.bill.usd() <= books(tmp_path).usd + 1e-9


def test_a_page_is_made_smaller_to_fit_and_a_cap_ends_the_run(tmp_path: Path) -> None:
    """Pages shrink from 54 to X's least; then exit code 6, and the tracker and time that are missing."""
    with stage(tweets=1500, request_s=1) as on:
        app = on.app(tmp_path, is_moving=True, budget={"run_usd": 3.0})
        with pytest.raises(BudgetExceeded) as stopped:
            app.collect(progress=Silent())
        told = str(stopped.value)
        sizes = [int(params["max_results"]) for params in on.asked("/search/recent")]
        assert (stopped.value.exit_code, sizes[0], min(sizes) >= 10, max(sizes)) == (6, 54, True, 54)
        assert sizes == sorted(sizes, reverse=True)
        assert told.startswith("the cap budget.run_usd = 3 leaves $0.")
        assert 0 < int(told.split("missing of arcane: about ")[1].split()[0]) < 1500
        assert told.endswith("to 2026-11-20 09:45 UTC")
        assert on.simulator.api.bill.usd() <= 3.0
        (run,) = table(app, "runs")
        assert (run["outcome"], run["exit_code"], run["message"]) == ("BudgetExceeded", 6, told)
        assert table(app, "tweets") != []
        assert_equal(books(tmp_path), on)


def test_capped_runs_come_to_the_end_day_by_day(tmp_path: Path) -> None:
    """A cap a day spreads the week over days; none is passed and at the end nothing is missing."""
    with stage(tweets=900, request_s=1) as on:
        days = 0
        while True:
            app = on.app(tmp_path, is_moving=True, budget={"day_usd": 7.0})
            try:
                app.collect(progress=Silent())
                break
            except BudgetExceeded:
                days += 1
                assert days < 6
                on.at(NOW + days * timedelta(hours=20))
        spent = [sum(kind["usd"] for kind in kinds.values()) for kinds in on.simulator.api.bill.days().values()]
        assert days >= 1
        assert max(spent) <= 7.0
        assert app.status().trackers[0].gaps == ()


def test_a_refresh_without_money_says_how_many_are_left(tmp_path: Path) -> None:
    """What fits is read again, the rest is counted in the sentence."""
    with stage(tweets=900, request_s=1) as on:
        on.at(NOW - 2 * DAY)
        on.app(tmp_path, is_moving=True, collect={"first_run_days": 2.0}).collect(progress=Silent())
        on.at(NOW)
        before = len(on.asked("/2/tweets"))
        with pytest.raises(BudgetExceeded, match=r"run_usd = 0\.9 .*; \d+ of the \d+ tweets due were not read again"):
            on.app(tmp_path, is_moving=True, budget={"run_usd": 0.9}).refresh(progress=Silent())
        sizes = [len(params["ids"].split(",")) for params in on.asked("/2/tweets")[before:]]
        assert (sizes[0], sizes) == (36, sorted(sizes, reverse=True))
        assert_equal(books(tmp_path), on)


def test_nothing_is_booked_for_a_request_that_was_never_sent(tmp_path: Path) -> None:
    """Nobody listens: not even a reservation stays."""
    with stage(tweets=50) as on:
        app = on.app(tmp_path, x={"base_url": "http://127.0.0.1:9", "attempts": 1})
        with pytest.raises(Unavailable):
            app.collect(progress=Silent())
    assert books(tmp_path) == Books({}, 0, 0)


def test_a_page_that_stays_cut_stays_booked_at_its_worst(tmp_path: Path) -> None:
    """X gave and billed it; we never had it. Its counts were cut too, and each of their tries is billed."""
    with stage(tweets=300, request_s=1) as on:
        on.app(tmp_path, is_moving=True).collect(progress=Silent())
        on.at(NOW + DAY / 2)
        before = on.simulator.api.bill.usd()
        assert books(tmp_path).usd == pytest.approx(before)
        on.simulator.api.faults = Faults(rate=1.0, kinds=("cut",))
        with pytest.raises(PageError):
            on.app(tmp_path, is_moving=True, x={"attempts": 3}).collect(progress=Silent())
        assert on.simulator.api.bill.usd() == pytest.approx(before + 3 * 0.005)
        assert books(tmp_path).unsettled_usd == pytest.approx(3 * 0.005)


def test_x_is_out_of_money_before_we_are(tmp_path: Path) -> None:
    """X's own 402 ends the run; what was read is booked, and what was refused is not."""
    with stage(tweets=900, request_s=1, cap_usd=3.0) as on:
        with pytest.raises(CreditsExhausted):
            on.app(tmp_path, is_moving=True).collect(progress=Silent())
        assert_equal(books(tmp_path), on)


class Interrupted(Silent):
    """Somebody presses Ctrl+C when so many pages were read."""

    def __init__(self, after: int) -> None:
        self._left = after

    def advance(self, tweet_count: int) -> None:  # noqa: ARG002 - the protocol's
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [1, 3])
def test_ctrl_c_books_what_was_answered(tmp_path: Path, after: int) -> None:
    """Nothing of the slice is committed, all of it is booked; the next run books no page a second time."""
    with stage(tweets=900, request_s=1) as on:
        app = on.app(tmp_path, is_moving=True)
        with pytest.raises(KeyboardInterrupt):
            app.collect(progress=Interrupted(after))
        assert table(app, "tweets") == []
        assert on.simulator.api.bill.usd() <= books(tmp_path).usd + 1e-9
        on.app(tmp_path, is_moving=True).collect(progress=Silent())
        assert books(tmp_path).reads.keys() == billed(on).keys()
        assert on.simulator.api.bill.usd() <= books(tmp_path).usd + 1e-9


KILLED: dict[str, Callable[[list[str]], int]] = {
    "before the first page is archived": lambda steps: steps.index("before append"),
    "with half a page archived": lambda steps: steps.index("half page"),
    "after three pages": lambda steps: [place for place, one in enumerate(steps) if one == "after append"][2],
    "before the last commit": lambda steps: len(steps) - steps[::-1].index("before confirm") - 2,
}


@pytest.fixture(scope="module", name="whole_run")
def _whole_run(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The steps of an undisturbed run."""
    with stage(tweets=700, rate_limits=False) as on:
        return test_kill.run(on, tmp_path_factory.mktemp("whole"), die_at=None)


@pytest.mark.parametrize("when", KILLED)
def test_what_a_killed_run_asked_for_stays_booked(tmp_path: Path, whole_run: list[str], when: str) -> None:
    """Its reservation is never settled; the pages that it archived are booked once, by the next run."""
    with stage(tweets=700, rate_limits=False) as on:
        test_kill.run(on, tmp_path, die_at=KILLED[when](whole_run))
        killed = books(tmp_path)
        assert killed.unsettled_usd == pytest.approx(11.0)
        test_kill.run(on, tmp_path, die_at=None)
        after = books(tmp_path)
        assert after.unsettled_usd == pytest.approx(11.0)
        assert on.simulator.api.bill.usd() <= after.usd + 1e-9
        theirs = billed(on)
        for (day, kind), ids in after.reads.items():
            assert set(ids) <= set(theirs[day, kind]) or kind.startswith("counts")
        stored = {row["tweet_id"] for row in table(on.app(tmp_path), "tweets")}
        assert stored <= set(after.reads[NOW.date(), "post"])


def test_a_refresh_that_is_killed_before_its_first_commit_stays_booked(tmp_path: Path) -> None:
    """The reservation is durable before the first request, whatever the command does first."""
    with stage(tweets=700, request_s=1) as on:
        on.at(NOW - 2 * DAY)
        on.app(tmp_path, is_moving=True, collect={"first_run_days": 2.0}).collect(progress=Silent())
        on.at(NOW)
        before = on.simulator.api.bill.usd()
        process = multiprocessing.get_context("forkserver").Process(
            target=_die_answered, args=(str(tmp_path), on.base_url)
        )
        process.start()
        process.join(60)
        assert (process.exitcode, on.simulator.api.bill.usd() > before) == (-9, True)
        found = books(tmp_path)
        assert (found.settled_usd, found.unsettled_usd) == (pytest.approx(before), pytest.approx(11.0))


def _die_answered(folder: str, base_url: str) -> None:
    """Refresh, and die when the first page has come and is not archived."""
    Parcel.add = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
    App(settings(Path(folder), base_url), clock=RemoteClock(base_url)).refresh(progress=Silent())
