"""One browser a module, and visits by day, by night and on a phone. Nothing leaves 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.serve.conftest import Shown
from tests.serve.dashboard.browsing import CHROMIUM, Visit, visit


@pytest.fixture(scope="module", name="chromium")
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="visit")
def _visit(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url)


@pytest.fixture(name="phone")
def _phone(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url, width=390)


@pytest.fixture(name="night")
def _night(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url, scheme="dark")
