"""X is asked about every id that is stored, and what it names is gone; a run that dies is gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.stories import RemoteClock, Silent, Stage, settings, stage, table

from arcane.app import App
from arcane.compliance import named
from arcane.errors import ErasureBlocked, OutOfTime


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
        with app.client() as client:
            most_ids = len(stored) // 2 - 1
            assert list(named(client=client, reader=app.reader, clock=app.clock, most_ids=most_ids)) == []
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


class BusyClock(RemoteClock):
    """A clock by which something else is done at the first sleep."""

    def __init__(self, base_url: str, meanwhile: Callable[[], None]) -> None:
        super().__init__(base_url)
        self._meanwhile: list[Callable[[], None]] = [meanwhile]

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._meanwhile:
            self._meanwhile.pop()()


def test_others_write_while_x_is_waited_for(tmp_path: Path) -> None:
    """A whole run is begun and ended while X's job is under way, and the wait is told every ten minutes."""
    with stage(tweets=600, rate_limits=False, compliance_s=1500) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        gone = fated(on, app)
        other = on.app(tmp_path, is_moving=True)
        clock = BusyClock(on.base_url, lambda: other.collect(progress=Silent()))
        with capture_logs() as logs:
            App(settings(tmp_path, on.base_url), clock=clock).comply()
        runs = sorted(table(app, "runs"), key=lambda row: str(row["started_at"]))
        assert [(row["command"], row["outcome"]) for row in runs] == [
            ("collect", "complete"), ("collect", "complete"), ("compliance", "complete"), ("compliance", "complete"),
        ]  # fmt: skip
        assert all(row["request_count"] > 0 for row in runs)
        assert gone["deleted"].isdisjoint({row["tweet_id"] for row in table(app, "tweets")})
        waits = [(line["kind"], line["wait_s"]) for line in logs if line["event"] == "compliance.awaited"]
        assert waits == [(kind, wait_s) for kind in ("tweets", "users") for wait_s in (0, 600, 1200)]


def test_a_blocked_object_is_told_after_the_authors_too(tmp_path: Path) -> None:
    """What X names is erased, tweets and authors, before the command ends with the object that is damaged."""
    with stage(tweets=600, rate_limits=False) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        gone = fated(on, app)
        for name in app.archive().objects():
            path = tmp_path / "archive" / name
            path.write_bytes(b"#" * 14 + path.read_bytes()[14:])
        with pytest.raises(ErasureBlocked):
            app.comply()
        assert (gone["deleted"] | gone["suspended"]).isdisjoint({row["tweet_id"] for row in table(app, "tweets")})


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt
