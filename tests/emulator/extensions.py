"""Put DuckDB's extensions where the emulator's DuckDB finds them without the network."""

import duckdb
from duckdb_extensions import import_extension

connection = duckdb.connect()
for name in ("icu", "ducklake", "spatial"):
    import_extension(name, con=connection)
