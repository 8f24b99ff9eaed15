"""One commit of many tweets into BigQuery's emulator: seconds, memory, and Parquet bytes a row.

    .venv/bin/python bench/bigquery.py                     50,000 tweets
    .venv/bin/python bench/bigquery.py --tweets 10000      a slice as `arcane collect` commits it

Pages come from the simulator, in memory; the emulator is a process of its own, so that its memory and work are told
apart from ours. What Google's servers would take is not measured here: only what Arcane itself does and sends.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

import pyarrow as pa
import pyarrow.compute
from tests.emulators import google
from tests.stories import StillClock

from arcane.budget import Budget
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.server import Simulator
from arcane.simulator.world import World
from arcane.transform import Batch as Rows
from arcane.transform import Reading
from arcane.warehouse import bigquery
from arcane.warehouse.interface import Batch
from arcane.x.client import XClient
from arcane.x.prices import Prices
from arcane.x.wire import Wire

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def readings(tweet_count: int) -> Iterator[Reading]:
    """Pages of a simulated week with at least so many tweets."""
    world = World.generate(seed=5, end=NOW, days=7, tweet_count=round(tweet_count * 1.25))
    simulator = Simulator(world, clock=AdjustableClock(NOW), rate_limits=False)
    with (
        simulator.running() as base_url,
        XClient(Wire(base_url=base_url, token="simulator", clock=StillClock(NOW), purse=Budget(Prices()))) as client,
    ):
        read = 0
        window = {"start_at": NOW - timedelta(days=6.9), "end_at": NOW - timedelta(minutes=1)}
        for number, answer in enumerate(client.search("#Arcane", **window, max_results=100)):
            yield Reading(answer.page, NOW, "arcane", f"{number:032x}")
            read += len(answer.page.data)
            if read >= tweet_count:
                return
        raise SystemExit(f"the simulated week had only {read} tweets")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def arrow(tweet_count: int) -> dict[str, pa.Table]:
    rows = Rows(zone=ZoneInfo("Europe/Paris"))
    for reading in readings(tweet_count):
        rows.add(reading)
    return rows.to_arrow()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tweets", type=int, default=50_000)
    options = parser.parse_args()
    rows = arrow(options.tweets)
    later = {name: _later(table) for name, table in rows.items()}
    tweet_count = rows["tweets"].num_rows
    print(f"{tweet_count:,} tweets (those quoted and replied to among them); peak so far {peak_mb():.0f} MB")
    print(f"{'table':16} {'rows':>9} {'Parquet MB':>11} {'bytes a row':>12}")
    total = 0
    started = time.perf_counter()
    for name, table in rows.items():
        if table.num_rows:
            size = len(bigquery._parquet(table))
            total += size
            print(f"{name:16} {table.num_rows:9,} {size / 1e6:11.2f} {size / table.num_rows:12.0f}")
    print(f"{'all':16} {'':9} {total / 1e6:11.2f} {total / tweet_count:12.0f} a tweet")
    print(f"making the Parquet: {time.perf_counter() - started:.2f} s")
    with google() as emulated, closing(emulated.warehouse(emulated.dataset())) as warehouse:
        warehouse.migrate()
        warehouse.acquire("bench", now=NOW)
        for label, batch in (("new tweets", rows), ("the same again, read an hour later", later)):
            before, cpu = peak_mb(), time.process_time()
            started = time.perf_counter()
            warehouse.commit(Batch(batch), now=NOW)
            print(
                f"commit, {label}: {time.perf_counter() - started:.1f} s with the emulator's work, "
                f"{time.process_time() - cpu:.1f} CPU-s of ours, peak {before:.0f} → {peak_mb():.0f} MB"
            )
        ((count, first_at),) = warehouse._asked("select count(*), min(metrics_observed_at) from tweets")
        assert (count, first_at) == (tweet_count, NOW + timedelta(hours=1)), (count, first_at)


def _later(table: pa.Table) -> pa.Table:
    """The same rows, read an hour later."""
    for number, name in enumerate(table.column_names):
        if name.endswith("observed_at"):
            column = table.column(number)
            moved = pa.compute.add(column, pa.scalar(timedelta(hours=1), pa.duration("us")))
            table = table.set_column(number, table.schema.field(number), moved.cast(column.type))
    return table


if __name__ == "__main__":
    main()
