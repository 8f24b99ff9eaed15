"""The pages over HTTP, without a browser."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from datetime import timedelta
from html import unescape
from urllib.parse import quote_plus

import pytest
from tests.serve.conftest import Shown
from tests.serve.serving import filled, got, served
from tests.stories import Silent, StillClock, stage

from arcane.serve.dashboard.pages import PAGES


@pytest.mark.parametrize("path", [*(f"/{page.path}" for page in PAGES), "/sql"])
@pytest.mark.parametrize("ui", ["", "ui=en"])
def test_every_page_answers_in_both_languages(shown: Shown, path: str, ui: str) -> None:
    """Each page is there in French and in English, says its language, and names none of the other's words."""
    status, _, text = got(f"{shown.url}{path}?{ui}")
    assert status == 200
    assert f'<html lang="{ui[3:] or "fr"}">' in text
    assert ("Dépenses" in text, ">Spend<" in text) == (not ui, bool(ui))


def test_every_page_says_its_scope(shown: Shown) -> None:
    """What is counted, of which days, without what, and until when it is complete, stands on the page."""
    _, _, text = got(f"{shown.url}/?lang=fr&kind=reply")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", unescape(text)))
    assert "#Arcane · du 13 au 19 novembre 2026 · réponses · français · hors exclusions (0,0 %)" in plain
    assert "complet jusqu’au 20 novembre 2026 à 10 h 45" in plain


def test_days_before_the_first_run_are_named_as_unread(shown: Shown) -> None:
    """A period that reaches back beyond what was ever read says how many of its days have no figures, and which."""
    plain = " ".join(unescape(got(f"{shown.url}/?period=90d")[2]).split())
    found = re.search(r"(\d+) jours sur 90 n’ont pas été lus, du 22 août au (\d+) novembre 2026 : les chiffres", plain)
    assert found is not None
    assert int(found[1]) == 10 + 30 + 31 + int(found[2])


def test_a_wrong_address_is_told_in_a_sentence(shown: Shown) -> None:
    """What makes no sense is 400, what is not there 404, each with a sentence and no traceback."""
    status, _, text = got(f"{shown.url}/?from=2026-99-01&to=2026-11-01", Accept="text/html")
    assert (status, "Cette adresse ne se comprend pas" in text, "Traceback" in text) == (400, True, False)
    assert "«\u00a0from\u00a0» n’est pas une date\u00a0: écrivez-la comme 2026-11-25." in unescape(text)
    status, _, text = got(f"{shown.url}/?from=2026-99-01&to=2026-11-01&ui=en", Accept="text/html")
    assert (status, "from is no date: write it as 2026-11-25." in text) == (400, True)
    assert got(f"{shown.url}/?from=2026-99-01&to=2026-11-01")[2] == "from is no date: write it as 2026-11-25\n"
    assert got(f"{shown.url}/nothing")[0] == 404
    assert got(f"{shown.url}/donnees/accueil/nothing.csv")[0] == 404
    assert got(f"{shown.url}/publications/1")[0] == 404


def test_what_all_figures_lack_is_told_once(shown: Shown) -> None:
    """One reason for every missing change stands below the figures; different ones stand with theirs."""
    said = "Sans évolution\u00a0: couverture inconnue sur les deux périodes"
    text = unescape(got(f"{shown.url}/?period=365d")[2])
    assert (text.count("Sans évolution"), text.count(f'<p class="hint">{said}. ')) == (1, 1)
    assert unescape(got(f"{shown.url}/?least=8000000")[2]).count('<p class="note">Sans évolution') > 1


def test_an_id_in_a_table_leads_to_its_post(shown: Shown) -> None:
    """Videos are listed with the post that shows each, one click away; a key that nobody can look up is left out."""
    text = got(f"{shown.url}/videos?period=28d")[2]
    assert re.search(r'<td[^>]*><a href="/publications/(\d+)\?period=28d">\1</a></td>', text)
    assert ">Vidéo</th>" not in text


def test_no_data_is_told_and_not_a_traceback(shown: Shown, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Before the first run the page says what to do."""
    app = shown.stage.app(tmp_path_factory.mktemp("empty"))
    with served(app.dashboard().application()) as url:
        status, _, text = got(f"{url}/", Accept="text/html")
    assert (status, "Rien n’a encore été lu" in text) == (503, True)
    assert '<bdi lang="en">nothing has been collected into' in text


def test_sql_answers_or_says_why_not(shown: Shown) -> None:
    """A query is answered, what is no query is refused, and what is wrong is told in the analyst's own words."""
    assert "<bdi>42</bdi>" in got(f"{shown.url}/sql?sql=select+40%2B2+as+answer")[2]
    for sql, heading, advice in (
        ("delete from arcane.tweets where true", "Cette page ne fait que lire", "commence par DELETE"),
        ("select 1; select 2", "Une seule requête à la fois", "Il y en a 2\u00a0:"),
        ("select count(* from arcane.tweets", "La requête ne se lit pas", "ligne 1, colonne 19\u00a0:"),
        ("select nothing from arcane.tweets", "Colonne inconnue", "« nothing »"),
        ("select t.nothing from arcane.tweets as t", "Colonne inconnue", "« nothing »"),
        ("select u.kind from arcane.tweets as t", "Table absente de la requête", "« u »"),
        ("select * from arcane.nothing", "Table ou vue inconnue", "« nothing »"),
        ("select nothing(1)", "Fonction inconnue", "« nothing »"),
        ("select kind, lang from arcane.tweets group by kind", "Une colonne manque dans GROUP BY", "« lang »"),
        ("select cast('a' as int64)", "Une valeur n’a pas le type attendu", "cast"),
        ("select * from read_csv('/etc/passwd')", "Ceci ne peut pas être lu d’ici", "dictionnaire"),
    ):
        status, _, text = got(f"{shown.url}/sql?sql={quote_plus(sql)}")
        told = re.search(r'<p class="failure" role="alert"><strong>(.*?)\.</strong> <bdi>(.*?)</bdi>', unescape(text))
        assert told is not None, sql
        assert (status, told[1], advice in told[2]) == (400, heading, True), (sql, told[2])
    assert '<bdi lang="en">the query cannot be run' in text


def test_sql_results_are_written_for_the_reader(shown: Shown) -> None:
    """Numbers with the digits that they have, in the page's own signs; dates as the next query wants them."""
    sql = quote_plus("select 1.5 as a, 1234.25 as b, 0.00002 as c, 3.0 as d, date '2026-11-25' as e")
    text = unescape(got(f"{shown.url}/sql?sql={sql}")[2])
    assert re.findall(r"<td[^>]*><bdi>(.*?)</bdi>", text) == ["1,5", "1 234,25", "0,00002", "3", "2026-11-25"]
    assert ">1 ligne en " in text
    assert "<bdi>1.5</bdi>" in got(f"{shown.url}/sql?ui=en&sql={sql}")[2]


def test_the_dictionary_names_every_table_and_view(shown: Shown) -> None:
    """Whoever writes a query finds each name and what it means."""
    text = unescape(got(f"{shown.url}/sql")[2])
    for name in ("tweets", "posted_tweets", "totals(tracker_name, first_date, last_date)", "coverage"):
        assert f"arcane.{name}</code>" in text


def test_charts_are_data_that_no_tweet_can_leave(shown: Shown) -> None:
    """A hashtag with a closing tag stays inside the chart's data, which is JSON to the letter."""
    _, _, text = got(f"{shown.url}/sujets?least=8000000")
    assert "</script><b>" not in text
    specs = [json.loads(unescape(spec)) for spec in re.findall(r'data-spec="([^"]*)"', text)]
    labels = {row["name"] for spec in specs for row in spec.get("data", {}).get("values", ()) if "name" in row}
    assert "#</script><b>" in labels


def test_a_young_publication_is_seen_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pages answer while a collection writes, and show what it publishes without a restart."""
    folder = tmp_path_factory.mktemp("growing")
    with stage(tweets=400) as running:
        app = filled(running, folder)
        with served(app.dashboard().application()) as url:
            before = got(f"{url}/donnees/accueil/figures.csv?period=14d")[2]
            later = running.simulator.clock.now() + timedelta(hours=3)
            running.at(later)
            again = running.app(folder, trackers=[{"name": "arcane", "hashtag": "Arcane"}])
            again.clock = StillClock(later)
            again.collect(progress=Silent())
            assert got(f"{url}/depenses")[0] == 200
            ((runs,),) = again.query("select count(*) as n from arcane.runs").rows
            rows = list(csv.reader(io.StringIO(got(f"{url}/donnees/depenses/runs.csv")[2]), delimiter=";"))
    assert before
    assert len(rows) - 1 == runs == 3


def test_twenty_people_look_while_a_run_writes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Twenty readers at once, and a run beside them: every page is whole, and the run commits."""
    folder = tmp_path_factory.mktemp("busy")
    with stage(tweets=800) as running:
        app = filled(running, folder)
        later = running.simulator.clock.now() + timedelta(hours=3)
        running.at(later)
        writer = running.app(folder, trackers=[{"name": "arcane", "hashtag": "Arcane"}])
        writer.clock = StillClock(later)
        with served(app.dashboard().application()) as url:
            answers: list[int] = []

            def look(number: int) -> None:
                paths = ("/", "/audience?lang=fr", f"/publications?least={number}", "/sujets?kind=reply")
                answers.extend(got(url + path)[0] for path in paths)

            readers = [threading.Thread(target=look, args=(number,)) for number in range(20)]
            for reader in readers:
                reader.start()
            writer.collect(progress=Silent())
            for reader in readers:
                reader.join()
        ((outcome,),) = writer.query("select outcome from arcane.runs order by started_at desc limit 1").rows
    assert (answers, outcome) == ([200] * 80, "complete")


def test_the_list_of_posts_goes_on(shown: Shown) -> None:
    """It says how many there are, each page has its own ranks and address, filters stay, and what is no page is the first."""
    first, second = (unescape(got(f"{shown.url}/publications?period=28d{more}")[2]) for more in ("", "&after=24"))
    ranks = [[int(one) for one in re.findall(r'<span class="rank">(\d+)</span>', text)] for text in (first, second)]
    assert ranks == [list(range(1, 25)), list(range(25, 49))]
    count = int(re.sub(r"\D", "", re.findall(r"Ici, 1 à 24 sur ([\d\s]+)\.", first)[0]))
    assert count > 100
    assert re.findall(r'href="([^"]*)" hx-get="[^"]*"[^>]*>(?:1|25|97)–', first) == [
        "/publications?period=28d", "/publications?period=28d&after=24", "/publications?period=28d&after=96",
    ]  # fmt: skip
    assert re.findall(r'aria-current="page">([\d–]+)<', second) == ["25–48"]
    assert got(f"{shown.url}/publications?period=28d&after=24", **{"HX-Request": "true"})[1]["hx-push-url"] == (
        "/publications?period=28d&after=24"
    )
    assert '<span class="rank">1</span>' in got(f"{shown.url}/publications?after=7%27")[2]
    rows = list(
        csv.reader(
            io.StringIO(got(f"{shown.url}/donnees/publications/tweets.csv?after=24&period=28d")[2]), delimiter=";"
        )
    )
    assert [row[0] for row in rows[1:]] == [str(rank) for rank in range(25, 49)]
    few = unescape(got(f"{shown.url}/publications?period=28d&least=8000000")[2])
    assert ("Ici, 1 à 6 sur 6." in few, 'class="turns"' in few) == (True, False)


def test_a_post_s_life_stands_alone(shown: Shown) -> None:
    """No period and no tracker's figures over one post; each counter has its chart, and its readings are had as a file."""
    tweet_id = re.findall(r'href="/publications/(\d+)', got(f"{shown.url}/publications")[2])[0]
    text = unescape(got(f"{shown.url}/publications/{tweet_id}")[2])
    assert ('class="scope"' in text, 'class="filters"' in text) == (False, False)
    assert len(re.findall(r'data-spec="', text)) >= 4
    file = re.findall(r'href="(/donnees/publications/like\.csv[^"]*)"', text)[0]
    status, _, rows = got(shown.url + file)
    assert (status, len(rows.splitlines()) > 1) == (200, True)
