"""Google's own GoogleSQL analyzer and executor (PyPI zetasql), without a server.

Compiling its WebAssembly takes 15 s and a gigabyte, once: the machine code is kept in ``.cache/``, named after
the versions that made it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tzdata
import wasmtime
import zetasql.wasi
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options
from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

from arcane import tables
from arcane.tables import Table

CACHE = Path(__file__).parent.parent.parent / ".cache"
# The analyzer with everything switched on takes more than BigQuery does.
NOT_IN_BIGQUERY = {
    "FEATURE_V_1_1_ARRAY_EQUALITY",
    "FEATURE_JSON_TYPE_COMPARISON",
    "FEATURE_V_1_2_GROUP_BY_ARRAY",
    "FEATURE_V_1_3_CONCAT_MIXED_TYPES",
}
_KINDS = {
    "INT64": type_pb2.TYPE_INT64,
    "STRING": type_pb2.TYPE_STRING,
    "BOOL": type_pb2.TYPE_BOOL,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "DATE": type_pb2.TYPE_DATE,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
}
# What is made of views' own text.
OF_VIEWS = ("create or replace view", "create or replace table function", "kept_")
_EPOCH = date(1970, 1, 1)
_STAGING = re.compile(r"\bstaging_\w+?_(" + "|".join(sorted(tables.BY_NAME, key=len, reverse=True)) + r"|sources)\b")
_SOURCES = [("source", "STRING")]


class NotGoogleSQL(Exception):
    """The analyzer's own words."""


class NoSuchTable(NotGoogleSQL):
    """A name that the contract does not have."""


class Judge:
    """Analyses statements over the tables of the contract and their staging; runs queries over given rows."""

    def __init__(self) -> None:
        self._wasm = _Wasm()
        self._known: set[str] = set()
        language = self._wasm.call(
            "GetLanguageOptions",
            service.LanguageOptionsRequest(maximum_features=True),
            options_pb2.LanguageOptionsProto,
        )
        language.product_mode = public_options.PRODUCT_EXTERNAL
        language.supported_statement_kinds.clear()
        names = {public_options.LanguageFeature.Value(name): name for name in public_options.LanguageFeature.keys()}  # noqa: SIM118 - a protobuf enum
        kept = [one for one in language.enabled_language_features if names[one] not in NOT_IN_BIGQUERY]
        assert len(language.enabled_language_features) - len(kept) == len(NOT_IN_BIGQUERY)
        del language.enabled_language_features[:]
        language.enabled_language_features.extend(kept)
        self._language = language

    def hear(self, heard: dict[str, dict[str, str]]) -> None:
        """Each SQL text with its parameters' types must be good. Raises: NotGoogleSQL."""
        for sql, parameters in heard.items():
            for statement in split(sql):
                if any(told in statement for told in OF_VIEWS):
                    continue  # tests/sql has every view executed
                plain = re.sub(r"staging_(rebuild_)?[0-9a-zA-Z]+_", "staging_x_", statement)
                if plain not in self._known:
                    with contextlib.suppress(NoSuchTable):  # a view; the emulator misses it where it is none
                        self.analyse(statement, parameters)
                    self._known.add(plain)

    def analyse(self, sql: str, parameters: dict[str, str] | None = None) -> str:
        """The kind of one statement. Raises: NotGoogleSQL."""
        content = {table.name: _columns(table) for table in tables.ALL}
        content |= {
            found[0]: _SOURCES if found[1] == "sources" else _columns(tables.BY_NAME[found[1]])
            for found in _STAGING.finditer(sql)
        }
        if "create table" in sql:
            content = {}
        request = service.AnalyzeRequest(
            options=self._options(parameters or {}), simple_catalog=self._catalog(content), sql_statement=sql
        )
        answer = self._wasm.call("Analyze", request, service.AnalyzeResponse)
        return str(answer.resolved_statement.WhichOneof("node"))

    def rows(self, sql: str, content: dict[str, tuple[Table, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
        """What a query gives over these rows of these tables. Raises: NotGoogleSQL."""
        columns = {name: _columns(table) for name, (table, _) in content.items()}
        request = service.PrepareQueryRequest(sql=sql, options=self._options({}), simple_catalog=self._catalog(columns))
        for name, (_, rows) in content.items():
            table = request.table_content[name].table_data
            table.SetInParent()  # a table without rows
            for row in rows:
                table.row.add().cell.extend(_value(row[column], kind) for column, kind in columns[name])
        prepared = self._wasm.call("PrepareQuery", request, service.PrepareQueryResponse).prepared
        asked = service.EvaluateQueryRequest(prepared_query_id=prepared.prepared_query_id)
        answer = self._wasm.call("EvaluateQuery", asked, service.EvaluateQueryResponse)
        self._wasm.call("UnprepareQuery", service.UnprepareQueryRequest(prepared_query_id=prepared.prepared_query_id))
        return [
            {column.name: _plain(cell, column.type) for column, cell in zip(prepared.columns, row.cell, strict=True)}
            for row in answer.content.table_data.row
        ]

    def _options(self, parameters: dict[str, str]) -> Any:
        options = options_pb2.AnalyzerOptionsProto(language_options=self._language, default_timezone="UTC")
        for name, kind in parameters.items():
            parameter = options.query_parameters.add()
            parameter.name = name
            parameter.type.CopyFrom(_type(kind))
        return options

    def _catalog(self, content: dict[str, list[tuple[str, str]]]) -> Any:
        catalog = simple_catalog_pb2.SimpleCatalogProto(name="arcane")
        catalog.builtin_function_options.language_options.CopyFrom(self._language)
        for number, (name, columns) in enumerate(content.items(), start=1):
            table = catalog.table.add()
            table.name = name
            table.serialization_id = number
            for column_name, kind in columns:
                column = table.column.add()
                column.name = column_name
                column.type.CopyFrom(_type(kind))
        return catalog


def split(script: str) -> list[str]:
    """The statements of a script: the analyzer takes one at a time."""
    return [part.strip().removesuffix(";") for part in script.split(";\n")]


def _columns(table: Table) -> list[tuple[str, str]]:
    return [(column.name, str(column.type)) for column in table.columns]


def _type(kind: str) -> Any:
    if kind.startswith("ARRAY<"):
        element = type_pb2.ArrayTypeProto(element_type=_type(kind[6:-1]))
        return type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY, array_type=element)
    return type_pb2.TypeProto(type_kind=_KINDS[kind])


def _value(value: Any, kind: str) -> Any:
    out = value_pb2.ValueProto()
    if value is None:
        return out
    if kind == "TIMESTAMP":
        out.timestamp_value.FromDatetime(value.astimezone(UTC).replace(tzinfo=None))
    elif kind == "DATE":
        out.date_value = (value - _EPOCH).days
    elif kind.startswith("ARRAY<"):
        out.array_value.SetInParent()
        out.array_value.element.extend(_value(one, kind[6:-1]) for one in value)
    else:
        name = {"INT64": "int64_value", "STRING": "string_value", "BOOL": "bool_value", "FLOAT64": "double_value"}
        setattr(out, name[kind], value)
    return out


def _plain(value: Any, kind: Any) -> Any:
    which = value.WhichOneof("value")
    if which is None:
        return None
    if kind.type_kind == type_pb2.TYPE_ARRAY:
        return [_plain(one, kind.array_type.element_type) for one in value.array_value.element]
    if kind.type_kind == type_pb2.TYPE_DATE:
        return _EPOCH + timedelta(days=value.date_value)
    if kind.type_kind == type_pb2.TYPE_TIMESTAMP:
        stamp = value.timestamp_value
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
    return getattr(value, which)


class _Wasm:
    """One instance of the library. A failed check inside it is a trap: the next call gets a new instance."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        config = wasmtime.Config()
        config.shared_memory = True
        engine = wasmtime.Engine(config)
        inside = wasmtime.WasiConfig()
        inside.preopen_dir(os.path.join(os.path.dirname(tzdata.__file__), "zoneinfo"), "/usr/share/zoneinfo")  # noqa: PTH118, PTH120
        self._store = wasmtime.Store(engine)
        self._store.set_wasi(inside)
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        self._exports = linker.instantiate(self._store, _module(engine)).exports(self._store)
        with contextlib.suppress(KeyError):
            self._exports["_initialize"](self._store)

    def call(self, method: str, request: Message, answer: Any = empty_pb2.Empty) -> Any:
        data = request.SerializeToString()
        store, exports = self._store, self._exports
        place = exports["wasm_malloc"](store, max(1, len(data)))
        size_place = exports["wasm_malloc"](store, 4)
        try:
            ctypes.memmove(self._base() + place, data, len(data))
            out = exports[f"ZetaSqlLocalService_{method}"](store, place, len(data), size_place)
            if out == 0:
                length = exports["wasm_get_last_error_size"](store)
                text = self._read(exports["wasm_get_last_error"](store), length).decode()
                raise NoSuchTable(text) if re.search(r"(Table|function) not found", text) else NotGoogleSQL(text)
            body = self._read(out, int.from_bytes(self._read(size_place, 4), "little"))
            exports["wasm_free"](store, out)
            return answer.FromString(body)
        except wasmtime.Trap:
            self._start()
            raise
        finally:
            if store is self._store:
                exports["wasm_free"](store, place)
                exports["wasm_free"](store, size_place)

    def _base(self) -> int:
        return ctypes.addressof(self._exports["memory"].data_ptr().contents)

    def _read(self, place: int, length: int) -> bytes:
        return ctypes.string_at(self._base() + place, length)


def _module(engine: wasmtime.Engine) -> wasmtime.Module:
    kept = CACHE / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}.cwasm"
    if kept.exists():
        with contextlib.suppress(wasmtime.WasmtimeError):
            return wasmtime.Module.deserialize_file(engine, str(kept))
    module = wasmtime.Module.from_file(engine, str(zetasql.wasi.get_wasm_path()))
    CACHE.mkdir(exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    half.write_bytes(module.serialize())
    half.replace(kept)
    return module
