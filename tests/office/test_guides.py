"""The guides of office tools: their pictures are there, small and told in words; their drawings are true."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from arcane.views import views

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
GUIDES = [
    ROOT / "docs" / "bureautique.md",
    ROOT / "docs" / "exports.md",
    *sorted((ROOT / "office").glob("*/README.md")),
]
DRAWINGS = ["datastudio-pages.svg", "office-tabs.svg", "office-way.svg", "sheets-menu.svg", "sheets-parametres.svg"]
LARGEST_BYTES = 150_000


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pictures(guide: Path) -> None:
    """A guide has a picture; each is beside it, light enough to be read on the move, and told to who cannot see it."""
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", guide.read_text("utf-8"))
    assert pictures
    for told, name in pictures:
        assert len(told.split()) > 5
        assert 0 < (guide.parent / name).stat().st_size < LARGEST_BYTES


def test_drawings_are_what_their_source_draws(tmp_path: Path) -> None:
    """The ones that are kept equal those that make pictures would write."""
    subprocess.run([sys.executable, str(IMAGES / "office_drawings.py"), str(tmp_path)], check=True)
    drawn = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert drawn == {name: (IMAGES / name).read_text("utf-8") for name in DRAWINGS}


def test_the_drawn_tabs_are_those_that_are_filled() -> None:
    """The same sheets, of the same views, are proposed by the script, by the macros and by the drawing."""
    script = (ROOT / "office" / "sheets" / "Parametres.gs").read_text("utf-8")
    macros = (ROOT / "office" / "excel" / "Arcane.bas").read_text("cp1252")
    drawn = re.findall(
        r">(Données [^<…]+)</text>.*\n.*\n<text[^>]*>(\w+) : ", (IMAGES / "office-tabs.svg").read_text("utf-8")
    )
    assert drawn == re.findall(r"\['(Données [^']+)', '(\w+)', '", script)
    assert drawn == re.findall(r"\"(Données [^\"|]+)\|(\w+)\|", macros)


def shown(name: str) -> list[str]:
    """The words of a drawing, in order, with plain apostrophes."""
    return [
        unescape(one).replace("’", "'")
        for one in re.findall(r"<text[^>]*>(.*?)</text>", (IMAGES / name).read_text("utf-8"))
    ]


def test_the_drawn_settings_and_menu_are_the_script_s() -> None:
    """Cells stand in the rows in which « Préparer les paramètres » writes them; the menu has the same entries."""
    script = (ROOT / "office" / "sheets" / "Parametres.gs").read_text("utf-8").replace("\\'", "'")
    labels = re.findall(r"^  \w+: '(.*)',$", script.split("const LIBELLES")[1].split("};")[0], re.M)
    asked = [one for line in re.findall(r"^  \['(Données .*)'\],$", script, re.M) for one in line.split("', '")]
    drawn = shown("sheets-parametres.svg")
    rows = {int(one): place for place, one in enumerate(drawn) if one.isdigit()}
    assert list(rows) == list(range(1, 2 + len(labels) + 2 + len(asked) // 3))
    first = {row: drawn[place + 1] for row, place in rows.items()}
    assert [first[row] for row in range(2, 10)] == labels
    listed = drawn[rows[11] + 1 : rows[18] + 4]
    assert [one for one in listed if not one.isdigit()] == ["Onglet", "Vue", "Lecture", *asked]
    entries = re.findall(r"\.addItem\('(.*)', '\w+'\)", script)
    assert len(entries) == 6
    assert [one for one in shown("sheets-menu.svg") if one in entries] == entries
    assert (IMAGES / "sheets-menu.svg").read_text("utf-8").count('H820"') == script.count(".addSeparator()")


def test_equal_age_has_a_source() -> None:
    """What the guide feeds EvolutionAgeEgal with is in views that can be read as it says; tweet_ages has no tracker."""
    guide = (ROOT / "office" / "excel" / "README.md").read_text("utf-8")
    told = guide[guide.index("**Le plus court") : guide.index("## Power Query")].split("- **Par média**")
    known = {one.name: one for one in views()}
    growth, acquired = known["growth"], known["acquired_at_24h"]
    assert set(re.findall(r"`(taux_\w+|motif|cle_\w+)`", told[0])) <= {one.fr for one in growth.columns}
    assert all(f"'{one}'" in growth.sql for one in re.findall(r"`(interactions_per\w+)`", told[0]))
    assert (growth.parameters, acquired.parameters) == (
        ("tracker_name", "first_date", "last_date", "base_first_date", "base_last_date"),
        ("tracker_name", "first_date", "last_date"),
    )
    fed = set(re.findall(r"interactions_\w+|nb_\w+", told[1]))
    assert fed == {"interactions_24h", "interactions_7j", "nb_tweets_mesures"}
    assert fed <= {one.fr for one in acquired.columns}
    assert "tracker" not in known["tweet_ages"].column_names


def test_the_drawn_pages_are_those_of_the_build_sheet() -> None:
    """Data Studio's pages carry the same numbers and names."""
    sheet = (ROOT / "office" / "datastudio" / "README.md").read_text("utf-8")
    drawn = re.findall(r">(\d\. [^<]+)</text>", (IMAGES / "datastudio-pages.svg").read_text("utf-8"))
    assert drawn == [name.replace("'", "’") for name in re.findall(r"^### Page (\d\. .*)$", sheet, re.M)]
