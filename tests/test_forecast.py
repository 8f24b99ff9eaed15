"""What reading will cost, against a world that is known."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from tests.made_up import body, tweet
from tests.stories import NOW, Silent, books, stage, table

from arcane import forecast
from arcane.errors import WarehouseError
from arcane.forecast import Cost, Lately
from arcane.x.prices import Prices

DAY = timedelta(days=1)
FREE = Prices(are_includes_billed=False)
SEEN = Lately(tweets_a_day=100, posts_a_tweet=0.5, users_a_tweet=0.8, refreshes_a_tweet=2.5)


def near(cost: Cost) -> tuple[str, int, float, float]:
    return cost.what, cost.post_count, round(cost.likely_usd, 6), round(cost.most_usd, 6)


def test_a_new_tweet_costs_what_comes_along_with_it() -> None:
    """Likely as in the last days, at most all that a page can bring; without books a post each."""
    assert near(forecast.reading("x", 100, prices=Prices(), seen=SEEN)) == ("x", 150, 1.55, 5.5)
    assert near(forecast.reading("x", 100, prices=Prices(), seen=None)) == ("x", 100, 0.5, 5.5)
    assert near(forecast.reading("x", 100, prices=FREE, seen=SEEN)) == ("x", 150, 0.5, 0.5)


def test_the_next_run_a_day_and_a_month() -> None:
    """Counts, what is new and what is read again; at most with every age of the schedule read."""
    costs = forecast.forecast(seen=SEEN, missing_count=200, due_count=40, ages=6, trackers=3, prices=Prices())
    assert [near(cost) for cost in costs] == [
        ("the next run", 340, 3.315, 12.015),  # likely 0.015 + 3.1 + 0.2
        ("a day", 400, 2.815, 20.515),  # 0.015 + 1.55 + 1.25
        ("a month", 12_000, 84.45, 615.45),
    ]


def test_without_a_month_of_readings_the_whole_schedule_is_likely() -> None:
    """A young warehouse cannot know how often tweets stay unchanged."""
    seen = Lately(tweets_a_day=100, posts_a_tweet=0, users_a_tweet=0, refreshes_a_tweet=None)
    _, day, _ = forecast.forecast(seen=seen, missing_count=0, due_count=0, ages=6, trackers=1, prices=FREE)
    assert near(day) == ("a day", 700, 3.505, 3.505)


@pytest.mark.parametrize("are_includes_billed", [True, False])
def test_the_estimate_of_a_run_is_what_it_costs(tmp_path: Path, are_includes_billed: bool) -> None:
    """After a week of daily runs the next day's real bill lies near the likely figure and below the most."""
    changes = {
        "collect": {"first_run_days": 1.0},
        "prices": {"are_includes_billed": are_includes_billed},
        "refresh": {"ages_h": [24, 48]},
    }
    rates = {"deleted_rate": 0.0, "withheld_rate": 0.0}
    with stage(tweets=6000, days=13, request_s=1, rates=rates, bills_includes=are_includes_billed) as on:
        for days in range(11, 0, -1):
            on.at(NOW - days * DAY)
            on.app(tmp_path, is_moving=True, **changes).run(progress=Silent())
        on.at(NOW)
        app = on.app(tmp_path, is_moving=True, **changes)
        asked = len(on.simulator.api.log)
        run, day, month = app.estimate()
        assert len(on.simulator.api.log) == asked
        before = on.simulator.api.bill.usd()
        app.run(progress=Silent())
        spent = on.simulator.api.bill.usd() - before
        assert spent == pytest.approx(run.likely_usd, rel=0.2)
        assert spent <= 1.1 * run.most_usd  # the most for as many tweets as on other days
        assert spent == pytest.approx(day.likely_usd, rel=0.2)
        assert month.likely_usd == pytest.approx(30 * day.likely_usd)
        assert [run.what, day.what, month.what] == ["the next run", "a day", "a month"]


def test_what_the_last_days_told(tmp_path: Path) -> None:
    """Tweets a day and what came along are those of the tables."""
    with stage(tweets=3000, days=8, request_s=1, rates={"deleted_rate": 0.0}) as on:
        app = on.app(tmp_path, is_moving=True)
        app.collect(progress=Silent())
        with contextlib.closing(app.reader()) as reader:
            seen = forecast.lately(reader, now=NOW, schedule_h=720)
        count = len(table(app, "tweets"))
        bought = books(tmp_path).reads
        assert seen is not None
        assert seen.tweets_a_day == pytest.approx(count / 7, rel=0.01)
        assert seen.posts_a_tweet == pytest.approx((len(bought[NOW.date(), "post"]) - count) / count)
        assert seen.users_a_tweet == pytest.approx(len(bought[NOW.date(), "user"]) / count)
        assert seen.refreshes_a_tweet is None


def test_without_tweets_there_is_no_estimate(tmp_path: Path) -> None:
    """Nothing collected, and nothing lately: each says what to do, with exit code 7."""
    with stage(tweets=50) as on:
        app = on.app(tmp_path)
        with pytest.raises(WarehouseError, match="nothing has been collected into"):
            app.estimate()
        (tmp_path / "old.jsonl").write_bytes(body(tweet(1)))
        app.import_files([tmp_path / "old.jsonl"], tracker="import", observed_at=None, after=lambda _: None)
        with pytest.raises(WarehouseError, match=r"last seven days.*arcane estimate --ask") as told:
            app.estimate()
        assert told.value.exit_code == 7


def test_xs_account_stands_beside_our_books(tmp_path: Path) -> None:
    """Posts by UTC day, X's and ours; another program's reading is the drift."""
    with stage(tweets=900, days=8, request_s=1) as on:
        for days in (2, 1, 0):
            on.at(NOW - days * DAY)
            on.app(tmp_path, is_moving=True, collect={"first_run_days": 1.0}).run(progress=Silent())
        app = on.app(tmp_path, is_moving=True)
        found = {day: (theirs, ours) for day, theirs, ours in app.usage(days=4)}
        assert list(found) == [(NOW - back * DAY).date() for back in (3, 2, 1, 0)]
        assert found[(NOW - 3 * DAY).date()] == (0, 0)
        assert all(theirs == ours > 0 for day, (theirs, ours) in found.items() if day > (NOW - 3 * DAY).date())
        on.simulator.api.bill.book(NOW, "post", [1, 2, 3])
        theirs, ours = app.usage(days=1)[0][1:]
        assert theirs - ours == 3
