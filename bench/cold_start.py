"""How long the function takes from a fresh process to the first byte of an answer, on one core.

    .venv/bin/python bench/cold_start.py                       these sources
    .venv/bin/python bench/cold_start.py --against 089dbd4     in turn with those of another revision

As tests/test_package.py starts it: functions-framework on Python 3.13, in an environment that holds the package's
requirements and nothing else (this revision's, for both). Two requests, each to a process of its own: a GET, which is
refused, and a POST of Cloud Scheduler for an occurrence that was run before, which asks BigQuery and not X. The
function runs on core 0; this process, with emulators and simulator, on the others. On a machine that has other work
the CPU-seconds tell more than the clock: they are those of the process from its start to its end.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.emulators import EMULATOR, google, new_bucket, storage
from tests.stories import Silent, StillClock, settings

from arcane.app import App
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

ROOT = Path(__file__).parent.parent
UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
REQUESTS = {"GET": 405, "POST": 200}
STATES = ("no .pyc", "requirements compiled", "all compiled")


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the process's start to the first byte, and the CPU-seconds of the whole process."""

    first_byte_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Played:
    """A dataset in which the occurrence ``due`` was run to its end."""

    environ: dict[str, str]
    due: str


@contextlib.contextmanager
def played(folder: Path) -> Iterator[Played]:
    now = datetime.now(UTC).replace(microsecond=0)
    simulator = Simulator(
        World.generate(seed=4, end=now, days=8, tweet_count=300), clock=AdjustableClock(now), rate_limits=False
    )
    with google() as big, storage() as endpoint, simulator.running() as base_url:
        bucket, dataset, due = new_bucket(endpoint), big.dataset(), now - timedelta(hours=1)
        whole = settings(folder, base_url, warehouse=big.settings(dataset))
        App(whole, clock=StillClock(now)).collect(progress=Silent(), occurrence=f"due-{due:%Y%m%dT%H%M%SZ}")
        environ = {
            "X__BASE_URL": base_url,
            "X__BEARER_TOKEN": "simulator",
            "WAREHOUSE__KIND": "bigquery",
            "WAREHOUSE__PROJECT": big.project,
            "WAREHOUSE__DATASET": dataset,
            "WAREHOUSE__ENDPOINT": str(big.endpoint),
            "ARCHIVE__URL": bucket.url,
            "ARCHIVE__ENDPOINT": bucket.endpoint,
        }
        yield Played({f"ARCANE_{name}": value for name, value in environ.items()}, f"{due:%Y-%m-%dT%H:%M:%SZ}")


def sources(folder: Path, revision: str | None) -> Path:
    """What the zip holds, of a revision or as it lies here."""
    tree = ROOT
    if revision:
        tree = folder / "tree"
        tree.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "-C", str(ROOT), "archive", revision, "src", "deploy"], check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
    target = folder / "source"
    shutil.copytree(tree / "src" / "arcane", target / "arcane", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(tree / "deploy" / "main.py", target / "main.py")
    return target


def started(source: Path, venv: Path, method: str, played: Played) -> Start:
    """One process, one request."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = ["taskset", "-c", "0", str(venv / "bin" / "functions-framework"), "--target", "run"]
    command += ["--source", "main.py", "--host", "127.0.0.1", "--port", str(port)]
    environ = {"PATH": "/usr/bin:/bin", "THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **played.environ}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=source, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, "/", headers={"X-CloudScheduler-ScheduleTime": played.due})
            break
        except ConnectionRefusedError:
            time.sleep(0.005)
    answer = connection.getresponse()
    first_byte_s = time.perf_counter() - began
    body = answer.read().decode()
    connection.close()
    process.terminate()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0  # it is waited for
    if answer.status != REQUESTS[method] or (method == "POST" and "done before" not in body):
        raise SystemExit(f"{method} was answered {answer.status}: {body}")
    return Start(first_byte_s, used.ru_utime + used.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="REVISION", help="a revision to measure in turn with these sources")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    others = os.sched_getaffinity(0) - {0}
    os.sched_setaffinity(0, others or {0})
    with tempfile.TemporaryDirectory() as name, played(Path(name)) as scene:
        folder = Path(name)
        venv, python = folder / "venv", folder / "venv" / "bin" / "python"
        subprocess.run([UV, "venv", "--quiet", "--python", str(EMULATOR / "bin" / "python"), str(venv)], check=True)
        lock = str(ROOT / "deploy" / "requirements.lock")
        subprocess.run([UV, "pip", "sync", "--quiet", "--require-hashes", "--python", str(venv), lock], check=True)
        found = {arguments.against: sources(folder / "against", arguments.against)} if arguments.against else {}
        found["these sources"] = sources(folder / "these", None)
        print(
            f"{arguments.rounds} rounds, one core of {os.cpu_count()}; median (least) seconds to the first byte, CPU-s"
        )
        for state in STATES:
            compiled = {"no .pyc": [], "requirements compiled": [venv / "lib"], "all compiled": found.values()}[state]
            for path in compiled:
                subprocess.run([python, "-m", "compileall", "-q", str(path)], check=True, stdout=subprocess.DEVNULL)
            starts: dict[tuple[str, str], list[Start]] = {}
            for _ in range(arguments.rounds):
                for method in REQUESTS:
                    for label, source in found.items():
                        starts.setdefault((method, label), []).append(started(source, venv, method, scene))
            for (method, label), several in starts.items():
                seconds = [one.first_byte_s for one in several]
                cpu_s = statistics.median(one.cpu_s for one in several)
                figures = f"{statistics.median(seconds):5.2f} ({min(seconds):.2f})  {cpu_s:5.2f}"
                print(f"{state:22} {method:5} {label:14} {figures}")


if __name__ == "__main__":
    main()
