"""What the pictures show: the demo's story, lived up to a fixed morning."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from arcane.app import App
from arcane.config import Settings
from arcane.demo import live
from arcane.logs import configure
from arcane.terminal import bar


@contextlib.contextmanager
def lived(*, end_at: datetime) -> Iterator[tuple[App, Path]]:
    """The app on its tables, and their folder, which goes afterwards."""
    configure(style="auto", level="error")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        settings = Settings.model_validate(
            {"warehouse": {"path": place / "arcane.duckdb"}, "archive": {"path": place / "archive"}}
        )
        with bar("tweets") as progress:
            app = live(settings, end_at=end_at, progress=progress)
        yield app, place
