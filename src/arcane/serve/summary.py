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
_OCHRE: Final = "#cf8a2c"
_PALE_OCHRE: Final = "#ecd6b4"
_SOFT: Final = "#5c5953"
_RULE: Final = "#ddd9cf"
_PAPER: Final = "#f4f1e9"
_DAYS: Final = "Par jour"
_COLUMNS: Final = 10  # of the sheet, two a tile
_LINE: Final = 105  # signs that a definition has on a line
_CHART_ROWS: Final = 15
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
    sheet.set_column(0, 0, 2)
    sheet.set_column(1, _COLUMNS, 13.5)
    printed(sheet)
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
    page.turn()
    page.section("Définitions")
    page.facts([(name, _told(sens)) for name, sens in cover.definitions])
    page.note(
        "Une cellule vide est une valeur inconnue, jamais un zéro. Les heures sont celles du fuseau indiqué ; les "
        "compteurs sont ceux de la dernière lecture, et un jour provisoire, lu moins de sept jours après, va encore "
        "croître : il ne se compare pas aux précédents."
    )


def printed(sheet: Worksheet, *, is_one_wide: bool = True) -> None:
    """A4, on its side, its name and number below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    if is_one_wide:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.set_print_scale(60)
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

    def title(self, text: str) -> None:
        self._sheet.set_row(self._row, 34)
        self._line(text, bold=True, font_size=20, font_color=INK)

    def subtitle(self, text: str) -> None:
        self._sheet.set_row(self._row, 22)
        self._line(spaced(text), font_size=11, font_color=_SOFT)
        self._row += 1

    def turn(self) -> None:
        """What follows is printed on a page of its own."""
        self._sheet.set_h_pagebreaks([self._row + 1])

    def section(self, text: str) -> None:
        self._row += 1
        self._sheet.set_row(self._row, 24)
        self._line(text, bold=True, font_size=13, font_color=INK, bottom=1, bottom_color=INK)

    def figures(self, totals: Any) -> None:
        """Five tiles a row: what is counted above, its number below."""
        name = {
            "font_size": 10,
            "font_color": _SOFT,
            "bg_color": _PAPER,
            "indent": 1,
            "align": "left",
            "valign": "bottom",
        }
        figure = {"font_size": 18, "bold": True, "font_color": INK, "bg_color": _PAPER, "indent": 1, "align": "left"}
        for start in range(0, len(_KEY_FIGURES), 5):
            tiles = _KEY_FIGURES[start : start + 5]
            self._sheet.set_row(self._row, 20)
            for place, (_, label) in enumerate(tiles):
                self._merge(place * 2 + 1, 2, spaced(label), self._format(**name))
            self._row += 1
            self._sheet.set_row(self._row, 33)
            for place, (key, _) in enumerate(tiles):
                shown = PERCENT if key.endswith("_rate") else "#,##0"
                style = self._format(**figure, num_format=shown, right=5, right_color="#ffffff")
                self._merge(place * 2 + 1, 2, "–" if totals[key] is None else totals[key], style)
            self._row += 1
            self._sheet.set_row(self._row, 6)
            self._row += 1
        if totals["is_provisional"]:
            self._line(
                "Chiffres provisoires : une partie de la période a été lue moins de sept jours après sa publication.",
                italic=True,
                font_color="#b8321a",
            )
        self._row += 1

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
        self._row += _CHART_ROWS

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        name = self._format(bold=True, valign="top", bottom=1, bottom_color=_RULE, text_wrap=True)
        text = self._format(valign="top", text_wrap=True, bottom=1, bottom_color=_RULE)
        for label, value in facts:
            self._sheet.set_row(self._row, 16.5 * max(math.ceil(len(value) / _LINE), math.ceil(len(label) / 30)))
            self._merge(1, 2, label, name)
            self._merge(3, _COLUMNS - 2, value, text)
            self._row += 1

    def note(self, text: str) -> None:
        self._row += 1
        self._sheet.set_row(self._row, 34)
        self._line(spaced(text), italic=True, font_color=_SOFT, text_wrap=True, valign="top")

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
    head = book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": INK})
    formats = [book.add_format({"num_format": shown}) for shown in _DAY_FORMATS]
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
    printed(sheet)
    return _DAYS
