"""Visits by day, by night and on a phone. Nothing leaves 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.serve.conftest import Shown
from tests.serve.dashboard.browsing import Visit, visit


@pytest.fixture(name="visit")
def _visit(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url)


@pytest.fixture(name="phone")
def _phone(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url, width=390)


@pytest.fixture(name="night")
def _night(chromium: Browser, shown: Shown) -> Iterator[Visit]:
    yield from visit(chromium, shown.url, scheme="dark")
