"""Kill a run anywhere: the next one ends where an undisturbed one would have."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import doomed
from tests.emulators import Google, new_bucket
from tests.stories import NOW, Silent, Stage, newest_readings, stage, table

from arcane.archive.folder import FolderArchive
from arcane.errors import WarehouseBusy

# What may differ after a kill: pages are cut elsewhere, so that a row may stand on another page of the same moment.
MAY_DIFFER = ("metrics_page", "content_page", "media_page", "page", "audience_page")
TABLES = (
    "tweets",
    "tracker_tweets",
    "authors",
    "media",
    "tweet_media",
    "tweet_snapshots",
    "media_snapshots",
    "coverage",
)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.doomed"])


def run(
    on: Stage, folder: Path, *, die_at: int | None, is_moving: bool = False, **changes: dict[str, Any]
) -> list[str]:
    """Collect in a process that dies at a step; the steps taken, empty if it died."""
    folder.mkdir(exist_ok=True)
    told = folder / "steps"
    now = None if is_moving else NOW.isoformat()
    process = _context.Process(target=doomed.run, args=(str(folder), on.base_url, now, die_at, str(told), changes))
    process.start()
    process.join(60)
    assert process.exitcode in ({0} if die_at is None else {0, -9} if is_moving else {-9})
    return told.read_text().splitlines() if told.exists() else []


def state(on: Stage, folder: Path, **changes: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    app = on.app(folder, **changes)
    return {name: table(app, name, without=MAY_DIFFER) for name in TABLES}


@pytest.fixture(scope="module")
def frozen() -> Iterator[Stage]:
    with stage(tweets=2200, rate_limits=False) as on:
        yield on


@pytest.fixture(scope="module")
def undisturbed(frozen: Stage, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    """The steps of a whole run, and the tables that it makes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return run(frozen, folder, die_at=None), state(frozen, folder)


def chosen(steps: list[str]) -> list[int]:
    """The first, the last and one more of every kind of step, and a dozen anywhere."""
    chance = random.Random(7)
    picked = set(chance.sample(range(len(steps)), 12))
    for name in dict.fromkeys(steps):
        places = [place for place, one in enumerate(steps) if one == name]
        picked |= {places[0], places[-1], chance.choice(places)}
    return sorted(picked)


def test_every_kind_of_step_is_taken(undisturbed: tuple[list[str], dict[str, Any]]) -> None:
    """The harness does kill where it says: before, in and after archiving, merging, committing, publishing."""
    assert set(undisturbed[0]) == {
        f"{when} {method}"
        for when in ("before", "after")
        for method in ("append", "confirm", "_run", "_changed", "_merge", "publish")
    } | {"half page"}


@pytest.mark.parametrize("part", range(4))
def test_a_killed_run_is_made_good_by_the_next(
    frozen: Stage, undisturbed: tuple[list[str], dict[str, Any]], tmp_path: Path, part: int
) -> None:
    """In a frozen world all tables equal those of an undisturbed run, and no archived page is asked for again."""
    steps, expected = undisturbed
    for die_at in chosen(steps)[part::4]:
        folder = tmp_path / str(die_at)
        run(frozen, folder, die_at=die_at)
        asked_before = len(frozen.simulator.api.log)
        archived = requests_archived(folder)
        run(frozen, folder, die_at=None)
        asked = [
            tuple(sorted(row["params"].items()))
            for row in frozen.simulator.api.log[asked_before:]
            if "max_results" in row["params"]
        ]
        assert archived.isdisjoint(asked), f"a page already archived was asked for again after dying at {steps[die_at]}"
        assert state(frozen, folder) == expected, f"after dying at step {die_at}, {steps[die_at]}"
        assert FolderArchive(folder / "archive").pending() == []


def requests_archived(folder: Path) -> set[tuple[tuple[str, str], ...]]:
    """What X was asked for every page in the archive, pending ones included."""
    archive = FolderArchive(folder / "archive")
    return {
        tuple(sorted((key, value) for key, value in kept.frame.request.items() if key != "path"))
        for name in [*archive.objects(), *archive.pending()]
        for kept in archive.read(name)
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_moving_world_loses_nothing(tmp_path: Path, seed: int) -> None:
    """Killed several times while the world goes on: every id is there, every counter is the newest that was read."""
    chance = random.Random(seed)
    with stage(tweets=2200, rate_limits=False, request_s=5) as on:
        for _ in range(3):
            run(on, tmp_path, die_at=chance.randrange(20, 120), is_moving=True)
        run(on, tmp_path, die_at=None, is_moving=True)
        rows = table(on.app(tmp_path), "tweets")
        assert {row["tweet_id"] for row in rows} >= on.truth(now=NOW)
        assert {row["tweet_id"]: (row["metrics_observed_at"], row["like_count"]) for row in rows} == newest_readings(
            tmp_path
        )


# Which step of its kind a run on Google Cloud dies at: 0 the first, -1 the last.
CLOUD_STEPS = [
    ("after put", 1),  # pages in the bucket, nothing committed
    ("after start", 0),  # a load job sent and not waited for
    ("before _transact", -2),  # between the loads and the transaction of the last slice
    ("within a transaction", -2),  # the job runs on at Google without us
    ("after _transact", -2),  # committed and not confirmed
    ("after _join", -1),  # confirmed, the single pages still there
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
        client = self._google.client()
        client.query_and_wait(f"update {self._dataset}.leases set expires_at = timestamp '2020-01-01' where true")
        client.close()


@pytest.mark.bigquery
@pytest.mark.timeout(300)
def test_a_run_killed_in_the_cloud_is_made_good_by_the_next(
    google: Google, storage_endpoint: str, tmp_path: Path
) -> None:
    """BigQuery and a bucket: wherever a run dies, the next one, after the lease, ends where an undisturbed one would."""
    with stage(tweets=1300, rate_limits=False) as on:
        whole = Cloud(google, storage_endpoint)
        steps = run(on, tmp_path / "whole", die_at=None, **whole.changes)
        expected = state(on, tmp_path, **whole.changes)
        for name, which in CLOUD_STEPS:
            die_at = [place for place, one in enumerate(steps) if one == name][which]
            cloud = Cloud(google, storage_endpoint)
            run(on, tmp_path / str(die_at), die_at=die_at, **cloud.changes)
            if name == "after put":
                with pytest.raises(WarehouseBusy, match="another run .* is writing"):
                    on.app(tmp_path, **cloud.changes).collect(progress=Silent())
            cloud.let_the_lease_run_out()
            pages_before = sum("max_results" in row["params"] for row in on.simulator.api.log)
            run(on, tmp_path / str(die_at), die_at=None, **cloud.changes)
            print(name, sum("max_results" in row["params"] for row in on.simulator.api.log) - pages_before)
            assert state(on, tmp_path, **cloud.changes) == expected, f"after dying at step {die_at}, {name}"
            assert on.app(tmp_path, **cloud.changes).archive().pending() == []
