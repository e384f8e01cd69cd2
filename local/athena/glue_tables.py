"""Tables of the emulator's Glue catalog as DuckDB relations.

Emulates: Athena's readers of Parquet, Hive's JSON and OpenCSV, by DuckDB's readers, held to the types that
Glue states.

Not covered: whether Athena reads a file, other SerDes, and files that are damaged in part.

Reference: https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
from sqlglot import exp

from local.athena import hive_json
from local.athena.files import File, materialise
from local.trino.errors import QueryFailed
from local.trino.functions import family

Table = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """Files that are read by one scan."""

    query: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Relation:
    """A table's data: the query that reads it, and the scans that the query consists of."""

    query: str
    parts: tuple[Part, ...]


def duck_type(hive_type: str) -> str:
    """Return the DuckDB type of a Glue column's type."""
    return exp.DataType.build(hive_type, dialect="hive").sql("duckdb")


def columns(table: Table) -> dict[str, str]:
    """Return a table's columns, partition columns last, with their DuckDB types."""
    return _stored(table) | _keys(table)


def _stored(table: Table) -> dict[str, str]:
    return {c["Name"].lower(): duck_type(c["Type"]) for c in table["StorageDescriptor"].get("Columns") or []}


def _keys(table: Table) -> dict[str, str]:
    return {key["Name"].lower(): duck_type(key["Type"]) for key in table.get("PartitionKeys") or []}


def relation(table: Table) -> Relation:
    """Return the relation of a table, whose columns are those that Glue states, in their order."""
    files = materialise(table)
    if not files:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {_name(c)}" for c, kind in columns(table).items())
        return Relation(f"SELECT {empty} WHERE false", ())
    serde = (table["StorageDescriptor"].get("SerdeInfo") or {}).get("SerializationLibrary", "")
    reader = next((read for name, read in _READERS.items() if name in serde), None)
    if reader is None:
        raise QueryFailed("NOT_SUPPORTED", f"SerDe {serde} of table {table['Name']}")
    parts = tuple(reader(table, files))
    return Relation(" UNION ALL ".join(part.query for part in parts), parts)


def _part(
    table: Table, files: list[File], function: str, options: list[str], file_columns: Iterable[str]
) -> Part:
    """Return a scan whose columns are cast to Glue's types; those that the files lack are NULL."""
    keys = _keys(table)
    types = ", ".join(f"{_text(name)}: {kind}" for name, kind in keys.items())
    partition_options = [f"hive_partitioning = {str(bool(keys)).lower()}"] + [
        f"hive_types = {{{types}}}"
    ] * bool(keys)
    arguments = ", ".join(
        [f"[{', '.join(_text(file.path) for file in files)}]", *options, *partition_options]
    )
    available = set(file_columns) | set(keys)
    projections = ", ".join(
        f"CAST({_name(name) if name in available else 'NULL'} AS {kind}) AS {_name(name)}"
        for name, kind in columns(table).items()
    )
    query = f"SELECT {projections} FROM {function}({arguments})"  # noqa: S608 - names and literals are quoted
    return Part(query, len(files), sum(file.bytes for file in files))


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# --- Parquet: by name; files that hold other columns than the rest are a scan of their own

_READABLE = {
    "T": "TZ"
}  # Parquet's own type where it may be another one than Glue's: instants read as timestamps
_signatures: dict[str, str] = {}  # of files; a path names its content


def _parquet(table: Table, files: list[File]) -> list[Part]:
    by_signature: dict[str, list[File]] = defaultdict(list)
    _read_signatures([file.path for file in files if file.path not in _signatures])
    for file in files:
        by_signature[_signatures[file.path]].append(file)
    parts = []
    for group in by_signature.values():
        file_columns = dict(_parquet_columns(group[0].path))
        for name, kind in _stored(table).items():
            _check_readable(name, file_columns.get(name), kind)
        parts.append(_part(table, group, "read_parquet", [], file_columns))
    return parts


def _read_signatures(paths: list[str]) -> None:
    if not paths:
        return
    fields = "name, type, type_length, num_children, converted_type, scale, precision, logical_type"
    query = f"SELECT file_name, string_agg(concat_ws(' ', {fields}), '|') FROM parquet_schema(?) GROUP BY 1"  # noqa: S608
    try:
        _signatures.update(duckdb.connect().execute(query, [paths]).fetchall())
    except duckdb.Error as error:
        raise QueryFailed("HIVE_BAD_DATA", f"Not valid Parquet file: {error}") from error


@cache
def _parquet_columns(path: str) -> tuple[tuple[str, str], ...]:
    rows = duckdb.connect().execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
    return tuple((row[0].lower(), row[1]) for row in rows)


def _check_readable(name: str, file_type: str | None, table_type: str) -> None:
    table_family = family(_canonical(table_type))
    if file_type is not None and family(file_type) not in _READABLE.get(table_family, table_family):
        message = (
            f"Field {name}'s type {file_type} in parquet file is incompatible with type {table_type.lower()}"
        )
        raise QueryFailed("HIVE_BAD_DATA", f"{message} defined in table schema")


@cache
def _canonical(kind: str) -> str:
    return str(duckdb.connect().execute(f"SELECT CAST(NULL AS {kind})").description[0][1])


# --- JSON and CSV


def _json(table: Table, files: list[File]) -> list[Part]:
    """Read what Hive's SerDe reads; a line that it does not read fails the query."""
    kinds = {c["Name"].lower(): c["Type"] for c in table["StorageDescriptor"]["Columns"]}
    types = ", ".join(f"{_text(name)}: {_text(kind)}" for name, kind in _stored(table).items())
    options = ["format = 'newline_delimited'", f"columns = {{{types}}}", "maximum_object_size = 16777216"]
    checked_files = [hive_json.checked(file, kinds) for file in files]
    return [_part(table, checked_files, "read_json", options, _stored(table))]


def _csv(table: Table, files: list[File]) -> list[Part]:
    """Read as OpenCSV does: everything is a string, and nothing is NULL."""
    parameters = table["StorageDescriptor"]["SerdeInfo"].get("Parameters") or {}
    quote = _text(parameters.get("quoteChar", '"'))
    types = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in _stored(table))
    options = [
        "auto_detect = false",
        "header = false",
        f"skip = {int((table.get('Parameters') or {}).get('skip.header.line.count', 0))}",
        f"columns = {{{types}}}",
        f"delim = {_text(parameters.get('separatorChar', ','))}",
        f"quote = {quote}",
        f"escape = {quote}",
        r"nullstr = '\N'",
        "null_padding = true",
    ]
    return [_part(table, files, "read_csv", options, _stored(table))]


_READERS: dict[str, Callable[[Table, list[File]], list[Part]]] = {
    "ParquetHiveSerDe": _parquet,
    "hive.hcatalog.data.JsonSerDe": _json,
    "OpenCSVSerde": _csv,
}
