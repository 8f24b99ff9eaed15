"""Stands in for BigQuery's jobs: one query, run by Arcane's own reader, told in the words of BigQuery's API.

Standard input: JSON with ``path`` of the warehouse, ``sql``, and ``parameters`` as jobs.query takes them. Standard
output: JSON with ``fields`` of the schema, and ``rows`` of texts or null; times in microseconds.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from arcane.warehouse import dialect
from arcane.warehouse.duckdb import DuckDBReader

_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "INTEGER",
    "HUGEINT": "INTEGER",
    "INTEGER": "INTEGER",
    "DOUBLE": "FLOAT",
    "DATE": "DATE",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "BOOLEAN": "BOOLEAN",
}


def answer(path: Path, sql: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """``fields`` and ``rows``."""
    bound = {
        one["name"]: date.fromisoformat(one["parameterValue"]["value"])
        if one["parameterType"]["type"] == "DATE"
        else one["parameterValue"]["value"]
        for one in parameters
    }
    with contextlib.closing(DuckDBReader(path, threads=1)) as reader:
        found = reader.query(sql, bound)
        described = reader._connection.execute(f"describe {dialect.select(sql)}", bound).fetchall()
    fields = [{"name": name, "type": _TYPES[kind]} for name, kind, *_ in described]
    return {"fields": fields, "rows": [[told(value) for value in row] for row in found.rows]}


def told(value: object) -> str | None:
    """One value as BigQuery's API writes it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(round((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000))
        case date():
            return value.isoformat()
        case float():
            return repr(value)
        case _:
            return str(value)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(answer(Path(asked["path"]), asked["sql"], asked["parameters"]), sys.stdout)
