"""The picture of docs/architecture-cloud.md: what stands where and who calls whom, then how it is drawn.

    make diagram     writes architecture-cloud.svg beside this file

Edit BOXES and CALLS; the rest turns them into SVG. Units are those of the view box, 1000 wide.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 1000
HEIGHT: Final = 882
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK: Final = "#1F2933"
FAINT: Final = "#52606D"
LINE: Final = "#3E4C59"

# Fill and edge by what a box is. Told apart without colour too: by place and by words.
KINDS: Final = {
    "trigger": ("#FDF3DC", "#B07A0C"),
    "compute": ("#E3EEF8", "#2B6CA3"),
    "store": ("#E0F2EC", "#1F7A62"),
    "watch": ("#F5E9F0", "#9A4C7C"),
    "outside": ("#FFFFFF", "#7B8794"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A thing: its left upper corner, its size, a name and what it is for."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    name: str
    lines: tuple[str, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An arrow from who calls to who is called, with its words beside ``at``. ``number``: a step of the page's day."""

    start: tuple[int, int]
    end: tuple[int, int]
    lines: tuple[str, ...]
    at: tuple[int, int]
    number: int | None = None
    is_optional: bool = False


BOXES: Final = (
    Box(365, 14, 270, 82, "outside", "X API v2", ("recent search, hourly counts", "450 requests a quarter hour")),
    # in the project
    Box(34, 206, 210, 108, "trigger", "Cloud Scheduler", ("every day, 06:00 Paris", "(every hour too, if wanted);", "waits 30 min, tries 5 more")),
    Box(34, 356, 210, 80, "trigger", "Scheduler, weekly", ("asks X, by the job, which", "of all tweets must go")),
    Box(34, 452, 210, 80, "trigger", "Airflow (optional)", ("in Scheduler's place, where", "other work depends on it"), True),
    Box(390, 212, 220, 96, "compute", "Function", ("Cloud Run, by HTTP", "at most 30 min an attempt")),
    Box(390, 372, 220, 160, "compute", "Job", ("Cloud Run, the same image", "at most 24 h, 3 retries")),
    Box(756, 212, 210, 96, "store", "Secret Manager", ("X's bearer token, mounted,", "in no variable or state")),
    Box(756, 324, 210, 96, "store", "Archive bucket", ("raw pages as they came,", "deleted after 400 days")),
    Box(756, 436, 210, 96, "store", "BigQuery", ("tables, coverage, runs,", "and the lease")),
    Box(365, 604, 270, 104, "watch", "Logging and Monitoring", ("no success in 26 h, an ERROR,", "the job failed, Scheduler gave up,", "the budget")),
    # outside
    Box(365, 770, 270, 84, "outside", "Operator", ("an e-mail, only when", "something is wrong")),
    Box(676, 770, 290, 84, "outside", "Analysts", ("one Google group, read only:", "Data Studio, Connected Sheets, Excel")),
)  # fmt: skip

CALLS: Final = (
    Call((244, 260), (390, 260), ("POST, as", "arcane-invoker"), at=(304, 260), number=1),
    Call((632, 260), (756, 260), ("reads the token",), at=(694, 260), number=2),
    Call((500, 172), (500, 96), ("GET, 100 tweets a page",), at=(500, 130), number=3),
    Call((632, 372), (756, 372), ("raw pages, first",), at=(694, 372), number=4),
    Call((632, 484), (756, 484), ("rows and", "coverage, in one", "transaction"), at=(694, 484), number=5),
    Call((500, 308), (500, 372), ("after 25½ min", "starts the job,", "sees it run"), at=(500, 338), number=6),
    Call((500, 554), (500, 604), ("one line a slice, one a run",), at=(500, 575), number=7),
    Call((846, 770), (846, 532), ("SQL, by the", "group's rights"), at=(846, 645), number=8),
    Call((500, 708), (500, 770), ("alerts",), at=(500, 748)),
    Call((244, 396), (390, 396), ("starts it, as", "arcane-invoker"), at=(304, 396)),
    Call((244, 492), (390, 492), ("runs it, as its", "own account"), at=(304, 492), is_optional=True),
)  # fmt: skip


def text(
    x: float, y: float, words: str, *, size: float = 14.5, bold: bool = False, fill: str = INK, anchor: str = "middle"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}"{weight} fill="{fill}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def dashes(is_optional: bool) -> str:
    return ' stroke-dasharray="6 4"' if is_optional else ""


def frame(x: int, y: int, width: int, height: int, *, fill: str, edge: str, name: str) -> list[str]:
    """A region with its name at the upper left."""
    return [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" fill="{fill}" stroke="{edge}"/>',
        text(x + 18, y + 26, name, bold=True, fill=FAINT, anchor="start"),
    ]


def drawn_box(box: Box) -> list[str]:
    fill, edge = KINDS[box.kind]
    middle = box.x + box.width / 2
    top = box.y + (box.height - 20 * len(box.lines)) / 2 + 4
    return [
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8" fill="{fill}" '
        f'stroke="{edge}" stroke-width="1.5"{dashes(box.is_optional)}/>',
        text(middle, top, box.name, size=17, bold=True),
        *(text(middle, top + 23 + 20 * number, line, fill=FAINT) for number, line in enumerate(box.lines)),
    ]


def drawn_call(call: Call) -> list[str]:
    """Words stand below a level arrow and right of an upright one."""
    (x1, y1), (x2, y2), (x, y) = call.start, call.end, call.at
    parts = [
        f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{LINE}" stroke-width="1.6" marker-end="url(#head)"'
        f"{dashes(call.is_optional)}/>"
    ]
    is_level = y1 == y2
    first = y + 29 if is_level else y + 5 - 9 * (len(call.lines) - 1)
    for number, line in enumerate(call.lines):
        where = (x, first + 18 * number) if is_level else (x + 20, first + 18 * number)
        parts.append(text(*where, line, size=14, anchor="middle" if is_level else "start"))
    return parts + (disc(x, y, call.number) if call.number is not None else [])


def disc(x: float, y: float, number: int) -> list[str]:
    return [
        f'<circle cx="{x:g}" cy="{y:g}" r="11.5" fill="{INK}"/>',
        text(x, y + 5, str(number), size=14, bold=True, fill="#FFFFFF"),
    ]


def legend(x: int, y: int) -> list[str]:
    return [
        f'<path d="M{x} {y}H{x + 44}" stroke="{LINE}" stroke-width="1.6" marker-end="url(#head)"/>',
        text(x + 58, y + 5, "who calls whom", fill=FAINT, anchor="start"),
        f'<path d="M{x} {y + 30}H{x + 44}" stroke="{LINE}" stroke-width="1.6" marker-end="url(#head)"{dashes(True)}/>',
        text(x + 58, y + 35, "optional", fill=FAINT, anchor="start"),
        *disc(x + 22, y + 60, 1),
        text(x + 58, y + 65, "a step of the day, in the page", fill=FAINT, anchor="start"),
    ]


def svg() -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-labelledby="title what" font-family="{FONT}">',
        '<title id="title">Arcane in Google Cloud</title>',
        '<desc id="what">Cloud Scheduler calls a function that reads the X API, keeps raw pages in a bucket and feeds '
        "BigQuery; a Cloud Run job goes on where an attempt ends, and asks X each week what must go; analysts query "
        "BigQuery.</desc>",
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0.8L9.5 5L0 9.2z" fill="{LINE}"/></marker></defs>',
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="14" fill="#FFFFFF" stroke="#CBD2D9"/>',
        *frame(16, 146, 968, 578, fill="#F7F9FA", edge="#CBD2D9", name="Google Cloud project, in the EU"),
        *frame(368, 172, 264, 382, fill="#FFFFFF", edge="#2B6CA3", name="as arcane-runner"),
        *legend(34, 782),
    ]
    for call in CALLS:
        parts += drawn_call(call)
    for box in BOXES:
        parts += drawn_box(box)
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".svg")
    target.write_text(svg(), encoding="utf-8")
