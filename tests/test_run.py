"""One run at a time: who waits for the lease, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stories import NOW, StillClock, settings, table

from arcane import cli
from arcane.app import App
from arcane.errors import WarehouseBusy
from arcane.run import JOB_PATIENCE_S
from arcane.warehouse.portable import LEASE_S


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Iterator[Path]:
    """A warehouse whose lease a run of this moment took and will never give back."""
    app = App(settings(tmp_path, "http://127.0.0.1:9"), clock=StillClock())
    with app._store() as store:
        store.warehouse.migrate()
        store.warehouse.acquire("run/dead", now=NOW)
        yield tmp_path


def test_a_job_outwaits_a_dead_lease(folder: Path) -> None:
    """A task of a job polls until the dead attempt's lease ends, and then does its work, well within its patience."""
    clock = StillClock(NOW + timedelta(seconds=40))
    app = App(settings(folder, "http://127.0.0.1:9"), clock=clock, patience_s=JOB_PATIENCE_S)
    app.forget(tweet_ids=["1"], author_ids=[])
    assert LEASE_S <= (clock.now() - NOW).total_seconds() < LEASE_S + 30
    assert [(row["command"], row["outcome"]) for row in table(app, "runs")] == [("forget", "complete")]


def test_a_job_gives_up_on_a_lease_that_is_renewed(folder: Path) -> None:
    """Where a run that lives writes on, the wait ends with the lease's own sentence."""
    clock = StillClock(NOW - timedelta(hours=1))
    with pytest.raises(WarehouseBusy, match="run/dead"):
        App(settings(folder, "http://127.0.0.1:9"), clock=clock, patience_s=JOB_PATIENCE_S).apply_views()
    waited_s = (clock.now() - NOW + timedelta(hours=1)).total_seconds()
    assert JOB_PATIENCE_S <= waited_s < JOB_PATIENCE_S + 30


def test_a_person_is_answered_at_once(folder: Path) -> None:
    """Without patience nothing is waited for."""
    clock = StillClock()
    with pytest.raises(WarehouseBusy, match="another run"):
        App(settings(folder, "http://127.0.0.1:9"), clock=clock).apply_views()
    assert clock.now() == NOW


def test_only_a_task_of_a_job_is_patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Cloud Run tells in the environment decides (patched, since that is where the command line looks)."""
    monkeypatch.chdir(tmp_path)
    assert cli._app(None).patience_s == 0
    monkeypatch.setenv("CLOUD_RUN_EXECUTION", "arcane-x1")
    assert cli._app(None).patience_s == JOB_PATIENCE_S > LEASE_S
