"""The pictures of files that spreadsheets open, on the demo's data: what LibreOffice makes of them in French.

    make pictures     writes export-*.png beside this file

A CSV is printed with the letters of its columns and the numbers of its rows, as on a screen. Needs Debian's
libreoffice-calc, poppler-utils and fonts-crosextra-carlito (Excel's Calibri has the same widths).
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lived import lived
from PIL import Image, ImageChops

from arcane.app import App
from arcane.serve.dashboard.filters import Span, preceding
from arcane.serve.extract import Scope

END_AT: Final = datetime(2026, 11, 23, 6, tzinfo=UTC)
SPAN: Final = Span(datetime(2026, 11, 9).date(), datetime(2026, 11, 22).date())  # noqa: DTZ001 - days alone
COLOURS: Final = 128
EDGE_PX: Final = 12
IN_FRENCH: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop>
</item></oor:items>
"""
AS_OPENED: Final = (
    "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1036,false,true"  # a French CSV, by a double click
)
SHOWN: Final = {"id_tweet", "date_locale", "cree_le", "compte", "texte", "langue", "nb_likes", "taux_engagement"}
TEXT_CM: Final = 13.5
ON_SCREEN: Final = 'style:print="headers grid charts drawings objects zero-values" fo:page-width="50cm"'


def main(folder: Path) -> None:
    """Live the demo's story, export it, look at the files."""
    with lived(end_at=END_AT) as (app, place):
        pictures(app, place, folder)


def pictures(app: App, place: Path, folder: Path) -> None:
    """Made in ``place``, kept in ``folder``."""
    volume = exported(app, "volume_by_day", place / "volume.xlsx")
    printed(place, volume)
    cropped(place / "volume.pdf", folder / "export-synthese.png", page=1)

    cropped(place / "volume.pdf", folder / "export-donnees.png", page=3)

    best = exported(app, "top_tweets", place / "meilleurs.csv")
    first = best.read_bytes().splitlines(keepends=True)[:13]
    best.write_bytes(b"".join(first))
    printed(place, on_screen(place, best))
    cropped(place / "meilleurs.pdf", folder / "export-csv.png", page=1)


def exported(app: App, view: str, path: Path) -> Path:
    """The file of a view over two weeks."""
    app.export(view, path, scope=Scope("arcane", SPAN, preceding(SPAN)), style=None, after=lambda _: None)
    return path


def on_screen(place: Path, path: Path) -> Path:
    """A CSV as a double click opens it, with letters, numbers and lines around its cells, on a page so wide.

    Most columns are hidden, and the text is no wider than a line.
    """
    titles = iter(re.findall(r"\w+", path.read_text("utf-8-sig").splitlines()[0]))
    office(place, AS_OPENED, "--convert-to", "fods", path)

    def columns(found: re.Match[str]) -> str:
        one = re.sub(r' table:number-columns-repeated="\d+"', "", found[0])
        times = int((re.search(r'columns-repeated="(\d+)"', found[0]) or ["", "1"])[1])
        hidden = one.replace("/>", ' table:visibility="collapse"/>')
        return "".join(one if title in SHOWN else hidden for title in itertools.islice(titles, times)) or found[0]

    def width(found: re.Match[str]) -> str:
        return f'style:column-width="{min(float(found[1]), TEXT_CM)}cm"'

    text = path.with_suffix(".fods").read_text("utf-8")
    text = text.replace("<style:page-layout-properties", f"<style:page-layout-properties {ON_SCREEN}")
    text = re.sub(r"<style:(header|footer)>", r'<style:\1 style:display="false">', text)
    text = re.sub(r"<table:table-column [^>]*/>", columns, text)
    text = re.sub(r'style:column-width="([\d.]+)cm"', width, text)
    path.with_suffix(".fods").write_text(text, "utf-8")
    return path.with_suffix(".fods")


def printed(place: Path, path: Path) -> None:
    office(place, "--convert-to", "pdf", path)


def office(place: Path, *arguments: str | Path) -> None:
    """LibreOffice in French, with a profile of its own."""
    profile = place / "profile" / "user"
    profile.mkdir(parents=True, exist_ok=True)
    if not (profile / "registrymodifications.xcu").exists():
        (profile / "registrymodifications.xcu").write_text(IN_FRENCH)
    start = ["soffice", f"-env:UserInstallation=file://{profile.parent}", "--headless"]
    command = [*start, *arguments[:-1], "--outdir", place, arguments[-1]]
    subprocess.run(command, check=True, capture_output=True, timeout=100)  # noqa: S603 - words of ours


def cropped(document: Path, target: Path, *, page: int) -> None:
    """A page of the PDF without what is white around it, without the line at its foot."""
    whole = document.with_suffix(".png")
    command = ["pdftoppm", "-r", "110", "-png", "-singlefile", "-f", str(page), document, whole.with_suffix("")]
    subprocess.run(command, check=True)  # noqa: S603 - the same
    image = Image.open(whole).convert("RGB")
    image = image.crop((0, 0, image.width, int(image.height * 0.94)))
    left, top, right, bottom = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    box = (max(left - EDGE_PX, 0), max(top - EDGE_PX, 0), right + EDGE_PX, bottom + EDGE_PX)
    image.crop(box).quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
