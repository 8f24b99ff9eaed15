"""The Apps Script: its tests under node, and its SQL run for real on a warehouse."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stories import NOW

from arcane.app import App

SHEETS = Path(__file__).parent / "sheets"
SCRIPT = Path(__file__).parents[2] / "office" / "sheets"
DAY_ZERO = date(1899, 12, 30)
LAST = NOW.date() - timedelta(days=1)
FIRST = LAST - timedelta(days=6)

pytestmark = pytest.mark.office
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")


def refreshed(app: App, view: str, reading: str, *, days: tuple[date, date] = (FIRST, LAST)) -> dict[str, Any]:
    """Cells and formats of the tab that the script fills from ``view``, of the tracker arcane."""
    done = subprocess.run(
        [
            "node", str(SHEETS / "refresh.mjs"), sys.executable, str(app.settings.warehouse.path),
            "arcane", *map(date.isoformat, days), view, reading,
        ],
        capture_output=True, text=True, timeout=100, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def asked(app: App, sql: str) -> list[dict[str, Any]]:
    with contextlib.closing(app.reader()) as reader:
        found = reader.query(sql, {"suivi": "arcane", "du": FIRST, "au": LAST})
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@needs_node
def test_under_node() -> None:
    """Every behaviour of the script holds on stand-ins of Google's services (tests/office/sheets)."""
    done = subprocess.run(
        ["node", "--test", str(SHEETS / "script.test.mjs")], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:]


@needs_node
def test_ten_figures(collected: App) -> None:
    """The cells of « Données chiffres clés » are those that totals gives, each in its type."""
    (expected,) = asked(collected, "select * from arcane_fr.totals(@suivi, @du, @au)")
    assert expected["nb_tweets"] > 500
    titles, row = refreshed(collected, "totals", "fonction")["cells"]
    assert dict(zip(titles, row, strict=True)) == {name: "" if one is None else one for name, one in expected.items()}
    assert [type(one) for one in row[1:4]] == [int, int, int]


@needs_node
def test_daily_sums_are_the_ten_figures(collected: App) -> None:
    """SUM over the tab of the daily view gives the interactions, and SUM / SUM the engagement rate, of totals."""
    (expected,) = asked(collected, "select * from arcane_fr.totals(@suivi, @du, @au)")
    found = refreshed(collected, "engagement_by_day", "période")
    titles, *rows = found["cells"]
    assert len(rows) == 7
    assert [row[titles.index("date_locale")] for row in rows] == [
        (FIRST + timedelta(days=number) - DAY_ZERO).days for number in range(7)
    ]
    sums = {
        name: sum(row[titles.index(name)] or 0 for row in rows)
        for name in ("nb_tweets", "interactions", "nb_impressions", "interactions_avec_impressions")
    }
    assert sums["nb_tweets"] == expected["nb_tweets"]
    assert sums["interactions"] == expected["interactions"]
    assert sums["interactions_avec_impressions"] / sums["nb_impressions"] == pytest.approx(expected["taux_engagement"])


@needs_node
def test_tweets_arrive_whole(collected: App) -> None:
    """Ids, hostile texts and times of each tweet of the period stand in the cells as the view has them."""
    expected = asked(
        collected,
        "select * from arcane_fr.tracker_tweets_flat where suivi = @suivi and date_locale between @du and @au "
        "order by 1, 2",
    )
    found = refreshed(collected, "tracker_tweets_flat", "période")
    titles, *rows = found["cells"]
    for name in ("id_tweet", "texte", "nom_auteur", "nb_likes"):
        place = titles.index(name)
        assert [row[place] for row in rows] == ["" if one[name] is None else one[name] for one in expected]
    assert {name: kind for name, kind in zip(titles, found["formats"], strict=True) if name.startswith("id_")} == {
        "id_tweet": "@", "id_conversation": "@", "id_tweet_repondu": "@", "id_tweet_cite": "@", "id_auteur": "@",
    }  # fmt: skip
    assert any(row[titles.index("texte")].startswith("=HYPERLINK(") for row in rows)


@needs_node
@pytest.mark.parametrize(
    "demand", ["data_status tout", "growth fonction et base", "top_hashtags fonction", "volume_by_day période"]
)
def test_first_demands_run(collected: App, demand: str) -> None:
    """Each of the views that « Préparer les paramètres » proposes answers with titles and rows."""
    view, _, reading = demand.partition(" ")
    titles, *rows = refreshed(collected, view, reading)["cells"]
    assert titles
    assert rows


def test_manifest() -> None:
    """The manifest asks for the one advanced service, in Paris, and for no more rights than are used."""
    manifest = json.loads((SCRIPT / "appsscript.json").read_text("utf-8"))
    assert manifest["timeZone"] == "Europe/Paris"
    assert [one["serviceId"] for one in manifest["dependencies"]["enabledAdvancedServices"]] == ["bigquery"]
    assert [scope.rpartition("/")[2] for scope in manifest["oauthScopes"]] == [
        "bigquery", "script.scriptapp", "script.send_mail", "spreadsheets.currentonly", "userinfo.email",
    ]  # fmt: skip
