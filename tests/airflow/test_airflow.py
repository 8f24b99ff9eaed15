"""The DAG under a real Airflow: parsed, and run by ``airflow dags test`` to the tables at the end of the way.

Airflow talks to a stand-in for Cloud Run (cloud_run.py) over Google's own client; that runs ``arcane`` in the project's
environment, against the simulator and DuckDB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stories import Stage, settings, table
from tests.test_cli import environment

from arcane.app import App
from arcane.simulator.api import Asked
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.reply import Reply
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
AIRFLOW = ROOT / ".airflow"
pytestmark = [
    pytest.mark.airflow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (AIRFLOW / "ready").exists(), reason="wants Airflow (1.4 GB): make .airflow/ready"),
]
TRACKERS = [{"name": "arcane", "hashtag": "Arcane"}, {"name": "arcane-fr", "query": "#Arcane lang:fr"}]
VARIABLE = {"project_id": "demo", "trackers": [tracker["name"] for tracker in TRACKERS]}
ANONYMOUS = {"conn_type": "google_cloud_platform", "extra": {"is_anonymous": True}}
# A cluster policy, Airflow's own way to change tasks from outside: the same number of attempts, without the waiting.
POLICY = "from datetime import timedelta\n\ndef task_policy(task):\n    task.retry_delay = timedelta(0)\n"


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AIRFLOW_HOME with its database."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "config").mkdir()
    (home / "config" / "airflow_local_settings.py").write_text(POLICY)
    done = airflow(home, "db", "migrate")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def environ(home: Path, **added: str) -> dict[str, str]:
    whole = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_VAR_ARCANE": json.dumps(VARIABLE),
        "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": json.dumps(ANONYMOUS),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "orchestration"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        **added,
    }
    return {**environment({}), **whole}


def airflow(home: Path, *arguments: str, **added: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(AIRFLOW / "bin" / "airflow"), *arguments],
        cwd=home, env=environ(home, **added), capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


def shape(home: Path, **added: str) -> Any:
    command = [str(AIRFLOW / "bin" / "python"), str(HERE / "shape.py"), str(ROOT / "orchestration")]
    done = subprocess.run(
        command, cwd=home, env=environ(home, **added), capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class Cloud:
    """The simulator, the stand-in for Cloud Run and the folder that its containers share."""

    stage: Stage
    folder: Path
    home: Path
    now: datetime

    def day(self, date: str, **added: str) -> subprocess.CompletedProcess[str]:
        """One run of the DAG."""
        return airflow(
            self.home, "dags", "test", "arcane", date,
            grpc_proxy=f"http://127.0.0.1:{(self.folder / 'port').read_text()}",
            GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=str(self.folder / "root.pem"),
            **added,
        )  # fmt: skip

    def executions(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "executions.jsonl").read_text().splitlines()]

    def app(self) -> App:
        return App(settings(self.folder / "data", self.stage.base_url))

    def searches(self) -> list[str]:
        """What X was asked that costs money, and answered."""
        log = self.stage.simulator.api.log
        return [json.dumps(row["params"], sort_keys=True) for row in log if "max_results" in row["params"]]


@pytest.fixture(name="cloud")
def _cloud(home: Path, tmp_path: Path) -> Iterator[Cloud]:
    now = datetime.now(UTC).replace(microsecond=0)
    world = World.generate(seed=4, end=now, days=8, tweet_count=1200)
    simulator = Simulator(world, clock=AdjustableClock(now), rate_limits=False)
    with simulator.running() as base_url:
        settings_of_the_job = {
            "ARCANE_X__BASE_URL": base_url,
            "ARCANE_X__BEARER_TOKEN": "simulator",
            "ARCANE_X__ATTEMPTS": "1",
            "ARCANE_X__MAX_RESULTS": "50",
            "ARCANE_TRACKERS": json.dumps(TRACKERS),
            "ARCANE_COLLECT__OVERLAP_S": "0",
        }
        program = [sys.executable, "-m", "arcane.cli"]
        command = [str(AIRFLOW / "bin" / "python"), str(HERE / "cloud_run.py"), str(tmp_path), *program]
        process = subprocess.Popen(command, env=environment(settings_of_the_job))
        try:
            while not (tmp_path / "port").exists():
                assert process.poll() is None
                time.sleep(0.05)
            yield Cloud(Stage(simulator, base_url), tmp_path, home, now)
        finally:
            process.kill()
            process.wait()


def test_the_dag_is_what_the_docs_say(home: Path) -> None:
    """No import error; one run at a time, nothing caught up, trackers one after another, checks on the side."""
    found = shape(home)
    assert found["errors"] == {}
    (dag,) = found["dags"].values()
    tasks = dag.pop("tasks")
    assert dag == {"catchup": False, "max_active_runs": 1, "schedule": "0 6 * * *", "zone": "Europe/Paris"}
    assert {name: (task["after"], task["rule"], task["retries"]) for name, task in tasks.items()} == {
        "arcane.collect": ([], "all_done", 3),
        "arcane.refresh": (["arcane.collect"], "all_success", 3),
        "arcane.check": (["arcane.refresh"], "all_success", 1),
        "arcane-fr.collect": (["arcane.refresh"], "all_done", 3),
        "arcane-fr.refresh": (["arcane-fr.collect"], "all_success", 3),
        "arcane-fr.check": (["arcane-fr.refresh"], "all_success", 1),
    }
    assert {(task["timeout_s"], task["deferrable"]) for task in tasks.values()} == {(13 * 3600, False)}


@pytest.mark.parametrize("variable", ["{}", '{"project_id": "demo", "trackers": ["arcane"], "zone": "UTC"}'])
def test_a_missing_or_wrong_variable_is_told(home: Path, variable: str) -> None:
    """The import error that Airflow shows names the Variable and what it should be."""
    (error,) = shape(home, AIRFLOW_VAR_ARCANE=variable)["errors"].values()
    assert "the Airflow Variable 'arcane'" in error
    assert "docs/airflow.md tells every key" in error


def test_a_day_reaches_the_tables_and_is_read_once(cloud: Cloud) -> None:
    """X is down once: the same step is tried again and goes on. The day again asks X nothing; the next day, what is new."""
    api = cloud.stage.simulator.api
    answer, down = api.answer, list[str]()

    def once_down(asked: Asked) -> Reply:
        if "max_results" in asked.params and len(cloud.searches()) == 8 and not down:
            down.append(asked.path)
            return Reply(503, b"", {})
        return answer(asked)

    api.answer = once_down  # type: ignore[method-assign]
    done = cloud.day("2026-11-01", AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE="True")
    assert (done.returncode, len(down)) == (0, 1), done.stdout[-5000:]
    asked = cloud.searches()
    assert len(asked) == len(set(asked)) > 10
    low, high = cloud.now - timedelta(days=6.9), cloud.now - timedelta(minutes=20)
    sql = "select tweet_id from tracker_tweets where tracker = @tracker and created_at between @low and @high"
    reader = cloud.app().reader()
    for tracker, query in (("arcane", "#Arcane"), ("arcane-fr", "#Arcane lang:fr")):
        rows = reader.query(sql, {"tracker": tracker, "low": low, "high": high}).rows
        truth = api.truth(query, low, high)
        assert {row[0] for row in rows} == set(truth)
        assert len(truth) > 50
    reader.close()
    occurrences = {tracker: f"airflow-{{}}-{tracker}-20261101T000000" for tracker in ("arcane", "arcane-fr")}
    expected = [
        step
        for name, occurrence in occurrences.items()
        for step in (
            ["collect", "--tracker", name, "--occurrence", occurrence.format("collect")],
            ["refresh", "--tracker", name, "--occurrence", occurrence.format("refresh")],
            ["check"],
        )
    ]
    executions = cloud.executions()
    assert {(one["job"], one["task_count"], one["timeout_s"]) for one in executions} == {
        ("projects/demo/locations/europe-west1/jobs/arcane", 1, 3 * 3600)
    }
    writers = [one["args"] for one in executions if one["args"] != ["check"]]
    tried = [step for step in expected if step != ["check"]]
    assert writers == [tried[0], *tried], "the step that met X down, once more"
    assert sum(one["args"] == ["check"] for one in executions) == 2

    done = cloud.day("2026-11-01")
    assert (done.returncode, cloud.searches()) == (0, asked), done.stdout[-5000:]
    before = len(table(cloud.app(), "tracker_tweets"))
    done = cloud.day("2026-11-02")
    assert done.returncode == 0, done.stdout[-5000:]
    runs = [row for row in table(cloud.app(), "runs") if row["run_id"].startswith("airflow-collect-")]
    second = [row["tweet_count"] for row in runs if "-20261102T" in row["run_id"]]
    assert len(second) == 2
    assert sum(second) == len(table(cloud.app(), "tracker_tweets")) - before
    asked = cloud.searches()
    assert len(asked) == len(set(asked))


def test_a_failing_step_fails_the_run_and_stops_its_tracker(cloud: Cloud) -> None:
    """X refuses one tracker: four attempts, neither refresh nor check; the other has its day; the run is failed."""
    api = cloud.stage.simulator.api
    answer = api.answer

    def refusing(asked: Asked) -> Reply:
        is_refused = "query" in asked.params and "lang:fr" not in asked.params["query"]
        return answer(replace(asked, authorization="Bearer another") if is_refused else asked)

    api.answer = refusing  # type: ignore[method-assign]
    done = cloud.day("2026-11-01")
    assert done.returncode != 0
    assert [one["args"][:3] for one in cloud.executions()] == [
        *[["collect", "--tracker", "arcane"]] * 4,
        ["collect", "--tracker", "arcane-fr"],
        ["refresh", "--tracker", "arcane-fr"],
        ["check"],
    ]
    assert {row["tracker"] for row in table(cloud.app(), "tracker_tweets")} == {"arcane-fr"}
