"""Two commands at once on one warehouse: the second leaves with a clear word, readers work, the tables are right."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.made_up import body, tweet
from tests.stories import Stage, stage
from tests.test_cli import arcane, environment, said

from arcane.simulator.reply import Reply
from arcane.warehouse.duckdb import DuckDBWarehouse


class Slow:
    """The simulator's answers, two seconds late until the test says that it has seen enough."""

    def __init__(self, stage: Stage) -> None:
        self._answer = stage.simulator.api.answer
        stage.simulator.api.answer = self  # type: ignore[method-assign]
        self.delay_s = 2.0

    def __call__(self, *asked: Any) -> Reply:
        return replace(self._answer(*asked), delay_s=self.delay_s)


@pytest.mark.parametrize("second", [["collect"], ["import", "more.jsonl"], ["replay"]])
def test_a_second_run_leaves_and_loses_nothing(tmp_path: Path, second: list[str]) -> None:
    """While a collection writes, another collect, import or replay exits with 75; query and status answer; then all is there."""
    (tmp_path / "first.jsonl").write_bytes(body(tweet(1)))
    (tmp_path / "more.jsonl").write_bytes(body(tweet(2)))
    assert arcane(tmp_path, "import", "first.jsonl").returncode == 0
    now = datetime.now(UTC)
    with stage(now=now - timedelta(hours=1), tweets=900) as on:  # nothing is posted while the runs last
        slow = Slow(on)
        on.at(now)
        expected = on.truth(now=now)
        environ = {
            "ARCANE_X__BASE_URL": on.base_url,
            "ARCANE_X__BEARER_TOKEN": "simulator",
            "ARCANE_X__MAX_RESULTS": "10",
        }
        command = [sys.executable, "-m", "arcane.cli", "collect"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment(environ), stderr=subprocess.DEVNULL) as first:
            while not list((tmp_path / "data" / "archive" / "pending").glob("arcane~*")):
                assert first.poll() is None
                time.sleep(0.02)
            other = arcane(tmp_path, *second, **environ)
            shown = arcane(tmp_path, "query", "select count(*) as n from tweets", "--format", "json")
            status = arcane(tmp_path, "status")
            assert first.poll() is None, "the collection ended before the second command had its try"
            slow.delay_s = 0
            assert first.wait(60) == 0
        assert (other.returncode, "another run is writing" in said(other)) == (75, True)
        assert (json.loads(shown.stdout), status.returncode) == ([{"n": 1}], 0)
        assert arcane(tmp_path, *second, **environ).returncode == 0
        sql = "select tweet_id as id from tweets order by tweet_id"
        rows = json.loads(arcane(tmp_path, "query", sql, "--format", "json").stdout)
        more = {tweet(2)["id"]} if second[0] == "import" else set()
        assert {row["id"] for row in rows} == expected | {tweet(1)["id"]} | more


@pytest.mark.parametrize("style", ["console", "cloud"])
def test_sigterm_ends_a_command_at_once(tmp_path: Path, style: str) -> None:
    """Exit code 143 and one line, no traceback; the lease is given back and the archived pages are not bought again."""
    now = datetime.now(UTC)
    with stage(now=now - timedelta(hours=1), tweets=900) as on:  # nothing is posted while the runs last
        slow = Slow(on)
        on.at(now)
        environ = {
            "ARCANE_X__BASE_URL": on.base_url,
            "ARCANE_X__BEARER_TOKEN": "simulator",
            "ARCANE_X__MAX_RESULTS": "10",
            "ARCANE_LOG__FORMAT": style,
        }
        command = [sys.executable, "-m", "arcane.cli", "collect"]
        run = subprocess.Popen(command, cwd=tmp_path, env=environment(environ), stderr=subprocess.PIPE, text=True)
        with run:
            pending = tmp_path / "data" / "archive" / "pending"
            while not any(path.stat().st_size for path in pending.glob("arcane~*")):
                assert run.poll() is None
                time.sleep(0.02)
            run.send_signal(signal.SIGTERM)
            _, told = run.communicate(timeout=20)
        slow.delay_s = 0
        assert (run.returncode, "Traceback" in told) == (143, False)
        said = "stopped; what was read is kept and the next run goes on from there"
        if style == "cloud":
            last = json.loads(told.splitlines()[-1])
            assert (last["message"], last["severity"], last["reason"]) == ("run.failed", "WARNING", said)
        else:
            assert told.splitlines()[-1] == f"arcane: {said}"
        file = tmp_path / "data" / "arcane.duckdb"
        with contextlib.closing(DuckDBWarehouse(file, time_zone="Europe/Paris")) as warehouse:
            assert warehouse._asked("select holder from leases") == [(None,)]
        assert arcane(tmp_path, "collect", **environ).returncode == 0
        asked = [tuple(sorted(params.items())) for params in on.asked("/search/recent")]
        assert len(asked) - len(set(asked)) <= 1, "only the page under way may be asked for twice"
