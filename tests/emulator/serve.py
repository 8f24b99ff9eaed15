"""local-bigquery 0.3.2 with one fault mended.

Its MERGE begins a transaction of its own to see whether one is open, and DuckDB 1.5 answers that by aborting the
open one: no MERGE works between BEGIN TRANSACTION and COMMIT TRANSACTION. Every MERGE of Arcane stands there, so
that here a MERGE never begins a transaction. Everything else is the emulator's own.
"""

from typing import Any

import duckdb
from local_bigquery import cli
from local_bigquery.jobs import merge


class InTransaction:
    """A cursor that refuses to begin."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, sql: str, *parameters: Any) -> Any:
        if sql == "BEGIN":
            raise duckdb.TransactionException("a transaction is open")
        return self._cursor.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


inner = merge.run
merge.run = lambda cursor, tree, context: inner(InTransaction(cursor), tree, context)

if __name__ == "__main__":
    cli.main()
