"""An answer as a file that a French spreadsheet opens by a double click, or any other in English.

A text that a spreadsheet would take for a formula begins with an apostrophe; ids are texts already, and long: the file
writes them as addresses' last part does, in quotes.
"""

from __future__ import annotations

import csv as writer
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from starlette.responses import Response

from arcane.serve.cells import harmless
from arcane.serve.language import Language
from arcane.warehouse.interface import Result


def csv(result: Result, *, name: str, language: Language, zone: str) -> Response:
    """Semicolons, commas for decimals, local dates and a mark of UTF-8 in French; RFC 4180 and ISO in English."""
    file = io.StringIO(newline="")
    delimiter = ";" if language.is_french else ","
    out = writer.writer(file, delimiter=delimiter, quoting=writer.QUOTE_ALL, lineterminator="\r\n")
    out.writerow(result.columns)
    out.writerows([_cell(value, language=language, zone=zone) for value in row] for row in result.rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(file.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object, *, language: Language, zone: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return language.text("oui", "yes") if value else language.text("non", "no")
        case int():
            return str(value)
        case float() | Decimal():
            text = f"{value:.6f}"
            return text.replace(".", ",") if language.is_french else text
        case datetime():
            local = value.astimezone(ZoneInfo(zone))
            return f"{local:%d/%m/%Y %H:%M:%S}" if language.is_french else local.isoformat()
        case date():
            return f"{value:%d/%m/%Y}" if language.is_french else value.isoformat()
        case list():
            return harmless(", ".join(map(str, value)))
    return harmless(str(value))
