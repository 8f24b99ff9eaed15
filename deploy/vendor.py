"""Fetch what the dashboard's pages load: make vendor. It needs npm and the tools of ``dev``; pages need neither.

The charts' script is the bundle that vl-convert itself draws with, so that screen and report agree. Fonts keep the
signs that French and English are written with. Everything lands beside its licence in the dashboard's static/vendor
and is committed. axe-core, which only tests load, goes to tests/serve/axe.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import vl_convert
from fontTools import subset

ROOT: Final = Path(__file__).parent.parent
TARGET: Final = ROOT / "src" / "arcane" / "serve" / "dashboard" / "static" / "vendor"
AXE: Final = ROOT / "tests" / "serve" / "axe"
# Package, version → the files of it: what they are called here.
_NPM: Final = {
    ("vega", "6.2.0"): {"LICENSE": "vega.LICENSE"},
    ("vega-lite", "6.4.0"): {"LICENSE": "vega-lite.LICENSE"},
    ("vega-embed", "7.0.2"): {"LICENSE": "vega-embed.LICENSE"},
    ("htmx.org", "4.0.1"): {"dist/htmx.min.js": "htmx.js", "LICENSE": "htmx.LICENSE"},
    ("@fontsource/newsreader", "5.3.0"): {
        "files/newsreader-latin-500-normal.woff2": "newsreader-500.woff2",
        "LICENSE": "newsreader.LICENSE",
    },
    ("@fontsource/source-sans-3", "5.3.1"): {
        "files/source-sans-3-latin-400-normal.woff2": "source-sans-400.woff2",
        "files/source-sans-3-latin-600-normal.woff2": "source-sans-600.woff2",
        "LICENSE": "source-sans.LICENSE",
    },
}
_SIGNS: Final = (
    "U+0020-007E,U+00A0-00FF,U+0152-0153,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2039-203A,"
    "U+20AC,U+2212"
)
_NPM_FOR_TESTS: Final = {("axe-core", "4.14.1"): {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"}}


def vendor() -> None:
    """Write every file anew."""
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "vega.js").write_text(vl_convert.javascript_bundle(), "utf-8")  # type: ignore[call-arg]
    for target, packages in ((TARGET, _NPM), (AXE, _NPM_FOR_TESTS)):
        target.mkdir(parents=True, exist_ok=True)
        for (name, version), files in packages.items():
            found = _package(name, version)
            for path, here in files.items():
                (target / here).write_bytes(found[f"package/{path}"])
                if here.endswith(".woff2"):
                    _shorten(target / here)


def _shorten(font: Path) -> None:
    options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "lnum", "tnum"])
    loaded = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(_SIGNS))
    subsetter.subset(loaded)
    subset.save_font(loaded, str(font), options)


def _package(name: str, version: str) -> dict[str, bytes]:
    """What npm's registry has of it: path → bytes."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
        (packed,) = Path(folder).iterdir()
        with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
            files = {one.name: archive.extractfile(one) for one in archive if one.isfile()}
            return {path: file.read() for path, file in files.items() if file is not None}


if __name__ == "__main__":
    vendor()
