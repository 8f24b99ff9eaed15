"""A page in Debian's Chromium, driven by Playwright, and what must not happen on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route
from tests.serve.serving import CHROMIUM

from arcane.serve.dashboard.pages import PAGES

PATHS = [*(f"/{page.path}" for page in PAGES), "/exporter", "/sql", "/sql?sql=select+40%2B2+as+answer"]
DRAWN = "() => document.documentElement.dataset.drawn"
in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
]


class Visit:
    """A page of the browser, and what must not have happened on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.context.route("**/*", self._guard)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _guard(self, route: Route) -> None:
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """Wait until its charts are drawn."""
        self.page.goto(self.url + path)
        self.page.wait_for_function(DRAWN)
        return self.page

    def drawn_again(self) -> None:
        """After a swap: wait until the charts of the new state are drawn."""
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        self.page.wait_for_function(DRAWN)


def visit(browser: Browser, url: str, *, width: int = 1440, scheme: str = "light") -> Iterator[Visit]:
    context = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    context.set_default_timeout(20_000)
    made = Visit(context.new_page(), url)
    yield made
    context.close()
    assert (made.outside, made.complaints) == ([], [])
