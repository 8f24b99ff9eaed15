"""« Synthèse »: the first sheet of a workbook, which a consultant reads, prints and sends.

What was exported and how whole it is, the ten key figures, two charts that Excel draws from « Par jour », and what each
column means. Rows are written from top to bottom: a workbook that keeps none in memory wants it so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from arcane.serve.extract import Cover
from arcane.serve.language import FRENCH, HARD, spaced

NAME: Final = "Synthèse"
INK: Final = "#1d3b5a"
PERCENT: Final = f'0.0"{HARD}"%'
BLUE: Final = "#2f5d8a"
HEAD: Final = {"bold": True, "font_color": "#ffffff", "bg_color": INK, "valign": "vcenter", "text_wrap": True}
HEAD_PT: Final = 30
_OCHRE: Final = "#cf8a2c"
_PALE_OCHRE: Final = "#ecd6b4"
_SOFT: Final = "#5c5953"
_RULE: Final = "#ddd9cf"
_PAPER: Final = "#f4f1e9"
_DAYS: Final = "Par jour"
_COLUMNS: Final = 10  # of the sheet, two a tile
_LINE: Final = 115  # signs that a definition has on a line
_WIDE_LINE: Final = 140  # the same over the whole sheet
_CHART_ROWS: Final = 13
_ROW_PT: Final = 15.0  # of a row whose height is Excel's own
_PAGE_PT: Final = 505.0  # that A4 on its side has between its margins, less what printers differ by
_WIDEST: Final = 94  # percent at which the columns fit its width
_KEY_FIGURES: Final = (
    ("tweet_count", "Publications"),
    ("author_count", "Auteurs"),
    ("interaction_count", "Interactions"),
    ("engagement_rate", "Taux d'engagement"),
    ("impression_count", "Impressions"),
    ("like_count", "J'aime"),
    ("retweet_count", "Retweets"),
    ("reply_count", "Réponses reçues"),
    ("video_view_count", "Vues des vidéos"),
    ("coverage_rate", "Couverture"),
)
_DAY_TITLES: Final = ("Jour", "Publications", "Interactions", "Impressions", "Couverture", "Provisoire")
_DAY_FORMATS: Final = ("dd/mm/yyyy", "#,##0", "#,##0", "#,##0", PERCENT, "General")


def write(book: xlsxwriter.Workbook, sheet: Worksheet, cover: Cover, *, row_count: int, sheets: Sequence[str]) -> None:
    """Fill ``sheet``, and add « Par jour » after the others where there are days."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(INK)
    sheet.set_column(0, 0, 2)
    sheet.set_column(1, _COLUMNS, 13.5)
    page = _Page(book, sheet)
    page.title(cover.title)
    page.subtitle(cover.subtitle)
    if cover.totals is not None:
        page.figures(cover.totals)
    if cover.days:
        page.charts(cover.days, _by_day(book, cover.days))
    page.section("Ce que contient ce classeur")
    many = " à ".join(dict.fromkeys((f"« {sheets[0]} »", f"« {sheets[-1]} »")))
    held = f"{FRENCH.number(row_count)} {'lignes' if row_count > 1 else 'ligne'} {cover.source}, feuille"
    page.facts([("Données", spaced(f"{held}{'s' if len(sheets) > 1 else ''} {many}")), *cover.facts])
    if cover.days:
        page.turn()
    else:
        printed(sheet)
    page.section("Définitions")
    page.facts([(name, _told(sens)) for name, sens in cover.definitions])
    page.note(
        "Une cellule vide est une valeur inconnue, jamais un zéro. Les heures sont celles du fuseau indiqué ; les "
        "compteurs sont ceux de la dernière lecture, et un jour provisoire, lu moins de sept jours après, va encore "
        "croître : il ne se compare pas aux précédents."
    )


def printed(sheet: Worksheet, *, scale: int | None = None) -> None:
    """A4, on its side, its name and number below; one page wide where no ``scale`` (in percent) is given."""
    sheet.set_landscape()
    sheet.set_paper(9)
    if scale is None:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.set_print_scale(scale)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&8Arcane · &A&R&8&P / &N")


def _told(sens: str) -> str:
    """What a column means in a workbook, where nothing is NULL and moments are local."""
    return spaced(sens.replace("NULL", "vide").replace("(UTC)", "(heure locale)"))


class _Page:
    """The sheet, from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        self._book = book
        self._sheet = sheet
        self._row = 0
        self._height_pt = 0.0

    def title(self, text: str) -> None:
        self._tall(34)
        self._line(text, bold=True, font_size=20, font_color=INK)

    def subtitle(self, text: str) -> None:
        if text:
            self._tall(7 + _ROW_PT * math.ceil(len(text) / _WIDE_LINE))
            self._line(spaced(text), font_size=11, font_color=_SOFT, text_wrap=True)
        self._gap(10)

    def turn(self) -> None:
        """What stands above is printed on one page, what follows on others. Excel breaks no page that it fits itself."""
        printed(self._sheet, scale=min(_WIDEST, int(100 * _PAGE_PT / self._height_pt)))
        self._sheet.center_horizontally()
        self._sheet.set_h_pagebreaks([self._row])

    def section(self, text: str) -> None:
        self._gap(12)
        self._tall(24)
        self._line(text, bold=True, font_size=13, font_color=INK, bottom=1, bottom_color=INK)

    def figures(self, totals: Any) -> None:
        """Five tiles a row: what is counted above, its number below."""
        tile = {"bg_color": _PAPER, "indent": 1, "align": "left", "right": 5, "right_color": "#ffffff"}
        name = {**tile, "font_size": 10, "font_color": _SOFT, "valign": "bottom"}
        figure = {**tile, "font_size": 18, "bold": True, "font_color": INK, "valign": "vcenter"}
        for start in range(0, len(_KEY_FIGURES), 5):
            tiles = _KEY_FIGURES[start : start + 5]
            self._tall(20)
            for place, (_, label) in enumerate(tiles):
                self._merge(place * 2 + 1, 2, spaced(label), self._format(**name))
            self._row += 1
            self._tall(33)
            for place, (key, _) in enumerate(tiles):
                shown = PERCENT if key.endswith("_rate") else "#,##0"
                style = self._format(**figure, num_format=shown)
                self._merge(place * 2 + 1, 2, "–" if totals[key] is None else totals[key], style)
            self._row += 1
            self._gap(6)
        if totals["is_provisional"]:
            self._tall(18)
            self._line(
                "Chiffres provisoires : une partie de la période a été lue moins de sept jours après sa publication.",
                italic=True,
                font_color="#b8321a",
            )
        self._gap(8)

    def charts(self, days: Sequence[Sequence[Any]], sheet_name: str) -> None:
        for column, (title, series, colour) in enumerate(
            (("Publications par jour", 1, BLUE), ("Interactions des publications du jour", 2, _OCHRE))
        ):
            chart = self._book.add_chart({"type": "column"})
            points = [{"fill": {"color": _PALE_OCHRE}} if series == 2 and day[5] else None for day in days]
            chart.add_series(
                {
                    "name": title,
                    "categories": [sheet_name, 1, 0, len(days), 0],
                    "values": [sheet_name, 1, series, len(days), series],
                    "fill": {"color": colour},
                    "gap": 40,
                    "points": points if any(points) else None,
                }
            )
            pale = " (en pâle : provisoire)" if any(points) else ""
            chart.set_title({"name": title + spaced(pale), "name_font": {"size": 11, "color": INK}, "overlay": False})
            chart.set_legend({"none": True})
            axis_font = {"size": 8, "color": _SOFT}
            chart.set_x_axis(
                {
                    "date_axis": True,
                    "num_format": "dd/mm",
                    "num_font": axis_font,
                    "major_unit": max(1, math.ceil(len(days) / 10)),
                    "major_unit_type": "days",
                    "line": {"color": _RULE},
                    "major_tick_mark": "none",
                }
            )
            chart.set_y_axis(
                {
                    "num_format": "#,##0",
                    "num_font": axis_font,
                    "min": 0,
                    "major_gridlines": {"visible": True, "line": {"color": _RULE, "width": 0.5}},
                    "line": {"none": True},
                }
            )
            chart.set_chartarea({"border": {"color": _RULE}})
            chart.show_blanks_as("gap")
            chart.set_size({"width": 496, "height": _CHART_ROWS * 20 - 8})
            self._sheet.insert_chart(
                self._row, 1 + column * 5, chart, {"description": f"{title}, jour par jour", "x_offset": 2}
            )
        for _ in range(_CHART_ROWS):
            self._gap(_ROW_PT)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        cell = {"valign": "vcenter", "text_wrap": True, "bottom": 1, "bottom_color": _RULE}
        name, text = self._format(**cell, bold=True), self._format(**cell)
        for label, value in facts:
            self._tall(3 + _ROW_PT * max(math.ceil(len(value) / _LINE), math.ceil(len(label) / 30)))
            self._merge(1, 2, label, name)
            self._merge(3, _COLUMNS - 2, value, text)
            self._row += 1

    def note(self, text: str) -> None:
        self._gap(12)
        self._tall(34)
        self._line(spaced(text), italic=True, font_color=_SOFT, text_wrap=True, valign="top")

    def _tall(self, height_pt: float) -> None:
        """How high the row under way is."""
        self._sheet.set_row(self._row, height_pt)
        self._height_pt += height_pt

    def _gap(self, height_pt: float) -> None:
        self._tall(height_pt)
        self._row += 1

    def _line(self, text: str, **shown: Any) -> None:
        self._merge(1, _COLUMNS, text, self._format(**{"valign": "vcenter", **shown}))
        self._row += 1

    def _merge(self, column: int, width: int, value: Any, style: Format) -> None:
        """A value over several columns, typed; never a formula."""
        last = column + width - 1
        self._sheet.merge_range(self._row, column, self._row, last, "", style)
        if isinstance(value, str):
            self._sheet.write_string(self._row, column, value, style)
        else:
            self._sheet.write_number(self._row, column, value, style)

    def _format(self, **shown: Any) -> Format:
        return self._book.add_format(shown)


def _by_day(book: xlsxwriter.Workbook, days: Sequence[Sequence[Any]]) -> str:
    """What the charts are drawn from; returns the sheet's name."""
    sheet = book.add_worksheet(_DAYS)
    sheet.freeze_panes(1, 0)
    sheet.hide_gridlines(2)
    sheet.set_column(0, len(_DAY_TITLES) - 1, 15)
    sheet.set_row(0, HEAD_PT)
    head = book.add_format({**HEAD, "align": "right", "indent": 1})
    line = {"align": "right", "indent": 1, "bottom": 1, "bottom_color": _RULE}
    formats = [book.add_format({**line, "num_format": shown}) for shown in _DAY_FORMATS]
    for column, title in enumerate(_DAY_TITLES):
        sheet.write_string(0, column, title, head)
    for row, values in enumerate(days, start=1):
        for column, (value, style) in enumerate(zip(values, formats, strict=True)):
            match value:
                case bool():
                    sheet.write_string(row, column, "oui" if value else "non", style)
                case date():
                    sheet.write_datetime(row, column, value, style)
                case int() | float():
                    sheet.write_number(row, column, value, style)
                case None:
                    sheet.write_blank(row, column, None, style)
    printed(sheet)
    sheet.repeat_rows(0)
    return _DAYS
