"""The report as people open it: in a browser from the disk, on paper, as slides."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from tests.serve.conftest import Shown
from tests.serve.serving import CHROMIUM, HOSTILE
from tests.serve.test_report import WEEK, answered

from arcane.serve.dashboard.queries import Layer
from arcane.serve.language import FRENCH, spaced
from arcane.serve.report.comments import comments
from arcane.serve.report.content import content
from arcane.serve.report.report import Order
from arcane.serve.report.slides import slides

OFFICE = shutil.which("soffice")
HAS_IMPRESS = OFFICE is not None and (Path(OFFICE).resolve().parent / "libsdlo.so").exists()
PAINTER = shutil.which("pdftoppm")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")
needs_painter = pytest.mark.skipif(PAINTER is None, reason="no pdftoppm: apt-get install poppler-utils")
NOTES = "# volume\n\nMes **mots** sur le volume.\n\n# formats\n\nEt sur les formats.\n"


@pytest.fixture(scope="module", name="folder")
def _folder(shown: Shown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same report in each form."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "notes.md").write_text(NOTES, "utf-8")
    for suffix in ("html", "pptx"):
        shown.app.report(Order(folder / f"rapport.{suffix}", WEEK, FRENCH, comments=folder / "notes.md"))
    return folder


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(("width", "shown_px"), [(1440, 680), (390, 350)])
def test_it_opens_from_the_disk_without_network_and_scripts(
    chromium: Browser, folder: Path, width: int, shown_px: int
) -> None:
    """Every chart is drawn at a size that can be read, nothing is asked for, nothing runs over the edge."""
    context = chromium.new_context(
        offline=True, java_script_enabled=False, viewport={"width": width, "height": 900}, locale="fr-FR"
    )
    page, asked, complaints = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    address = (folder / "rapport.html").as_uri()
    page.goto(address)
    assert page.locator("h1").inner_text() == "#Arcane sur X"
    charts = page.locator("figure svg:visible")
    assert charts.count() == page.locator("figure").count() >= 8
    box = page.locator("#volume figure svg:visible").bounding_box()
    assert box is not None
    assert abs(box["width"] - shown_px) < 2
    rightmost = max(
        found["x"] + found["width"]
        for one in page.locator("h1, h2, .said p, figure svg:visible, .tweet, .tiles, .scroll").all()
        if (found := one.bounding_box())
    )
    assert rightmost <= width
    assert [url for url in asked if url != address and not url.startswith("data:")] == []
    assert complaints == []
    context.close()


@pytest.mark.browser
@needs_chromium
def test_hostile_tweets_run_nothing(chromium: Browser, folder: Path) -> None:
    """With scripts on and the network there: the policy and the escaping hold, and no dialog or variable appears."""
    context = chromium.new_context()
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "rapport.html").as_uri())
    assert page.evaluate("() => typeof window.hurt") == "undefined"
    assert page.locator("script, iframe, object, embed, form").count() == 0
    assert HOSTILE[0] in page.locator("#publications").inner_text()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


@pytest.mark.browser
@needs_chromium
@needs_painter
def test_the_pdf_is_whole_pages_of_a4(shown: Shown, tmp_path: Path) -> None:
    """Printed without the network: A4 upright, a cover, no page empty, nothing in the margins."""
    target = tmp_path / "rapport.pdf"
    shown.app.report(Order(target, WEEK, FRENCH))
    assert target.read_bytes().startswith(b"%PDF-")
    subprocess.run([str(PAINTER), "-r", "36", "-png", str(target), str(tmp_path / "page")], check=True)
    pages = [Image.open(path).convert("L") for path in sorted(tmp_path.glob("page-*.png"))]
    assert 6 <= len(pages) <= 24
    for page in pages:
        assert abs(page.width / page.height - 210 / 297) < 0.01
        assert ImageStat.Stat(page).stddev[0] > 3  # something stands there
        assert page.crop((page.width - 10, 0, page.width, page.height)).getextrema()[0] > 245  # the margin is white


def test_slides_hold_native_charts_and_text(folder: Path) -> None:
    """16:9; charts whose numbers can be edited, in the report's order; text that XML can hold; no picture."""
    deck = Presentation(str(folder / "rapport.pptx"))
    assert round(deck.slide_width / deck.slide_height, 3) == 1.778
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    charts = [shape.chart for shape in shapes if shape.has_chart]
    assert [one.chart_type for one in charts[:3]] == [
        XL_CHART_TYPE.COLUMN_STACKED,
        XL_CHART_TYPE.COLUMN_CLUSTERED,
        XL_CHART_TYPE.LINE_MARKERS,
    ]
    assert len(charts) >= 8
    assert list(charts[0].plots[0].categories)[-1] == "19\u00a0nov."
    assert [series.name for series in charts[0].plots[0].series] == ["originaux", "réponses", "citations"]
    text = "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert "Mes mots sur le volume." in text
    assert "Et sur les formats." in text
    assert "Chiffres arrêtés au 20\u00a0novembre\u00a02026" in text
    assert HOSTILE[0] in text
    assert not re.search("[\u202e\u0007]", text)
    assert [shape for shape in shapes if shape.shape_type == 13] == []


def test_slides_say_the_numbers_of_the_query(shown: Shown, folder: Path) -> None:
    """The first chart's values are the rows of volume_by_day."""
    rows = shown.app.query(
        "select original_tweet_count from arcane.volume_by_day where tracker = 'arcane' "
        "and local_date between date '2026-11-13' and date '2026-11-19' order by local_date"
    ).rows
    deck = Presentation(str(folder / "rapport.pptx"))
    chart = next(shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart)
    assert list(chart.plots[0].series[0].values) == [row[0] for row in rows]


def test_slides_mark_the_days_as_the_page_does(shown: Shown, folder: Path) -> None:
    """X's own count is a series of the same chart, editable in the same sheet."""
    counted = shown.app.query(
        "select expected_count from arcane.volume_by_day where tracker = 'arcane' "
        "and local_date between date '2026-11-13' and date '2026-11-19' order by local_date"
    ).rows
    slide = next(
        one for one in Presentation(str(folder / "rapport.pptx")).slides if any(shape.has_chart for shape in one.shapes)
    )
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    ((name, values),) = ((one.name, list(one.values)) for one in chart.plots[1].series)
    assert (name, values) == ("décompte de X", [row[0] for row in counted])
    assert any(values)
    sheet = zipfile.ZipFile(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert "décompte de X" in sheet.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("trop récent", [["table", "chart"]]), ("trop peu de jours communs " * 5, [["table"], ["chart"]])],
)
def test_what_changes_shares_its_slide_while_there_is_room(
    shown: Shown, reason: str, expected: list[list[str]]
) -> None:
    """The chart stands below the table; where long reasons make that tall, on a slide of its own."""
    found = answered(
        shown.app, replace(WEEK, first=date(2026, 11, 17), base_first=date(2026, 11, 14), base_last=date(2026, 11, 16))
    )
    growth = [
        {**row, "value": 1.0, "base_value": 1.0, "growth_rate": None, "reason_fr": reason}
        for row in found.rows["growth"]
    ]
    layer = Layer({one.name: one for one in shown.app.views()}, "arcane")
    known = replace(found, rows={**found.rows, "growth": growth})
    whole = content(known, layer=layer, keys=["evolution"], comments={}, logo=None)
    deck = Presentation(io.BytesIO(slides(whole, made_at=known.read_at)))
    kinds = [
        ["table" if one.has_table else "chart" for one in slide.shapes if one.has_table or one.has_chart]
        for slide in deck.slides
    ]
    assert [one for one in kinds if one] == expected


@pytest.mark.parametrize(
    ("spiked", "words", "is_below", "marks"),
    [
        (1, "", True, "Pics : 14 nov."),
        (1, "Un mot.", True, "Pics : 14 nov."),
        (1, "Un mot. " * 90, False, "Pics : 14 nov."),
        (4, "", False, "Pics : 14 nov., 15 nov., 16 nov., 17 nov."),
    ],
)
def test_a_few_spikes_stand_below_their_days(shown: Shown, spiked: int, words: str, is_below: bool, marks: str) -> None:
    """What the page draws into the chart is a line below it; one spike makes no slide of its own but beside many words,
    four do."""
    found = answered(shown.app, WEEK)
    days = {date(2026, 11, 14 + place) for place in range(spiked)}
    of_days = [{**row, "is_spike": row["local_date"] in days} for row in found.rows["volume"]]
    spikes = [
        {"local_date": one, "tweet_count": 900, "median_tweet_count": 100, "coverage_rate": 0.99, "is_spike": True,
         "z_score": 9.0, "reason_fr": None}
        for one in sorted(days)
    ]  # fmt: skip
    event = {"local_date": date(2026, 11, 15), "label": "Bande-annonce"}
    known = replace(
        found,
        frame=replace(found.frame, events=[event]),
        rows={**found.rows, "volume": of_days, "spikes": spikes, "causes": []},
    )
    layer = Layer({one.name: one for one in shown.app.views()}, "arcane")
    said = comments(f"# volume\n\n{words}\n", names={"volume": "Volume"}) if words else {}
    whole = content(known, layer=layer, keys=["volume"], comments=said, logo=None)
    deck = Presentation(io.BytesIO(slides(whole, made_at=known.read_at)))
    of_volume = [slide for slide in deck.slides if any(shape.has_chart or shape.has_table for shape in slide.shapes)]
    assert len(of_volume) == (1 if is_below else 2)
    text = "\n".join(shape.text_frame.text for shape in of_volume[0].shapes if shape.has_text_frame)
    marked = spaced(f"{marks} · Noté : 15 nov., Bande-annonce · Pas lus en entier : 13 nov.")
    assert marked in text.replace("\u00a0nov", " nov")
    (table,) = (shape.table for shape in of_volume[-1].shapes if shape.has_table)
    assert len(table.rows) == 1 + spiked
    lowest = max(shape.top + shape.height for slide in of_volume for shape in slide.shapes)
    assert lowest <= deck.slide_height


def test_slides_say_what_they_compare_with(shown: Shown, tmp_path: Path) -> None:
    """On the cover, over the sentences, in the tiles and beside the chart, whose values are those of both periods."""
    days = replace(WEEK, first=date(2026, 11, 17), base_first=date(2026, 11, 14), base_last=date(2026, 11, 16))
    target = tmp_path / "rapport.pptx"
    shown.app.report(Order(target, days, FRENCH, sections="essentiel,evolution"))
    shapes = [list(slide.shapes) for slide in Presentation(str(target)).slides]
    texts = ["\n".join(shape.text_frame.text for shape in one if shape.has_text_frame) for one in shapes]
    assert "comparé à la période du 14 au 16\u00a0novembre\u00a02026" in texts[0]
    headed = [text for text in texts if text.strip().startswith(("L’essentiel", "Ce qui change"))]
    assert len(headed) >= 3
    assert [text for text in headed if "Face à la période du 14 au 16\u00a0novembre\u00a02026" not in text] == []
    assert "du 14 au 16\u00a0nov." in texts[1]
    (chart,) = (shape.chart for one in shapes for shape in one if shape.has_chart)
    counts = shown.app.query(
        "select tweet_count from arcane.engagement_by_day where tracker = 'arcane' "
        "and local_date between date '2026-11-14' and date '2026-11-19' order by local_date"
    ).rows
    assert {one.name: list(one.values) for one in chart.plots[0].series} == {
        "du 17 au 19\u00a0novembre\u00a02026": [row[0] for row in counts[3:]],
        "du 14 au 16\u00a0novembre\u00a02026": [row[0] for row in counts[:3]],
    }


def test_slides_without_a_comparison_have_none(shown: Shown, tmp_path: Path) -> None:
    """No slide of changes, no base on any other."""
    target = tmp_path / "rapport.pptx"
    shown.app.report(Order(target, replace(WEEK, compare="none"), FRENCH))
    shapes = [shape for slide in Presentation(str(target)).slides for shape in slide.shapes]
    text = "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert "sans comparaison" in text
    assert not re.search("contre|Ce qui change|précédente|Face à", text)


def test_links_are_not_the_blue_of_the_program(folder: Path) -> None:
    """The theme's colour of links is the report's grey."""
    theme = zipfile.ZipFile(folder / "rapport.pptx").read("ppt/theme/theme1.xml").decode()
    assert set(re.findall(r'<a:(?:hlink|folHlink)>\s*<a:srgbClr val="(\w+)"', theme)) == {"5C5953"}


def test_nothing_stands_outside_of_a_slide(folder: Path) -> None:
    """Every shape lies within the slide's edges."""
    deck = Presentation(str(folder / "rapport.pptx"))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width, shape.name
            assert shape.top + shape.height <= deck.slide_height, shape.name


@pytest.mark.office
@pytest.mark.skipif(not HAS_IMPRESS, reason="no Impress: apt-get install libreoffice-impress-nogui")
@needs_painter
def test_an_office_program_opens_the_slides(folder: Path, tmp_path: Path) -> None:
    """LibreOffice draws every slide, none of them empty."""
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(folder / "rapport.pptx")], check=True, capture_output=True, timeout=110)
    subprocess.run(
        [str(PAINTER), "-r", "24", "-png", str(tmp_path / "rapport.pdf"), str(tmp_path / "slide")], check=True
    )
    slides = [Image.open(path).convert("L") for path in sorted(tmp_path.glob("slide-*.png"))]
    assert len(slides) == len(Presentation(str(folder / "rapport.pptx")).slides)
    assert min(ImageStat.Stat(one).stddev[0] for one in slides) > 2
