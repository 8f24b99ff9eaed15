"""The first story, told against the simulator over a socket."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stories import NOW, Silent, Stage, newest_readings, stage, table

from arcane.errors import AuthError, ConfigError, QueryError, RateLimited
from arcane.simulator.faults import Faults
from arcane.simulator.world import Burst


def ids(app: object, name: str = "tweets") -> set[str]:
    return {row["tweet_id"] for row in table(app, name)}  # type: ignore[arg-type]


def _posts(on: Stage) -> Counter[str]:
    """Posts on X's bill, each once a day (billed) and with repeats (read)."""
    found: Counter[str] = Counter()
    for day in on.simulator.api.bill.days().values():
        found.update({what: int(day["post"][what]) for what in ("billed", "read")})
    return found


@pytest.mark.parametrize("vocabulary", ["both", "tweet", "post"])
def test_a_first_run_knows_every_tweet_of_the_week(tmp_path: Path, vocabulary: str) -> None:
    """Whatever words X accepts, a first run ends with exactly the tweets that search gives, whole."""
    with stage(vocabulary=vocabulary) as on:
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        assert ids(app) == on.truth()
        assert ids(app, "tracker_tweets") == on.truth()
        rows = table(app, "tweets")
        assert all(
            row["author_id"] and row["kind"] and row["root_tweet_id"] and row["metrics_observed_at"] for row in rows
        )
        assert {row["kind"] for row in rows} == {"original", "reply", "quote"}
        (tracker,) = app.status().trackers
        assert (tracker.complete_until, tracker.gaps) == (NOW - timedelta(minutes=15), ())


def test_a_second_run_reads_only_what_is_new(tmp_path: Path) -> None:
    """A day later only the new day and the small overlap are asked for."""
    with stage(tweets=3000, bills_includes=False) as on:
        on.simulator.clock.set(NOW - timedelta(days=1))  # type: ignore[attr-defined]
        first = on.truth()
        on.app(tmp_path).collect(progress=Silent())
        on.simulator.clock.set(NOW)  # type: ignore[attr-defined]
        before = _posts(on)["read"]
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        read = _posts(on)["read"] - before
        new = ids(app) - first
        assert on.truth() <= ids(app) <= on.truth() | first
        assert len(new) <= read <= len(new) + 5
        assert app.status().trackers[0].gaps == ()


def test_a_run_with_nothing_new_asks_for_no_tweet(tmp_path: Path) -> None:
    """At the same moment a second run has nothing to ask."""
    with stage(tweets=600) as on:
        on.app(tmp_path).collect(progress=Silent())
        count = len(on.simulator.api.log)
        on.app(tmp_path).collect(progress=Silent())
        assert on.simulator.api.log[count:] == []


def test_several_trackers_share_a_run(tmp_path: Path) -> None:
    """A tweet that two trackers find is one tweet and two findings."""
    trackers = [{"name": "arcane", "hashtag": "Arcane"}, {"name": "jinx", "query": "#Jinx lang:fr"}]
    with stage() as on:
        app = on.app(tmp_path, trackers=trackers)
        app.collect(progress=Silent())
        found = {(row["tracker"], row["tweet_id"]) for row in table(app, "tracker_tweets")}
        expected = {("arcane", one) for one in on.truth()} | {("jinx", one) for one in on.truth(query="#Jinx lang:fr")}
        assert found == expected
        assert ids(app) == {one for _, one in expected}


def test_a_refused_query_ends_its_own_tracker_only(tmp_path: Path) -> None:
    """The other trackers are read first; then the person is told."""
    trackers = [{"name": "broken", "query": "nonsense:1"}, {"name": "arcane", "hashtag": "Arcane"}]
    with stage(tweets=600) as on:
        app = on.app(tmp_path, trackers=trackers)
        with pytest.raises(QueryError, match="invalid operator 'nonsense'"):
            app.collect(progress=Silent())
        assert ids(app) == on.truth()


def test_a_wrong_token_is_one_sentence(tmp_path: Path) -> None:
    """X's 401 names the setting to mend, never the token."""
    with stage(tweets=50) as on:
        app = on.app(tmp_path, x={"bearer_token": "s3cr3t"})
        with pytest.raises(AuthError, match="ARCANE_X__BEARER_TOKEN") as caught:
            app.collect(progress=Silent())
        assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_ends_complete_though_one_request_in_ten_fails(tmp_path: Path, seed: int) -> None:
    """429s of three kinds, 503s, HTML, cut bodies, doubled and shifted pages, missing includes: nothing is lost."""
    with stage(tweets=4000, faults=Faults(rate=0.1, seed=seed)) as on:
        app = on.app(tmp_path, is_moving=True, x={"max_results": 10})
        app.collect(progress=Silent())
        assert ids(app) == on.truth(now=NOW)
        assert {row["status"] for row in on.simulator.api.log} == {200, 429, 503}


def test_a_premiere_is_read_in_runs_of_ten_minutes(tmp_path: Path) -> None:
    """60,000 tweets of one hour under X's 450 requests a quarter: every run gets on, nothing is read twice."""
    burst = Burst(NOW - timedelta(hours=5, minutes=30), 60_000)
    changes = {"collect": {"slice_tweet_count": 10_000, "max_run_s": 600, "first_run_days": 0.5}}
    with stage(tweets=1000, burst=burst, request_s=0.5, bills_includes=False) as on:
        known: list[int] = []
        for _ in range(10):
            app = on.app(tmp_path, is_moving=True, **changes)
            try:
                app.collect(progress=Silent())
            except RateLimited:
                known.append(int(str(app.query("select count(*) from tweets").rows[0][0])))
                on.simulator.clock.advance(300)  # type: ignore[attr-defined]
            else:
                break
        else:
            pytest.fail(f"ten runs were not enough: {known}")
        assert known == sorted(set(known))
        assert on.truth(now=NOW, days=0.45) <= ids(app)
        posts = _posts(on)
        assert posts["read"] - posts["billed"] <= 150, (
            "only the second in which a run stopped, and the overlap, are read again"
        )


def test_counters_are_those_of_the_newest_reading(tmp_path: Path) -> None:
    """In a moving world every row shows its newest archived reading."""
    with stage(tweets=2500, request_s=20) as on:
        on.simulator.clock.set(NOW - timedelta(hours=20))  # type: ignore[attr-defined]
        on.app(tmp_path, is_moving=True).collect(progress=Silent())
        on.simulator.clock.set(NOW)  # type: ignore[attr-defined]
        app = on.app(tmp_path, is_moving=True, collect={"overlap_s": 86_400})
        app.collect(progress=Silent())
        shown = {row["tweet_id"]: (row["metrics_observed_at"], row["like_count"]) for row in table(app, "tweets")}
        assert shown == newest_readings(tmp_path)


def test_replay_gives_the_same_rows(tmp_path: Path) -> None:
    """Tables rebuilt from the archive are the tables that collecting made, on every column."""
    with stage(tweets=2500, request_s=5) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        names = ("tweets", "tracker_tweets", "tweet_snapshots", "authors", "media", "tweet_media", "media_snapshots")
        before = {name: table(app, name) for name in names}
        app.replay(after=lambda _: None)
        assert {name: table(app, name) for name in names} == before


def test_only_the_named_tracker_is_collected(tmp_path: Path) -> None:
    """The others are neither read nor noted as followed; all of them together are what a run without names does."""
    trackers = [{"name": "arcane", "hashtag": "Arcane"}, {"name": "lol", "query": "#Arcane lang:fr"}]
    with stage(tweets=900) as on:
        app = on.app(tmp_path, trackers=trackers)
        with pytest.raises(ConfigError, match="no tracker is called 'nobody': the settings know arcane, lol"):
            app.collect(progress=Silent(), trackers=["arcane", "nobody"])
        assert on.simulator.api.log == []
        app.collect(progress=Silent(), trackers=["lol"])
        assert [tracker.name for tracker in app.status().trackers] == ["lol"]
        assert {row["tracker"] for row in table(app, "tracker_tweets")} == {"lol"}
        app.collect(progress=Silent())
        assert [tracker.name for tracker in app.status().trackers] == ["arcane", "lol"]
        assert ids(app) == on.truth()
