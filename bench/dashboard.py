"""What the dashboard costs to look at, on many made-up tweets: weight, first paint, filters, memory.

    .venv/bin/python bench/dashboard.py --tables /tmp/many.duckdb     tables that bench/views.py --keep has made

`arcane dashboard` in a process of its own, Debian's Chromium beside it on the same machine. Each figure is the median
of ``ROUNDS`` changes of a filter in the page's own form, to a value that was not asked before (an answer is kept), from
the change until every chart is drawn anew; what comes after the page, such as the words of a period, is not waited for.
« answer » is the part of it that the server takes, « asked again » a change back to what is kept.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from arcane.views import views

sys.path.insert(0, str(Path(__file__).parent))
from views import LAST, NOW, opened

ROUNDS: Final = 5
DRAWN: Final = "() => document.documentElement.dataset.drawn"
WEIGHT: Final = "() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, one) => sum + one.transferSize, 0)"  # noqa: E501 - one expression
PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
DRAWINGS: Final = "() => Number(document.documentElement.dataset.drawings ?? 0)"
CHANGE: Final = """([name, value]) => {
    performance.clearResourceTimings();
    const field = document.querySelector('#filters').elements[name];
    field.value = value;
    field.dispatchEvent(new Event('change', {bubbles: true}));
}"""
ANSWER: Final = (
    "() => Math.max(...performance.getEntriesByType('resource').map(one => one.responseEnd - one.startTime))"
)
TEXTS: Final = ("arcane", "jinx", "ekko", "saison", "zaun")
LEAST: Final = ("1", "2", "5", "20", "100")
PAGES: Final = ("/", "/audience", "/sujets", "/publications", "/videos", "/comparaison")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, required=True)
    path = parser.parse_args().tables
    with closing(opened(path)) as warehouse:
        warehouse.migrate()
        warehouse.acquire("bench", now=NOW)
        warehouse.show(views(), now=NOW)
        warehouse.publish()
    environment = {**os.environ, "ARCANE_WAREHOUSE__PATH": str(path)}
    command = [sys.executable, "-m", "arcane.cli", "dashboard", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+?(?=;)", process.stdout.readline())
        assert found, "the dashboard did not start"
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            measure(browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 900}).new_page(), found[0])
            browser.close()
        print(f"memory of the server afterwards: {rss_mb(process.pid):.0f} MB")
    finally:
        process.terminate()
        process.wait(10)


def measure(page: Page, base: str) -> None:
    """Print what a first look and each change of a filter take."""
    first = dated(base, "/", 0)
    page.goto(first)
    page.wait_for_function(DRAWN)
    print(f"first load: {page.evaluate(WEIGHT) / 1000:.0f} kB, first paint {page.evaluate(PAINT):.0f} ms (cold)")
    page.goto(first)
    page.wait_for_function(DRAWN)
    print(f"the same again: first paint {page.evaluate(PAINT):.0f} ms\n")
    page.goto(dated(base, "/publications", 0))
    page.wait_for_function(DRAWN)
    authors = page.locator(".tweet .handle").all_inner_texts()
    print(
        "| page | another period, 28 days | of it the answer | another language | of it the answer | asked again |",
        end="",
    )
    print(" a text | of it the answer | an account | of it the answer | a minimum | of it the answer |")
    print(f"|{'---|' * 12}")
    for place in PAGES:
        page.goto(dated(base, place, 0))
        page.wait_for_function(DRAWN)
        days = [LAST.fromordinal(LAST.toordinal() - number).isoformat() for number in range(1, ROUNDS + 1)]
        langs = page.evaluate("() => [...document.querySelector('#f-lang').options].map(one => one.value)")[1:]
        period = [changed(page, "to", day) for day in days]
        lang = [changed(page, "lang", one) for one in langs[:ROUNDS]]
        again = [changed(page, "lang", one) for one in langs[:ROUNDS]]
        changed(page, "lang", "")
        narrowed = []
        for name, values in (("text", TEXTS), ("author", authors), ("least", LEAST)):
            narrowed.append([changed(page, name, value) for value in values[:ROUNDS]])
            changed(page, name, "")
        cells = [told(period), told(lang), median_ms([whole for whole, _ in again]), *map(told, narrowed)]
        print(f"| {place} | {' | '.join(cells)} |")


def changed(page: Page, name: str, value: str) -> tuple[float, float]:
    """Seconds from the change of a filter until every chart is drawn, and those of the server's answer in it."""
    before = page.evaluate(DRAWINGS)
    begun = time.perf_counter()
    page.evaluate(CHANGE, [name, value])
    page.wait_for_function(f"before => ({DRAWINGS})() > before", arg=before, polling=10)
    return time.perf_counter() - begun, page.evaluate(ANSWER) / 1000


def told(rounds: Sequence[tuple[float, float]]) -> str:
    """Both medians, as two cells."""
    return " | ".join(median_ms(one) for one in zip(*rounds, strict=True))


def median_ms(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms"


def dated(base: str, place: str, number: int) -> str:
    """28 days that end so many days before the last."""
    last = LAST.fromordinal(LAST.toordinal() - number)
    first = LAST.fromordinal(last.toordinal() - 27)
    return f"{base}{place}?tracker=arcane&from={first}&to={last}"


def rss_mb(pid: int) -> float:
    """Resident memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


if __name__ == "__main__":
    main()
