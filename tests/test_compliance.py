"""X is asked about every id that is stored, and what it names is gone; a run that dies is gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.stories import Silent, Stage, stage, table

from arcane.app import App
from arcane.compliance import comply
from arcane.errors import OutOfTime


def fated(on: Stage, app: App) -> dict[str, set[str]]:
    """Give some stored tweets and authors their fates; the tweets that each concerns."""
    rows = table(app, "tweets")
    authors = sorted({row["author_id"] for row in rows})
    hidden = next(row for row in rows[1:] if row["author_id"] not in authors[:2])
    fates = {
        "deleted": rows[0]["tweet_id"],
        "suspended": authors[0],
        "protected": authors[1],
        "withheld": hidden["tweet_id"],
    }
    for fate, identity in fates.items():
        kind = "tweet_id" if identity in {row["tweet_id"] for row in rows} else "author_id"
        on.simulator.api.set_fate(fate, **{kind: identity})
    return {
        fate: {row["tweet_id"] for row in rows if identity in {row["tweet_id"], row["author_id"]}}
        for fate, identity in fates.items()
    }


def test_what_x_names_is_erased_and_all_else_stays(tmp_path: Path) -> None:
    """Deleted, suspended and protected go, for the reason that X gives; withheld is in no list of X's."""
    with stage(tweets=1200, rate_limits=False) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        rows = table(app, "tweets")
        before = {row["tweet_id"] for row in rows}
        gone = fated(on, app)
        done = app.comply()
        after = {row["tweet_id"] for row in table(app, "tweets")}
        expected = gone["deleted"] | gone["suspended"] | gone["protected"]
        assert expected <= before - after
        assert gone["withheld"] <= after
        assert done.row_counts["tweets"] == len(before - after)
        stones = {(row["kind"], row["id"]): row for row in table(app, "tombstones")}
        assert {("tweet", one) for one in before - after} <= set(stones)
        assert {row["named_by"] for row in stones.values()} == {"compliance"}
        assert {stones["tweet", one]["reason"] for one in gone["deleted"]} == {"deleted"}
        authors = sorted({row["author_id"] for row in rows})
        assert [stones["author", one]["reason"] for one in authors[:2]] == ["suspended", "protected"]
        app.collect(progress=Silent())
        assert expected.isdisjoint({row["tweet_id"] for row in table(app, "tweets")})
        assert app.comply().row_counts == {}, "there is nothing left to name"


def test_many_ids_are_several_jobs(tmp_path: Path) -> None:
    """One job after the other, together every stored id, each once."""
    with stage(tweets=600, rate_limits=False) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        stored = sorted(row["tweet_id"] for row in table(app, "tweets"))
        with app._spending("compliance") as (client, store):
            comply(client=client, store=store, most_ids=len(stored) // 2 - 1)
        jobs = [job for job in on.simulator.api.compliance._jobs if job.kind == "tweets"]
        assert len(jobs) == 3
        assert [one for job in jobs for one in job.ids or ()] == stored


@pytest.mark.parametrize("is_uploaded", [True, False])
def test_a_run_out_of_time_is_gone_on_with(tmp_path: Path, is_uploaded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run finds the job among X's own, sends the ids where that is still to do, and makes no second one."""
    with stage(tweets=600, rate_limits=False, compliance_s=600) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        gone = fated(on, app)
        if is_uploaded:
            with pytest.raises(OutOfTime):
                app.comply(max_run_s=60)
        else:
            with monkeypatch.context() as patched:
                patched.setattr("arcane.x.compliance.upload", _interrupted)  # a kill between two requests
                with pytest.raises(KeyboardInterrupt):
                    app.comply()
        app.comply()
        assert [job.kind for job in on.simulator.api.compliance._jobs] == ["tweets", "users"]
        assert gone["deleted"].isdisjoint({row["tweet_id"] for row in table(app, "tweets")})


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt
