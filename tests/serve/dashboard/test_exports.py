"""Files out of the dashboard: of panels, of views, of one's own SQL."""

from __future__ import annotations

import csv
import io
import re
import urllib.request
from datetime import date
from html import unescape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from tests.serve.conftest import Shown
from tests.serve.serving import got

from arcane.serve.dashboard import questions
from arcane.serve.dashboard.filters import Filters, read
from arcane.serve.dashboard.pages import PAGES, Context
from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import FRENCH


def fetched(url: str) -> bytes:
    """A file's bytes."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        whole: bytes = answer.read()
    return whole


def filters_of(url: str) -> Filters:
    return read(url, trackers=["arcane", "jinx"], last_day=date(2026, 11, 19))


def test_a_panel_is_downloaded_under_the_titles_of_the_page(shown: Shown) -> None:
    """The files of a panel have the rows of its question, in the language of the page; the workbook says what they are."""
    _, headers, text = got(f"{shown.url}/donnees/accueil/kinds.csv?lang=fr")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert 'filename="arcane-kinds.csv"' in headers["content-disposition"]
    assert rows[0][:2] == ["Type", "Publications"]
    assert sorted(row[0] for row in rows[1:]) == ["original", "quote", "reply"]
    english = list(csv.reader(io.StringIO(got(f"{shown.url}/donnees/accueil/kinds.csv?lang=fr&ui=en")[2])))
    assert english[0][:2] == ["Kind", "Posts"]
    book = load_workbook(io.BytesIO(fetched(f"{shown.url}/donnees/accueil/kinds.xlsx?lang=fr")))
    assert book.sheetnames == ["Synthèse", "Données"]
    assert [[str(cell) for cell in row[:2]] for row in book["Données"].values] == [[row[0], row[1]] for row in rows]
    said = [str(cell) for row in book["Synthèse"].values for cell in row if cell]
    assert any("français" in one and "#Arcane" in one for one in said)


def test_a_column_is_defined_as_the_panel_s_own_view_defines_it(shown: Shown) -> None:
    """One name means another thing in another view: the kind of a tweet, and of what X bills."""
    views = {one.name: one for one in shown.app.views()}
    layer = Layer(views, "arcane")
    for asked, name in ((questions.KINDS, "kinds_by_day"), (questions.SPEND, "spend_by_day")):
        own = {one.name: one.sens for one in views[name].columns}
        assert layer.meanings(asked) == own
    assert len({layer.meanings(one)["kind"] for one in (questions.KINDS, questions.SPEND)}) == 2


def test_every_panel_is_a_workbook(shown: Shown) -> None:
    """Excel opens the rows of any panel: no two titles alike, every type written."""
    panels = [
        (page, panel) for page in PAGES for panel in page.panels(Context(filters_of(""), FRENCH, tracker_count=2))
    ]
    for page, panel in panels:
        book = load_workbook(io.BytesIO(fetched(f"{shown.url}/donnees/{page.path or 'accueil'}/{panel.name}.xlsx")))
        titles = [cell for cell in next(book["Données"].values) if cell is not None]
        assert len({one.casefold() for one in titles}) == len(titles) > 1, panel.name


def test_a_view_is_exported_at_an_address(shown: Shown) -> None:
    """Excel's macros and Power Query get plain CSV by the address that they build; other endings and formats too."""
    period = "tracker=arcane&from=2026-11-13&to=2026-11-19"
    _, headers, text = got(f"{shown.url}/export.csv?view=volume_by_day&{period}", Accept="text/csv")
    rows = list(csv.reader(io.StringIO(text)))
    expected = shown.app.query(
        "select date_locale, nb_tweets from arcane_fr.volume_by_day where suivi = 'arcane' "
        "and date_locale between date '2026-11-13' and date '2026-11-19' order by date_locale"
    ).rows
    names = rows[0].index("date_locale"), rows[0].index("nb_tweets")
    assert [(row[names[0]], row[names[1]]) for row in rows[1:]] == [(str(day), str(count)) for day, count in expected]
    assert 'filename="arcane-volume_by_day.csv"' in headers["content-disposition"]
    marked = fetched(f"{shown.url}/export.csv?view=volume_by_day&format=csv-fr&{period}")
    assert marked.startswith(b'\xef\xbb\xbf"suivi";"date_locale"')
    book = load_workbook(io.BytesIO(fetched(f"{shown.url}/export.xlsx?view=totals&{period}")))
    assert book.sheetnames == ["Synthèse", "Données", "Par jour"]
    table = pq.read_table(pa.BufferReader(fetched(f"{shown.url}/export.parquet?view=data_status&{period}")))
    assert table.num_rows == 1


def test_filters_narrow_what_is_exported(shown: Shown) -> None:
    """A list of tweets holds those that the filters leave, and the synthesis counts the same."""
    filtered = "tracker=arcane&from=2026-11-13&to=2026-11-19&kind=reply&lang=fr"
    book = load_workbook(io.BytesIO(fetched(f"{shown.url}/export.xlsx?view=tracker_tweets_flat&{filtered}")))
    head, *rows = book["Données"].values
    ((expected,),) = shown.app.query(
        "select count(*) as n from arcane.tracker_tweets_flat where tracker = 'arcane' and kind = 'reply' "
        "and lang = 'fr' and local_date between date '2026-11-13' and date '2026-11-19'"
    ).rows
    assert {(row[head.index("type")], row[head.index("langue")]) for row in rows} == {("reply", "fr")}
    assert len(rows) == expected
    said = [str(cell) for row in book["Synthèse"].values for cell in row if cell is not None]
    assert "réponses, français" in said
    assert FRENCH.number(expected) in said or str(expected) in said


@pytest.mark.parametrize(
    ("view", "asked", "told"),
    [
        ("volume_by_day", "lang=fr", "nb_attendus, taux_couverture et la couverture ci-dessus comptent"),
        ("growth", "kind=reply", "taux_couverture, taux_couverture_base et la couverture ci-dessus comptent"),
        ("tracker_tweets_flat", "lang=fr", "la couverture ci-dessus compte"),
        ("share_of_voice", "lang=fr", "taux_couverture compte"),
        ("volume_by_day", "exclusions=off", None),
        ("volume_by_day", "", None),
    ],
)
def test_what_filters_do_not_reach_is_told(shown: Shown, view: str, asked: str, told: str | None) -> None:
    """X's own count of everything is never beside a part of it without a word."""
    address = f"{shown.url}/export.xlsx?view={view}&tracker=arcane&from=2026-11-14&to=2026-11-19&{asked}"
    front = load_workbook(io.BytesIO(fetched(address)))["Synthèse"]
    said = {row[1]: row[3] for row in front.iter_rows(values_only=True)}
    assert said.get("Sans les filtres") == (told and f"{told} toutes les publications, sans les filtres")


def test_the_page_of_exports_names_what_filters_do_not_reach(shown: Shown) -> None:
    """Under each view that has such columns, and only while filters leave a part."""
    hint = r"sans les filtres : ([a-z_, ]+)<"
    _, _, text = got(f"{shown.url}/exporter?lang=fr", Accept="text/html")
    (volume,) = (one for one in text.split("</section>") if 'id="e-volume_by_day"' in one)
    assert re.findall(hint, volume.replace("\u00a0", " ")) == ["nb_attendus, taux_couverture"]
    (tweets,) = (one for one in text.split("</section>") if 'id="e-tracker_tweets_flat"' in one)
    assert "sans les filtres" not in tweets
    assert "sans les filtres" not in got(f"{shown.url}/exporter?exclusions=off", Accept="text/html")[2]


def test_what_cannot_be_exported_is_told_in_a_sentence(shown: Shown) -> None:
    """A program hears plain words, a person a page; nothing half made is sent."""
    for address, said in (
        ("/export.csv?view=nothing", "no view can be exported by the name nothing"),
        ("/export.csv?view=totals&format=xlsx", "format xlsx is none of a .csv's"),
        ("/export.csv?view=spend_by_day&lang=fr", "knows only tracker and period"),
        ("/export.csv?view=totals&tracker=unknown", "no tracker is called 'unknown'"),
    ):
        status, headers, text = got(f"{shown.url}{address}", Accept="text/csv")
        assert (status, headers["content-type"], said in text) == (400, "text/plain; charset=utf-8", True), text
    assert got(f"{shown.url}/export.exe?view=totals")[0] == 404
    assert got(f"{shown.url}/donnees/accueil/kinds.exe")[0] == 404
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert got(f"{shown.url}/export.csv?view=totals", **elsewhere)[0] == 403


def test_the_page_of_exports_offers_what_it_can(shown: Shown) -> None:
    """Every address on it answers with a file, filters and all; views that a filter does not reach say so."""
    _, _, text = got(f"{shown.url}/exporter?lang=fr", Accept="text/html")
    addresses = [unescape(one) for one in re.findall(r'class="file" href="([^"]+)"', text)]
    known = [view for view in shown.app.views() if view.has_twin]
    assert len(addresses) == 3 * len(known)
    assert "suivi et période seulement" in text
    for address in addresses:
        if address.startswith("/export.csv"):
            status, headers, _ = got(f"{shown.url}{address}", Accept="text/csv")
            assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8"), address
