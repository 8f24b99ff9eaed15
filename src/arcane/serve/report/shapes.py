"""Words, lines and tables put on a slide, and the measures of one. Knows nothing of a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

INK, SOFT, RULE, ACCENT, DATA, BASE = (
    RGBColor.from_string(one) for one in ("1D1C1A", "5C5953", "DDD9CF", "B8321A", "2F5D8A", "B9B4A9")
)
PALE: Final = RGBColor.from_string("A8BBCF")  # the data's blue where it still grows
SERIF: Final = "Georgia"
SANS: Final = "Calibri"
WIDTH: Final = Inches(13.333)
HEIGHT: Final = Inches(7.5)
LEFT: Final = Inches(0.75)
INNER: Final = Inches(11.833)
TOP: Final = Inches(1.72)
BODY: Final = Inches(4.95)
_LINK: Final = re.compile(rb'(<a:(?:hlink|folHlink)>\s*<a:srgbClr val=")[0-9A-Fa-f]{6}(")')
_XML_REFUSED: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_text(
    slide: Any,
    left: Any,
    top: Any,
    width: Any,
    height: Any,
    lines: Sequence[Sequence[tuple[str, bool]]],
    size: float,
    color: RGBColor,
    *,
    font: str = SANS,
    align: PP_ALIGN | None = None,
    gap: float = 0,
    is_title: bool = False,
) -> Any:
    box = slide.shapes.add_textbox(left, top, width, height)
    if is_title:
        box.name = "Title"
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = align
        paragraph.space_after = Pt(gap)
        for text, is_bold in line:
            run = paragraph.add_run()
            run.text = clean(text)
            run.font.size, run.font.name, run.font.bold, run.font.color.rgb = Pt(size), font, is_bold, color
    return box


def draw_rule(slide: Any, left: Any, top: Any, width: Any, points: float, color: RGBColor) -> None:
    draw_box(slide, left, top, width, Pt(points), color)


def draw_box(slide: Any, left: Any, top: Any, width: Any, height: Any, color: RGBColor) -> None:
    """Colour and nothing else: a line of the program's own would bring a shadow."""
    box = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, top, width, height)
    box.fill.solid()
    box.fill.fore_color.rgb = color
    box.line.fill.background()
    box.shadow.inherit = False


def draw_table(
    slide: Any,
    lines: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    top: Any,
    numbers: Sequence[int],
    is_dense: bool = False,
) -> None:
    """``is_dense``: lower lines in smaller letters, for what goes below."""
    height = Inches((0.31 if is_dense else 0.38) * len(lines))
    frame = slide.shapes.add_table(len(lines), len(widths), LEFT, top, INNER, height)
    table = plain_table(frame)
    for column, width in enumerate(widths):
        table.columns[column].width = Inches(width)
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            cell = table.cell(row, column)
            align = PP_ALIGN.RIGHT if column in numbers else None
            fill_cell(
                cell,
                text,
                11 if row == 0 or is_dense else 13,
                SOFT if row == 0 else INK,
                align=align,
                margin=0.3 if column in numbers else 0.08,
            )
            underline(cell, "1D1C1A" if row == 0 else "DDD9CF")


def plain_table(frame: Any) -> Any:
    """A table without the program's own colours."""
    properties = frame._element.graphic.graphicData.tbl.tblPr  # noqa: SLF001 - python-pptx has no name for it
    for name in ("firstRow", "bandRow"):
        properties.set(name, "0")
    style = properties.find(qn("a:tableStyleId"))
    style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
    return frame.table


def fill_cell(
    cell: Any, text: str, size: float, color: RGBColor, *, align: PP_ALIGN | None = None, margin: float = 0.02
) -> None:
    cell.margin_left, cell.margin_right = Inches(0), Inches(margin)
    cell.margin_top = cell.margin_bottom = Inches(0.04 if margin > 0.05 else 0.01)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = align
    run = paragraph.add_run()
    run.text = clean(text)
    run.font.size, run.font.name, run.font.color.rgb = Pt(size), SANS, color


def underline(cell: Any, color: str) -> None:
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-pptx has no name for it
    line = properties.makeelement(qn("a:lnB"), {"w": "6350"})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": color}))
    line.append(fill)
    properties.insert(0, line)


def color_links(deck: Any, color: RGBColor) -> None:
    """Links take their colour from the deck's theme alone, which would have them blue."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = _LINK.sub(rb"\g<1>" + str(color).encode() + rb"\2", theme.blob)  # noqa: SLF001 - python-pptx has no name for it


def clean(text: str) -> str:
    """What XML may hold."""
    return _XML_REFUSED.sub("", text)
