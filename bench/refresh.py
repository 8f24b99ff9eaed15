"""How near the stored likes are to the truth for the readings that are paid: our schedule beside others.

    .venv/bin/python bench/refresh.py              three made-up worlds of 64 days and 12,000 tweets
    .venv/bin/python bench/refresh.py --seeds 7    and so on

`App.run` collects and refreshes from the simulator once a day at 06:00 UTC, over HTTP, on a clock that is set and not
waited for; what it read is taken from `tweet_snapshots`. The other schedules are computed with the simulator's own
counters at the same moments. So is ours, once more, and has to give the same readings, tweet by tweet.

Error of a tweet at an age: |likes of the newest reading so far - likes of that moment| / max(likes of that moment, 1),
at every 6 hours from 0.5 to 30 days, from the first reading on; then the mean over ages and tweets. A tweet that never
gets a like is always right, so the mean is also given over those that get 1, or 10, in the end. Measured are the tweets
of the days whose 31 following runs all happened. Paid: readings after the first, each on a UTC day of its own.

The last world is that of the last seed with second waves that come late and to any tweet, which flatters no schedule.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from arcane import logs
from arcane.app import App
from arcane.config import RefreshSettings, Settings
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

END: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)  # the last run
DAYS: Final = 64
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
RUNS_MS: Final = int(END.timestamp() * 1000) - DAY_MS * np.arange(DAYS - 1, -1, -1)
LAG_MS: Final = 900_000  # what search does not give yet, as collect.lag_s
SAMPLES_H: Final = np.arange(12, 720 + 1, 6)
LEFT_H: Final = 744  # when every schedule has ended
AGES_H: Final = RefreshSettings().ages_h
LAST_H: Final = AGES_H[-1]
WEEK_H: Final = 168
LIKES: Final = 2  # column of World.counters
COMPARED: Final = 4  # reposts, replies, likes, quotes

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Clock(AdjustableClock):
    """The simulator's and ours: waiting moves it."""

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)


class Silent:
    """Progress that nobody watches."""

    def expect(self, tweet_count: int) -> None: ...

    def advance(self, tweet_count: int) -> None: ...


@dataclass(frozen=True)
class Cohort:
    """The measured tweets. ``ages_h`` and ``counters``: at every run, a row a tweet."""

    world: World
    places: Ints
    first: Ints  # the run that reads it first
    ages_h: Numbers
    counters: Ints

    @classmethod
    def of(cls, world: World) -> Cohort:
        first = np.searchsorted(RUNS_MS, world.made_ms + LAG_MS)
        places = np.flatnonzero(world.has_arcane & (first > 0) & (first + 31 < DAYS))
        ages_h = (RUNS_MS - world.made_ms[places][:, None]) / HOUR_MS
        counters = np.stack([world.counters(places, moment) for moment in RUNS_MS], axis=1)
        return cls(world, places, first[places], ages_h, counters)

    def __len__(self) -> int:
        return len(self.places)

    def firsts(self) -> Flags:
        """The first reading and no other: what every schedule begins with."""
        return np.arange(DAYS) == self.first[:, None]

    def errors(self, read: Flags, age_h: int) -> Numbers:
        """Of each tweet at this age; NaN before its first reading."""
        moments = self.world.made_ms[self.places] + age_h * HOUR_MS
        newest = np.maximum.accumulate(np.where(read, np.arange(DAYS), -1), axis=1)
        rows = np.arange(len(self))
        reading = newest[rows, np.searchsorted(RUNS_MS, moments, side="right") - 1]
        truth = self.world.counters(self.places, moments)[:, LIKES]
        found = np.abs(self.counters[rows, reading, LIKES] - truth) / np.maximum(truth, 1)
        return np.where(reading < 0, np.nan, found)


@dataclass(frozen=True)
class Score:
    """Paid readings a tweet, and the mean error: of all, of those with 1 and with 10 likes at last; left in the end."""

    paid: float
    errors: tuple[float, float, float]
    left: float

    @classmethod
    def of(cls, cohort: Cohort, read: Flags) -> Score:
        errors = np.stack([cohort.errors(read, age_h) for age_h in SAMPLES_H], axis=1)
        likes = cohort.world.finals[cohort.places, 0]
        means = [float(np.nanmean(errors[likes >= least])) for least in (0, 1, 10)]
        return cls(paid(read), (means[0], means[1], means[2]), float(cohort.errors(read, LEFT_H).mean()))


def paid(read: Flags) -> float:
    return float(read.sum() / len(read) - 1)


def product(world: World, cohort: Cohort, folder: Path) -> Flags:
    """What Arcane's own tables hold after a run a day."""
    clock = Clock(END)
    simulator = Simulator(world, clock=clock, rate_limits=False)
    with simulator.running() as base_url:
        settings = {
            "x": {"base_url": base_url, "bearer_token": "simulator"},
            "warehouse": {"path": folder / "arcane.duckdb"},
            "archive": {"path": folder / "archive"},
        }
        app = App(Settings.model_validate(settings), clock=clock)
        for moment in RUNS_MS:
            clock.set(datetime.fromtimestamp(int(moment) / 1000, UTC))
            app.run(progress=Silent())
    rows = app.query("select tweet_id, observed_at, like_count from tweet_snapshots").rows
    place_of = {str(world.ids[place]): row for row, place in enumerate(cohort.places)}
    read = np.zeros((len(cohort), DAYS), dtype=bool)
    for tweet_id, observed_at, like_count in rows:
        if tweet_id in place_of:
            run = DAYS - 1 - (END - observed_at) // timedelta(days=1)
            row = place_of[tweet_id]
            if like_count != cohort.counters[row, run, LIKES] or RUNS_MS[run] != observed_at.timestamp() * 1000:
                raise SystemExit(f"{tweet_id} at {observed_at} was read with {like_count} likes: that is not the truth")
            read[row, run] = True
    return read


def planned(cohort: Cohort, quiet: Callable[[Numbers], Numbers] | None) -> Flags:
    """At the ages of the schedule; unchanged at two readings, a tweet's next age is ``quiet`` of that of its last."""
    ages = np.array([*AGES_H, np.inf])
    read, rows = cohort.firsts(), np.arange(len(cohort))
    before, last = np.full(len(cohort), -1), cohort.first
    for run in range(DAYS):
        read_age = cohort.ages_h[rows, last]
        next_age = ages[np.searchsorted(AGES_H, read_age, side="right")]
        if quiet is not None:
            pair = cohort.counters[rows, before, :COMPARED] == cohort.counters[rows, last, :COMPARED]
            next_age = np.where((before >= 0) & pair.all(axis=1), quiet(read_age), next_age)
        is_due = (run > last) & (next_age <= cohort.ages_h[:, run])
        read[is_due, run] = True
        before, last = np.where(is_due, last, before), np.where(is_due, run, last)
    return read


def to_the_last(read_age: Numbers) -> Numbers:
    return np.where(read_age < LAST_H, LAST_H, np.inf)


def to_a_week_then_the_last(read_age: Numbers) -> Numbers:
    return np.where(read_age < WEEK_H, WEEK_H, to_the_last(read_age))


def to_a_week_then_done(read_age: Numbers) -> Numbers:
    return np.where(read_age < WEEK_H, WEEK_H, np.inf)


def evenly(cohort: Cohort, count: float) -> Flags:
    """``count`` readings, each as long after the other, the last at 30 days; a fraction is a share of the tweets."""
    by_chance = np.random.default_rng(0).random(len(cohort))
    counts = np.floor(count) + (by_chance < count % 1)
    ages_h = LAST_H * np.arange(1, np.ceil(count) + 1) / np.maximum(counts, 1)[:, None]
    return at(cohort, np.where(ages_h <= LAST_H * np.minimum(counts, 1)[:, None] + 1e-6, ages_h, np.inf))


def from_any_day(cohort: Cohort, count: float) -> Flags:
    """A reading every 30 / ``count`` days, the first of them anywhere within the first such stretch."""
    by_chance = np.random.default_rng(0).random(len(cohort))
    ages_h = LAST_H / count * (np.arange(np.ceil(count) + 1) + by_chance[:, None])
    return at(cohort, np.where(ages_h <= LAST_H, ages_h, np.inf))


def at(cohort: Cohort, ages_h: Numbers) -> Flags:
    """The first reading, and at the first run after each of these ages."""
    read = cohort.firsts()
    for wanted in ages_h.T:
        run = (cohort.ages_h < wanted[:, None]).sum(axis=1)
        is_read = (run < DAYS) & (run > cohort.first)
        read[np.flatnonzero(is_read), run[is_read]] = True
    return read


def at_equal_reads(uniform: Callable[[Cohort, float], Flags], cohort: Cohort, wanted: float) -> Flags:
    """A uniform schedule that pays as many readings: its count by bisection."""
    low, high = wanted / 2, wanted * 2
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if paid(uniform(cohort, middle)) < wanted else (low, middle)
    return uniform(cohort, high)


def with_late_waves(world: World) -> World:
    """A tenth of the tweets, liked or not much, gets its last 20 to 60 % from a day anywhere between 2 and 28 on."""
    random, count = np.random.default_rng(0), len(world)
    is_late = random.random(count) < 0.1
    share = np.where(is_late, random.uniform(0.2, 0.6, count), world.growth.wave_share)
    start_s = np.where(is_late, random.uniform(2, 28, count) * DAY_MS / 1000, world.growth.wave_s)
    waves = {"wave_share": share.astype(np.float32), "wave_s": start_s.astype(np.float32)}
    return dataclasses.replace(world, growth=dataclasses.replace(world.growth, **waves))


def report(name: str, world: World) -> None:
    cohort = Cohort.of(world)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ours = product(world, cohort, Path(folder))
    taken_s = time.monotonic() - started
    schedules = {
        "none": cohort.firsts(),
        "**Arcane, from its tables**": ours,
        "the same, computed": planned(cohort, to_a_week_then_done),
        "unchanged: at a week, then the last": planned(cohort, to_a_week_then_the_last),
        "unchanged: the last": planned(cohort, to_the_last),
        "every age, unchanged or not": planned(cohort, None),
        "daily": at(cohort, np.arange(24, LAST_H + 1, 24) * np.ones((len(cohort), 1))),
    }
    differing = int((ours != schedules["the same, computed"]).any(axis=1).sum())
    print(
        f"\n{name}: {len(cohort):,} of {len(world):,} tweets measured, {DAYS} runs in "
        f"{taken_s:.0f} s; {differing} tweets read otherwise than computed.\n"
    )
    print(
        "| schedule | paid readings a tweet | mean error | 1 like or more | 10 or more | left at 31 days "
        "| of uniform's | of uniform's from any day |\n|---|---|---|---|---|---|---|---|"
    )
    for schedule, read in schedules.items():
        score = Score.of(cohort, read)
        ratios = ["", ""]
        if 0 < score.paid < 20:
            rivals = (Score.of(cohort, at_equal_reads(uniform, cohort, score.paid)) for uniform in UNIFORM.values())
            ratios = [f"{score.errors[0] / rival.errors[0]:.2f}" for rival in rivals]
        line(schedule, score, *ratios)
    for schedule, uniform in UNIFORM.items():
        line(schedule, Score.of(cohort, at_equal_reads(uniform, cohort, paid(ours))), "", "")


UNIFORM: Final = {"uniform, at equal reads": evenly, "uniform from any day, at equal reads": from_any_day}


def line(name: str, score: Score, *ratios: str) -> None:
    errors = " | ".join(f"{100 * error:.2f} %" for error in (*score.errors, score.left))
    print(f"| {name} | {score.paid:.2f} | {errors} | {' | '.join(ratios)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--tweets", type=int, default=12_000)
    options = parser.parse_args()
    logs.configure(style="console", level="error")
    made_up = {"tweet_count": options.tweets, "withheld_rate": 0, "deleted_rate": 0, "edited_rate": 0}
    for seed in options.seeds:
        world = World.generate(seed=seed, end=END, days=DAYS, **made_up)
        report(f"Seed {seed}", world)
    report(f"Seed {seed} with late waves", with_late_waves(world))


if __name__ == "__main__":
    main()
