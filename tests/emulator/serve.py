"""local-bigquery 0.3.2 with one fault mended, and one list of tables read faster.

Its MERGE begins a transaction of its own to see whether one is open, and DuckDB 1.5 answers that by aborting the
open one: no MERGE works between BEGIN TRANSACTION and COMMIT TRANSACTION. Every MERGE of Arcane stands there, so
that here a MERGE never begins a transaction.

Before each statement it asks duckdb_tables(), duckdb_views() and duckdb_columns() for one name, and these go through
every object of every dataset: half of the time that tests take. Here DuckLake's own tables are asked. Arcane has no table
partitioned by time of ingestion, for which alone the columns are asked. Everything else is the emulator's own.
"""

from typing import Any

import duckdb
from local_bigquery import cli
from local_bigquery.engine import database
from local_bigquery.jobs import merge
from local_bigquery.sql.rules import partitions

OBJECTS = """\
with
living as (select * from {metadata}.ducklake_schema where schema_name = $1 and end_snapshot is null)
select t.table_name, 'TABLE', coalesce(s.record_count, 0)
from {metadata}.ducklake_table as t
inner join living using (schema_id)
left join {metadata}.ducklake_table_stats as s on s.table_id = t.table_id
where t.end_snapshot is null and t.table_name = coalesce($2, t.table_name)
union all
select v.view_name, 'VIEW', 0
from {metadata}.ducklake_view as v
inner join living using (schema_id)
where v.end_snapshot is null and v.view_name = coalesce($2, v.view_name)
order by 1"""

REQUIRED = """\
select c.column_name
from {metadata}.ducklake_column as c
inner join {metadata}.ducklake_table as t on t.table_id = c.table_id and t.end_snapshot is null
inner join {metadata}.ducklake_schema as s on s.schema_id = t.schema_id and s.end_snapshot is null
where s.schema_name = ? and t.table_name = ? and c.end_snapshot is null and not c.nulls_allowed"""


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


def objects(project_id: str, dataset_id: str, table_id: str | None = None) -> list[tuple[str, str, int]]:
    """Name, kind and number of rows of what lies in a dataset."""
    if project_id == "emulator":  # results of queries: no lake
        return all_objects(project_id, dataset_id, table_id)
    return all_rows(OBJECTS.format(metadata=metadata(project_id)), [dataset_id, table_id])


def rows(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Those of a query of the emulator's own; of the one that asks for required columns, out of the lake."""
    if parameters and parameters[0] != "emulator" and sql.endswith("NOT is_nullable"):
        return all_rows(REQUIRED.format(metadata=metadata(parameters[0])), parameters[1:])
    return all_rows(sql, parameters)


def metadata(project_id: str) -> str:
    return database.quote(f"__ducklake_metadata_{project_id}")


all_objects, database.objects = database.objects, objects
all_rows, database.fetch = database.fetch, rows
partitions._hidden = lambda _: False
inner = merge.run
merge.run = lambda cursor, tree, context: inner(InTransaction(cursor), tree, context)

if __name__ == "__main__":
    cli.main()
