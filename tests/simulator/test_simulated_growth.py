"""Growth: each tweet at its own pace, second waves, what is taken back, videos of their own; and late indexing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from tests.simulator.asking import EVERYTHING, NOW, WINDOW, asked, ids, pages, simulator, truth, world

from arcane.simulator.world import World

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SEARCH = {"query": "#Arcane", "max_results": "100", **WINDOW}


def _likes(on: World, indices: list[int], age_ms: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Likes of tweets at the same age of each."""
    return np.array([on.counters([one], int(on.made_ms[one]) + age_ms)[0, 2] for one in indices])


def _liked(on: World, least: int) -> list[int]:
    return [int(one) for one in np.flatnonzero(on.finals[:, 0] >= least)]


def test_half_are_done_within_hours_and_some_take_weeks() -> None:
    """Six hours on, about half of the liked tweets have nearly all they ever get; some are far from it after a week."""
    on = world(6_000, 5)
    liked = [one for one in _liked(on, 50) if on.growth.wave_share[one] == 0]
    finals = on.finals[liked, 0]
    share = {hours: _likes(on, liked, hours * HOUR_MS) / finals for hours in (6, 24, 168)}
    assert 0.4 < (share[6] > 0.95).mean() < 0.65
    assert 0.2 < (share[24] < 0.75).mean() < 0.6
    assert 0 < (share[168] < 0.9).mean() < 0.15


def test_some_of_the_most_liked_have_a_second_wave() -> None:
    """They stand nearly still and grow again by a fifth and more between the second day and the eighth."""
    on = world(6_000, 5)
    waves = np.flatnonzero(on.growth.wave_share > 0)
    assert 0.01 < len(waves) / len(on) < 0.03
    assert on.finals[waves, 0].min() > np.quantile(on.finals[:, 0], 0.95)
    quick = [int(one) for one in waves if on.growth.pace_s[one] < 7_200]
    before, after = (_likes(on, quick, days * DAY_MS) for days in (2, 9))
    assert (after >= 1.2 * before).all()
    rest = [int(one) for one in np.flatnonzero((on.growth.wave_share == 0) & (on.growth.pace_s < 7_200))]
    assert (_likes(on, rest, 2 * DAY_MS) == _likes(on, rest, 9 * DAY_MS)).mean() > 0.99


def test_counters_are_one_formula_for_one_and_for_many() -> None:
    """Asked together or one by one, at any moment, the same numbers; the lookup shows them."""
    on, x = world(), simulator()
    some = [on.index(one) for one in truth(x)[:100]]
    indices = [one for one in some if one is not None]
    now_ms = int(NOW.timestamp() * 1000)
    together = on.counters(indices, now_ms)
    assert together.tolist() == [on.counters([one], now_ms)[0].tolist() for one in indices]
    params = {"ids": ",".join(str(on.ids[one]) for one in indices), "tweet.fields": "public_metrics"}
    shown = [tweet["public_metrics"] for tweet in asked(x, "/2/tweets", params)["data"]]
    names = ("retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")
    assert [[metrics[name] for name in names] for metrics in shown] == together.tolist()


@pytest.mark.parametrize("rate", [0.0, 0.2])
def test_what_is_taken_back_is_little_and_of_some(rate: float) -> None:
    """Of the share asked for a few percent of the likes go again, never of the impressions; without it nothing does."""
    on = World.generate(seed=5, end=NOW, days=9, tweet_count=6_000, shrinking_rate=rate)
    liked = _liked(on, 1_000)
    readings = [[on.counters([one], int(on.made_ms[one]) + days * DAY_MS)[0] for one in liked] for days in range(1, 30)]
    counts = np.array(readings)  # day, tweet, counter
    falls = (np.diff(counts[:, :, 2], axis=0) < 0).any(axis=0)
    assert falls.any() == (rate > 0)
    assert falls.mean() <= rate + 0.1
    assert (counts[-1, :, 2] >= 0.94 * counts[:, :, 2].max(axis=0) - 1).all()
    assert not (np.diff(counts[:, :, 5], axis=0) < 0).any()
    assert np.array_equal(on.finals, world(6_000, 5).finals)


def test_videos_begin_with_the_first_tweet_that_shows_them() -> None:
    """No views before it, about all in the end, and in between they grow at a pace of their own."""
    on = world(6_000, 5)
    shown = [int(one) for one in np.flatnonzero(on.video_made_ms <= on.made_ms[-1])]
    seen = [one for one in shown if on.video_views[one] >= 100]
    assert [on.views([one], int(on.video_made_ms[one]))[0] for one in seen] == [0] * len(seen)
    half_day, ages = [on.views([one], int(on.video_made_ms[one]) + DAY_MS // 2)[0] for one in seen], 400 * DAY_MS
    finals = [on.views([one], int(on.video_made_ms[one]) + ages)[0] for one in seen]
    shares = np.array(half_day) / np.array(finals)
    assert shares.min() < 0.5 < 0.99 < shares.max()
    assert np.allclose(finals, on.video_views[seen], rtol=0.01, atol=1)
    assert on.views(seen, int(NOW.timestamp() * 1000)) == [
        on.views([one], int(NOW.timestamp() * 1000))[0] for one in seen
    ]


def test_every_video_shown_has_begun() -> None:
    """The page of a tweet with a video never comes before the video."""
    x = simulator(world(6_000, 5))
    views = [
        medium["public_metrics"]["view_count"]
        for page in pages(x, {**SEARCH, **EVERYTHING["tweet"]})
        for medium in page["includes"].get("media", [])
        if medium["type"] == "video"
    ]
    assert min(views) >= 0
    assert max(views) > 1_000


def test_a_late_tweet_is_counted_before_it_is_found() -> None:
    """Counts and lookups have it from its first moment, search only once it is indexed, and then for good."""
    on = World.generate(seed=3, end=NOW, days=9, tweet_count=4_000, late_rate=0.05)
    x = simulator(on)
    delays = (on.indexed_ms - on.made_ms) / 60_000
    late = delays > 0
    assert 0.04 < late.mean() < 0.06
    assert 5 < np.quantile(delays[late], 0.1) < 60 < 24 * 60 > np.quantile(delays[late], 0.9)
    fits = late & on.has_arcane & ~on.withheld & (on.superseded_ms > on.indexed_ms) & (on.deleted_ms > on.indexed_ms)
    index = int(np.flatnonzero(fits & (on.made_ms > on.made_ms[-1] - 3 * DAY_MS))[0])
    one = str(on.ids[index])
    seen = []
    for moment_ms in (int(on.made_ms[index]) + 120_000, int(on.indexed_ms[index]) - 2, int(on.indexed_ms[index]) + 2):
        x.clock.set(datetime.fromtimestamp(moment_ms / 1000, NOW.tzinfo))  # type: ignore[attr-defined]
        window = {"start_time": f"{x.clock.now() - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"}
        found = ids(pages(x, {"query": "#Arcane", "max_results": "100", **window}))
        seen.append((one in found, "data" in asked(x, "/2/tweets", {"ids": one})))
    assert seen == [(False, True), (False, True), (True, True)]


def test_truth_counts_tell_what_counts_and_search_say() -> None:
    """By hour: the first of each pair is X's own counts row, the second what search gives, at this moment or another."""
    rates = {"late_rate": 0.05, "withheld_rate": 0.03, "deleted_rate": 0.05, "protected_rate": 0.05}
    x = simulator(World.generate(seed=3, end=NOW, days=9, tweet_count=4_000, **rates))  # type: ignore[arg-type]
    start_at, end_at = (datetime.fromisoformat(one) for one in WINDOW.values())
    told = x.api.truth_counts("#Arcane", start_at, end_at)
    rows = asked(x, "/2/tweets/counts/recent", {"query": "#Arcane", **WINDOW})["data"]
    assert [(hour, counted) for hour, (counted, _) in told.items()] == [
        (datetime.fromisoformat(row["start"]), row["tweet_count"]) for row in rows
    ]
    given = [
        len(truth(x, start=f"{hour:%Y-%m-%dT%H:%M:%SZ}", end=f"{hour + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"))
        for hour in told
    ]
    assert given == [shown for _, shown in told.values()]
    missing = sum(counted for counted, _ in told.values()) / sum(given) - 1
    assert 0.02 < missing < 0.06
    yesterday = NOW - timedelta(days=1)
    before = x.api.truth_counts("#Arcane", start_at, end_at, at=yesterday)
    x.clock.set(yesterday)  # type: ignore[attr-defined]
    assert before == x.api.truth_counts("#Arcane", start_at, end_at) != told


def test_truth_counts_of_parts_of_hours() -> None:
    """A window that begins and ends within hours has the tweets within it only, under the hours' own names."""
    x = simulator()
    start_at, end_at = NOW - timedelta(hours=3, minutes=30), NOW - timedelta(minutes=30)
    told = x.api.truth_counts("#Arcane", start_at, end_at)
    assert list(told) == [NOW - timedelta(hours=4) + timedelta(hours=hours) for hours in range(4)]
    assert sum(shown for _, shown in told.values()) == len(x.api.truth("#Arcane", start_at, end_at))


def test_a_share_withheld_is_the_share_that_counts_exceed_search() -> None:
    """Two percent and more, as asked."""
    x = simulator(World.generate(seed=3, end=NOW, days=8, tweet_count=20_000, withheld_rate=0.04))
    counted = asked(x, "/2/tweets/counts/recent", {"query": "#Arcane", **WINDOW})["meta"]["total_tweet_count"]
    assert 0.035 < counted / len(truth(x)) - 1 < 0.05
    assert len(truth(x)) == len(ids(pages(x, SEARCH)))
