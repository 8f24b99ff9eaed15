"""The pages in a real browser: Debian's Chromium, driven by Playwright. Nothing leaves 127.0.0.1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.serve.conftest import Shown
from tests.serve.dashboard.browsing import DRAWN, PATHS, Visit, in_a_browser

AXE = Path(__file__).parent.parent / "axe" / "axe.min.js"
pytestmark = in_a_browser


def failures(page: Page) -> list[str]:
    """Rules of WCAG A and AA that axe-core finds broken, with where."""
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found: list[str] = page.evaluate(
        "() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        ".then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ' ' + n.target + ' ' + n.failureSummary)))"
    )
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_page_draws_by_itself(visit: Visit, path: str) -> None:
    """Under the strict policy every chart is drawn, no request goes elsewhere and the console stays silent."""
    page = visit.open(path)
    assert page.locator("[data-spec]").count() == page.locator("[data-spec] svg").count()


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(visit: Visit, path: str) -> None:
    """No rule of WCAG A or AA is broken, with every fold open."""
    page = visit.open(path)
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    assert failures(page) == []


@pytest.mark.parametrize("path", ["/", "/publications", "/sql?sql=select+1+as+a"])
def test_axe_finds_nothing_by_night(night: Visit, path: str) -> None:
    """Contrasts hold in the dark as well."""
    assert failures(night.open(path)) == []


def test_a_filter_changes_figures_and_address_and_back_restores_both(visit: Visit) -> None:
    """What is chosen is in the URL and in the figures; Back and Forward go through what was seen."""
    page = visit.open("/")
    figure = page.locator("#figures .figure").first
    all_of_it = figure.inner_text()
    page.locator(".refine > summary").click()
    page.locator("#f-lang").select_option("fr")
    expect(page).to_have_url(re.compile(r"lang=fr"))
    expect(figure).not_to_have_text(all_of_it)
    visit.drawn_again()
    french = figure.inner_text()
    expect(page.locator(".scope")).to_contain_text("français")
    page.locator("#f-kind-reply").check()
    expect(page).to_have_url(re.compile(r"kind=reply"))
    expect(figure).not_to_have_text(french)
    page.go_back()
    expect(figure).to_have_text(french)
    page.go_back()
    expect(figure).to_have_text(all_of_it)
    expect(page.locator("#f-lang")).to_have_value("")
    page.go_forward()
    expect(figure).to_have_text(french)
    visit.drawn_again()
    assert page.locator("[data-spec]").count() == page.locator("[data-spec] svg").count() > 3


def test_one_view_has_one_address(visit: Visit) -> None:
    """What is chosen and taken back leaves nothing in the address."""
    page = visit.open("/")
    page.locator("#f-period").select_option("28d")
    expect(page).to_have_url(f"{visit.url}/?period=28d")
    page.locator("#f-period").select_option("7d")
    expect(page).to_have_url(f"{visit.url}/")


def test_what_takes_long_comes_after_the_page(visit: Visit) -> None:
    """The words of a filtered page are asked for once the page is there, and stand in their place."""
    page = visit.open("/sujets?lang=fr")
    expect(page.locator("#words")).to_have_count(1)
    expect(page.locator("#words .foot")).to_be_visible()
    expect(page).to_have_url(f"{visit.url}/sujets?lang=fr")


def test_filters_follow_from_page_to_page(visit: Visit) -> None:
    """What is chosen on one page is chosen on the next, and the title says where one is."""
    page = visit.open("/?lang=fr&kind=reply")
    page.get_by_role("link", name="Audience", exact=True).click()
    expect(page).to_have_url(re.compile(r"/audience\?kind=reply&lang=fr$"))
    expect(page.locator("h1")).to_have_text("Audience")
    expect(page.locator("#f-lang")).to_have_value("fr")
    visit.drawn_again()
    assert page.locator("#rhythm svg").count() == 1


def test_a_date_that_is_touched_means_chosen_dates(visit: Visit) -> None:
    """Choosing a day leaves the presets; the address says both days and no preset."""
    page = visit.open("/")
    page.locator("#f-from").fill("2026-11-16")
    page.locator("#f-from").dispatch_event("change")
    expect(page.locator("#f-period")).to_have_value("dates")
    expect(page).to_have_url(re.compile(r"from=2026-11-16"))
    expect(page.locator(".scope")).to_contain_text("16 au 19")


def test_the_language_is_switched_and_the_filters_stay(visit: Visit) -> None:
    """English is one link away on the same view, and numbers and charts speak it."""
    page = visit.open("/?lang=fr")
    page.get_by_role("link", name="English").click()
    page.wait_for_function(DRAWN)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Overview")
    expect(page.locator("#f-lang")).to_have_value("fr")
    expect(page.locator("#kinds svg")).to_contain_text("originals")
    page.get_by_role("link", name="Audience", exact=True).click()
    expect(page.locator("h1")).to_have_text("Audience")
    expect(page.locator("#f-period option").first).to_have_text("7 days")


def test_sql_is_run_with_the_keyboard_and_downloaded(visit: Visit) -> None:
    """A query is written, run with Ctrl and Enter, and its rows are downloaded; the dictionary is searched."""
    page = visit.open("/sql")
    page.locator("#sql").fill("select kind, count(*) as n from arcane.tweets group by kind order by kind")
    page.locator("#sql").press("Control+Enter")
    expect(page.locator("td").first).to_have_text("original")
    page.wait_for_function(DRAWN)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger (CSV)").click()
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[0] == '"kind";"n"'
    page.locator("#look-up").fill("coverage_by_hour")
    expect(page.locator(".entry:visible").first.locator("summary code")).to_have_text("coverage_by_hour")


def test_the_sql_of_a_chart_gives_its_table_on_the_sql_page(visit: Visit) -> None:
    """« Voir le SQL », pasted into the SQL page, shows as many rows as the table under the chart."""
    page = visit.open("/?lang=fr")
    panel = page.locator("#kinds")
    panel.locator("details.sql summary").click()
    sql = panel.locator("code").inner_text()
    panel.locator("details.data summary").click()
    rows = panel.locator("tbody tr").count()
    page.goto(f"{visit.url}/sql")
    page.locator("#sql").fill(sql)
    page.get_by_role("button", name="Lancer").click()
    expect(page.locator(".scroll tbody tr")).to_have_count(rows)


@pytest.mark.parametrize("path", ["/?least=8000000", "/publications?least=8000000", "/sujets?least=8000000", "/videos"])
def test_hostile_tweets_are_words(visit: Visit, path: str) -> None:
    """Scripts, links, marks that turn the text round and endless words are shown and do nothing."""
    page = visit.open(path)
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("() => window.hurt") is None
    assert page.evaluate("() => [...document.links].filter(a => !/^https?:/.test(a.protocol)).length") == 0
    hosts = page.evaluate("() => [...new Set([...document.links].map(a => a.hostname))].sort()")
    assert set(hosts) <= {"127.0.0.1", "x.com"}
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("() => document.querySelectorAll('main script, main img, main b').length") == 0
    if "publications" in path:
        expect(page.locator(".tweet").first).to_contain_text("<script>window.hurt = 1</script>")
        assert page.evaluate("() => /[\\u202a-\\u202e\\u2066-\\u2069\\u0007]/.test(document.body.innerText)") is False


def test_a_page_reads_without_scripts(chromium: Browser, shown: Shown) -> None:
    """Without JavaScript figures, tables, filters and links are there."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shown.url}/?lang=fr")
    expect(page.locator("#figures .figure").first).to_be_visible()
    page.locator("#kinds details.data summary").click()
    assert page.locator("#kinds tbody tr").count() == 3
    page.locator("#f-period").select_option("14d")
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile("period=14d"))
    context.close()


def test_the_first_load_is_light(chromium: Browser, shown: Shown) -> None:
    """Everything that a first visit loads weighs less than 400 kB on the wire."""
    context = chromium.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{shown.url}/")
    page.wait_for_function(DRAWN)
    context.close()
    assert len(sizes) >= 7
    assert sum(sizes) < 400_000
