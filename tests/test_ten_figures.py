"""Ten key figures of one scope are the same from the tables, from the views by day, under French names, and wherever
an analyst reads them: a workbook, CSV files, Google Sheets (on stand-ins of Google's services) and the dashboard."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.office.test_sheets import needs_node, refreshed
from tests.serve.serving import got, served
from tests.stories import Silent, Stage
from tests.test_cli import arcane

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
POSTED = """\
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
"""
DIRECT = f"""{POSTED}\
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
# The ten of the tiles: as totals and its files name them, and as people read them.
KEY_FIGURES = {
    "nb_tweets": "Publications",
    "nb_auteurs": "Auteurs",
    "interactions": "Interactions",
    "taux_engagement": "Taux d’engagement",
    "nb_impressions": "Impressions",
    "nb_likes": "J’aime",
    "nb_retweets": "Retweets",
    "nb_reponses": "Réponses reçues",
    "nb_vues_video": "Vues des vidéos",
    "taux_couverture": "Couverture",
}
DIRECT_KEY_FIGURES = f"""{POSTED}\
select
    count(*),
    count(distinct author_id),
    sum(like_count + retweet_count + reply_count + quote_count),
    sum(if(impression_count > 0, like_count + retweet_count + reply_count + quote_count, 0)) / sum(impression_count),
    sum(impression_count),
    sum(like_count),
    sum(retweet_count),
    sum(reply_count),
    (select sum(view_count) from shown),
    (
        select sum(least(seen_count, expected_count)) / sum(expected_count)
        from hours
        where tracker = 'arcane' and date(hour_at, 'Europe/Paris') between date '2026-10-21' and date '2026-10-27'
    ),
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


@pytest.fixture(scope="module", name="key_figures")
def _key_figures(app: App) -> dict[str, Any]:
    """What every face must show; none is empty, and the coverage is not whole."""
    ((*values,),) = app.query(DIRECT_KEY_FIGURES).rows
    found = dict(zip(KEY_FIGURES, values, strict=True))
    assert all(found.values())
    assert 0.9 < found["taux_couverture"] < 1
    return found


def figures(app: App, sql: str) -> dict[str, Any]:
    ((*values,),) = app.query(sql).rows
    return dict(zip(FIGURES, values, strict=True))


def exported(app: App, path: Path, *more: str) -> Path:
    """The file that the command writes."""
    done = arcane(
        path.parent, "export", "totals", "-o", path.name, "--tracker", "arcane", "--from", f"{FIRST}", "--to", f"{LAST}",
        *more, ARCANE_WAREHOUSE__PATH=str(app.settings.warehouse.path),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"1 row of totals is in {path.name}\n"), done.stderr
    return path


def chosen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in KEY_FIGURES}


def test_the_ten_figures_are_the_same_three_ways(app: App) -> None:
    """To the last digit; none of them is empty, and the scope leaves something out."""
    direct = figures(app, DIRECT)
    assert all(value for value in direct.values())
    assert figures(app, BY_DAY) == direct
    assert figures(app, FRENCH) == direct
    ((raw,),) = app.query("select raw_tweet_count from totals('arcane', date '2026-10-21', date '2026-10-27')").rows
    assert raw > direct["nb_tweets"]


def test_a_workbook_shows_them_twice(app: App, key_figures: dict[str, Any], tmp_path: Path) -> None:
    """On the tiles of « Synthèse », under the names that people read, and in the row of « Données »."""
    book = openpyxl.load_workbook(exported(app, tmp_path / "a.xlsx"))
    front = [[cell.value for cell in row] for row in book["Synthèse"].iter_rows(max_row=10)]
    tiles = {
        name: figure
        for names, values in pairwise(front)
        for name, figure in zip(names, values, strict=True)
        if isinstance(figure, int | float)
    }
    titles, row = book["Données"].iter_rows(values_only=True)
    book.close()
    same = pytest.approx(key_figures, rel=1e-15)  # a workbook holds 16 figures
    assert {name: tiles.get(shown) for name, shown in KEY_FIGURES.items()} == same
    assert len(tiles) == len(KEY_FIGURES)
    assert chosen(dict(zip(titles, row, strict=True))) == same


def test_a_csv_for_programs_holds_them(app: App, key_figures: dict[str, Any], tmp_path: Path) -> None:
    """To the last digit."""
    text = exported(app, tmp_path / "a.csv", "--format", "csv").read_text("utf-8")
    (row,) = csv.DictReader(text.splitlines())
    assert chosen(row) == {name: str(value) for name, value in key_figures.items()}


def test_a_csv_for_a_french_excel_holds_them(app: App, key_figures: dict[str, Any], tmp_path: Path) -> None:
    """Counts to the last digit, rates to the sixth after a comma."""
    text = exported(app, tmp_path / "a.csv").read_text("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines(), delimiter=";")
    assert chosen(row) == {
        name: f"{value:.6f}".rstrip("0").replace(".", ",") if name.startswith("taux_") else str(value)
        for name, value in key_figures.items()
    }


@needs_node
@pytest.mark.office
def test_the_cells_of_google_sheets_hold_them(app: App, key_figures: dict[str, Any]) -> None:
    """The script fills « Données » with them, each in its type; « taux_… » are shown as percentages."""
    found = refreshed(app, "totals", "fonction", days=(FIRST, LAST))
    titles, row = found["cells"]
    assert chosen(dict(zip(titles, row, strict=True))) == key_figures
    assert chosen(dict(zip(titles, found["formats"], strict=True))) == {
        name: "0.00%" if name.startswith("taux_") else "#,##0" for name in KEY_FIGURES
    }


def test_the_tiles_of_the_dashboard_show_them(app: App, key_figures: dict[str, Any]) -> None:
    """Counts whole, in the tile or as its title where it is short; rates to the digit that is shown."""
    with served(app.dashboard().application()) as url:
        status, _, page = got(f"{url}/?tracker=arcane&from={FIRST}&to={LAST}")
    assert status == 200
    tile = re.compile(r'<h3>([^<]+)</h3>\s*<p class="figure"(?: title="([^"]+)")?>([^<]+)</p>')
    shown = {name: exact or figure for name, exact, figure in tile.findall(page)}
    assert shown == {
        KEY_FIGURES[name]: f"{value:.1%}".replace(".", ",").replace("%", "\u202f%")
        if name.startswith("taux_")
        else f"{value:,}".replace(",", "\u202f")
        for name, value in key_figures.items()
    }
