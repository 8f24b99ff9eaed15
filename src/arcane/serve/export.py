"""Rows → a file: XLSX for people, CSV for a spreadsheet in French or English, CSV and Parquet for programs.

Rows are written as they come: memory is that of a few thousand. ``write`` puts them into any binary file; ``save`` into
a path, which holds the whole file or what it held before, whatever happens on the way.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from arcane.errors import ConfigError, ExportError
from arcane.serve import cells, workbook
from arcane.serve.extract import Extract

_PARQUET_ROWS: Final = 100_000  # a row group


class Format(StrEnum):
    """How a file is written."""

    XLSX = "xlsx"
    CSV_FR = "csv-fr"
    CSV_EN = "csv-en"
    CSV = "csv"
    PARQUET = "parquet"


_BY_SUFFIX: Final = {".xlsx": Format.XLSX, ".csv": Format.CSV_FR, ".parquet": Format.PARQUET}


def format_of(path: Path, said: str | None) -> Format:
    """What was said, or what the name tells: ``.csv`` is for a French Excel. Raises: ConfigError."""
    if said is not None:
        if said not in set(Format):
            raise ConfigError(f"--format {said} is not known: use {', '.join(Format)}")
        return Format(said)
    if path.suffix.lower() not in _BY_SUFFIX:
        raise ConfigError(
            f"the name {path.name} does not tell the format: end it with {', '.join(_BY_SUFFIX)}, or say --format"
        )
    return _BY_SUFFIX[path.suffix.lower()]


def save(extract: Extract, path: Path, *, kind: Format, after: Callable[[int], None]) -> int:
    """Write the file beside ``path`` and put it in its place; returns its rows. ``after`` hears of each few thousand.

    Raises: ConfigError if that is no place for a file; ExportError if there is no room; SqlError.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder: name a file in it")
    try:
        with tempfile.TemporaryDirectory(prefix=".arcane-export-", dir=path.parent) as folder:
            made = Path(folder) / "export"
            with made.open("w+b") as file:
                count = write(extract, file, kind=kind, folder=Path(folder), after=after)
            made.replace(path)
            return count
    except FileNotFoundError as exc:
        raise ConfigError(f"the folder {path.parent} does not exist: make it, or name another file") from exc
    except (PermissionError, NotADirectoryError) as exc:
        raise ConfigError(f"{path} cannot be written ({exc.strerror}): close the file, or name another") from exc
    except OSError as exc:
        raise ExportError(
            f"{path} cannot be written ({exc.strerror or exc}): make room there and export again"
        ) from exc


def write(
    extract: Extract,
    file: IO[bytes],
    *,
    kind: Format,
    folder: Path,
    after: Callable[[int], None],
) -> int:
    """Write the rows into ``file``, which stays open; ``folder`` is for what a workbook puts aside on the way.

    Raises: OSError, ExportError, SqlError.
    """
    count = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for batch in extract.batches.rows:
            yield batch
            count += batch.num_rows
            after(batch.num_rows)

    titles = [one.fr for one in extract.columns]
    match kind:
        case Format.XLSX:
            workbook.write(extract, counted(), file, folder=folder)
        case Format.CSV_FR:
            rows = (_written(extract, batch, cells.french) for batch in counted())
            _csv(titles, rows, file, is_marked=True, delimiter=";", quoting=csv.QUOTE_ALL)
        case Format.CSV_EN:
            rows = (_written(extract, batch, cells.english) for batch in counted())
            _csv(titles, rows, file, is_marked=True, delimiter=",", quoting=csv.QUOTE_ALL)
        case Format.CSV:
            rows = (_plain(batch) for batch in counted())
            _csv(titles, rows, file, is_marked=False, delimiter=",", quoting=csv.QUOTE_MINIMAL)
        case Format.PARQUET:
            _parquet(titles, extract.batches.schema, counted(), file)
    return count


def _csv(
    titles: Sequence[str], batches: Iterator[list[list[str]]], file: IO[bytes], *, is_marked: bool, **dialect: Any
) -> None:
    """UTF-8, ``is_marked`` as such at its beginning: Excel takes it for Windows-1252 otherwise."""
    lines = io.StringIO(newline="")
    out = csv.writer(lines, lineterminator="\r\n", **dialect)
    if is_marked:
        lines.write("\ufeff")
    out.writerow(titles)
    for columns in batches:
        out.writerows(zip(*columns, strict=True))
        file.write(lines.getvalue().encode())
        lines.seek(0)
        lines.truncate()
    file.write(lines.getvalue().encode())


def _written(extract: Extract, batch: pa.RecordBatch, write: Callable[..., list[str]]) -> list[list[str]]:
    named = zip(extract.columns, batch.columns, strict=True)
    return [write(one.name, column, zone=extract.zone) for one, column in named]


def _plain(batch: pa.RecordBatch) -> list[list[str]]:
    return [cells.plain(column) for column in batch.columns]


def _parquet(titles: Sequence[str], schema: pa.Schema, batches: Iterator[pa.RecordBatch], file: IO[bytes]) -> None:
    """Types as the warehouse has them."""
    schema = pa.schema([pa.field(title, found) for title, found in zip(titles, schema.types, strict=True)])
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(file, schema, compression="zstd") as out:
        for batch in batches:
            waiting.append(batch.rename_columns(titles))
            if sum(one.num_rows for one in waiting) >= _PARQUET_ROWS:
                out.write_table(pa.Table.from_batches(waiting, schema))
                waiting.clear()
        if waiting:
            out.write_table(pa.Table.from_batches(waiting, schema))
