"""Files of an export, read back: by openpyxl, by csv, by pyarrow, and by LibreOffice in French."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.serve.conftest import Shown
from tests.serve.serving import HOSTILE, filled

from arcane.errors import ConfigError, ExportError, SqlError
from arcane.serve import export, workbook
from arcane.serve.dashboard.filters import Span
from arcane.serve.dashboard.queries import Layer
from arcane.serve.export import Format
from arcane.serve.extract import Extract, Scope, extract, question
from arcane.serve.summary import PERCENT
from arcane.views import Named, View, views
from arcane.warehouse.interface import Batches, Reader

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
        number / 8,
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
    """A row as openpyxl gives it back: local moments,"""
    text = row[1] or None
    text = f" {text}" if text and text.startswith("<r>") else text
    day = datetime(2026, 11, 25)  # noqa: DTZ001 - as cells hold them
    return (row[0], text, *row[2:6], day, datetime(2026, 11, 25, 3, 30))  # noqa: DTZ001


def sheets(file: Path | io.BytesIO) -> dict[str, list[tuple[Any, ...]]]:
    """Values by sheet, an empty text as None (openpyxl tells it from no text in one way of writing); no formulas."""
    book = openpyxl.load_workbook(file)
    for sheet in book:
        assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    found = {
        sheet.title: [tuple(None if one == "" else one for one in row) for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }
    book.close()
    return found


def test_a_workbook_holds_every_value_in_its_type(tmp_path: Path) -> None:
    """Texts to the letter, ids as text, numbers, days and local moments; a table with titles and links."""
    path = saved(tmp_path / "a.xlsx", kind=Format.XLSX)
    assert sheets(path) == {"Données": [tuple(TITLES), *map(in_excel, ROWS)]}
    book = openpyxl.load_workbook(path)
    sheet = book["Données"]
    assert sheet.tables["Donnees"].ref == f"A1:H{len(ROWS) + 1}"
    assert [sheet.cell(3, column).number_format for column in range(1, 9)] == [
        "@", "@", "@", "#,##0", '0.0"\u00a0"%', "General", "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss",
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
    escaped = (rows[9][0], "_x005F_x0041_ & <b>", *rows[9][2:])  # as Excel wants it; openpyxl leaves it so
    rows[9] = escaped
    assert sheets(file) == {
        "Données": [tuple(TITLES), *rows[:7]],
        "Données 2": [tuple(TITLES), *rows[7:14]],
        "Données 3": [tuple(TITLES), *rows[14:]],
    }
    book = openpyxl.load_workbook(file)
    assert [sheet.auto_filter.ref for sheet in book] == ["A1:H8", "A1:H8", "A1:H3"]
    assert [dict(sheet.tables) for sheet in book] == [{}, {}, {}]
    book.close()


def test_a_sheet_that_grows_too_large_is_followed_by_another() -> None:
    """By its size on disk, looked at before each batch: texts may be long."""
    file = io.BytesIO()
    whole = extracted([record(number, "x" * 20_000) for number in range(10)], size=2)
    workbook.write(whole, whole.batches.rows, file, folder=Path("/tmp"), table_rows=0, sheet_bytes=50_000)
    found = sheets(file)
    assert list(found) == ["Données", "Données 2", "Données 3"]
    assert [row[0] for rows in found.values() for row in rows[1:]] == [str(int(ID) + number) for number in range(10)]


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
        '"-2";"0,25";"oui";"25/11/2026";"25/11/2026 03:30:00"\r\n'
        '"https://x.com/i/status/1960000282763198468";"dit ""oui"" ; été";"https://x.com/i/status/1960000282763198468";'
        '"-3";"0,375";"non";"25/11/2026";"25/11/2026 03:30:00"\r\n'
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
SCOPE = Scope("arcane", Span(date(2026, 11, 14), date(2026, 11, 19)), Span(date(2026, 11, 7), date(2026, 11, 12)))
VIEWS = views()
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
    asked = f"select {', '.join(KEY_FIGURES)} from arcane_fr.totals('arcane', date '2026-11-14', date '2026-11-19')"
    (expected,) = shown.app.query(asked).rows
    assert None not in expected
    found = sheets(made("totals", "a.xlsx"))
    titles, values = found["Données"]
    assert [dict(zip(titles, values, strict=True))[title] for title in KEY_FIGURES] == pytest.approx(
        expected, rel=1e-15
    )
    front = [value for row in found["Synthèse"] for value in row if isinstance(value, int | float)]
    assert front == pytest.approx(expected, rel=1e-15)  # a workbook holds 16 figures
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
    assert next(iter(front)) == "#Arcane · du 14 au 19\u00a0novembre\u00a02026"
    assert front["Données"] == "6 lignes de la vue volume_by_day, feuille «\u00a0Données\u00a0»"
    assert front["Suivi"] == "arcane"
    assert front["Données complètes jusqu’au"].startswith("20\u00a0novembre\u00a02026 à 10")
    assert front["Fuseau des heures et des jours"] == "Europe/Paris"
    assert front["date_locale"] == "Jour de publication, heure locale"
    assert not any("NULL" in (value or "") for value in front.values() if not isinstance(value, int | float))
    days = {row[0]: row[1] for row in found["Par jour"][1:]}
    assert days == {row[1]: row[2] for row in found["Données"][1:]}
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert ["'Par jour'!$B$2:$B$7" in chart for chart in charts] == [True, False]
    assert ["'Par jour'!$C$2:$C$7" in chart for chart in charts] == [False, True]


def front(path: Path) -> dict[Any, Any]:
    """What « Synthèse » says beside each name."""
    return {row[1]: row[3] for row in sheets(path)["Synthèse"] if row[1] is not None}


def test_rows_that_key_figures_leave_out_are_told(shown: Shown, tmp_path: Path) -> None:
    """A list of tweets holds the excluded ones too: their number is the difference, and its column is named."""
    excluded = tmp_path / "exclusions.csv"
    excluded.write_text("kind,value,reason\nauthor,evil_one,robot\n")
    app = filled(shown.stage, tmp_path, views={"exclusions": excluded})
    app.export("tracker_tweets_flat", tmp_path / "a.xlsx", scope=SCOPE, style=None, after=lambda _: None)
    found = sheets(tmp_path / "a.xlsx")
    head, *rows = found["Données"]
    reasons = [row[head.index("motif_exclusion")] for row in rows]
    assert reasons.count("robot") == len(HOSTILE)
    counted = next(value for row in found["Synthèse"] for value in row if isinstance(value, int))
    assert counted == reasons.count(None)
    assert front(tmp_path / "a.xlsx")["Publications exclues"] == (
        "6 lignes sont hors périmètre (motif_exclusion rempli)\u00a0: les chiffres clés et «\u00a0Par jour\u00a0» ne les "
        "comptent pas. Pour les mêmes publications, ne gardez que les lignes dont motif_exclusion est vide"
    )
    app.export("volume_by_day", tmp_path / "b.xlsx", scope=SCOPE, style=None, after=lambda _: None)
    assert "Publications exclues" not in front(tmp_path / "b.xlsx")


UNCOVERED = ". La couverture reste inconnue (–)\u00a0: X n’a pas compté chaque heure de la période"


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (14, 19, None),
        (1, 19, "7 jours lus sur 19, du 13 au 19\u00a0novembre\u00a02026, dont 1 en partie" + UNCOVERED),
        (18, 30, "3 jours lus sur 13, du 18 au 20\u00a0novembre\u00a02026, dont 1 en partie" + UNCOVERED),
        (20, 20, "1 jour lu sur 1, le 20\u00a0novembre\u00a02026, dont 1 en partie" + UNCOVERED),
        (1, 3, "aucun jour lu sur 3" + UNCOVERED),
    ],
)
def test_a_period_that_was_read_in_part_is_told(
    made: Callable[..., Path], first: int, last: int, told: str | None
) -> None:
    """Days before the first reading and days to come are no days without tweets; a whole period says nothing."""
    span = Span(date(2026, 11, first), date(2026, 11, last))
    assert front(made("volume_by_day", "a.xlsx", Scope("arcane", span))).get("Jours lus") == told


def test_the_first_sheet_is_printed_on_a_page_and_its_definitions_on_the_next(made: Callable[..., Path]) -> None:
    """A4 on its side: what stands above the break is no taller than the page at the scale that the sheet says."""
    book = openpyxl.load_workbook(made("growth", "a.xlsx"))
    sheet = book["Synthèse"]
    (broken,) = [one.id for one in sheet.row_breaks.brk]
    heights = [sheet.row_dimensions[row].height or 15 for row in range(1, broken + 1)]
    margins = sheet.page_margins.top + sheet.page_margins.bottom
    assert sum(heights) * sheet.page_setup.scale / 100 <= 210 / 25.4 * 72 - margins * 72
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert not sheet.sheet_properties.pageSetUpPr or not sheet.sheet_properties.pageSetUpPr.fitToPage
    following = [row[1] for row in sheet.iter_rows(min_row=broken + 1, values_only=True) if row[1] is not None]
    assert following[0] == "Définitions"


def test_values_are_shown_by_what_their_row_measures(tmp_path: Path) -> None:
    """In one column: counts whole, means with a decimal, rates in percent; where no row says it, as Excel would."""
    measures = ["tweet_count", "interactions_per_tweet_at_24h", "engagement_rate"]
    rows = pa.record_batch({"measure": measures, "value": [1234.0, 12.345, 0.0251]})
    for columns, expected in (
        ([Named("measure", "cle_mesure", "", ""), Named("value", "valeur", "", "")], ["#,##0", "#,##0.0", PERCENT]),
        ([Named("label", "nom", "", ""), Named("value", "valeur", "", "")], ["General"] * 3),
    ):
        whole = Extract(columns, Batches(rows.schema, iter([rows])), "Europe/Paris")
        assert export.save(whole, tmp_path / "a.xlsx", kind=Format.XLSX, after=lambda _: None) == 3
        sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Données"]
        assert [row[1].number_format for row in sheet.iter_rows(min_row=2)] == expected


def test_columns_are_as_wide_as_what_is_in_them(tmp_path: Path) -> None:
    """Titles stand beside the filter's button, ids and addresses whole; a long text takes no more than a screen."""
    sheet = openpyxl.load_workbook(saved(tmp_path / "a.xlsx", kind=Format.XLSX))["Données"]
    widths = [round(sheet.column_dimensions[letter].width) for letter in "ABCDEFGH"]
    links = len(ROWS[0][2])
    assert widths == [len(ID) + 4, 81, links + 4, 14, 21, 13, 17, 21]


def test_rows_are_as_high_as_their_texts(tmp_path: Path) -> None:
    """Lines of a text are shown up to five, none over the next row; beyond a table's rows, the first line of each."""
    sheet = openpyxl.load_workbook(saved(tmp_path / "a.xlsx", kind=Format.XLSX))["Données"]
    heights = {row: sheet.row_dimensions[row + 2].height for row in range(len(TEXTS))}
    lines = dict.fromkeys(heights, 1) | {TEXTS.index('deux\nlignes ; "guillemets"'): 2, TEXTS.index(LONG): 5}
    assert heights == {row: None if count == 1 else count * 15 for row, count in lines.items()}
    assert [sheet.cell(2, column).alignment.wrap_text for column in (1, 2, 4)] == [True, True, None]

    rows = extracted(ROWS)
    with (tmp_path / "b.xlsx").open("w+b") as file:
        workbook.write(rows, rows.batches.rows, file, folder=tmp_path, table_rows=3)
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["Données"]
    assert {sheet.row_dimensions[row + 2].height for row in range(len(TEXTS))} == {14.25}


def test_a_text_is_printed_beside_its_rank(made: Callable[..., Path]) -> None:
    """Ranks and text come first and fit a page; the ranks are on each of the pages side by side, which follow it."""
    sheet = openpyxl.load_workbook(made("top_tweets", "a.xlsx"))["Données"]
    titles = [cell.value for cell in sheet[1]]
    assert titles[:5] == ["rang_interactions", "rang_impressions", "rang_interactions_24h", "texte", "id_tweet"]
    assert sum(sheet.column_dimensions[letter].width for letter in "ABCD") < 290 * 0.6
    assert (sheet.print_title_cols, sheet.print_title_rows, sheet.page_setup.pageOrder) == (
        "$A:$C", "$1:$1", "overThenDown",
    )  # fmt: skip
    tweets = openpyxl.load_workbook(made("tracker_tweets_flat", "b.xlsx"))["Données"]
    assert tweets.print_title_cols == "$A:$B"
    volume = openpyxl.load_workbook(made("volume_by_day", "c.xlsx"))["Données"]
    assert (volume.print_title_cols, volume.page_setup.pageOrder) == (None, None)


@pytest.mark.office
def test_printed_texts_never_lie_over_the_next_row(tmp_path: Path, office: Callable[..., None]) -> None:
    """On LibreOffice's paper, words of a row stand above those of the next, however many lines its text has."""
    texts = [f"r{number} " + "\n".join(["ligne"] * lines) for number, lines in enumerate((1, 9, 2, 30, 1, 3))]
    rows = [record(number, text) for number, text in enumerate(texts)]
    for name, table_rows in (("table", 100), ("streamed", 3)):
        whole = extracted(rows)
        with (tmp_path / f"{name}.xlsx").open("w+b") as file:
            workbook.write(whole, whole.batches.rows, file, folder=tmp_path, table_rows=table_rows)
        office("--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / f"{name}.xlsx"))
        layout = subprocess.run(
            ["pdftotext", "-bbox", tmp_path / f"{name}.pdf", "-"], check=True, capture_output=True, text=True
        ).stdout
        found = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(r\d|ligne)<', layout)
        words = [(float(top), float(bottom), word) for top, bottom, word in found]
        starts = [top for top, _, word in words if word != "ligne"]
        assert len(starts) == len(rows)
        assert all(later > earlier for earlier, later in itertools.pairwise(starts))
        of_row = [sum(top > start - 1 for start in starts) - 1 for top, _, _ in words]
        assert of_row == sorted(of_row)
        edges = [*starts[1:], math.inf]  # where the paper of a row ends, and its texts with it
        seen = [
            (min(bottom, edges[row]) - top) / (bottom - top)
            for (top, bottom, _), row in zip(words, of_row, strict=True)
        ]
        lines = [sum(share > 0.5 for share, of in zip(seen, of_row, strict=True) if of == row) - 1 for row in range(5)]
        if name == "table":  # what five of Excel's lines have room for
            assert 5 <= lines[1] < 9
            assert lines == [1, lines[1], 2, lines[1], 1]
        else:
            assert lines == [1] * 5
            assert [share for share, row in zip(seen, of_row, strict=True) if row < 5 and 0.3 < share < 0.9] == []


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


@pytest.fixture(scope="module", name="reader")
def _reader(shown: Shown) -> Iterator[Reader]:
    with closing(shown.app.reader()) as opened:
        yield opened


@pytest.mark.parametrize("view", [one for one in VIEWS if one.has_twin], ids=lambda one: one.name)
def test_every_view_can_be_exported(reader: Reader, view: View) -> None:
    """With its French titles, in the scope that it knows; as many rows as it has there."""
    knows = {*view.parameters, *view.column_names}
    asked = Scope(
        "arcane" if {"tracker", "tracker_name"} & knows and view.name != "share_of_voice" else "",
        SCOPE.span if view.parameters or any(one.endswith("_date") for one in knows) else None,
        SCOPE.base,
    )
    layer = Layer({one.name: one for one in VIEWS}, "arcane")
    made = extract(reader, view, asked, layer=layer, has_cover=False)
    assert made.batches.schema.names == [one.fr for one in made.columns]
    assert set(made.columns) == set(view.columns)
    found = question(view, asked, layer=layer)
    assert sum(batch.num_rows for batch in made.batches.rows) == len(reader.query(found.sql, found.bound).rows)


SOFFICE = shutil.which("soffice")
IN_FRENCH = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop>
</item></oor:items>
"""
AS_SHOWN = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1036,true,false,true,false,false,{sheet}"
AS_OPENED = "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1036,false,true"


@pytest.fixture(scope="module", name="office")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """LibreOffice with a profile of its own, in French."""
    if SOFFICE is None or not Path("/usr/lib/libreoffice/program/libsclo.so").exists():
        pytest.skip("LibreOffice Calc is not installed: apt-get install libreoffice-calc")
    profile = tmp_path_factory.mktemp("profile")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(IN_FRENCH)

    def run(*arguments: str) -> None:
        command = [SOFFICE or "", f"-env:UserInstallation=file://{profile}", "--headless", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=100)

    return run


def shown_in_french(row: tuple[Any, ...]) -> list[str]:
    """A row as LibreOffice shows it: French numbers, days and moments."""
    text = in_excel(row)[1] or ""
    likes = "" if row[3] is None else str(row[3])
    rate = f"{row[4] * 100:.1f}\u00a0%".replace(".", ",")
    return [row[0], text, row[2], likes, rate, "VRAI" if row[5] else "FAUX", "25/11/2026", "25/11/2026 03:30:00"]


@pytest.mark.office
@pytest.mark.parametrize("table_rows", [100, 3], ids=["table", "streamed"])
def test_libreoffice_shows_every_cell_in_french(tmp_path: Path, office: Callable[..., None], table_rows: int) -> None:
    """Cell by cell: accents, emoji, ids, decimals, dates, hostile texts; both ways of writing a workbook."""
    whole = extracted(ROWS)
    with (tmp_path / "a.xlsx").open("w+b") as file:
        workbook.write(whole, whole.batches.rows, file, folder=tmp_path, table_rows=table_rows)
    office("--convert-to", AS_SHOWN.format(sheet=1), "--outdir", str(tmp_path), str(tmp_path / "a.xlsx"))
    text = (tmp_path / "a-Données.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=";")) == [TITLES, *map(shown_in_french, ROWS)]


@pytest.mark.office
def test_libreoffice_opens_a_french_csv_as_it_is_meant(tmp_path: Path, office: Callable[..., None]) -> None:
    """Numbers, decimals and days become what they are; ids and hostile texts stay text, to the last digit."""
    path = saved(tmp_path / "a.csv", kind=Format.CSV_FR)
    office(AS_OPENED, "--convert-to", "xlsx", "--outdir", str(tmp_path), str(path))
    (titles, *rows) = next(iter(sheets(tmp_path / "a.xlsx").values()))
    assert titles == tuple(TITLES)
    for got, row in zip(rows, ROWS, strict=True):
        assert got[0] == f"https://x.com/i/status/{row[0]}"
        assert got[3:5] == (row[3], row[4])
        assert got[6:] == in_excel(row)[6:]
    texts = [got[1] for got in rows]
    assert texts[:6] == ["'" + row[1].strip() for row in ROWS[:6]]
    assert texts[6] == TEXTS[6]
    assert texts[13] == LONG
