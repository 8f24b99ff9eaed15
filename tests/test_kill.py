"""Kill a run anywhere: the next one ends where an undisturbed one would have."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import doomed
from tests.stories import NOW, Stage, newest_readings, stage, table

from arcane.archive.folder import FolderArchive

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
