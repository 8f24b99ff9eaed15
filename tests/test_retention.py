"""What is old goes, what is new stays, and nothing is read again for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.stories import NOW, Silent, StillClock, settings, stage, table

from arcane.app import App
from arcane.archive.folder import FolderArchive
from arcane.errors import ArchiveError


def test_old_tweets_go_and_are_not_read_again(tmp_path: Path) -> None:
    """Tweets posted before the bound go with snapshots and media, coverage and tracker_tweets stay, X is not asked."""
    with stage(tweets=1200, rate_limits=False) as on:
        on.app(tmp_path).collect(progress=Silent())
        kept = table(on.app(tmp_path), "tweets")
        found, covered = (table(on.app(tmp_path), name) for name in ("tracker_tweets", "coverage"))
        later = NOW + timedelta(days=4)
        on.simulator.clock.advance(4 * 86_400)  # type: ignore[attr-defined]
        app = App(settings(tmp_path, on.base_url, retention={"table_days": 8}), clock=StillClock(later))
        app.collect(progress=Silent())
        before = later - timedelta(days=8)
        rows = table(app, "tweets")
        expected = {row["tweet_id"] for row in kept if row["created_at"] >= before}
        assert 0 < len(expected) < len(kept)
        assert {row["tweet_id"] for row in rows if row["created_at"] < NOW - timedelta(hours=1)} == {
            row["tweet_id"] for row in kept if before <= row["created_at"] < NOW - timedelta(hours=1)
        }
        ids = {row["tweet_id"] for row in rows}
        for name in ("tweet_snapshots", "tweet_media"):
            assert {row["tweet_id"] for row in table(app, name)} <= ids
        assert {row["media_key"] for row in table(app, "media")} <= {
            row["media_key"] for row in table(app, "tweet_media")
        }
        assert {row["author_id"] for row in rows} <= {row["author_id"] for row in table(app, "authors")}
        assert {row["tweet_id"] for row in table(app, "tracker_tweets")} >= {row["tweet_id"] for row in found}
        (now_covered,) = table(app, "coverage")
        assert now_covered["start_at"] == covered[0]["start_at"]
        asked = len([row for row in on.simulator.api.log if "max_results" in row["params"]])
        app.collect(progress=Silent())
        assert len([row for row in on.simulator.api.log if "max_results" in row["params"]]) == asked


def test_old_pages_go_and_a_replay_says_so(tmp_path: Path) -> None:
    """Objects older than the bound go; their pages stay known and name nobody; a replay refuses to lose their rows."""
    with stage(tweets=600, rate_limits=False) as on:
        on.app(tmp_path).collect(progress=Silent())
        archive = FolderArchive(tmp_path / "archive")
        (old,) = archive.objects()
        count = len(table(on.app(tmp_path), "tweets"))
        on.simulator.clock.advance(2 * 86_400)  # type: ignore[attr-defined]
        later = StillClock(NOW + timedelta(days=2))
        app = App(settings(tmp_path, on.base_url, retention={"archive_days": 1}), clock=later)
        app.collect(progress=Silent())
        assert old not in archive.objects()
        assert len(table(app, "tweets")) >= count
        pages = [row for row in table(app, "pages") if row["archive_object"] == old]
        assert len(pages) > 1
        assert [(row["tweet_ids"], row["author_ids"]) for row in pages] == [([], [])] * len(pages)
        with pytest.raises(ArchiveError, match="cannot be replayed"):
            app.replay(after=lambda _: None)


def test_an_erasure_passes_over_pages_that_are_gone(tmp_path: Path) -> None:
    """A bucket's own rule may have deleted an object that names what is erased: the rest is erased all the same."""
    with stage(tweets=600, rate_limits=False) as on:
        app = on.app(tmp_path)
        app.collect(progress=Silent())
        row = table(app, "tweets")[0]
        archive = FolderArchive(tmp_path / "archive")
        for name in archive.objects():
            archive.delete(name)
        assert app.forget(tweet_ids=[row["tweet_id"]], author_ids=[]).row_counts["tweets"] == 1
        assert {one for page in table(app, "pages") for one in page["tweet_ids"]} == set()
        assert [stone["erased_at"] is not None for stone in table(app, "tombstones")] == [True]
