"""The report as slides, 16:9: charts are native and can be edited, words are text, nothing is a picture but the logo."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Length, Pt

from arcane.serve.charts import theme
from arcane.serve.report.content import Content, grid
from arcane.serve.report.sections import Figure, Plot, Section

_INK, _SOFT, _RULE, _ACCENT, _DATA, _TINT = (
    RGBColor.from_string(one) for one in ("1D1C1A", "5C5953", "DDD9CF", "B8321A", "2F5D8A", "F6F4ED")
)
_PALE: Final = RGBColor.from_string("A8BBCF")  # the data's blue where it still grows
_SERIF: Final = "Georgia"
_SANS: Final = "Calibri"
_WIDTH: Final = Inches(13.333)
_HEIGHT: Final = Inches(7.5)
_LEFT: Final = Inches(0.75)
_INNER: Final = Inches(11.833)
_TOP: Final = Inches(1.72)
_BODY: Final = Inches(4.95)
_LINE_CHARS: Final = 88  # of a sentence
_CHARTS: Final = {
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "line": XL_CHART_TYPE.LINE_MARKERS,
}
_XML_REFUSED: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def slides(content: Content, *, made_at: datetime) -> bytes:
    """The file's bytes; ``made_at`` is what it says of its own making, so that equal data make equal slides."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDTH, _HEIGHT
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = _clean(content.title), "Arcane", "Arcane"
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    maker = _Maker(deck, content)
    maker.cover()
    for section in content.sections:
        maker.section(section)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


class _Maker:
    """Puts one thing after another into the deck."""

    def __init__(self, deck: Any, content: Content) -> None:
        self._deck = deck
        self._content = content
        self._say = content.language.text
        self._number = 0

    def cover(self) -> None:
        content = self._content
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[6])
        _rule(slide, _LEFT, Inches(1.25), _INNER, 2.25, _INK)
        if content.logo is not None:
            height: Length = Inches(0.6)
            width = Emu(min(int(height * content.logo.ratio), Inches(3.5)))
            height = Emu(int(width / content.logo.ratio))
            slide.shapes.add_picture(io.BytesIO(content.logo.data), _LEFT, Inches(1.12) - height, width, height)
        _text(
            slide,
            Inches(9.5),
            Inches(0.8),
            Inches(3.083),
            Inches(0.4),
            [[(self._say("Rapport", "Report"), False)]],
            12,
            _SOFT,
            align=PP_ALIGN.RIGHT,
        )
        _text(
            slide,
            _LEFT,
            Inches(2.35),
            _INNER,
            Inches(1.2),
            [[(content.title, False)]],
            54,
            _INK,
            font=_SERIF,
            is_title=True,
        )
        _text(slide, _LEFT, Inches(3.5), _INNER, Inches(0.6), [[(content.period, False)]], 24, _INK, font=_SERIF)
        _text(slide, _LEFT, Inches(4.05), _INNER, Inches(0.4), [[(content.against, False)]], 14, _SOFT)
        _rule(slide, _LEFT, Inches(5.7), _INNER, 0.75, _RULE)
        _text(
            slide,
            _LEFT,
            Inches(5.8),
            _INNER,
            Inches(0.7),
            [[(content.settled, True)], [(content.coverage, False)]],
            13,
            _SOFT,
        )
        if content.then:
            _text(slide, _LEFT, Inches(6.5), _INNER, Inches(0.7), [[(content.then, False)]], 11, _ACCENT)

    def section(self, section: Section) -> None:
        match section.look:
            case "essential":
                self._essential(section)
            case "growth":
                self._growth(section)
            case "tweets":
                self._tweets(section)
            case "method":
                self._method(section)
            case _:
                self._figures(section)

    def _slide(self, title: str, deck: str) -> Any:
        content = self._content
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[6])
        self._number += 1
        _rule(slide, _LEFT, Inches(0.5), _INNER, 1, _INK)
        _text(slide, _LEFT, Inches(0.56), _INNER, Inches(0.6), [[(title, False)]], 28, _INK, font=_SERIF, is_title=True)
        if deck:
            _text(slide, _LEFT, Inches(1.1), _INNER, Inches(0.55), [[(deck, False)]], 12, _SOFT)
        _text(
            slide,
            _LEFT,
            Inches(6.98),
            Inches(11),
            Inches(0.3),
            [[(f"{content.title} · {content.period} · {content.settled}", False)]],
            9,
            _SOFT,
        )
        _text(
            slide,
            Inches(11.583),
            Inches(6.98),
            Inches(1),
            Inches(0.3),
            [[(str(self._number + 1), False)]],
            9,
            _SOFT,
            align=PP_ALIGN.RIGHT,
        )
        return slide

    def _essential(self, section: Section) -> None:
        content = self._content
        slide = self._slide(section.title, section.deck)
        self._tiles(slide)
        self._comment(slide, section, Inches(4.3), Inches(2.4))
        if content.unsaid:
            title = self._say("Ce que les chiffres ne permettent pas de dire", "What the figures do not allow to say")
            if section.key in content.comments:
                slide = self._slide(title, "")
                top: Length = _TOP
            else:
                _text(slide, _LEFT, Inches(4.3), _INNER, Inches(0.4), [[(title, True)]], 12, _INK)
                top = Inches(4.65)
            lines = [[("– ", False), (one.text, False)] for one in content.unsaid]
            _text(slide, _LEFT, top, _INNER, Emu(int(_TOP + _BODY - top)), lines, 13, _SOFT, gap=5)
        self._said(section)

    def _said(self, section: Section) -> None:
        """As many on a slide as fit."""
        slide: Any = None
        top = _TOP + _BODY
        for one in self._content.said:
            lines = max(1, math.ceil(len(one.text) / _LINE_CHARS))
            height = Inches(0.42 + 0.27 * lines)
            if top + height > _TOP + _BODY:
                slide, top = self._slide(section.title, section.deck), _TOP
            color = {"up": _ACCENT, "down": _DATA}.get(one.tone, _INK)
            _text(slide, _LEFT, top, Inches(2.1), height, [[(one.lead, False)]], 28, color, font=_SERIF)
            _text(
                slide,
                Inches(2.95),
                top + Inches(0.05),
                Inches(9.6),
                height,
                [[(one.text, False)]],
                15,
                _INK,
                font=_SERIF,
            )
            top = Emu(int(top + height))
            _rule(slide, _LEFT, Emu(int(top) - Inches(0.1)), _INNER, 0.5, _RULE)

    def _tiles(self, slide: Any) -> None:
        width = int(_INNER / 5)
        for place, one in enumerate(self._content.tiles):
            left, top = Emu(int(_LEFT) + place % 5 * width), Emu(int(_TOP) + place // 5 * Inches(1.15))
            lines = [
                [(one.title, False)],
                [(one.value, False)],
                [(f"{one.arrow} {one.change} {one.beside}".strip(), True)],
            ]
            box = _text(slide, left, top, Emu(width - Inches(0.1)), Inches(1.1), lines, 11, _SOFT)
            figure = box.text_frame.paragraphs[1].runs[0].font
            figure.size, figure.name, figure.color.rgb = Pt(26), _SERIF, _INK
            for run in box.text_frame.paragraphs[2].runs:
                run.font.color.rgb = _INK
        for line in range(3):
            _rule(slide, _LEFT, Emu(int(_TOP) - Inches(0.03) + line * Inches(1.15)), _INNER, 0.5, _RULE)

    def _growth(self, section: Section) -> None:
        language = self._content.language
        slide = self._slide(section.title, section.deck)
        say = self._say
        heads = [
            say("Mesure", "Measure"),
            say("Période", "Period"),
            say("Comparaison", "Base"),
            say("Évolution", "Change"),
            say("Jours", "Days"),
            say("Pourquoi rien", "Why nothing"),
        ]
        lines = []
        for row in self._content.growth:
            is_rate = row["measure"] == "engagement_rate"
            values = [
                language.percent(row[one], digits=2)
                if is_rate
                else language.number(row[one], digits=0 if (row[one] or 0) >= 100 else 1)
                for one in ("value", "base_value")
            ]
            name = row["label_fr"]
            lines.append(
                [
                    f"{name[:1].upper()}{name[1:]}",
                    *values,
                    language.change(row["growth_rate"]),
                    language.number(row["day_count"]),
                    row["reason_fr"] or "",
                ]
            )
        _table(slide, [heads, *lines], [3.2, 1.3, 1.5, 1.3, 0.8, 3.733], top=_TOP, numbers=(1, 2, 3, 4))
        self._comment(slide, section, Inches(5.1), Inches(1.6))

    def _tweets(self, section: Section) -> None:
        slide = self._slide(section.title, section.deck)
        width, height = int(_INNER / 3), Inches(2.4)
        for place, card in enumerate(self._content.cards):
            left = Emu(int(_LEFT) + place % 3 * width)
            top = Emu(int(_TOP) + place // 3 * int(height + Inches(0.12)))
            text = card.text if len(card.text) <= 170 else f"{card.text[:169].rstrip()}…"
            counters = " · ".join(f"{value} {name.lower()}" for name, value in card.counters[:3])
            lines = [
                [(f"{card.name} ", True), (card.handle, False)],
                [(text, False)],
                [(counters, False)],
                [(card.moment, False)],
            ]
            box = _text(slide, left, top, Emu(width - Inches(0.25)), height, lines, 10.5, _SOFT, gap=3)
            for run in box.text_frame.paragraphs[1].runs:
                run.font.size, run.font.name, run.font.color.rgb = Pt(13), _SERIF, _INK
            if card.link:
                box.text_frame.paragraphs[3].runs[0].hyperlink.address = card.link
            _rule(slide, left, Emu(int(top) - Inches(0.03)), Emu(width - Inches(0.25)), 0.5, _RULE)
        self._words(section)

    def _figures(self, section: Section) -> None:
        """Beside each other; the consultant's words beside a figure that is alone."""
        content = self._content
        figures = section.figures
        is_beside = section.key in content.comments and len(figures) == 1
        slide = self._slide(section.title, content.coverage if section.key == "volume" else section.deck)
        gap = Inches(0.35)
        width = Emu(int(Inches(8) if is_beside else (_INNER - gap * (len(figures) - 1)) / len(figures)))
        for place, figure in enumerate(figures):
            left = Emu(int(_LEFT) + place * (width + gap))
            _text(slide, left, _TOP, width, Inches(0.3), [[(figure.title, True)]], 12, _INK)
            self._figure(slide, figure, left, Emu(int(_TOP) + Inches(0.32)), width, Emu(int(_BODY) - Inches(0.35)))
        if is_beside:
            self._comment(slide, section, _TOP, _BODY, left=Inches(9), width=Inches(3.583))
        if section.look == "spikes" and content.spikes:
            self._spikes()
        if not is_beside:
            self._words(section)

    def _figure(self, slide: Any, figure: Figure, left: Length, top: Length, width: Length, height: Length) -> None:
        rows = self._content.rows[figure.rows]
        if figure.plot is None:
            self._heat(slide, grid(rows, "mean_tweet_count"), left, top, width)
        else:
            _chart(slide, figure.plot(rows), left, top, width, height)

    def _heat(
        self, slide: Any, cells: Sequence[Sequence[float | None]], left: Length, top: Length, width: Length
    ) -> None:
        """A table whose cells are shaded: it can be edited, as a picture cannot."""
        language = self._content.language
        shades = [one.lstrip("#") for one in theme("light")["range"]["heatmap"]]
        most = max((value for line in cells for value in line if value is not None), default=0) or 1
        frame = slide.shapes.add_table(8, 25, left, top, width, Inches(3.4))
        table = _plain(frame)
        table.columns[0].width = Inches(0.75)
        for column in range(1, 25):
            table.columns[column].width = Emu(int((width - Inches(0.75)) / 24))
            _fill(table.cell(0, column), str(column - 1), 8, _SOFT, align=PP_ALIGN.CENTER)
        for number, (name, line) in enumerate(zip(language.weekday_names(), cells, strict=True), 1):
            _fill(table.cell(number, 0), name, 10, _INK)
            for hour, value in enumerate(line, 1):
                cell = table.cell(number, hour)
                step = 0 if value is None else min(int(value / most * len(shades)), len(shades) - 1)
                color = RGBColor.from_string("FFFFFF") if step >= 3 else _INK
                shown = language.number(value, digits=0)
                _fill(cell, shown, 7 if len(shown) < 4 else 5.5, color, align=PP_ALIGN.CENTER)
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor.from_string(shades[step].upper())

    def _spikes(self) -> None:
        say = self._say
        slide = self._slide(
            say("Les pics, et ce qui les accompagne", "The spikes, and what goes with them"),
            say(
                "Ce qui accompagne un pic n'en est pas forcément la cause ; les parts ne s'additionnent pas.",
                "What goes with a spike need not have caused it; shares do not add up.",
            ),
        )
        heads = [
            say("Jour", "Day"),
            say("Publications", "Posts"),
            say("D'ordinaire", "Usually"),
            say("Ce qui l'accompagne", "What goes with it"),
        ]
        lines = [
            [one.day, one.count, one.usual, "   ".join(f"{name} {share}".strip() for name, share in one.causes)]
            for one in self._content.spikes[:10]
        ]
        _table(slide, [heads, *lines], [2.6, 1.5, 1.5, 6.233], top=_TOP, numbers=(1, 2))

    def _method(self, section: Section) -> None:
        content = self._content
        slide = self._slide(section.title, "")
        _text(
            slide, _LEFT, Inches(1.3), _INNER, Inches(5.5), [[(one, False)] for one in content.method], 12, _INK, gap=7
        )
        slide = self._slide(self._say("Définitions", "Definitions"), "")
        half = -(-len(content.definitions) // 2)
        for place, part in enumerate((content.definitions[:half], content.definitions[half:])):
            lines = [[(f"{term} ", True), (meaning, False)] for term, meaning in part]
            left = Emu(int(_LEFT) + place * int(_INNER / 2))
            _text(slide, left, Inches(1.3), Emu(int(_INNER / 2) - Inches(0.3)), Inches(5.5), lines, 10, _INK, gap=4)
        self._words(section)

    def _words(self, section: Section) -> None:
        """The consultant's words on a slide of their own, where there is no room beside."""
        if section.key in self._content.comments:
            slide = self._slide(section.title, self._say("Commentaire", "Comment"))
            self._comment(slide, section, _TOP, _BODY)

    def _comment(
        self, slide: Any, section: Section, top: Length, height: Length, *, left: Length = _LEFT, width: Length = _INNER
    ) -> None:
        comment = self._content.comments.get(section.key)
        if comment is None:
            return
        signs = int(width / Inches(1) * 11)
        lines_high = sum(math.ceil(sum(len(text) for text, _ in one) / signs) for one in comment.paragraphs)
        height = Emu(min(int(height), Inches(0.1 + 0.31 * lines_high)))
        _box(slide, left, top, Inches(0.04), height, _DATA)
        lines = [list(one) for one in comment.paragraphs]
        _text(slide, left + Inches(0.2), top, width - Inches(0.2), height, lines, 14, _INK, font=_SERIF, gap=6)


def _chart(slide: Any, plot: Plot, left: Length, top: Length, width: Length, height: Length) -> None:
    data = CategoryChartData(number_format="0.0%" if plot.is_rate else "#,##0")
    data.categories = [_clean(one) for one in plot.categories]
    for name, values in plot.series.items():
        data.add_series(_clean(name), values)
    if plot.kind == "bar":
        height = Emu(min(int(height), Inches(0.55) + len(plot.categories) * Inches(0.42)))
    chart = slide.shapes.add_chart(_CHARTS[plot.kind], left, top, width, height, data).chart
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(11), _SANS, _SOFT
    chart.has_title = False
    chart.has_legend = len(plot.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    inks = [RGBColor.from_string(one.lstrip("#").upper()) for one in theme("light")["range"]["category"]]
    for series, ink in zip(chart.plots[0].series, inks, strict=False):
        if plot.kind == "line":
            series.format.line.color.rgb, series.format.line.width, series.smooth = ink, Pt(2), False
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = ink
            series.marker.format.line.color.rgb = ink
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = ink
    if plot.kind == "column":
        for number, is_pale in enumerate(plot.pale):
            if is_pale:
                fill = chart.plots[0].series[0].points[number].format.fill
                fill.solid()
                fill.fore_color.rgb = _PALE
    values, categories = chart.value_axis, chart.category_axis
    values.format.line.fill.background()
    values.major_tick_mark = categories.major_tick_mark = XL_TICK_MARK.NONE
    values.minimum_scale = 0
    categories.format.line.color.rgb = _SOFT
    if plot.kind == "bar":
        chart.plots[0].gap_width = 50
        categories.reverse_order = True
        categories.format.line.fill.background()
        values.has_major_gridlines = False
        values.tick_label_position = XL_TICK_LABEL_POSITION.NONE
        chart.plots[0].has_data_labels = True
        values.maximum_scale = 1.2 * max((one for line in plot.series.values() for one in line if one), default=1)
        labels = chart.plots[0].data_labels
        labels.number_format, labels.number_format_is_linked = ("0.0%" if plot.is_rate else "#,##0"), False
        labels.font.size, labels.font.color.rgb = Pt(11), _INK
        labels._element.find(f".//{qn('a:bodyPr')}").set("wrap", "none")  # noqa: SLF001 - python-pptx has no name for it
    else:
        values.has_major_gridlines = True
        values.major_gridlines.format.line.color.rgb = _RULE
        values.tick_labels.number_format = "0.0%" if plot.is_rate else "#,##0"
        values.tick_labels.number_format_is_linked = False
        if plot.kind != "line":
            chart.plots[0].gap_width = 40
    if plot.kind == "stacked":
        chart.plots[0].overlap = 100


def _text(
    slide: Any,
    left: Any,
    top: Any,
    width: Any,
    height: Any,
    lines: Sequence[Sequence[tuple[str, bool]]],
    size: float,
    color: RGBColor,
    *,
    font: str = _SANS,
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
            run.text = _clean(text)
            run.font.size, run.font.name, run.font.bold, run.font.color.rgb = Pt(size), font, is_bold, color
    return box


def _rule(slide: Any, left: Any, top: Any, width: Any, points: float, color: RGBColor) -> None:
    _box(slide, left, top, width, Pt(points), color)


def _box(slide: Any, left: Any, top: Any, width: Any, height: Any, color: RGBColor) -> None:
    """Colour and nothing else: a line of the program's own would bring a shadow."""
    box = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, left, top, width, height)
    box.fill.solid()
    box.fill.fore_color.rgb = color
    box.line.fill.background()
    box.shadow.inherit = False


def _table(
    slide: Any, lines: Sequence[Sequence[str]], widths: Sequence[float], *, top: Any, numbers: Sequence[int]
) -> None:
    frame = slide.shapes.add_table(len(lines), len(widths), _LEFT, top, _INNER, Inches(0.38 * len(lines)))
    table = _plain(frame)
    for column, width in enumerate(widths):
        table.columns[column].width = Inches(width)
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            cell = table.cell(row, column)
            align = PP_ALIGN.RIGHT if column in numbers else None
            _fill(
                cell,
                text,
                11 if row == 0 else 13,
                _SOFT if row == 0 else _INK,
                align=align,
                margin=0.3 if column in numbers else 0.08,
            )
            _underlined(cell, "1D1C1A" if row == 0 else "DDD9CF")


def _plain(frame: Any) -> Any:
    """A table without the program's own colours."""
    properties = frame._element.graphic.graphicData.tbl.tblPr  # noqa: SLF001 - python-pptx has no name for it
    for name in ("firstRow", "bandRow"):
        properties.set(name, "0")
    style = properties.find(qn("a:tableStyleId"))
    style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
    return frame.table


def _fill(
    cell: Any, text: str, size: float, color: RGBColor, *, align: PP_ALIGN | None = None, margin: float = 0.02
) -> None:
    cell.margin_left, cell.margin_right = Inches(0), Inches(margin)
    cell.margin_top = cell.margin_bottom = Inches(0.04 if margin > 0.05 else 0.01)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = align
    run = paragraph.add_run()
    run.text = _clean(text)
    run.font.size, run.font.name, run.font.color.rgb = Pt(size), _SANS, color


def _underlined(cell: Any, color: str) -> None:
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - python-pptx has no name for it
    line = properties.makeelement(qn("a:lnB"), {"w": "6350"})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": color}))
    line.append(fill)
    properties.insert(0, line)


def _clean(text: str) -> str:
    """What XML may hold."""
    return _XML_REFUSED.sub("", text)
