"""docs/architecture-cloud.md: its figures are those of the script, its picture that of its source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PICTURE = DOCS / "images" / "architecture-cloud.svg"


def test_the_page_quotes_what_the_script_prints() -> None:
    """Every table of bench/cloud_cost.py stands in the page as it is printed today, free of rounding by hand."""
    command = [sys.executable, str(ROOT / "bench" / "cloud_cost.py")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    page = (DOCS / "architecture-cloud.md").read_text(encoding="utf-8")
    tables = printed.strip().split("\n\n")
    assert len(tables) == 2
    assert [table for table in tables if table not in page] == []


def test_the_picture_is_what_its_source_draws(tmp_path: Path) -> None:
    """The SVG that is kept equals the one that make diagram would write."""
    drawn = tmp_path / "drawn.svg"
    subprocess.run([sys.executable, str(DOCS / "images" / "architecture-cloud.py"), str(drawn)], check=True)
    assert drawn.read_text(encoding="utf-8") == PICTURE.read_text(encoding="utf-8")


def test_the_picture_names_what_terraform_makes() -> None:
    """The accounts in the picture are Terraform's, and every word of it is text, in a font of the reader's system."""
    root = ElementTree.parse(PICTURE).getroot()
    words = " ".join(one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text"))
    accounts = (ROOT / "infra" / "accounts.tf").read_text(encoding="utf-8")
    named = {word.strip(",:") for word in words.split() if word.startswith("arcane-")}
    assert named == {"arcane-runner", "arcane-invoker"}
    assert [name for name in named if f'account_id   = "{name}"' not in accounts] == []
    assert root.attrib["font-family"].startswith("system-ui")
