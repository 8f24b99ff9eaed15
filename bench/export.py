"""How long an export of many made-up tweets takes, and the memory of the whole process: XLSX, both CSVs, Parquet.

    .venv/bin/python bench/export.py                              1,000,000 tweets
    .venv/bin/python bench/export.py --keep /tmp/many.duckdb      and keeps the tables for the next time

The tables are those of bench/views.py. Each export is ``arcane export tweets_flat`` (33 columns) in a process of its
own, one after the other; the memory is the most that the system counted for it. (The tables are made in a process of
its own too: Linux counts what the parent had when it started a child.)
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from arcane.views import views
from views import NOW, build, opened

VIEW: Final = "tweets_flat"
FILES: Final = (("a.xlsx", "xlsx"), ("a.csv", "csv-fr"), ("b.csv", "csv"), ("a.parquet", "parquet"))


def made(path: Path, tweet_count: int) -> None:
    """The tables, the views, and the copy that readers see."""
    if not path.exists():
        build(path, tweet_count=tweet_count)
    with closing(opened(path)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("bench", now=NOW)
        warehouse.show(views(), now=NOW)
        warehouse.publish()


def measured(warehouse: Path, file: Path, style: str) -> tuple[float, float, float]:
    """Seconds, CPU seconds and MB of one export."""
    command = [sys.executable, "-m", "arcane.cli", "export", VIEW, "-o", str(file), "--format", style]
    environ = {**os.environ, "ARCANE_WAREHOUSE__PATH": str(warehouse)}
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environ, cwd=file.parent, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{style} failed")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tweets", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="Make the tables here once, and use them again.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (asked.keep or Path(folder) / "arcane.duckdb").absolute()
        process = multiprocessing.get_context("spawn").Process(target=made, args=(path, asked.tweets))
        process.start()
        process.join()
        print("| rows | format | seconds | CPU-s | peak memory | file |\n|---|---|---|---|---|---|")
        for name, style in FILES:
            file = Path(folder) / name
            seconds, cpu_s, memory = measured(path, file, style)
            size = file.stat().st_size / 1e6
            row = f"{asked.tweets:,} | {style} | {seconds:.0f} | {cpu_s:.0f} | {memory:.0f} MB | {size:.0f} MB"
            print(f"| {row} |", flush=True)
            file.unlink()


if __name__ == "__main__":
    main()
