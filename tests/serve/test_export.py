"""Files of an export, read back: by openpyxl, by csv, by pyarrow, and by LibreOffice in French."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.serve.conftest import Shown
from tests.serve.serving import HOSTILE

from arcane.errors import ConfigError, ExportError, SqlError
from arcane.serve import export, workbook
from arcane.serve.dashboard.filters import Span
from arcane.serve.export import Format
from arcane.serve.extract import Extract, Scope, found
from arcane.views import Named, View, views
from arcane.warehouse.interface import Batches

ID = "1960000282763198465"
LONG = "é" * 3_990 + " #Arcane 🎬"
TEXTS = [
    '=HYPERLINK("http://evil.example";"x")',
    "+33 6 12 34 56 78",
    "-50%",
    "@marque bravo",
    "＝SUM(A1)",
    "   =SUM(A1)",
    "Été 2026 : « 5 € » ; œuvre 🎬👩‍👩‍👧, l'été",
    'deux\nlignes ; "guillemets"',
    "<r><t>rich</t></r>",
    "_x0041_ & <b>",
    "2026-11-25",
    "007",
    "1e5",
    LONG,
    "",
    None,
]
SCHEMA = pa.schema(
    [
        ("tweet_id", pa.string()),
        ("text", pa.string()),
        ("url", pa.string()),
        ("like_count", pa.int64()),
        ("engagement_rate", pa.float64()),
        ("is_spike", pa.bool_()),
        ("local_date", pa.date32()),
        ("created_at", pa.timestamp("us", "UTC")),
    ]
)
TITLES = ["id_tweet", "texte", "lien", "nb_likes", "taux_engagement", "est_pic", "date_locale", "cree_le"]
COLUMNS = [Named(name, title, "", "") for name, title in zip(SCHEMA.names, TITLES, strict=True)]
AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


def record(number: int, text: str | None) -> tuple[Any, ...]:
    return (
        str(int(ID) + number),
        text,
        f"https://x.com/i/status/{int(ID) + number}",
        -number if number else None,
        number / 7,
        number % 2 == 0,
        date(2026, 11, 25),
        AT,
    )


ROWS = [record(number, text) for number, text in enumerate(TEXTS)]


def extracted(rows: list[tuple[Any, ...]], *, size: int = 5) -> Extract:
    """The rows in batches of ``size``."""

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(rows), size):
            columns = zip(*rows[start : start + size], strict=True)
            arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)

    return Extract(COLUMNS, Batches(SCHEMA, batches()), "Europe/Paris")


def saved(path: Path, *, kind: Format, rows: list[tuple[Any, ...]] = ROWS) -> Path:
    assert export.save(extracted(rows), path, kind=kind, after=lambda _: None) == len(rows)
    return path


def in_excel(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as openpyxl gives it back: local moments, an empty text is an empty cell."""
    text = row[1] or None
    text = f" {text}" if text and text.startswith("<r>") else text
    day = datetime(2026, 11, 25)  # noqa: DTZ001 - as cells hold them
    return (row[0], text, *row[2:6], day, datetime(2026, 11, 25, 3, 30))  # noqa: DTZ001


def sheets(file: Path | io.BytesIO) -> dict[str, list[tuple[Any, ...]]]:
    """Values by sheet; no cell is a formula."""
    book = openpyxl.load_workbook(file)
    for sheet in book:
        assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    found = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    book.close()
    return found


def test_a_workbook_holds_every_value_in_its_type(tmp_path: Path) -> None:
    """Texts to the letter, ids as text, numbers, days and local moments; a table with titles and links."""
    path = saved(tmp_path / "a.xlsx", kind=Format.XLSX)
    assert sheets(path) == {"Données": [tuple(TITLES), *map(in_excel, ROWS)]}
    book = openpyxl.load_workbook(path)
    sheet = book["Données"]
    assert sheet.tables["Donnees"].ref == f"A1:H{len(ROWS) + 1}"
    assert [sheet.cell(2, column).number_format for column in range(1, 9)] == [
        "@", "@", "@", "#,##0", "0.0%", "General", "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss",
    ]  # fmt: skip
    assert sheet["C2"].hyperlink.target == ROWS[0][2]
    assert sheet.freeze_panes == "A2"
    book.close()


def test_many_rows_are_the_same_without_a_table() -> None:
    """Beyond the rows of a table: filter and frozen header, and further sheets beyond those of a sheet."""
    file = io.BytesIO()
    whole = extracted(ROWS)
    workbook.write(whole, whole.batches.rows, file, folder=Path("/tmp"), table_rows=9, sheet_rows=7)
    rows = list(map(in_excel, ROWS))
    assert sheets(file) == {
        "Données": [tuple(TITLES), *rows[:7]],
        "Données 2": [tuple(TITLES), *rows[7:14]],
        "Données 3": [tuple(TITLES), *rows[14:]],
    }
    book = openpyxl.load_workbook(file)
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:H8", "A1:H8", "A1:H3"]
    assert [dict(sheet.tables) for sheet in book] == [{}, {}, {}]
    book.close()


def test_signs_that_no_xml_may_hold_leave_the_workbook_whole(tmp_path: Path) -> None:
    """NUL, bell, marks that turn the direction round, non-characters: gone; tab and newline stay."""
    rows = [record(1, "a\x00b\x07c\u202ed\u2066e\uffffe\tf\ng")]
    assert sheets(saved(tmp_path / "a.xlsx", kind=Format.XLSX, rows=rows))["Données"][1][1] == "abcdee\tf\ng"


def test_no_rows_are_a_file_with_titles(tmp_path: Path) -> None:
    """In every format."""
    assert sheets(saved(tmp_path / "a.xlsx", kind=Format.XLSX, rows=[]))["Données"][0] == tuple(TITLES)
    assert saved(tmp_path / "a.csv", kind=Format.CSV, rows=[]).read_text() == ",".join(TITLES) + "\n"
    assert pq.read_table(saved(tmp_path / "a.parquet", kind=Format.PARQUET, rows=[])).column_names == TITLES


def test_a_french_csv_to_the_byte(tmp_path: Path) -> None:
    """Mark, semicolons, every field quoted, CRLF, decimal commas."""
    rows = [record(2, "=1+1"), record(3, 'dit "oui"\n; été')]
    expected = (
        '\ufeff"id_tweet";"texte";"lien";"nb_likes";"taux_engagement";"est_pic";"date_locale";"cree_le"\r\n'
        '"https://x.com/i/status/1960000282763198467";"\'=1+1";"https://x.com/i/status/1960000282763198467";'
        '"-2";"0,285714";"oui";"25/11/2026";"25/11/2026 03:30:00"\r\n'
        '"https://x.com/i/status/1960000282763198468";"dit ""oui"" ; été";"https://x.com/i/status/1960000282763198468";'
        '"-3";"0,428571";"non";"25/11/2026";"25/11/2026 03:30:00"\r\n'
    )
    assert saved(tmp_path / "a.csv", kind=Format.CSV_FR, rows=rows).read_bytes() == expected.encode()


def test_a_plain_csv_gives_every_value_back(tmp_path: Path) -> None:
    """RFC 4180: text to the letter, UTC, decimal points, ids bare."""
    text = saved(tmp_path / "a.csv", kind=Format.CSV).read_bytes().decode()
    assert text.count("\r\n") == len(ROWS) + 1
    expected = [
        [row[0], row[1] or "", row[2], "" if row[3] is None else str(row[3]), repr(row[4]), str(row[5]).lower(),
         "2026-11-25", "2026-11-25T02:30:00Z"]
        for row in ROWS
    ]  # fmt: skip
    assert list(csv.reader(io.StringIO(text, newline=""))) == [TITLES, *expected]


def test_parquet_keeps_types_and_values(tmp_path: Path) -> None:
    """As the warehouse has them, compressed by zstd."""
    path = saved(tmp_path / "a.parquet", kind=Format.PARQUET)
    table = pq.read_table(path)
    assert table.schema.types == SCHEMA.types
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == ROWS
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("kind", Format)
def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path, kind: Format) -> None:
    """The old file, and nothing beside it."""
    path = tmp_path / "a"
    path.write_text("before")

    def failing() -> Iterator[pa.RecordBatch]:
        yield from extracted(ROWS).batches.rows
        raise SqlError("the query was ended")

    broken = Extract(COLUMNS, Batches(SCHEMA, failing()), "Europe/Paris")
    with pytest.raises(SqlError):
        export.save(broken, path, kind=kind, after=lambda _: None)
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert path.read_text() == "before"


def test_progress_hears_of_every_row(tmp_path: Path) -> None:
    """Batch by batch."""
    heard: list[int] = []
    export.save(extracted(ROWS), tmp_path / "a.csv", kind=Format.CSV, after=heard.append)
    assert heard == [5, 5, 5, 1]


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("a.xlsx", None, Format.XLSX),
        ("a.CSV", None, Format.CSV_FR),
        ("a.csv", "csv", Format.CSV),
        ("a.parquet", None, Format.PARQUET),
        ("a", "parquet", Format.PARQUET),
    ],
)
def test_a_name_or_a_word_tells_the_format(name: str, said: str | None, expected: Format) -> None:
    """What is said counts more than the name."""
    assert export.format_of(Path(name), said) is expected


@pytest.mark.parametrize(("name", "said"), [("a.ods", None), ("a", None), ("a.xlsx", "excel")])
def test_an_unknown_format_is_refused(name: str, said: str | None) -> None:
    """Before anything is asked."""
    with pytest.raises(ConfigError, match=r"format"):
        export.format_of(Path(name), said)


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    """A folder that is not there, a folder in the file's place, a file in the folder's."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "no" / "a.csv", tmp_path, tmp_path / "file" / "a.csv"):
        with pytest.raises(ConfigError):
            export.save(extracted(ROWS), path, kind=Format.CSV, after=lambda _: None)


def test_a_sheet_too_large_for_excel_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ZIP's limit, lowered: no one waits for 2 GB."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 500)
    with pytest.raises(ExportError, match="2 GB"):
        export.save(extracted(ROWS), tmp_path / "a.xlsx", kind=Format.XLSX, after=lambda _: None)
    assert list(tmp_path.iterdir()) == []


# What follows is asked of a small world.
SCOPE = Scope("arcane", Span(date(2026, 11, 13), date(2026, 11, 19)), Span(date(2026, 11, 6), date(2026, 11, 12)))
KEY_FIGURES = [
    "nb_tweets", "nb_auteurs", "interactions", "taux_engagement", "nb_impressions", "nb_likes", "nb_retweets",
    "nb_reponses", "nb_vues_video", "taux_couverture",
]  # fmt: skip


@pytest.fixture(name="made")
def _made(shown: Shown, tmp_path: Path) -> Callable[..., Path]:
    def make(view: str, name: str, scope: Scope = SCOPE, style: str | None = None) -> Path:
        shown.app.export(view, tmp_path / name, scope=scope, style=style, after=lambda _: None)
        return tmp_path / name

    return make


def test_the_ten_key_figures_are_the_same_everywhere(shown: Shown, made: Callable[..., Path]) -> None:
    """From a query, in the rows and on the first sheet of the workbook, in both CSVs and in Parquet."""
    asked = f"select {', '.join(KEY_FIGURES)} from arcane_fr.totals('arcane', date '2026-11-13', date '2026-11-19')"
    (expected,) = shown.app.query(asked).rows
    assert None not in expected
    found = sheets(made("totals", "a.xlsx"))
    titles, values = found["Données"]
    assert tuple(dict(zip(titles, values, strict=True))[title] for title in KEY_FIGURES) == expected
    front = [value for row in found["Synthèse"] for value in row if isinstance(value, int | float)]
    assert tuple(front) == expected
    for name, style in (("b.csv", "csv"), ("c.csv", "csv-fr")):
        text = made("totals", name, style=style).read_text("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text), delimiter=";" if style == "csv-fr" else ",")
        got = [float(row[title].replace(",", ".")) for title in KEY_FIGURES]
        assert got == pytest.approx([float(value) for value in expected], abs=1e-6)  # type: ignore[arg-type]
    (record,) = pq.read_table(made("totals", "d.parquet")).to_pylist()
    assert tuple(record[title] for title in KEY_FIGURES) == expected


def test_the_first_sheet_says_what_is_in_the_workbook(made: Callable[..., Path]) -> None:
    """Tracker, period, how whole the data are, what each column means; charts over the days."""
    path = made("volume_by_day", "a.xlsx")
    found = sheets(path)
    assert list(found) == ["Synthèse", "Données", "Par jour"]
    front = {row[1]: row[3] for row in found["Synthèse"] if row[1] is not None}
    assert next(iter(front)) == "#Arcane · du 13 au 19\u00a0novembre\u00a02026"
    assert front["Données"] == "7 lignes de la vue volume_by_day, feuille «\u00a0Données\u00a0»"
    assert front["Suivi"] == "arcane"
    assert front["Données complètes jusqu’au"].startswith("20\u00a0novembre\u00a02026 à 10")
    assert front["Fuseau des heures et des jours"] == "Europe/Paris"
    assert front["date_locale"] == "Jour de publication, heure locale"
    assert not any("NULL" in (value or "") for value in front.values() if not isinstance(value, int | float))
    days = {row[0]: row[1] for row in found["Par jour"][1:]}
    assert days == {row[1]: row[2] for row in found["Données"][1:]}
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert ["'Par jour'!$B$2:$B$8" in chart for chart in charts] == [True, False]
    assert ["'Par jour'!$C$2:$C$8" in chart for chart in charts] == [False, True]


def test_many_trackers_have_no_key_figures(made: Callable[..., Path]) -> None:
    """They do not add up; the first sheet says which trackers there are."""
    found = sheets(made("volume_by_day", "a.xlsx", scope=Scope()))
    assert list(found) == ["Synthèse", "Données"]
    assert found["Synthèse"][0][1] == "Tous les suivis · toutes les dates connues"
    assert {row[0] for row in found["Données"][1:]} == {"arcane", "jinx"}


def test_hostile_tweets_stay_text(made: Callable[..., Path]) -> None:
    """What X said is in the cells to the letter, less the signs that are not seen, and no CSV cell is a formula."""
    titles, *rows = sheets(made("tracker_tweets_flat", "a.xlsx", scope=Scope("arcane")))["Données"]
    texts = {row[titles.index("texte")] for row in rows}
    assert {HOSTILE[0], HOSTILE[1], "reversed bell \u200fmark #Arcane", *HOSTILE[3:]} <= texts
    text = made("tracker_tweets_flat", "a.csv", scope=Scope("arcane")).read_text("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row}
    assert f"'{HOSTILE[5]}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@")) or "\n" in cell]


@pytest.mark.parametrize("name", sorted(one.name for one in views() if one.has_twin))
def test_every_view_can_be_exported(shown: Shown, tmp_path: Path, name: str) -> None:
    """With its French titles, in the scope that it knows; as many rows as its query has."""
    view = found(views(), name)
    knows = {*view.parameters, *view.column_names}
    asked = Scope(
        "arcane" if {"tracker", "tracker_name"} & knows else "", SCOPE.span if has_days(view) else None, SCOPE.base
    )
    if view.parameters and "tracker_name" not in view.parameters:
        asked = Scope("", SCOPE.span, SCOPE.base)
    count = shown.app.export(name, tmp_path / "a.parquet", scope=asked, style=None, after=lambda _: None)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == [one.fr for one in view.columns]
    assert table.num_rows == count
    if not view.parameters and asked == Scope("", None, SCOPE.base):
        assert shown.app.query(f"select count(*) from arcane_fr.{name}").rows == [(count,)]


def has_days(view: View) -> bool:
    return bool(view.parameters) or any(one.endswith("_date") for one in view.column_names)
