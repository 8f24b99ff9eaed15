"""The page on paper: Chromium prints the file to PDF, without the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from arcane.errors import ConfigError

_BROWSERS: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
_LIMIT_S: Final = 120


def pdf(page: str) -> bytes:
    """Raises: ConfigError where no Chromium is found, or it does not print."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ConfigError(
            "no Chromium to print a PDF with: install chromium (or Chrome), or write -o rapport.html and print that"
        )
    with tempfile.TemporaryDirectory(prefix="arcane-report-") as name:
        folder = Path(name)
        source, target = folder / "report.html", folder / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={target}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium has none for root; the page has no script and asks nobody
        try:
            subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=_LIMIT_S)  # noqa: S603 - a browser of this machine, a file of ours
            return target.read_bytes()
        except (subprocess.SubprocessError, OSError) as exc:
            raise ConfigError(
                f"{browser} did not print the report: write -o rapport.html and print that from a browser"
            ) from exc
