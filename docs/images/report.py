"""The pictures of the report: what is essential, the printed pages and the slides, on the demo's data of a fixed morning.

    make pictures     writes report-essential.png, report-pages.png and report-slides.png beside this file

Needs Debian's chromium, libreoffice-impress-nogui and poppler-utils.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lived import lived
from PIL import Image
from playwright.sync_api import sync_playwright

from arcane.serve.language import FRENCH
from arcane.serve.report.answers import Asked
from arcane.serve.report.report import Order

END_AT: Final = datetime(2026, 11, 25, 6, tzinfo=UTC)
PAGES: Final = range(8)
SLIDES: Final = (0, 1, 2, 4, 5, 6)
WIDTH: Final = 1500
GAP: Final = 8
PAPER: Final = "#d8d3c8"


def main(folder: Path) -> None:
    """Live the demo's story, write the report in each form, draw it."""
    with lived(end_at=END_AT) as (app, place):
        html, printed, deck = (
            app.report(Order(place / f"report.{suffix}", Asked(), FRENCH)) for suffix in ("html", "pdf", "pptx")
        )
        look(html, folder / "report-essential.png")
        drawn = pages(printed, place / "page")
        sheet([drawn[number] for number in PAGES], folder / "report-pages.png", columns=4)
        profile, slides = f"-env:UserInstallation={(place / 'office').as_uri()}", place / "slides"
        run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", slides, deck)
        drawn = pages(slides / "report.pdf", place / "slide")
        sheet([drawn[number] for number in SLIDES], folder / "report-slides.png", columns=3)


def look(html: Path, target: Path) -> None:
    """From the key figures down, as a browser shows it."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 1150}, locale="fr-FR")
        page.goto(html.as_uri())
        page.locator("#essentiel").evaluate("section => section.scrollIntoView()")
        page.screenshot(path=target)
        browser.close()


def run(program: str, *arguments: str | Path) -> None:
    """A program of this machine; FileNotFoundError where it is not there."""
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"{program} is needed and not installed")
    subprocess.run([path, *arguments], check=True, capture_output=True)  # noqa: S603 - programs named above


def pages(document: Path, prefix: Path) -> list[Path]:
    """Every page of a PDF as a picture."""
    run("pdftoppm", "-r", "60", "-png", document, prefix)
    return sorted(prefix.parent.glob(f"{prefix.name}-*.png"))


def sheet(files: Sequence[Path], target: Path, *, columns: int) -> None:
    """Beside and below each other, on grey."""
    pictures = [Image.open(file) for file in files]
    width = (WIDTH - GAP * (columns + 1)) // columns
    height = pictures[0].height * width // pictures[0].width
    whole = Image.new("RGB", (WIDTH, GAP + (height + GAP) * -(-len(files) // columns)), PAPER)
    for place, picture in enumerate(pictures):
        at = GAP + place % columns * (width + GAP), GAP + place // columns * (height + GAP)
        whole.paste(picture.resize((width, height), Image.Resampling.LANCZOS), at)
    whole.save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
