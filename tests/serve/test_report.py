"""``arcane report``: what is asked, as of when, and the one file that is whole or not there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from structlog.testing import capture_logs
from tests.googlesql.judge import Judge
from tests.serve.conftest import Shown
from tests.serve.serving import HOSTILE, TRACKERS
from tests.stories import Silent, stage

from arcane.app import App
from arcane.errors import ConfigError
from arcane.serve.dashboard import filters, questions
from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import ENGLISH, FRENCH
from arcane.serve.report import printing
from arcane.serve.report.answers import Answers, Asked, answers, question
from arcane.serve.report.method import definitions
from arcane.serve.report.report import Order
from arcane.serve.report.sections import ASKED, KEYS, chosen

WEEK = Asked("arcane", date(2026, 11, 13), date(2026, 11, 19))


def answered(app: App, asked: Asked) -> Answers:
    layer = Layer({one.name: one for one in app.views()}, "arcane")
    return answers(app.reader, asked, ASKED, layer=layer, trackers=[one["name"] for one in TRACKERS], language=FRENCH)


def written(app: App, target: Path, **changes: Any) -> str:
    order = replace(Order(target, WEEK, FRENCH), **changes)
    assert app.report(order) == target
    return target.read_text("utf-8")


class Read(HTMLParser):
    """What a page holds: tags, addresses, and the text that a person reads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.text: list[str] = []
        self._quiet = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self._quiet += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.text.append(data)


def test_one_file_asks_nobody(shown: Shown, tmp_path: Path) -> None:
    """No script, no handler, a policy that allows nothing; every address is of the file itself, or a link to X."""
    page = Read(written(shown.app, tmp_path / "rapport.html"))
    assert page.tags.keys() & {"script", "link", "iframe", "object", "img", "form", "base"} == set()
    assert page.tags["svg"] >= 12
    assert page.handlers == []
    links = [one for one in page.addresses if not one.startswith("#")]
    assert [one for one in links if not re.fullmatch(r"https://x\.com/\w+/status/\d+", one)] == []
    assert len(links) == 6


def test_hostile_tweets_are_text(shown: Shown, tmp_path: Path) -> None:
    """The six tweets that gathered most are hostile: they stand there, cut and without marks, and are nothing else."""
    target = tmp_path / "rapport.html"
    raw = written(shown.app, target, sections="publications,hashtags,auteurs")
    text = " ".join(Read(raw).text)
    assert HOSTILE[0] in text
    assert "</a><script>window.hurt=6</script>" in text
    assert "\u202e" not in raw
    assert "\u0007" not in raw


def test_the_same_data_make_the_same_file(shown: Shown, tmp_path: Path) -> None:
    """No clock and no chance: regenerating changes nothing, to the byte."""
    first, second = (written(shown.app, tmp_path / name) for name in ("a.html", "b.html"))
    assert first == second


def test_every_section_and_its_numbers_are_there(shown: Shown, tmp_path: Path) -> None:
    """Titles, « chiffres arrêtés au », coverage, definitions, and the totals that a query gives."""
    text = " ".join(Read(written(shown.app, tmp_path / "rapport.html")).text)
    ((count,),) = shown.app.query(
        "select tweet_count from arcane.totals('arcane', date '2026-11-13', date '2026-11-19')"
    ).rows
    for part in (
        "Chiffres arrêtés au 20\u00a0novembre\u00a02026 à 11\u202fh\u202f00",
        "du 13 au 19\u00a0novembre\u00a02026",
        "Définitions",
        "Annexe",
        FRENCH.number(int(str(count))),
        "couverture inconnue sur les deux périodes",
    ):
        assert part in text, part


def test_definitions_say_more_than_their_term(shown: Shown) -> None:
    """« Auteurs : auteurs distincts » tells nobody anything: five words or more are not the term's own, in both
    languages."""
    views = {one.name: one for one in shown.app.views()}
    frame = answered(shown.app, WEEK).frame
    for language in (FRENCH, ENGLISH):
        told = definitions(views, replace(frame, language=language))
        assert len(told) >= 18
        for term, meaning in told:
            words, own = (set(re.findall(r"\w+", one.lower())) for one in (meaning, term))
            assert len(words - own) >= 5, (term, meaning)


def test_what_carries_is_sought_on_the_days_compared(shown: Shown) -> None:
    """Days of spikes, paired by coverage, add up to what growth compares, on both sides."""
    rows = answered(shown.app, OTHERS).rows
    (volume,) = (row for row in rows["growth"] if row["measure"] == "tweet_count")
    assert volume["day_count"] == 3
    for days, value in (("spikes", "value"), ("base_spikes", "base_value")):
        assert [row["coverage_rate"] >= 0.95 for row in rows[days]] == [True] * 3
        assert sum(row["tweet_count"] for row in rows[days]) == volume[value]


def test_sections_comments_and_language(shown: Shown, tmp_path: Path) -> None:
    """Only what was chosen, the method always; the consultant's words in their place; English by switch."""
    notes, target = tmp_path / "notes.md", tmp_path / "report.html"
    notes.write_text("\ufeff# volume\r\n\r\nMes **mots**.\r\n", "utf-8")
    before = notes.read_bytes()
    page = written(shown.app, target, sections="volume", comments=notes, language=ENGLISH)
    assert re.findall(r'<section id="([\w-]+)"', page) == ["volume", "methode", "annexe"]
    assert "<p>Mes <strong>mots</strong>.</p>" in page.split('id="volume"')[1].split("</section>")[0]
    assert "How many posts, day by day" in page
    assert notes.read_bytes() == before


def test_words_that_find_no_section_are_told(shown: Shown, tmp_path: Path) -> None:
    """A comment on what is not in the report is not lost in silence; the others stand in their place."""
    notes = tmp_path / "notes.md"
    notes.write_text("# volume\n\nIci.\n\n# evolution\n\nNulle part.\n", "utf-8")
    asked = replace(DAYS, compare="none")
    with capture_logs() as lines:
        page = written(shown.app, tmp_path / "rapport.html", asked=asked, comments=notes)
    told = [line for line in lines if line["event"] == "report.comments_left_out"]
    assert [(line["log_level"], line["sections"]) for line in told] == [("warning", ["evolution"])]
    assert "<p>Ici.</p>" in page
    assert "Nulle part." not in page


def test_sections_stand_in_the_report_s_order() -> None:
    """Whatever the order of asking; nothing chosen is all."""
    assert chosen("") == KEYS
    assert chosen(" Volume, essentiel") == ("essentiel", "volume", "methode")


def test_the_last_seven_whole_days_are_meant_without_dates(shown: Shown) -> None:
    """The day of the newest complete data is not over: the week ends the day before."""
    span = answered(shown.app, Asked()).frame.filters.span
    assert (span.first, span.last) == (WEEK.first, WEEK.last)


def text_of(page: str) -> str:
    return " ".join(" ".join(Read(page).text).split(" "))


DAYS = Asked("arcane", date(2026, 11, 17), date(2026, 11, 19))
OTHERS = replace(DAYS, base_first=date(2026, 11, 14), base_last=date(2026, 11, 16))


@pytest.mark.parametrize(
    ("asked", "url"),
    [
        (WEEK, "from=2026-11-13&to=2026-11-19"),
        (replace(WEEK, compare="previous"), "from=2026-11-13&to=2026-11-19"),
        (replace(WEEK, compare="year"), "from=2026-11-13&to=2026-11-19&compare=year"),
        (replace(WEEK, compare="none"), "from=2026-11-13&to=2026-11-19&compare=none"),
        (OTHERS, "from=2026-11-17&to=2026-11-19&compare=dates&base_from=2026-11-14&base_to=2026-11-16"),
    ],
)
def test_it_compares_as_the_dashboard_does(shown: Shown, asked: Asked, url: str) -> None:
    """The same filters as the page of that address has."""
    read = filters.read(f"tracker=arcane&{url}", trackers=["arcane", "jinx"], last_day=date(2026, 11, 19))
    assert answered(shown.app, asked).frame.filters == read


def test_changes_are_those_of_the_days_asked_for(shown: Shown, tmp_path: Path) -> None:
    """Both values as a query gives them, each behind its days, in the sentence, the tile and the table."""
    ((value, base, rate),) = shown.app.query(
        "select value, base_value, growth_rate from arcane.growth('arcane', date '2026-11-17', date '2026-11-19', "
        "date '2026-11-14', date '2026-11-16') where measure = 'tweet_count'"
    ).rows
    value, base = (FRENCH.number(one) for one in (value, base))
    raw = written(shown.app, tmp_path / "rapport.html", asked=OTHERS)
    text = text_of(raw)
    assert f"{value} publications, contre {base} du 14 au 16\u00a0novembre." in text
    assert f"{FRENCH.change(rate)} contre {base} du 14 au 16\u00a0nov." in text
    assert "comparé à la période du 14 au 16\u00a0novembre\u00a02026" in text
    assert "L’une commence un mardi, l’autre un samedi" in text
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', raw.split('class="t-growth"')[1].split("</thead>")[0])
    assert heads[:4] == ["Mesure", "du 17 au 19\u00a0nov.", "du 14 au 16\u00a0nov.", "Évolution"]
    assert "En tirets, le jour qui lui fait face, du 14 au 16\u00a0novembre" in text


def test_without_a_comparison_nothing_compares(shown: Shown, tmp_path: Path) -> None:
    """Not asked, not told, not drawn: no section of changes, no base, no rise and no fall anywhere."""
    alone = replace(DAYS, compare="none")
    found = answered(shown.app, alone).rows
    assert [found[name] for name in ("growth", "compared", "emerging", "base_totals")] == [(), (), (), ()]
    page = written(shown.app, tmp_path / "rapport.html", asked=alone)
    text = text_of(page)
    assert "sans comparaison" in text
    assert re.search(r"[\d\u202f]+ publications de [\d\u202f]+ comptes, soit [\d\u202f]+ par jour sur 3 jours\.", text)
    assert 'id="evolution"' not in page
    for word in ("contre", "précédente", "période de comparaison", "Émergent", "émerge", "▲", "▼", "Évolution"):
        assert word not in text, word


def test_a_year_of_which_nothing_is_known_says_so(shown: Shown, tmp_path: Path) -> None:
    """No change is told; why not is, with the days; how the period stands is told all the same."""
    text = text_of(written(shown.app, tmp_path / "rapport.html", asked=replace(DAYS, compare="year")))
    other = "la période du 18 au 20\u00a0novembre\u00a02025"
    assert "comparé à la même période un an plus tôt, du 18 au 20\u00a0novembre\u00a02025" in text
    assert f"couverture inconnue sur {other}" in text
    assert re.search(r"Rien ne peut être comparé\u00a0: [^.]*" + re.escape(other), text)
    assert " par jour sur 3 jours." in text
    assert ", contre " not in text


def test_periods_of_different_lengths_are_not_compared(shown: Shown, tmp_path: Path) -> None:
    """Three days beside two: no rate, and the reason."""
    uneven = replace(OTHERS, base_last=date(2026, 11, 15))
    text = text_of(written(shown.app, tmp_path / "rapport.html", asked=uneven, sections="essentiel"))
    assert "périodes de longueurs différentes" in text
    assert ", contre " not in text


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"asked": replace(WEEK, base_first=date(2026, 11, 6))},
            "--base-from and --base-to go together: name both days, or none and use --compare",
        ),
        (
            {"asked": replace(OTHERS, compare="year")},
            "--compare year and --base-from name two ways to compare: leave one of them out",
        ),
        (
            {"asked": replace(OTHERS, compare="none")},
            "--compare none and --base-from name two ways to compare: leave one of them out",
        ),
        (
            {"asked": replace(WEEK, compare="dates")},
            "--compare dates does not say which: name them with --base-from and --base-to",
        ),
        (
            {"asked": replace(WEEK, compare="week")},
            "--compare week is not known: use previous, year or none, or --base-from and --base-to",
        ),
        (
            {"asked": replace(DAYS, base_first=date(2026, 11, 15), base_last=date(2026, 11, 17))},
            "2026-11-15 to 2026-11-17 shares days with 2026-11-17 to 2026-11-19: ",
        ),
        (
            {"asked": replace(DAYS, base_first=date(2026, 11, 16), base_last=date(2026, 11, 14))},
            "--base-to is before --base-from: exchange them",
        ),
        (
            {"asked": replace(WEEK, compare="none"), "sections": "volume,evolution"},
            "--sections evolution is all comparison and --compare none has none: leave one of them out",
        ),
        ({"asked": Asked("nope")}, "no tracker is called 'nope': there are arcane, jinx"),
        (
            {"asked": Asked("arcane", date(2020, 1, 1), date(2020, 1, 7))},
            "no tweet of arcane is known from 2020-01-01 to 2020-01-07: choose other days with --from and --to",
        ),
        (
            {"asked": replace(WEEK, as_of=date(2026, 11, 12))},
            "no tweet of arcane is known from 2026-11-13 to 2026-11-19 as of 2026-11-12: "
            "choose other days with --from and --to",
        ),
        ({"asked": Asked("arcane", date(2026, 11, 13))}, "--from and --to go together: name both days, or none"),
        ({"asked": Asked("arcane", date(2026, 11, 13), date(2026, 11, 1))}, "to is before from: exchange them"),
        ({"sections": "volume,tout"}, "--sections: there is no section tout, but essentiel, evolution,"),
        ({"target": Path("rapport.docx")}, "-o rapport.docx: a report is a file that ends in .html, .pdf, .pptx"),
        ({"target": Path("/nowhere/r.html")}, "-o /nowhere/r.html: there is no folder /nowhere: make it"),
        ({"target": Path("/proc/r.html")}, "-o /proc/r.html cannot be written ("),
        ({"logo": Path(__file__)}, f"--logo {__file__} is no PNG or JPEG picture: name one"),
        ({"logo": Path("/nowhere.png")}, "--logo /nowhere.png cannot be read (No such file or directory):"),
        ({"comments": Path("/nowhere.md")}, "--commentaires /nowhere.md cannot be read (No such file or directory):"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    shown: Shown, tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    """Exit code 2 each, nothing written, nothing left beside."""
    with pytest.raises(ConfigError) as refused:
        shown.app.report(
            replace(Order(tmp_path / "r.html", WEEK, FRENCH, sections="methode"), **{"sections": "methode", **changes})
        )
    assert str(refused.value).startswith(complaint)
    assert list(tmp_path.iterdir()) == []


def test_an_old_report_stands_until_the_new_one_is_whole(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PDF that cannot be printed, no browser being found, leaves the file that was there."""
    target = tmp_path / "rapport.pdf"
    target.write_bytes(b"old")
    monkeypatch.setenv("PATH", str(tmp_path))  # what makes a machine without a browser
    with pytest.raises(ConfigError) as refused:
        shown.app.report(Order(target, WEEK, FRENCH, sections="methode"))
    assert str(refused.value).startswith("no Chromium to print a PDF with: install chromium")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("rapport.pdf", b"old")]


def test_a_browser_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ends without a PDF, as in a container without its libraries."""
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\nexit 0\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ConfigError) as refused:
        printing.pdf("<!doctype html>")
    assert (
        str(refused.value) == f"{browser} did not print the report: write -o rapport.html and print that from a browser"
    )


def test_a_logo_is_inside(shown: Shown, tmp_path: Path) -> None:
    """As data of the file; another picture's name makes it no picture."""
    logo = tmp_path / "logo.png"
    Image.new("RGB", (40, 20), "#123456").save(logo)
    page = written(shown.app, tmp_path / "r.html", sections="methode", logo=logo)
    assert '<img class="logo" src="data:image/png;base64,' in page


TYPES = {
    "tracker_name": "STRING", "as_of": "TIMESTAMP", "first_date": "DATE", "last_date": "DATE", "base_first_date": "DATE",
    "base_last_date": "DATE", "from_date": "DATE", "to_date": "DATE",
}  # fmt: skip


@pytest.mark.timeout(300)  # twenty texts of all views, for an analyzer that runs in WebAssembly
def test_every_question_of_then_is_googlesql(shown: Shown, judge: Judge) -> None:
    """Google's own analyzer accepts the text of every view over the tables of then; and DuckDB ran it above."""
    of_week = answered(shown.app, WEEK).frame.filters
    layer = Layer({one.name: one for one in shown.app.views()}, "arcane")
    for asked in (*ASKED.values(), questions.TOTALS, questions.STATUS):
        made = question(layer, asked, of_week, as_of=datetime(2026, 11, 18, tzinfo=UTC))
        used = {name: TYPES[name] for name, _ in made.parameters}
        assert judge.analyse(made.sql.replace("arcane.", ""), used) == "resolved_query_stmt_node"


COMPARED = (
    "growth",
    "compared",
    "emerging",
    "base_totals",
    "volume",
    "spikes",
    "best",
    "at_24h",
    "authors",
    "hashtags",
    "kinds",
    "media",
    "videos",
    "voices",
)


def test_as_of_tells_what_was_told_then(tmp_path: Path) -> None:
    """A report of an evening, and one made two days later as of that evening, stand on the same rows.

    In between tweets were found, counters grew and videos were viewed: the report of today differs.
    """
    evening = datetime(2026, 11, 17, 22, 30, tzinfo=UTC)
    asked = Asked("arcane", date(2026, 11, 11), date(2026, 11, 17))
    with stage(tweets=1_500, rates={"deleted_rate": 0, "withheld_rate": 0, "edited_rate": 0}) as running:
        app = running.app(tmp_path, is_moving=True, trackers=TRACKERS)
        running.at(evening)
        app.run(progress=Silent())
        then = comparable(answered(app, asked))
        running.at(datetime(2026, 11, 19, 22, 30, tzinfo=UTC))
        app.run(progress=Silent())
    later = answered(app, replace(asked, as_of=date(2026, 11, 17)))
    assert comparable(later) == then
    assert comparable(answered(app, asked)) != then
    assert later.read_at.replace(microsecond=0) == evening


def comparable(found: Answers) -> Mapping[str, Sequence[Any]]:
    """Without X's own count, which was counted again, and names, which are today's."""
    rows: dict[str, Sequence[Any]] = {name: [without(row) for row in found.rows[name]] for name in COMPARED}
    return {**rows, "totals": [without(found.frame.totals)]}


def without(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in row.items() if name not in {"expected_count", "followers_count", "coverage_rate"}
    }
