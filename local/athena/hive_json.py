"""Objects of `org.apache.hive.hcatalog.data.JsonSerDe`, read as strictly as it reads them.

Emulates: each line is one JSON object; any other line, an empty one too, fails the query. Keys match
columns whatever their case, unknown ones are skipped, missing ones are NULL. What follows the object on its
line is not read. A value of another type fails the query rather than becoming NULL; a string column takes
any scalar's text. Where Hive's source and Trino's differ, the stricter counts.

Not covered: the wording of errors, and columns of arrays, maps and structs.

Reference:
https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html (no duplicate keys; the error's name)
https://github.com/apache/hive, hcatalog/core/src/main/java/org/apache/hive/hcatalog/data/JsonSerDe.java
https://github.com/trinodb/trino, lib/trino-hive-formats/.../line/json/JsonDeserializer.java
"""

import gzip
import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from local.athena.files import File
from local.trino.errors import QueryFailed


class _MisfitError(ValueError):
    """A value does not fit the type of its column."""


class _Number(str):
    """A number of JSON, as it is spelt."""


def checked(file: File, columns: dict[str, str]) -> File:
    """Return the file with only `columns` (name to Hive type) in each line, in a form that DuckDB reads.

    It is written once beside the original. Raises QueryFailed for what the SerDe does not read.
    """
    source = Path(file.path)
    columns_hash = hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]
    target = source.with_name(f"{source.name}.{columns_hash}.json")
    if not target.exists():
        readers = {name: _reader(name, kind) for name, kind in columns.items()}
        content = source.read_bytes()
        if source.suffix == ".gz":
            content = gzip.decompress(content)
        lines = content.removesuffix(b"\n").split(b"\n") if content else []
        rows = [json.dumps(_row(line, readers)) for line in lines]
        with tempfile.NamedTemporaryFile("w", dir=source.parent, delete=False) as temporary_file:
            temporary_file.write("\n".join(rows))
        Path(temporary_file.name).rename(target)
    return File(str(target), file.bytes)


def _row(line: bytes, readers: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    try:
        row, _ = _DECODER.raw_decode(line.decode().lstrip())
    except (ValueError, RecursionError) as error:
        raise _cursor_error(f"JsonParseException: {error}") from error
    if not isinstance(row, dict):
        raise _cursor_error("Start token not found where expected")
    return {name: None if row.get(name) is None else read(row[name]) for name, read in readers.items()}


def _cursor_error(reason: str) -> QueryFailed:
    return QueryFailed("HIVE_CURSOR_ERROR", f"Row is not a valid JSON Object - {reason}")


def _collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    lowered = {key.lower(): value for key, value in pairs}
    if len(lowered) < len(pairs):
        raise ValueError("Duplicate key")
    return lowered


def _constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_collect, parse_int=_Number, parse_float=_Number, parse_constant=_constant
)


# --- values, by the column's type


def _reader(name: str, kind: str) -> Callable[[Any], Any]:
    read = _READERS.get(kind.lower())
    if read is None:
        raise QueryFailed("NOT_SUPPORTED", f"column {name} of type {kind} in Hive's JSON SerDe")

    def read_cell(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise _cursor_error(f"{error} (column {name}, type {kind})") from error

    return read_cell


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        raise _MisfitError("an object or an array is no scalar")
    return str(value)


def _integer(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not (isinstance(value, _Number) and re.fullmatch(r"-?\d+", value)):
            raise _MisfitError(f"{value!r} is no whole number")
        number = int(value)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError(f"{value} is out of range")
        return number

    return read


def _double(value: Any) -> float:
    if not isinstance(value, _Number):
        raise _MisfitError(f"{value!r} is no number")
    return float(value)


def _date(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(f"{text} is no date such as 2026-11-22")
    return date.fromisoformat(text).isoformat()


def _timestamp(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})?", text):
        raise ValueError(f"{text} is no timestamp such as 2026-11-22 18:10:00.123")
    return datetime.fromisoformat(text).isoformat(" ")


_READERS: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "tinyint": _integer(8),
    "smallint": _integer(16),
    "int": _integer(32),
    "bigint": _integer(64),
    "double": _double,
    "boolean": lambda value: _text(value).lower() == "true",
    "date": _date,
    "timestamp": _timestamp,
}
