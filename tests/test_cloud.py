"""The function: what Cloud Scheduler is told, and what that makes of the tables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from functions_framework import create_app
from tests.stories import NOW, Stage, stage, table

from arcane import cloud, errors
from arcane.app import App

MAIN = Path(__file__).parent.parent / "deploy" / "main.py"


def due(moment: datetime = NOW) -> dict[str, str]:
    return {"X-CloudScheduler-ScheduleTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}


@pytest.fixture(name="on")
def _on() -> Iterator[Stage]:
    with stage(tweets=900, rate_limits=False) as started:
        yield started


def asked(on: Stage) -> int:
    return len(on.simulator.api.log)


def test_an_occurrence_is_done_once(on: Stage, tmp_path: Path) -> None:
    """The second delivery of the same occurrence answers from the record and asks X for nothing."""
    answer, status = cloud.respond(due(), on.app(tmp_path))
    assert (answer["outcome"], answer["occurrence"], status) == ("complete", "due-20261120T100000Z", 200)
    before = asked(on)
    answer, status = cloud.respond(due(), on.app(tmp_path))
    assert (answer["outcome"], status, asked(on)) == ("done before", 200, before)
    answer, status = cloud.respond(due(NOW - timedelta(days=1)), on.app(tmp_path))
    assert (answer["outcome"], status) == ("complete", 200)
    assert [row["outcome"] for row in table(on.app(tmp_path), "runs")] == ["complete", "complete"]


def test_a_run_by_hand_does_not_take_the_next_slot(on: Stage, tmp_path: Path) -> None:
    """ "Force run" may carry the time of the next slot: it runs, and the slot still comes."""
    tomorrow = due(NOW + timedelta(hours=20))
    for headers in ({}, tomorrow):
        answer, status = cloud.respond(headers, on.app(tmp_path))
        assert (answer["outcome"], answer["occurrence"], status) == ("complete", "", 200)
    assert cloud.respond({"X-CloudScheduler-ScheduleTime": "soon"}, on.app(tmp_path))[1] == 400


BUSY = "collect/due-20261120T100000Z-abc123"


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (errors.WarehouseBusy("busy", holder=BUSY), "running", 503),
        (errors.WarehouseBusy("busy", holder="collect/due-20261119T100000Z-abc123"), "skipped", 200),
        (errors.WarehouseBusy("busy"), "skipped", 200),
        (errors.LeaseLost("lost"), "interrupted", 503),
        (errors.Unavailable("X is down"), "interrupted", 503),
        (errors.WarehouseAway("BigQuery is down"), "interrupted", 503),
        (errors.ArchiveAway("the bucket is down"), "interrupted", 503),
        (errors.PageError("broken"), "interrupted", 503),
        (errors.RateLimited("wait"), "interrupted", 503),
        (errors.OutOfTime("late"), "interrupted", 503),
        (errors.Terminated(), "stopped", 503),
        (errors.ConfigError("wrong"), "failed", 200),
        (errors.AuthError("wrong"), "failed", 200),
        (errors.QueryError("wrong"), "failed", 200),
        (errors.CreditsExhausted("empty"), "failed", 200),
        (errors.WarehouseError("a table is missing"), "failed", 200),
        (errors.ArchiveError("the bucket is gone"), "failed", 200),
    ],
)
def test_scheduler_tries_again_where_that_helps(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    error: BaseException, outcome: str, status: int,
) -> None:  # fmt: skip
    """503 for what passes by itself; 200 for what a person must mend, and an ERROR in the log that wakes one."""
    monkeypatch.setattr(App, "run", lambda *_, **__: (_ for _ in ()).throw(error))
    answer, told = cloud.respond(due(), on.app(tmp_path))
    assert (answer["outcome"], told) == (outcome, status)


def test_sigterm_ends_a_run_and_the_next_goes_on(on: Stage, tmp_path: Path) -> None:
    """Between two pages the process is told to end: the answer is 503, the handler that was there hears of it, nothing
    archived is bought again, and the next attempt of the same occurrence has everything."""
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    answered = on.simulator.api.answer

    def ending(*args: Any) -> Any:
        if "max_results" in str(args) and asked(on) == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return answered(*args)

    on.simulator.api.answer = ending  # type: ignore[method-assign]
    try:
        answer, status = cloud.respond(due(), on.app(tmp_path))
        assert (answer["outcome"], status, heard) == ("stopped", 503, [signal.SIGTERM])
        on.simulator.api.answer = answered  # type: ignore[method-assign]
        app = on.app(tmp_path)
        pending = [kept for name in app.archive().pending() for kept in app.archive().read(name)]
        assert pending
        assert cloud.respond(due(), app)[1] == 200
        assert {row["tweet_id"] for row in table(on.app(tmp_path), "tweets")} == on.truth(now=NOW)
        pages = [
            json.dumps(row["params"], sort_keys=True) for row in on.simulator.api.log if "max_results" in row["params"]
        ]
        again = len(pages) - len(set(pages))
        assert again <= 1, "only the page under way may be asked for twice"
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class CloudRun:
    """Google's Cloud Run Admin API, as far as it is used: starts executions, tells their state."""

    name = "projects/p/locations/europe-west1/jobs/arcane"

    def __init__(self, *, states: list[dict[str, int]], status: int = 200) -> None:
        self.started: list[dict[str, Any]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.started.append({"path": self.path, "body": body})
                self.answer({"name": "operations/1", "metadata": {"name": f"{fake.name}/executions/arcane-x1"}})

            def do_GET(self) -> None:
                assert self.path == f"/v2/{fake.name}/executions/arcane-x1"
                self.answer(states.pop(0) if len(states) > 1 else states[0])

            def answer(self, found: dict[str, Any]) -> None:
                data = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.settings = {"attempt_s": 100, "job": self.name, "endpoint": f"http://127.0.0.1:{self._server.server_port}"}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_run_out_of_time_is_handed_to_the_job(tmp_path: Path) -> None:
    """Before the attempt ends the job is started with the occurrence and seen to run; what it then does ends it."""
    with stage(tweets=2500, rate_limits=False, request_s=5) as on:
        google = CloudRun(states=[{}, {"runningCount": 0}, {"runningCount": 1}])
        app = on.app(tmp_path, is_moving=True, cloud=google.settings)
        answer, status = cloud.respond(due(), app)
        assert (answer["outcome"], answer["execution"], status) == (
            "handed over", f"{google.name}/executions/arcane-x1", 200,
        )  # fmt: skip
        (started,) = google.started
        google.close()
        assert started["path"] == f"/v2/{google.name}:run"
        assert started["body"]["overrides"]["containerOverrides"] == [
            {"args": ["run", "--occurrence", "due-20261120T100000Z"]}
        ]
        on.app(tmp_path, is_moving=True).run(progress=cloud._Silent(), occurrence="due-20261120T100000Z")
        answer, status = cloud.respond(due(), on.app(tmp_path, is_moving=True))
        assert (answer["outcome"], status) == ("done before", 200)
        assert {row["tweet_id"] for row in table(on.app(tmp_path), "tweets")} >= on.truth(now=NOW)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"states": [{"failedCount": 1}]}, "did not start"),
        ({"states": [{}]}, "did not start"),
        ({"states": [{}], "status": 403}, "roles/run.jobsExecutorWithOverrides"),
        ({"states": [{}], "status": 404}, "there is no job"),
        ({"states": [{}], "status": 500}, "answered 500"),
    ],
)
def test_a_job_that_does_not_start_is_not_counted_on(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], told: str
) -> None:
    """Then the answer is 503, so that Scheduler's next attempt goes on."""
    google = CloudRun(**options)
    monkeypatch.setattr(App, "run", lambda *_, **__: (_ for _ in ()).throw(errors.OutOfTime("late")))
    answer, status = cloud.respond(due(), on.app(tmp_path, cloud=google.settings))
    google.close()
    assert (answer["outcome"], status) == ("interrupted", 503)
    assert told in answer["message"]


def test_the_function_logs_as_cloud_logging_reads(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Through functions-framework: JSON lines with severity, message and trace; one line tells the run; the token nowhere."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"X__BASE_URL": on.base_url, "X__BEARER_TOKEN": "wrong-token", "WAREHOUSE__PROJECT": "my-project"}.items():  # fmt: skip
        monkeypatch.setenv(f"ARCANE_{name}", value)
    client = create_app("run", str(MAIN)).test_client()
    trace = "105445aa7843bc8bf206b12000100000"
    answer = client.post("/", headers={**due(), "X-Cloud-Trace-Context": f"{trace}/1;o=1"})
    assert (answer.status_code, answer.json["outcome"], answer.json["error"]) == (200, "failed", "AuthError")
    assert client.get("/").status_code == 405
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line["message"] == "run.answered"]
    assert (told["severity"], told["outcome"], told["http_status"]) == ("ERROR", "failed", 200)
    assert (told["error"], told["reason"]) == ("AuthError", answer.json["message"])
    assert told["logging.googleapis.com/trace"] == f"projects/my-project/traces/{trace}"
    assert all(line["severity"] in {"INFO", "WARNING", "ERROR"} and "time" in line for line in lines)
    assert "wrong-token" not in json.dumps(lines) + answer.text


def test_bad_settings_are_told_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One ERROR with the key and its source."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCANE_WAREHOUSE__KIND", "oracle")
    answer = create_app("run", str(MAIN)).test_client().post("/", headers=due())
    assert (answer.status_code, answer.json["outcome"]) == (200, "failed")
    assert "warehouse.kind in ARCANE_WAREHOUSE__KIND" in answer.json["message"]
    (told,) = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    del told["time"]
    assert told == {
        "severity": "ERROR", "message": "run.failed", "outcome": "ConfigError", "reason": answer.json["message"],
        "exit_code": 2,
    }  # fmt: skip


def test_what_is_refused_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GET is answered before the settings are read: here they are wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCANE_WAREHOUSE__KIND", "oracle")
    assert create_app("run", str(MAIN)).test_client().get("/").status_code == 405


def test_a_start_loads_no_warehouse() -> None:
    """Neither the one that is not used, nor the clients of Google on a laptop: a cold start is mostly imports."""
    told = "import sys, arcane.app, arcane.cloud, arcane.config; print({'duckdb', 'sqlglot', 'google.auth'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_what_nobody_foresaw_is_one_error_and_tried_again(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """500, and one line of JSON that holds the traceback and the request's trace; the caller learns no more than its class."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"X__BASE_URL": on.base_url, "X__BEARER_TOKEN": "simulator", "WAREHOUSE__PROJECT": "my-project"}.items():  # fmt: skip
        monkeypatch.setenv(f"ARCANE_{name}", value)
    monkeypatch.setattr(App, "run", lambda *_, **__: {}["no such key"])
    trace = "105445aa7843bc8bf206b12000100000"
    headers = {**due(), "X-Cloud-Trace-Context": f"{trace}/1;o=1"}
    answer = create_app("run", str(MAIN)).test_client().post("/", headers=headers)
    assert (answer.status_code, answer.json) == (
        500,
        {
            "outcome": "failed", "error": "KeyError",
            "message": "an error that Arcane does not know: its traceback is in the log",
        },
    )  # fmt: skip
    err = capfd.readouterr().err
    (told,) = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert (told["severity"], told["message"], told["outcome"], told["exit_code"]) == ("ERROR", "run.failed", "KeyError", 1)  # fmt: skip
    assert told["exception"].startswith("Traceback (most recent call last):\n")
    assert told["logging.googleapis.com/trace"] == f"projects/my-project/traces/{trace}"
    assert [line for line in err.splitlines() if not line.startswith("{")] == []
