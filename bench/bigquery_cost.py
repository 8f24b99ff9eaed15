"""What BigQuery would bill for a DuckDB file's kind of tweets, on paper; docs/bigquery-cost.md explains it.

    .venv/bin/arcane demo && .venv/bin/python bench/bigquery_cost.py data/arcane.duckdb

Bytes a row are measured on the file's own rows: as Parquet (zstd, what a load job sends) and as BigQuery counts them
("logical bytes": 2 + UTF-8 length for a string, 8 for numbers, dates and times, 1 for a bool, 0 for NULL). Everything
else is arithmetic on Google's list prices; nothing here asked Google.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from arcane import tables
from arcane.tables import Span
from arcane.warehouse.bigquery import _parquet

GIB: Final = 1024**3
TIB: Final = 1024**4
SCAN_USD: Final = 6.25  # a TiB on demand
FREE_SCAN: Final = 1 * TIB  # a month and billing account
STORAGE_USD: Final = 0.02  # a GiB and month, active logical
FREE_STORAGE: Final = 10 * GIB
MIN_SCAN: Final = 10 * 1024**2  # a table and query
X_USD: Final = 0.005  # a post read
X_CAP: Final = 3_000_000  # posts a month without an Enterprise contract
SLICE: Final = 10_000  # tweets a commit
DAYS: Final = 30
ROWS: Final = ("tweets", "tracker_tweets", "tweet_snapshots", "authors", "media", "tweet_media", "media_snapshots",
               "pages")  # fmt: skip


@dataclass(frozen=True)
class Size:
    """Of one table: bytes a row, and rows a tweet."""

    parquet: float
    logical: float
    rows: float

    @property
    def a_tweet(self) -> float:
        return self.logical * self.rows


def logical_bytes(column: pa.ChunkedArray) -> int:
    """As docs.cloud.google.com/bigquery/pricing#data counts them."""
    kind = column.type
    if pa.types.is_list(kind):
        return logical_bytes(pc.list_flatten(column))
    count = len(column) - column.null_count
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return 2 * count + int(pc.sum(pc.binary_length(column)).as_py() or 0)
    return count if pa.types.is_boolean(kind) else 8 * count


def measure(path: Path) -> dict[str, Size]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = {name: connection.table(name).to_arrow_table() for name in ROWS}
    tweet_count = found["tweets"].num_rows
    sizes = {}
    for name, rows in found.items():
        count = rows.num_rows or 1
        logical = sum(logical_bytes(column) for column in rows.columns)
        sizes[name] = Size(len(_parquet(rows)) / count, logical / count, rows.num_rows / tweet_count)
    print(f"{tweet_count:,} tweets in {path.name}\n")
    print("| table | rows a tweet | Parquet bytes a row | logical bytes a row | logical bytes a tweet |")
    print("|---|---|---|---|---|")
    for name, size in sizes.items():
        print(f"| {name} | {size.rows:.2f} | {size.parquet:.0f} | {size.logical:.0f} | {size.a_tweet:.0f} |")
    parquet = sum(size.parquet * size.rows for size in sizes.values())
    print(f"| **all** | | **{parquet:.0f} a tweet** | | **{sum(size.a_tweet for size in sizes.values()):.0f}** |\n")
    return sizes


def scanned_a_commit(sizes: dict[str, Size], tweets_a_day: int) -> float:
    """Bytes that one commit's MERGEs are billed for, at the end of a month, when the month's partitions are full.

    Twice what they may touch: once to read, once to update. A table without partitions is touched whole: taken as a
    year of rows. The staging tables and the small ones count at least 10 MiB each.
    """
    batch = min(SLICE, tweets_a_day)
    total = 0.0
    for name, size in sizes.items():
        table = tables.BY_NAME[name]
        days = 365 if table.bound is None else 1 if table.span is Span.DAY else DAYS
        rows = tweets_a_day * days
        total += max(2 * rows * size.a_tweet, MIN_SCAN) + max(batch * size.a_tweet, MIN_SCAN)
    return total + 3 * MIN_SCAN  # lease twice, coverage


def usd(value: float) -> str:
    return f"${value:,.2f}" if value < 100 else f"${value:,.0f}"


def costs(sizes: dict[str, Size]) -> None:
    a_tweet = sum(size.a_tweet for size in sizes.values())
    text, counters = sizes["tweets"].logical, 5 * 8
    heads = ("tweets a day", "commits a month", "a commit scans", "commits scan", "questions scan", "on demand")
    line(*heads, "storage after a year", "**BigQuery a month**", "X a month")
    print("|---" * 9 + "|")
    for tweets_a_day in (1_000, 10_000, 100_000, 1_000_000):
        commits = DAYS * max(1, round(tweets_a_day / SLICE)) + DAYS  # and the record of the run
        commit = scanned_a_commit(sizes, tweets_a_day)
        written = DAYS * max(1, round(tweets_a_day / SLICE)) * commit + DAYS * 4 * MIN_SCAN
        month = DAYS * tweets_a_day
        asked = 20 * DAYS * (month * counters) + DAYS * month * text  # twenty charts a day, one search in the texts
        scan_usd = max(0.0, written + asked - FREE_SCAN) / TIB * SCAN_USD
        stored = 365 * tweets_a_day * a_tweet
        storage_usd = max(0.0, stored - FREE_STORAGE) / GIB * STORAGE_USD
        line(
            f"{tweets_a_day:,}",
            f"{commits}",
            f"{commit / GIB:.2f} GiB",
            f"{written / TIB:.2f} TiB",
            f"{asked / TIB:.2f} TiB",
            usd(scan_usd),
            f"{stored / GIB:.1f} GiB, {usd(storage_usd)}",
            f"**{usd(scan_usd + storage_usd)}**",
            usd(month * X_USD) if month <= X_CAP else "by contract",
        )


def line(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path, help="a DuckDB file that Arcane filled")
    path = parser.parse_args().path
    if not path.exists():
        sys.exit(f"{path} does not exist: make demo makes data/arcane.duckdb")
    costs(measure(path))


if __name__ == "__main__":
    main()
