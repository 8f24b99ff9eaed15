"""The analysts' two CSV files: read as French Excel writes them, refused by line, and in force from the next run on."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.made_up import NOON, body, tweet
from tests.stories import StillClock, settings

from arcane.app import App
from arcane.errors import ConfigError
from arcane.layer import notes

BOM = b"\xef\xbb\xbf"


def test_excel_and_everything_else_is_read(tmp_path: Path) -> None:
    """Semicolons, BOM, French titles and dates; commas, quotes and ISO dates; the later line of two wins."""
    events, exclusions = tmp_path / "e.csv", tmp_path / "x.csv"
    events.write_bytes(
        BOM + "Jour;Libellé;Suivi\r\n25/11/2026;Sortie, saison 2;\r\n\r\n26/11/2026;Salon;arcane\r\n".encode()
    )
    exclusions.write_text(
        'kind,value,reason\nauthor,@Bruit,robot\nMot," Crème-Brûlée ",recettes\ndomaine,https://www.Spam.fr/page,\n'
        "langue,JA,ailleurs\nlanguage,ja,hors marché\n"
    )
    found = notes(events=events, exclusions=exclusions)
    assert found["events"].to_pylist() == [
        {"local_date": date(2026, 11, 25), "label": "Sortie, saison 2", "tracker": None},
        {"local_date": date(2026, 11, 26), "label": "Salon", "tracker": "arcane"},
    ]
    assert found["exclusions"].to_pylist() == [
        {"kind": "author", "value": "bruit", "reason": "robot"},
        {"kind": "word", "value": "crème brûlée", "reason": "recettes"},
        {"kind": "domain", "value": "spam.fr", "reason": "spam.fr"},
        {"kind": "language", "value": "ja", "reason": "hors marché"},
    ]


def test_no_file_is_no_rows(tmp_path: Path) -> None:
    """Neither setting, or an empty file."""
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    for path in (None, empty):
        assert [table.num_rows for table in notes(events=path, exclusions=path).values()] == [0, 0]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("events", "date,label\n2026-13-01,x\n", "line 2: '2026-13-01' is no date"),
        ("events", "date;label\n01/12/2026;ok\n02/12/2026;\n", "line 3: an event needs a label"),
        ("exclusions", "kind,value\ntweet,1\n", "line 2: 'tweet' is no kind of exclusion"),
        ("exclusions", "kind,value\nword,!!\n", "line 2: the value is empty"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, kind: str, text: str, told: str) -> None:
    """File, line, what is wrong."""
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=re.escape(told)) as failed:
        notes(**{"events": None, "exclusions": None, kind: path})
    assert str(failed.value).startswith(str(path))


def test_windows_own_encoding_is_read_and_what_is_not_there_is_named(tmp_path: Path) -> None:
    """What a French Excel calls CSV without more words; a file that is missing."""
    latin = tmp_path / "latin.csv"
    latin.write_bytes("Date;Événement\n01/12/2026;Été à 5 €\n".encode("cp1252"))
    assert notes(events=latin, exclusions=None)["events"].column("label").to_pylist() == ["Été à 5 €"]
    with pytest.raises(ConfigError, match="cannot be read"):
        notes(events=tmp_path / "none.csv", exclusions=None)


def test_the_next_run_puts_them_in_force(tmp_path: Path) -> None:
    """A list that changes takes tweets out of scope and lets them in again; the events are there to be drawn."""
    events, exclusions = tmp_path / "e.csv", tmp_path / "x.csv"
    events.write_text("date,label\n2026-11-20,Sortie\n")
    exclusions.write_text("kind,value,reason\nword,lol,jeu\n")
    pages = tmp_path / "p.jsonl"
    pages.write_bytes(body(tweet(1, text="LOL #Arcane"), tweet(2)) + b"\n")
    app = App(
        settings(tmp_path, "http://127.0.0.1:9", views={"events": events, "exclusions": exclusions}),
        clock=StillClock(NOON),
    )
    app.import_files([pages], tracker="arcane", observed_at=NOON, after=lambda _: None)
    asked = "select countif(exclusion_reason is null), countif(exclusion_reason = 'jeu') from posted_tweets"
    assert app.query(asked).rows == [(1, 1)]
    assert app.query("select local_date, label, tracker from events").rows == [(date(2026, 11, 20), "Sortie", None)]
    exclusions.write_text("kind,value,reason\n")
    app.apply_views()
    assert app.query(asked).rows == [(2, 0)]
