"""docs/data-dictionary.md is what its source says today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from arcane.tables import ALL
from arcane.views import views

DOCS = Path(__file__).parent.parent / "docs"


def test_the_dictionary_is_up_to_date(tmp_path: Path) -> None:
    """The page that is kept equals the one that make dictionary would write."""
    written = tmp_path / "dictionary.md"
    subprocess.run([sys.executable, str(DOCS / "data_dictionary.py"), str(written)], check=True)
    assert written.read_text(encoding="utf-8") == (DOCS / "data-dictionary.md").read_text(encoding="utf-8")


def test_french_has_one_word_for_a_post() -> None:
    """Descriptions say « publication », as the pages do; « tweet » is left to the names of columns and values."""
    told = [one.sens for one in (*ALL, *views())]
    told += [column.sens for one in (*ALL, *views()) for column in one.columns]
    found = [one for one in told if re.search(r"\btweets?\b", re.sub(r"\w+ \(", "", one), re.I)]
    assert found == []
