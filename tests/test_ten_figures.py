"""Ten key figures of one scope are the same from the tables, from the views by day, and under French names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stories import Silent, Stage

from arcane.app import App
from arcane.simulator.clock import AdjustableClock
from arcane.simulator.server import Simulator
from arcane.simulator.world import World

BEGIN = datetime(2026, 10, 22, 6, tzinfo=UTC)  # Paris puts its clocks back on the 25th
FIRST, LAST = date(2026, 10, 21), date(2026, 10, 27)
FIGURES = (
    "nb_tweets", "nb_tweets_originaux", "nb_likes", "nb_retweets", "nb_reponses", "nb_citations", "interactions",
    "nb_impressions", "taux_engagement", "nb_vues_video",
)  # fmt: skip
PERIOD = "tracker = 'arcane' and local_date between date '2026-10-21' and date '2026-10-27'"
PERIODE = "suivi = 'arcane' and date_locale between date '2026-10-21' and date '2026-10-27'"
# By hand, over the tables alone: the newest version of each tweet, no retweets, impressions of 0 unknown.
DIRECT = """\
with posted as (
    select t.*
    from tracker_tweets as f
    inner join tweets as t on t.tweet_id = f.tweet_id
    where
        f.tracker = 'arcane' and t.local_date between date '2026-10-21' and date '2026-10-27'
        and t.is_current and t.retweeted_tweet_id is null and coalesce(t.kind, '') != 'retweet'
        and t.tweet_id not in (select tweet_id from tweets where strpos(lower(text), 'ekko') > 0)
),
shown as (
    select distinct m.media_key, m.view_count
    from posted
    inner join tweet_media as h on h.tweet_id = posted.tweet_id
    inner join media as m on m.media_key = h.media_key
    where m.kind = 'video'
)
select
    count(*),
    countif(kind = 'original'),
    sum(like_count),
    sum(retweet_count),
    sum(reply_count),
    sum(quote_count),
    sum(like_count + retweet_count + reply_count + quote_count),
    sum(impression_count),
    sum(if(impression_count > 0, like_count + retweet_count + reply_count + quote_count, 0)) / sum(impression_count),
    (select sum(view_count) from shown),
from posted"""
BY_DAY = f"""\
select
    (select sum(tweet_count) from volume_by_day where {PERIOD}),
    (select sum(original_tweet_count) from volume_by_day where {PERIOD}),
    sum(like_count),
    sum(retweet_count),
    sum(reply_count),
    sum(quote_count),
    sum(interaction_count),
    sum(impression_count),
    sum(shown_interaction_count) / sum(impression_count),
    (
        select sum(view_count)
        from (select media_key, max(view_count) as view_count from videos_by_day where {PERIOD} group by media_key)
    ),
from engagement_by_day
where {PERIOD}"""
FRENCH = f"""\
select
    nb_tweets,
    (select sum(nb_tweets_originaux) from arcane_fr.volume_by_day where {PERIODE}),
    nb_likes,
    nb_retweets,
    nb_reponses,
    (select sum(nb_citations) from arcane_fr.engagement_by_day where {PERIODE}),
    interactions,
    nb_impressions,
    taux_engagement,
    nb_vues_video,
from arcane_fr.totals('arcane', date '2026-10-21', date '2026-10-27')"""


@pytest.fixture(scope="module", name="app")
def _app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Ten daily runs over two trackers, a word left out."""
    folder: Path = tmp_path_factory.mktemp("figures")
    exclusions = folder / "x.csv"
    exclusions.write_text("kind,value,reason\nword,Ekko,autre personnage\n")
    world = World.generate(seed=5, end=BEGIN + timedelta(days=10), days=16, tweet_count=3000)
    simulator = Simulator(world, clock=AdjustableClock(BEGIN), rate_limits=False)
    trackers = [{"name": "arcane", "hashtag": "Arcane"}, {"name": "jinx", "hashtag": "Jinx"}]
    with simulator.running() as base_url:
        on = Stage(simulator, base_url)
        for day in range(0, 10, 3):
            on.at(BEGIN + timedelta(days=day))
            app = on.app(folder, trackers=trackers, views={"exclusions": exclusions})
            app.run(progress=Silent())
        yield app


def figures(app: App, sql: str) -> dict[str, Any]:
    ((*values,),) = app.query(sql).rows
    return dict(zip(FIGURES, values, strict=True))


def test_the_ten_figures_are_the_same_three_ways(app: App) -> None:
    """To the last digit; none of them is empty, and the scope leaves something out."""
    direct = figures(app, DIRECT)
    assert all(value for value in direct.values())
    assert figures(app, BY_DAY) == direct
    assert figures(app, FRENCH) == direct
    ((raw,),) = app.query("select raw_tweet_count from totals('arcane', date '2026-10-21', date '2026-10-27')").rows
    assert raw > direct["nb_tweets"]
