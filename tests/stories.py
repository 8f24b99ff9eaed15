"""A simulator, an app on it and what the tests ask of both."""

from __future__ import annotations

import contextlib
import itertools
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from arcane.app import App
from arcane.archive.folder import FolderArchive
from arcane.config import Settings
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.faults import Faults
from arcane.simulator.server import Simulator
from arcane.simulator.world import Burst, World
from arcane.warehouse.duckdb import DuckDBWarehouse
from arcane.x import page as pages

NOW = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)


class Silent:
    """Progress that nobody watches."""

    def expect(self, tweet_count: int) -> None: ...

    def advance(self, tweet_count: int) -> None: ...


class RemoteClock:
    """The simulator's clock, read and moved over HTTP: sleeping moves it and takes no time.

    As on a real clock, no two looks show the same microsecond.
    """

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/simulator/clock"
        self._looks = itertools.count()

    def now(self) -> datetime:
        return datetime.fromisoformat(asked(self._url)["now"]) + timedelta(microseconds=next(self._looks))

    def sleep(self, seconds: float) -> None:
        asked(self._url, {"advance_s": seconds})


class StillClock:
    """Always the same moment; sleeping moves it here only."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def asked(url: str, body: dict[str, Any] | None = None) -> Any:
    """JSON of a GET, or of a POST where there is a body."""
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=30) as answer:
        return json.loads(answer.read())


def settings(folder: Path, base_url: str, **changes: Any) -> Settings:
    """Settings for a test: small slices, everything under ``folder``."""
    whole: dict[str, Any] = {
        "x": {"base_url": base_url, "bearer_token": "simulator"},
        "warehouse": {"path": folder / "arcane.duckdb"},
        "archive": {"path": folder / "archive"},
        "collect": {"slice_tweet_count": 1000},
        "log": {"level": "error"},
    }
    if changes.get("warehouse", {}).get("kind") == "bigquery":
        whole["views"] = {"is_applied": False}  # fifty statements more for each dataset: tests/sql has the views
    for key, value in changes.items():
        whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
    return Settings.model_validate(whole)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running simulator."""

    simulator: Simulator
    base_url: str

    def app(self, folder: Path, *, is_moving: bool = False, **changes: Any) -> App:
        clock = RemoteClock(self.base_url) if is_moving else StillClock(self.simulator.clock.now())
        return App(settings(folder, self.base_url, **changes), clock=clock)

    def at(self, now: datetime) -> None:
        """Set the time."""
        self.simulator.clock.set(now)  # type: ignore[attr-defined]

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The parameters of every request that was answered, to a path that ends so, in order."""
        log = self.simulator.api.log
        return [row["params"] for row in log if row["path"].endswith(path) and row["status"] == 200]

    def truth(self, *, query: str = "#Arcane", now: datetime | None = None, days: float = 7) -> set[str]:
        """Ids that a first run at ``now`` should know."""
        now = now or self.simulator.clock.now()
        start_at, end_at = now - timedelta(days=days) + timedelta(minutes=5), now - timedelta(minutes=15)
        return set(self.simulator.api.truth(query, start_at, end_at))


@contextlib.contextmanager
def stage(
    *,
    now: datetime = NOW,
    tweets: int = 2500,
    burst: Burst | None = None,
    days: float = 8,
    seed: int = 3,
    faults: Faults | None = None,
    rates: dict[str, float] | None = None,
    **options: Any,
) -> Iterator[Stage]:
    """A world that ends ``now``, served on 127.0.0.1, with a clock that only moves when told.

    ``rates``: of what happens to its tweets and authors, see ``World.generate``.
    """
    world = World.generate(seed=seed, end=now, days=days, tweet_count=tweets, burst=burst, **(rates or {}))
    simulator = Simulator(world, clock=AdjustableClock(now), faults=faults or Faults(), **options)
    with simulator.running() as base_url:
        yield Stage(simulator, base_url)


def table(app: App, name: str, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The rows of a table as published, in a fixed order."""
    result = app.query(f"select * from {name}")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    kept = [{key: value for key, value in row.items() if key not in without} for row in rows]
    return sorted(kept, key=lambda row: repr(sorted(row.items(), key=str)))


@dataclass(frozen=True, slots=True)
class Books:
    """What a warehouse has booked. ``reads``: ids by UTC day and kind; ``unsettled_usd``: reservations that stand."""

    reads: dict[tuple[date, str], list[str]]
    settled_usd: float
    unsettled_usd: float

    @property
    def usd(self) -> float:
        return self.settled_usd + self.unsettled_usd


def books(folder: Path) -> Books:
    """The books in the working file, published or not."""
    with contextlib.closing(DuckDBWarehouse(folder / "arcane.duckdb", time_zone="Europe/Paris")) as warehouse:
        found: dict[tuple[date, str], list[str]] = {}
        for day, kind, one in warehouse._asked("select utc_date, kind, id from reads order by id"):
            found.setdefault((day, kind), []).append(one)
        sums = []
        for sql in (
            "select coalesce(sum(usd), 0.0) as usd from reads",
            "select coalesce(sum(usd), 0.0) as usd from reservations where settled_at is null",
        ):
            ((usd,),) = warehouse._asked(sql)
            sums.append(round(float(usd), 9))
    return Books(found, *sums)


def newest_readings(folder: Path) -> dict[str, tuple[datetime, int]]:
    """tweet_id → (time, likes) of its newest archived reading."""
    newest: dict[str, tuple[datetime, int]] = {}
    archive = FolderArchive(folder / "archive")
    for name in archive.objects():
        for kept in archive.read(name):
            for tweet in pages.page(bytes(kept.frame.body)).data:
                likes = tweet.public_metrics.like_count if tweet.public_metrics else None
                reading = (kept.frame.observed_at, likes or 0)
                newest[tweet.id] = max(newest.get(tweet.id, reading), reading)
    return newest
