"""Charts that a presentation program draws itself and a person can edit, out of a figure's plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Length, Pt

from arcane.serve.charts import crest, theme
from arcane.serve.language import Language
from arcane.serve.report.sections import Plot
from arcane.serve.report.shapes import BASE, DATA, INK, PALE, RULE, SANS, SOFT, clean, fill_cell, plain_table

_CHARTS: Final = {
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "compared": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
    "line": XL_CHART_TYPE.LINE_MARKERS,
}
_STROKE_PT: Final = 16


def draw_chart(
    slide: Any, plot: Plot, left: Length, top: Length, width: Length, height: Length, *, language: Language
) -> None:
    form = _form(plot, language)
    data = CategoryChartData(number_format=form)
    data.categories = [clean(one) for one in plot.categories]
    for name, values in (*plot.series.items(), *plot.counted.items()):
        data.add_series(clean(name), values)
    if plot.kind == "bar":
        height = Emu(min(int(height), Inches(0.55) + len(plot.categories) * Inches(0.62)))
    chart = slide.shapes.add_chart(_CHARTS[plot.kind], left, top, width, height, data).chart
    chart.font.size, chart.font.name, chart.font.color.rgb = Pt(11), SANS, SOFT
    chart.has_title = False
    chart.has_legend = len(plot.series) + len(plot.counted) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    values, categories = chart.value_axis, chart.category_axis
    values.format.line.fill.background()
    values.major_tick_mark = categories.major_tick_mark = XL_TICK_MARK.NONE
    values.minimum_scale = 0
    categories.format.line.color.rgb = SOFT
    _color(chart.plots[0], plot)
    if plot.kind == "bar":
        _name_values(chart, plot, form)
    else:
        values.has_major_gridlines = True
        values.major_gridlines.format.line.color.rgb = RULE
        values.tick_labels.number_format, values.tick_labels.number_format_is_linked = form, False
        if plot.kind != "line":
            chart.plots[0].gap_width = 40
    if plot.kind == "stacked":
        chart.plots[0].overlap = 100
    if plot.counted:
        _draw_strokes(chart, len(plot.counted))


def _draw_strokes(chart: Any, count: int) -> None:
    """The last ``count`` series as strokes without a line between them, on the same axes and in the same data sheet.

    python-pptx makes charts of one type alone: the series move into a line chart beside the columns (ECMA-376, 21.2.2.97).
    """
    columns = chart.plots[0]._element  # noqa: SLF001 - python-pptx has no name for it
    line = columns.makeelement(qn("c:lineChart"))
    for name, value in (("c:grouping", "standard"), ("c:varyColors", "0")):
        line.append(line.makeelement(qn(name), {"val": value}))
    for series in columns.findall(qn("c:ser"))[-count:]:
        for unfit in series.findall(qn("c:invertIfNegative")):
            series.remove(unfit)
        line.append(series)
    line.append(line.makeelement(qn("c:marker"), {"val": "1"}))
    line.extend(line.makeelement(qn("c:axId"), dict(axis.attrib)) for axis in columns.findall(qn("c:axId")))
    columns.addnext(line)
    for series in chart.plots[1].series:
        series.smooth = False
        series.format.line.fill.background()
        series.marker.style, series.marker.size = XL_MARKER_STYLE.DASH, _STROKE_PT
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = INK
        series.marker.format.line.color.rgb = INK


def _form(plot: Plot, language: Language) -> str:
    """Of numbers, in the report's language wherever the file is opened (40C: French)."""
    form = "0.0%" if plot.is_rate else "#,##0"
    return f"[$-40C]{form}" if language.is_french else form


def _color(drawn: Any, plot: Plot) -> None:
    """In the order of the page's inks; a period compared with in grey, what still grows pale."""
    inks = [RGBColor.from_string(one.lstrip("#").upper()) for one in theme("light")["range"]["category"]]
    for series, ink in zip(drawn.series, (DATA, BASE) if plot.kind == "compared" else inks, strict=False):
        if plot.kind == "line":
            series.format.line.color.rgb, series.format.line.width, series.smooth = ink, Pt(2), False
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = ink
            series.marker.format.line.color.rgb = ink
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = ink
    for number, is_pale in enumerate(plot.pale if plot.kind == "column" else ()):
        if is_pale:
            fill = drawn.series[0].points[number].format.fill
            fill.solid()
            fill.fore_color.rgb = PALE


def _name_values(chart: Any, plot: Plot, form: str) -> None:
    """Each bar says its value; no axis is needed then."""
    bars, values, categories = chart.plots[0], chart.value_axis, chart.category_axis
    bars.gap_width = 50
    categories.reverse_order = True
    categories.format.line.fill.background()
    values.has_major_gridlines = False
    values.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    values.maximum_scale = 1.2 * max((one for line in plot.series.values() for one in line if one), default=1)
    bars.has_data_labels = True
    labels = bars.data_labels
    labels.number_format, labels.number_format_is_linked = form, False
    labels.font.size, labels.font.color.rgb = Pt(11), INK
    labels._element.find(f".//{qn('a:bodyPr')}").set("wrap", "none")  # noqa: SLF001 - python-pptx has no name for it


def draw_heat(
    slide: Any,
    cells: Sequence[Sequence[float | None]],
    left: Length,
    top: Length,
    width: Length,
    *,
    language: Language,
) -> None:
    """A table whose cells are shaded: it can be edited, as a picture cannot."""
    shades = [one.lstrip("#") for one in theme("light")["range"]["heatmap"]]
    most = crest([value for line in cells for value in line if value is not None])
    frame = slide.shapes.add_table(8, 25, left, top, width, Inches(3.4))
    table = plain_table(frame)
    table.columns[0].width = Inches(0.75)
    for column in range(1, 25):
        table.columns[column].width = Emu(int((width - Inches(0.75)) / 24))
        fill_cell(table.cell(0, column), str(column - 1), 8, SOFT, align=PP_ALIGN.CENTER)
    for number, (name, line) in enumerate(zip(language.weekday_names(), cells, strict=True), 1):
        fill_cell(table.cell(number, 0), name, 10, INK)
        for hour, value in enumerate(line, 1):
            cell = table.cell(number, hour)
            step = 0 if value is None else min(int(value / most * len(shades)), len(shades) - 1)
            color = RGBColor.from_string("FFFFFF") if step >= 3 else INK
            shown = language.number(value, digits=0)
            fill_cell(cell, shown, 7 if len(shown) < 4 else 5.5, color, align=PP_ALIGN.CENTER)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(shades[step].upper())
