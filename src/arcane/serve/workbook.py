"""An extract as an Excel workbook: « Synthèse » with what the numbers mean, « Données » with the rows, « Par jour ».

Up to ``_TABLE_ROWS`` rows the data are a real Excel table, which XlsxWriter builds in memory. Beyond, each row goes to
disk at once: the sheets then have a frozen header and a filter, and a million rows take the memory of a few thousand.
No cell is ever a formula, and texts are never turned into numbers or links; the one link is a tweet's own address.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, FileSizeError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from arcane.errors import ExportError
from arcane.serve import cells, summary
from arcane.serve.extract import Extract
from arcane.views import Named

_TABLE_ROWS: Final = 25_000
_SHEET_ROWS: Final = 1_048_575  # Excel's, less the header
_SHEET_BYTES: Final = 1_800_000_000  # of XML; beyond 2 GB Excel wants to repair the file
_SMALLEST: Final = 60  # percent at which pages side by side are printed
_PAGE_SIGNS: Final = 290  # of columns that fit on one page and can still be read there
_MEASURED_ROWS: Final = 2_000  # of which a column's width is told
_WIDEST: Final = 60
_WIDEST_TEXT: Final = 80
_LINE_PT: Final = 15.0
_ONLY_LINE_PT: Final = 14.25  # LibreOffice, whose lines are lower, shows little of a second one
_MOST_LINES: Final = 5  # of a text that are shown; the cell holds it whole
# How values are shown whose row tells what they measure; without a measure, as Excel would.
_UNITS: Final = {"": "General", "count": "#,##0", "rate": summary.PERCENT, "mean": "#,##0.0"}
_OWN_ADDRESS: Final = "https://x.com/"
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}


def write(
    extract: Extract,
    batches: Iterator[pa.RecordBatch],
    file: IO[bytes],
    *,
    folder: Path,
    table_rows: int = _TABLE_ROWS,
    sheet_rows: int = _SHEET_ROWS,
    sheet_bytes: int = _SHEET_BYTES,
) -> None:
    """Write the workbook into ``file``; ``folder`` holds its parts until then.

    Raises: OSError; ExportError if it would be larger than Excel opens.
    """
    first: list[pa.RecordBatch] = []
    for batch in batches:
        first.append(batch)
        if sum(one.num_rows for one in first) > table_rows:
            break
    is_small = sum(one.num_rows for one in first) <= table_rows
    sink = _Sink(file)
    book = xlsxwriter.Workbook(sink, {**_OPTIONS, "constant_memory": not is_small, "tmpdir": str(folder)})
    try:
        title = extract.cover.title if extract.cover is not None else ""
        book.set_properties({"title": title, "author": "Arcane", "company": ""})
        front = book.add_worksheet(summary.NAME) if extract.cover is not None else None
        data = _Data(book, extract, first, is_table=is_small, sheet_rows=sheet_rows, sheet_bytes=sheet_bytes)
        for batch in itertools.chain(first, batches):
            data.add(batch)
        data.end()
        if front is not None and extract.cover is not None:
            summary.write(book, front, extract.cover, row_count=data.count, sheets=data.names)
        book.close()
    except FileCreateError as exc:
        raise OSError(*getattr(exc.args[0], "args", exc.args)) from exc
    except FileSizeError as exc:
        raise ExportError(
            "the workbook would be larger than the 2 GB that Excel opens: narrow the period, or export to .parquet"
        ) from exc
    finally:
        sink.is_over = True
        for sheet in book.worksheets():
            if sheet.constant_memory:
                with contextlib.suppress(OSError):
                    sheet.row_data_fh.close()


class _Sink:
    """A file that takes nothing more once it is over: a ZIP that has failed writes its end when it is thrown away."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.is_over = False

    def write(self, data: bytes) -> int:
        return len(data) if self.is_over else self._file.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self.is_over else self._file.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self.is_over else self._file.tell()

    def flush(self) -> None:
        if not self.is_over:
            self._file.flush()


class _Data:
    """The sheets of rows, one after the other. ``first``: the rows whose texts tell how wide the columns are."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        extract: Extract,
        first: Sequence[pa.RecordBatch],
        *,
        is_table: bool,
        sheet_rows: int,
        sheet_bytes: int,
    ) -> None:
        self.names: list[str] = []
        self.count = 0
        self._book = book
        self._extract = extract
        self._is_table = is_table
        self._sheet_rows = sheet_rows
        self._sheet_bytes = sheet_bytes
        types = extract.batches.schema.types
        self._formats = {
            unit: [_format(book, one, found, shown) for one, found in zip(extract.columns, types, strict=True)]
            for unit, shown in _UNITS.items()
        }
        named = zip(extract.columns, types, strict=True)
        self._measure = next(
            (place for place, (one, found) in enumerate(named) if one.name == "measure" and _is_text(found)), None
        )
        # The button of the filter stands on the last signs of a title that ends at the cell's edge.
        left, right = {**summary.HEAD, "align": "left", "indent": 1}, {**summary.HEAD, "align": "right", "indent": 2}
        self._heads = [book.add_format(left if _is_text(found) else right) for found in types]
        shown = pa.Table.from_batches(first, extract.batches.schema).slice(0, _MEASURED_ROWS)
        self._widths = [_width(one, values) for one, values in zip(extract.columns, shown.columns, strict=True)]
        self._next_sheet()

    def add(self, batch: pa.RecordBatch) -> None:
        if not self._is_table and os.fstat(self._sheet.row_data_fh.fileno()).st_size > self._sheet_bytes:
            self._end_sheet()
            self._next_sheet()
        columns = [cells.typed(column, zone=self._extract.zone) for column in batch.columns]
        for row in zip(*columns, strict=True):
            if self._row == self._sheet_rows:
                self._end_sheet()
                self._next_sheet()
            self._row += 1
            if self._is_table and (lines := _row_lines(row, self._widths)) > 1:
                self._sheet.set_row(self._row, lines * _LINE_PT)
            formats = self._formats["" if self._measure is None else _unit(row[self._measure] or "")]
            for column, (value, write, style) in enumerate(zip(row, self._writers, formats, strict=True)):
                if value is not None:
                    write(self._row, column, value, style)
            self.count += 1

    def end(self) -> None:
        self._end_sheet()

    def _next_sheet(self) -> None:
        name = f"Données {len(self.names) + 1}" if self.names else "Données"
        self.names.append(name)
        self._sheet = self._book.add_worksheet(name)
        self._row = 0
        columns, types = self._extract.columns, self._extract.batches.schema.types
        self._writers = [self._writer(one, found) for one, found in zip(columns, types, strict=True)]
        self._sheet.freeze_panes(1, 0)
        if not self._is_table:  # heights of its rows' own would be kept in memory: one line of each text is shown
            self._sheet.set_default_row(_ONLY_LINE_PT)
        self._sheet.set_row(0, summary.HEAD_PT)
        for number, (one, width, head) in enumerate(zip(columns, self._widths, self._heads, strict=True)):
            self._sheet.set_column(number, number, width)
            self._sheet.write_string(0, number, one.fr, head)
        self._sheet.repeat_rows(0)
        if sum(self._widths) < _PAGE_SIGNS:
            summary.printed(self._sheet)
            return
        summary.printed(self._sheet, scale=_SMALLEST)
        self._sheet.print_across()
        self._sheet.repeat_columns(0, _leading(columns) - 1)

    def _end_sheet(self) -> None:
        last = len(self._extract.columns) - 1
        if self._is_table:
            self._sheet.add_table(
                0,
                0,
                max(self._row, 1),  # Excel wants a row
                last,
                {
                    "name": "Donnees",
                    "style": "Table Style Light 1",
                    "columns": [
                        {"header": one.fr, "header_format": head}
                        for one, head in zip(self._extract.columns, self._heads, strict=True)
                    ],
                },
            )
        else:
            self._sheet.autofilter(0, 0, self._row, last)
        for number, found in enumerate(self._extract.batches.schema.types):
            if pa.types.is_string(found) and self._row:
                column = xlsxwriter.utility.xl_col_to_name(number)
                self._sheet.ignore_errors({"number_stored_as_text": f"{column}2:{column}{self._row + 1}"})

    def _writer(self, one: Named, found: pa.DataType) -> Any:
        """How a value of the column gets into its cell: what its type says, never what it looks like."""
        sheet = self._sheet
        if pa.types.is_boolean(found):
            return sheet.write_boolean
        if pa.types.is_temporal(found):
            return sheet.write_datetime
        if _is_text(found):
            return _linked(sheet) if one.name == "url" and self._is_table else _text(sheet)
        return sheet.write_number


def _text(sheet: Worksheet) -> Callable[[int, int, str, Format], object]:
    def write(row: int, column: int, value: str, style: Format) -> object:
        # XlsxWriter takes what lies between these two for a rich text, as it stands.
        return sheet.write_string(row, column, f" {value}" if value.startswith("<r>") else value, style)

    return write


def _linked(sheet: Worksheet) -> Callable[[int, int, str, Format], object]:
    """Excel takes 65,530 links a sheet: a table has fewer rows."""
    text = _text(sheet)

    def write(row: int, column: int, value: str, style: Format) -> object:
        if value.startswith(_OWN_ADDRESS) and value.isascii() and value.isprintable() and " " not in value:
            return sheet.write_url(row, column, value, style, value)
        return text(row, column, value, style)

    return write


def _is_text(found: pa.DataType) -> bool:
    return bool(pa.types.is_string(found) or pa.types.is_list(found))


def _leading(columns: Sequence[Named]) -> int:
    """How many columns at the front tell which row it is, to be printed on each of pages side by side."""
    ranks = itertools.takewhile(lambda one: one.name.endswith("_rank"), columns)
    keys = itertools.takewhile(lambda one: one.name in {"tracker", "tweet_id"}, columns)
    return len(list(ranks)) or len(list(keys)) or 1


def _row_lines(row: Sequence[Any], widths: Sequence[float]) -> int:
    """What its longest text takes, up to ``_MOST_LINES``."""
    lines = (
        sum(max(1, math.ceil(len(part) / (width - 2))) for part in value.split("\n"))
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    )
    return min(max(lines, default=1), _MOST_LINES)


def _unit(measure: str) -> str:
    """What a row's values count, where each row has a measure of its own; a key of ``_UNITS``."""
    return "rate" if measure.endswith("_rate") else "mean" if "_per_" in measure else "count"


def _format(book: xlsxwriter.Workbook, one: Named, found: pa.DataType, measured: str) -> Format:
    """By type, and by the unit that the name's end tells; numbers are written as Excel stores them, in English.

    ``measured``: of values whose unit the row tells.
    """
    shown: dict[str, Any] = {"valign": "top", "align": "left" if _is_text(found) else "right", "indent": 1}
    if pa.types.is_timestamp(found):
        shown["num_format"] = "dd/mm/yyyy hh:mm:ss"
    elif pa.types.is_date(found):
        shown["num_format"] = "dd/mm/yyyy"
    elif _is_text(found):
        shown |= {"num_format": "@", "text_wrap": True}
    elif one.name == "growth_rate":
        shown["num_format"] = ";".join(sign + summary.PERCENT for sign in ("+", "-", ""))
    elif one.name.endswith(("_rate", "_share")):
        shown["num_format"] = summary.PERCENT
    elif one.name.endswith("usd"):
        shown["num_format"] = '#,##0.00 "$"'
    elif one.name in {"value", "base_value"}:
        shown["num_format"] = measured
    elif pa.types.is_floating(found) or pa.types.is_decimal(found):
        shown["num_format"] = "#,##0.00"
    elif pa.types.is_integer(found):
        shown["num_format"] = "#,##0"
    if one.name == "url":
        shown |= {"font_color": summary.BLUE, "underline": 1}
    return book.add_format(shown)


def _width(one: Named, values: pa.ChunkedArray) -> float:
    """In signs: the title beside the filter's button, what numbers and moments take, and the longest text seen."""
    title = len(one.fr) + 5
    if pa.types.is_timestamp(values.type):
        return max(20, title)
    if not pa.types.is_string(values.type):
        return max(30 if pa.types.is_list(values.type) else 12, title)
    longest = pc.max(pc.utf8_length(values)).as_py() or 0
    return max(12, title, min(longest + 3, _WIDEST_TEXT if one.name in {"text", "meaning"} else _WIDEST))
