"""docs/data-dictionary.md is what its source says today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_dictionary_is_up_to_date(tmp_path: Path) -> None:
    """The page that is kept equals the one that make dictionary would write."""
    written = tmp_path / "dictionary.md"
    subprocess.run([sys.executable, str(DOCS / "data_dictionary.py"), str(written)], check=True)
    assert written.read_text(encoding="utf-8") == (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
