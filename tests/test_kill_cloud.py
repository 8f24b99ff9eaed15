"""Kill a run on Google Cloud (BigQuery and a bucket): the next one ends where an undisturbed one would have."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.emulators import Google, new_bucket
from tests.stories import Silent, Stage, stage
from tests.test_kill import run, state

from arcane.errors import WarehouseBusy

pytestmark = pytest.mark.bigquery

# Where a run dies: a step, which one of its kind (0 the first, -1 the last), and how many pages the next run asks X for.
# The first commit is that of the trackers, the last that of the run itself.
STEPS = [
    ("after put", 1, 7),  # two pages in the bucket, nothing committed
    ("before _transact", -2, 0),  # between the loads and the transaction
    ("within a transaction", -2, 0),  # the job runs on at Google without us
    ("after _transact", -2, 0),  # committed and not confirmed
    ("after _join", -1, 0),  # confirmed, the single pages still there
]


class Cloud:
    """One dataset and one bucket for every run that is to be undisturbed in the end."""

    def __init__(self, google: Google, storage_endpoint: str) -> None:
        self._google = google
        self._dataset = google.dataset()
        bucket = new_bucket(storage_endpoint)
        self.changes = {
            "warehouse": google.settings(self._dataset),
            "archive": {"url": bucket.url, "endpoint": bucket.endpoint},
        }

    def let_the_lease_run_out(self) -> None:
        """Once the jobs of the dead run are done: a transaction that runs on at Google prolongs its lease."""
        client = self._google.client()
        while list(client.list_jobs(state_filter="running")):
            time.sleep(0.1)
        client.query_and_wait(f"update {self._dataset}.leases set expires_at = timestamp '2020-01-01' where true")
        client.close()


def asked(on: Stage) -> int:
    """Pages that X was asked for so far."""
    return sum("max_results" in row["params"] for row in on.simulator.api.log)


@pytest.mark.timeout(400)
def test_a_killed_run_is_made_good_by_the_next(google: Google, storage_endpoint: str, tmp_path: Path) -> None:
    """Wherever a run dies, the next one, once the lease has run out, ends where an undisturbed one would."""
    with stage(tweets=1300, rate_limits=False) as on:
        whole = Cloud(google, storage_endpoint)
        steps = run(on, tmp_path / "whole", die_at=None, **whole.changes)
        expected = state(on, tmp_path, **whole.changes)
        assert (asked(on), len(expected["tweets"]) > 800) == (9, True)
        for name, which, asked_again in STEPS:
            die_at = [place for place, one in enumerate(steps) if one == name][which]
            cloud = Cloud(google, storage_endpoint)
            run(on, tmp_path / str(die_at), die_at=die_at, **cloud.changes)
            if name == "after put":
                with pytest.raises(WarehouseBusy, match=r"another run .* is writing"):
                    on.app(tmp_path, **cloud.changes).collect(progress=Silent())
            cloud.let_the_lease_run_out()
            before = asked(on)
            run(on, tmp_path / str(die_at), die_at=None, **cloud.changes)
            assert asked(on) - before == asked_again, f"pages asked for after dying at {name}"
            assert state(on, tmp_path, **cloud.changes) == expected, f"after dying at step {die_at}, {name}"
            assert on.app(tmp_path, **cloud.changes).archive().pending() == []
