"""One small world for everything that is shown, made once a process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.serve.serving import CHROMIUM, filled, served
from tests.stories import Stage, stage

from arcane.app import App


@dataclass(frozen=True, slots=True)
class Shown:
    """What was collected and where it is served."""

    app: App
    url: str
    stage: Stage
    folder: Path


@pytest.fixture(scope="session", name="shown")
def _shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("shown")
    with stage(tweets=2_000) as running:
        app = filled(running, folder)
        with served(app.dashboard().application()) as url:
            yield Shown(app, url, running, folder)


@pytest.fixture(scope="module", name="chromium")
def _chromium() -> Iterator[Browser]:
    """Debian's, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
