"""The zip that Google Cloud runs: built twice alike, started alone, asked as Cloud Scheduler asks."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.emulators import EMULATOR, Bucket, Google, new_bucket
from tests.stories import Stage, StillClock, settings, table

from arcane.app import App
from arcane.cloud import _Silent
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

ROOT = Path(__file__).parent.parent
UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
# What differs between a run of ten attempts and a clean one: when a tweet was read, and on which page.
PLAIN = "tweet_id, text, kind, author_id, like_count, retweet_count, reply_count, video_view_count, created_at"


@pytest.fixture(scope="module", name="unpacked")
def _unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip's content beside an environment that has its requirements and nothing else."""
    if not (EMULATOR / "ready").exists():
        pytest.skip("no Python 3.13, which the function runs on")
    folder = tmp_path_factory.mktemp("function")
    sys.path.insert(0, str(ROOT / "deploy"))
    try:
        import package
    finally:
        sys.path.pop(0)
    once, twice = package.package(folder / "once.zip"), package.package(folder / "twice.zip")
    assert once == twice == hashlib.sha256((folder / "once.zip").read_bytes()).hexdigest()
    with zipfile.ZipFile(folder / "once.zip") as found:
        expected = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "arcane").rglob("*.*")}
        expected = {name for name in expected if not name.endswith(".pyc")}
        assert set(found.namelist()) == {"main.py", "requirements.txt", *expected}
        found.extractall(folder / "source")
    environment = str(folder / "venv")
    subprocess.run([UV, "venv", "--quiet", "--python", str(EMULATOR / "bin" / "python"), environment], check=True)
    requirements = str(folder / "source" / "requirements.txt")
    command = [UV, "pip", "sync", "--quiet", "--require-hashes", "--python", environment, requirements]
    subprocess.run(command, check=True)
    return folder


def test_the_wheel_holds_the_checks(tmp_path: Path) -> None:
    """An installed Arcane has the SQL that it runs, file by file."""
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    written = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.sql")}
    with zipfile.ZipFile(wheel) as found:
        assert {name for name in found.namelist() if name.endswith(".sql")} == written
    assert written


@dataclass
class Function:
    """functions-framework with the zip's content, as a process."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def post(self, due: datetime | None) -> tuple[int, dict[str, Any]]:
        headers = {"X-CloudScheduler-ScheduleTime": f"{due:%Y-%m-%dT%H:%M:%SZ}"} if due else {}
        headers |= {"X-CloudScheduler": "true", "User-Agent": "Google-Cloud-Scheduler"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.url, data=b"{}", headers=headers), timeout=60
            ) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as exc:
            return exc.code, json.loads(exc.read())


def started(unpacked: Path, folder: Path, environ: dict[str, str]) -> Function:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    log = folder / f"function-{port}.log"
    command = [str(unpacked / "venv" / "bin" / "functions-framework"), "--target", "run", "--source", "main.py"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    whole = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "THREADS": "1", **environ}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=unpacked / "source", env=whole, stdout=out, stderr=out)
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            break
        except OSError:
            time.sleep(0.05)
    return Function(process, f"http://127.0.0.1:{port}", log)


@dataclass
class Cloud:
    """X, BigQuery and a bucket, all played on this machine, with the machine's own time."""

    stage: Stage
    google: Google
    bucket: Bucket
    dataset: str
    now: datetime

    def environ(self) -> dict[str, str]:
        found = {
            "X__BASE_URL": self.stage.base_url,
            "X__BEARER_TOKEN": "simulator",
            "X__MAX_RESULTS": "50",
            "WAREHOUSE__KIND": "bigquery",
            "VIEWS__IS_APPLIED": "false",
            "WAREHOUSE__PROJECT": self.google.project,
            "WAREHOUSE__DATASET": self.dataset,
            "ARCHIVE__URL": self.bucket.url,
            "ARCHIVE__ENDPOINT": self.bucket.endpoint,
        }
        if self.google.endpoint:
            found["WAREHOUSE__ENDPOINT"] = self.google.endpoint
        return {f"ARCANE_{name}": value for name, value in found.items()}

    def app(self, dataset: str, **changes: Any) -> App:
        whole = settings(Path("unused"), self.stage.base_url, warehouse=self.google.settings(dataset), **changes)
        return App(whole, clock=StillClock(self.now))

    def tweets(self, dataset: str) -> list[tuple[object, ...]]:
        """Those of the days that every run covers."""
        low, high = self.now - timedelta(days=6.9), self.now - timedelta(minutes=20)
        sql = f"select {PLAIN} from tweets where created_at between @low and @high order by tweet_id"
        reader = self.app(dataset).reader()
        try:
            return reader.query(sql, {"low": low, "high": high}).rows
        finally:
            reader.close()


@pytest.fixture(name="played")
def _played(google: Google, storage_endpoint: str) -> Iterator[Cloud]:
    now = datetime.now(UTC).replace(microsecond=0)
    world = World.generate(seed=4, end=now, days=8, tweet_count=1200)
    simulator = Simulator(world, clock=AdjustableClock(now), rate_limits=False)
    with simulator.running() as base_url:
        yield Cloud(Stage(simulator, base_url), google, new_bucket(storage_endpoint), google.dataset(), now)


@pytest.mark.bigquery
@pytest.mark.timeout(300)
def test_ten_posts_are_one_run(played: Cloud, unpacked: Path, tmp_path: Path) -> None:
    """Duplicates, overlaps, a SIGTERM in the middle of a page and a new process: the tables are those of a clean run."""
    functions = [started(unpacked, tmp_path, played.environ()) for _ in range(2)]
    first, second = functions
    due = [played.now - timedelta(days=2 - day) for day in range(3)]
    answers: list[tuple[int, str]] = []

    def post(function: Function, when: datetime | None) -> None:
        status, answer = function.post(when)
        answers.append((status, answer["outcome"]))

    api = played.stage.simulator.api
    inner, reached = api.answer, threading.Event()

    def slow(*args: Any) -> Any:
        if len(api.log) > 6:  # X answers nothing more until the test has seen enough
            reached.set()
            resumed.wait(30)
        return inner(*args)

    resumed = threading.Event()
    api.answer = slow  # type: ignore[method-assign]
    try:
        running = threading.Thread(target=post, args=(first, due[0]))
        running.start()
        assert reached.wait(30)
        post(second, due[0])  # the same occurrence, while its first attempt runs
        post(second, due[1])  # another one
        assert answers == [(503, "running"), (200, "skipped")]
        first.process.send_signal(signal.SIGTERM)
        ended_after = time.monotonic()
        assert first.process.wait(10) is not None
        ended_after = time.monotonic() - ended_after
        running.join(10)
        assert (ended_after < 10, answers[-1]) == (True, (503, "stopped"))
    finally:
        resumed.set()
        api.answer = inner  # type: ignore[method-assign]
    asked_before = sum("max_results" in row["params"] for row in api.log)
    for when in (due[0], due[0], due[1], due[1], due[2], due[2], None):
        post(second, when)
    assert [status for status, _ in answers[3:]] == [200] * 7
    assert [outcome for _, outcome in answers[3:]] == ["complete", "done before"] * 3 + ["complete"]
    assert asked_before > 0
    second.process.terminate()
    assert second.process.wait(10) is not None
    clean = played.google.dataset()
    app = played.app(clean, archive={"path": tmp_path / "clean"})
    app.collect(progress=_Silent())
    expected = played.tweets(clean)
    assert len(expected) > 500
    assert played.tweets(played.dataset) == expected
    assert len({row["tweet_id"] for row in table(played.app(played.dataset), "tweets")}) >= len(expected)
    logs = first.log.read_text() + second.log.read_text()
    assert "Traceback" not in logs
    told = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    assert sum(line["message"] == "run.answered" for line in told) == 10


@contextmanager
def dashboard(unpacked: Path, folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """The address of the zip's dashboard, as long as it runs."""
    command = [str(unpacked / "venv" / "bin" / "python"), "-m", "arcane.cli", "dashboard"]
    whole = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **environ}
    with subprocess.Popen(command, cwd=unpacked / "source", env=whole, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("the dashboard is at ").split(";")[0]
        finally:
            process.terminate()
        assert process.wait(20) in {0, 143}


def got(address: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read()


@pytest.mark.bigquery
@pytest.mark.timeout(300)
def test_the_dashboard_is_served_from_the_same_zip(played: Cloud, unpacked: Path, tmp_path: Path) -> None:
    """With what it may read and no more, for whom the proxy names: its scripts come, and answers out of BigQuery."""
    app = played.app(played.dataset, archive={"path": tmp_path / "archive"})
    app.collect(progress=_Silent())
    app.apply_views()
    environ = {name: value for name, value in played.environ().items() if name.startswith("ARCANE_WAREHOUSE__")}
    environ |= {"ARCANE_DASHBOARD__PORT": "0", "ARCANE_DASHBOARD__IDENTITY_HEADER": "X-Goog-Authenticated-User-Email"}
    somebody = {"X-Goog-Authenticated-User-Email": "accounts.google.com:client@example.com"}
    script = "static/vendor/vega.js"
    query = quote(f"select count(*) as tweets from {played.dataset}.tweets")
    with dashboard(unpacked, tmp_path, environ) as address:
        assert got(f"{address}/{script}") == (200, (ROOT / "src/arcane/serve/dashboard" / script).read_bytes())
        assert got(f"{address}/")[0] == 401
        assert got(f"{address}/", **somebody)[0] == 200
        status, answer = got(f"{address}/sql.csv?sql={query}", **somebody)
    assert (status, answer.decode("utf-8-sig").split()) == (200, ['"tweets"', f'"{len(table(app, "tweets"))}"'])
