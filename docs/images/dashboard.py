"""The pictures of the dashboard: every page at three widths and by night, on the demo's data of a fixed morning.

    make pictures     writes dashboard-<page>-<width>.jpg beside this file

Needs Debian's chromium, and fonts-noto-color-emoji for the signs in tweets.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn
from lived import lived
from playwright.sync_api import Browser, sync_playwright

from arcane.app import App

END_AT: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)
PORT: Final = 8795
PAGES: Final = {
    "vue": "/",
    "audience": "/audience",
    "sujets": "/sujets",
    "publications": "/publications",
    "videos": "/videos",
    "comparaison": "/comparaison",
    "depenses": "/depenses",
    "exporter": "/exporter",
    "sql": "/sql",
}
WIDTHS: Final = (1440, 1024, 390)
QUALITY: Final = 72
TALLEST: Final = 2600  # of a page on a phone the rest is more of the same
SHORTER: Final = {"publications": 1500, "exporter": 1500}  # of these on any screen


def main(folder: Path) -> None:
    """Live the demo's story, serve it, look at it."""
    with lived(end_at=END_AT) as (app, _):
        server = served(app)
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for width in WIDTHS:
                for name, path in PAGES.items():
                    target = folder / f"dashboard-{name}-{width}.jpg"
                    shot(browser, path, target, width=width, tallest=SHORTER.get(name, TALLEST))
            shot(browser, "/", folder / "dashboard-vue-nuit.jpg", width=1440, scheme="dark")
            shot(browser, "/", folder / "dashboard.jpg", width=1440, tallest=1060)  # the README's first screen
            shot(browser, "/exporter", folder / "dashboard-exporter.jpg", width=1024, tallest=860)  # docs/exports.md
            browser.close()
        server.should_exit = True


def served(app: App) -> uvicorn.Server:
    """The dashboard, on this machine."""
    config = uvicorn.Config(app.dashboard().application(), port=PORT, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    return server


def shot(
    browser: Browser, path: str, target: Path, *, width: int, scheme: str = "light", tallest: int = TALLEST
) -> None:
    """One page from its head down, once its charts are drawn."""
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORT}{path}", wait_until="networkidle")
    page.wait_for_timeout(1500)
    height = min(page.evaluate("document.documentElement.scrollHeight"), tallest)
    page.screenshot(
        path=target,
        type="jpeg",
        quality=QUALITY,
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": height},
    )
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
