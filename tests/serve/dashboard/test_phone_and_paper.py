"""What a phone and a sheet of paper must show of every page, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.serve.dashboard.browsing import PATHS, Visit, in_a_browser

pytestmark = in_a_browser
READER = shutil.which("pdftotext")
needs_reader = pytest.mark.skipif(READER is None, reason="no pdftotext: apt-get install poppler-utils")
SCREEN_PX = 844
SHEET_PX = 703  # A4 upright, between its margins
# By page, what it is opened for: the first of it must be within two screens of a phone.
MATTERS = {
    "/": ("#figures .tile", 10),
    "/audience": ("#rhythm svg", 1),
    "/sujets": ("#hashtags svg", 1),
    "/publications": (".tweet", 24),
    "/videos": ("#videos svg", 1),
    "/comparaison": ("#growth tbody tr", 6),
    "/depenses": ("#spend svg", 1),
    "/exporter": ("a.file", 3),
    "/sql": ("#sql", 1),
    "/sql?sql=select+40%2B2+as+answer": ("td", 1),
}
# Of what is drawn, what is cut: elements beyond the edges of what they stand in, by their text.
CUT = """(width) => [...document.querySelectorAll('main svg text, th, td, .tile, .tweet, h1, h2, .scope, .deck, pre')]
    .filter(one => one.checkVisibility({visibilityProperty: true}))
    .filter(one => {
        const box = one.getBoundingClientRect(), around = one.closest('.scroll, svg')?.getBoundingClientRect();
        const scrolls = one.closest('.scroll') && getComputedStyle(one.closest('.scroll')).overflowX === 'auto';
        const inside = scrolls ? around : box;
        return (inside.left < -1 || inside.right > width + 1)
            || (one.matches('text') && one.textContent.trim() && (box.left < around.left - 2 || box.right > around.right + 2));
    })
    .map(one => one.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_scrolls_in_one_direction(phone: Visit, path: str) -> None:
    """At 390 pixels nothing is wider than the screen, no label of a chart is cut, and every chart fills its panel."""
    page = phone.open(path)
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(
        "() => [...document.querySelectorAll('[data-spec]')].every("
        "one => Math.abs(one.clientWidth - one.querySelector('svg').getBoundingClientRect().width) < 4)"
    )
    assert page.evaluate(CUT, 390) == []


@pytest.mark.parametrize(("path", "matters"), MATTERS.items())
def test_a_phone_shows_what_a_page_is_opened_for(phone: Visit, path: str, matters: tuple[str, int]) -> None:
    """What matters is there, its first within two screens; what is looked at is told on the first."""
    page = phone.open(path)
    selector, least = matters
    found = page.locator(selector)
    assert found.count() >= least
    assert top(page, selector) < 2 * SCREEN_PX
    assert top(page, "h1") < SCREEN_PX
    assert page.locator(".scope, .state").first.is_visible()
    here = page.locator("nav [aria-current]").bounding_box()
    assert here is not None
    assert (here["x"] >= 0, here["x"] + here["width"] <= 390) == (True, True)


@pytest.mark.parametrize("path", [path for path in MATTERS if not path.startswith(("/sql", "/depenses"))])
def test_a_phone_reaches_every_filter(phone: Visit, path: str) -> None:
    """Tracker and period are on the first screen, the others one tap away, and what is set can be taken back there."""
    page = phone.open(f"{path}?lang=fr")
    for name in ("tracker", "period", "compare"):
        assert page.locator(f"#f-{name}").is_visible()
        assert top(page, f"#f-{name}") < SCREEN_PX / 2
    expect(page.locator("#f-lang")).to_be_hidden()
    expect(page.locator(".chips a")).to_have_text(["Retirer le filtre\u00a0: français ×"])
    page.locator(".refine > summary").click()
    for name in ("lang", "author", "text", "least", "exclusions", "kind-reply", "media-video"):
        assert page.locator(f"#f-{name}").is_visible(), name
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_wide_table_scrolls_inside_on_a_phone(phone: Visit) -> None:
    """Columns beyond the edge are reached by scrolling the table, by keyboard too, and the page stays."""
    page = phone.open("/comparaison")
    box = page.locator("#growth .scroll")
    assert box.evaluate("one => one.scrollWidth > one.clientWidth")
    box.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#growth th").last).to_be_in_viewport()
    assert page.evaluate("() => scrollX") == 0


def test_a_filter_is_taken_back_by_a_tap(phone: Visit) -> None:
    """A filter that is set stands beside « Affiner »; a tap takes it out of the address and the figures."""
    page = phone.open("/?lang=fr&kind=reply")
    figure = page.locator("#figures .figure").first
    narrow = figure.inner_text()
    page.locator(".chips a").first.click()
    expect(page).to_have_url(f"{phone.url}/?lang=fr")
    expect(figure).not_to_have_text(narrow)
    expect(page.locator(".chips li")).to_have_count(1)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_cut_on_paper(visit: Visit, path: str) -> None:
    """Between the margins of A4 no column, card, tile or label of a chart goes over the edge, whatever the screen was."""
    page = on_paper(visit.open(path))
    assert page.evaluate(CUT, SHEET_PX) == []
    assert (
        page.evaluate(
            "() => [...document.querySelectorAll('.scroll')].filter(one => one.scrollHeight > one.clientHeight + 1).length"
        )
        == 0
    )


@pytest.mark.parametrize("path", PATHS)
def test_paper_has_the_page_and_nothing_for_the_hand(visit: Visit, path: str) -> None:
    """Scope and state are printed; navigation, filters and links to files are not."""
    page = on_paper(visit.open(path))
    assert page.locator("h1").is_visible()
    assert page.locator(".scope, .state").first.is_visible()
    assert any(one.is_visible() for one in page.locator("main :is(.empty, svg, td, .tweet, .deck)").all())
    for selector in (
        "nav",
        ".filters",
        ".tongue",
        ".foot",
        "button",
        ".definition",
        "a.file",
        ".tweet footer a",
        "#look-up",
    ):
        assert [one for one in page.locator(selector).all() if one.is_visible()] == [], selector


@needs_reader
@pytest.mark.parametrize("path", PATHS)
def test_every_sheet_is_used_and_no_chart_is_cut_in_two(visit: Visit, tmp_path: Path, path: str) -> None:
    """The first sheet holds more than the head of the page; the title of a chart and all its labels share one sheet."""
    page = on_paper(visit.open(path))
    charts: list[list[str]] = page.evaluate(
        "() => [...document.querySelectorAll('.panel:has(svg)')].map(one => "
        "[one.querySelector('h2'), ...one.querySelectorAll('svg text:not([opacity=\"0\"])')].map(said => said.textContent))"
    )
    sheets = printed(page, tmp_path / "page.pdf")
    titles = [squeezed(one) for one in page.locator("main h2").all_text_contents()]
    assert any(title in sheets[0] for title in titles)
    assert min(map(len, sheets)) > 40
    for words in charts:
        assert any(all(squeezed(word) in sheet for word in words) for sheet in sheets), words


def test_a_page_by_night_is_printed_by_day(night: Visit) -> None:
    """Charts are drawn anew in the inks of paper, as wide as the sheet, and come back to the screen's after it."""
    page = night.open("/")
    by_night = page.locator("#kinds svg").inner_html()
    on_paper(page)
    assert page.locator("#volume svg").evaluate("one => Math.round(one.getBoundingClientRect().width)") == SHEET_PX
    assert "#7eaedb" not in page.locator("#kinds svg").inner_html()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1440, "height": 900})
    drawn_for(page, "afterprint")
    assert page.locator("#kinds svg").inner_html() == by_night


def top(page: Page, selector: str) -> float:
    """How far down the first of these begins, in pixels of the whole page."""
    found: float = page.locator(selector).first.evaluate("one => one.getBoundingClientRect().top + scrollY")
    return found


def on_paper(page: Page) -> Page:
    """The page as a browser lays it out for a sheet."""
    page.set_viewport_size({"width": SHEET_PX, "height": 1000})
    page.emulate_media(media="print")
    drawn_for(page, "beforeprint")
    return page


def drawn_for(page: Page, event: str) -> None:
    drawings = page.evaluate("() => Number(document.documentElement.dataset.drawings)")
    page.evaluate("(name) => dispatchEvent(new Event(name))", event)
    page.wait_for_function("(before) => Number(document.documentElement.dataset.drawings) > before", arg=drawings)


def printed(page: Page, target: Path) -> list[str]:
    """The words of each sheet of A4, without spaces."""
    page.pdf(path=target, format="A4", prefer_css_page_size=False)
    told: Any = subprocess.run(
        [str(READER), "-enc", "UTF-8", str(target), "-"], check=True, capture_output=True, text=True
    )
    return [squeezed(sheet) for sheet in told.stdout.split("\f")[:-1]]


def squeezed(text: str) -> str:
    return "".join(text.split())
