"""How much `arcane collect` costs beside the floor, measured in one run on the same pages.

    make bench                                        1,000 pages of 100 tweets
    .venv/bin/python bench/collect.py --pages 10000   and so on

Prints CPU seconds (user + system, the operating system's account of the whole process, imports included) and peak
memory of both, in turn, and their ratio. The pages come from the simulator in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of a command."""
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        assert process.stderr is not None
        print(process.stderr.read().decode()[-2000:])
        raise SystemExit(f"{' '.join(command)} failed with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = folder / "port"
        tweets = str(round(options.pages * 100 / 0.867 / (6.99 / 7.2)))
        simulator = [sys.executable, "-m", "arcane.cli", "simulate", "--port", "0", "--port-file", str(port)]
        simulator += ["--tweets", tweets, "--days", "7.2", "--no-rate-limits"]
        with subprocess.Popen(simulator, stdout=subprocess.DEVNULL) as server:
            try:
                while not (port.exists() and port.read_text()):
                    time.sleep(0.1)
                rounds(options.rounds, folder, f"http://127.0.0.1:{port.read_text()}")
            finally:
                server.terminate()


def rounds(count: int, folder: Path, base_url: str) -> None:
    ratios, ours_cpu, floor_cpu, ours_peak = [], [], [], []
    for number in range(count):
        now = datetime.now(UTC).replace(microsecond=0)
        window = [
            f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (now - timedelta(days=6.99), now - timedelta(minutes=15))
        ]
        floor = [sys.executable, str(HERE / "floor.py"), base_url, *window, str(folder / f"floor{number}.duckdb")]
        environment = {
            "ARCANE_X__BASE_URL": base_url,
            "ARCANE_X__BEARER_TOKEN": "simulator",
            "ARCANE_WAREHOUSE__PATH": str(folder / f"{number}" / "arcane.duckdb"),
            "ARCANE_ARCHIVE__PATH": str(folder / f"{number}" / "archive"),
        }
        cpu_floor, wall_floor, peak_floor = measured(floor, {})
        cpu, wall, peak = measured([sys.executable, "-m", "arcane.cli", "collect"], environment)
        ratios.append(cpu / cpu_floor)
        ours_cpu.append(cpu)
        floor_cpu.append(cpu_floor)
        ours_peak.append(peak)
        print(
            f"round {number + 1}: collect {cpu:.2f} CPU-s, {wall:.1f} s, {peak:.0f} MB; "
            f"floor {cpu_floor:.2f} CPU-s, {wall_floor:.1f} s, {peak_floor:.0f} MB; ratio {cpu / cpu_floor:.2f}",
            flush=True,
        )
    pages = sum(1 for _ in (folder / "0" / "archive").rglob("*.zst"))
    print(
        f"median of {count}: collect {statistics.median(ours_cpu):.2f} CPU-s, "
        f"floor {statistics.median(floor_cpu):.2f} CPU-s, "
        f"ratio {statistics.median(ratios):.2f}, peak {statistics.median(ours_peak):.0f} MB, {pages} archive objects"
    )


if __name__ == "__main__":
    main()
