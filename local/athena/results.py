"""Results as Athena writes them: Trino's types, values as text, CSV.

Emulates: the files and the API results of Athena.

Not covered: the real binary format of the `.metadata` file, which is empty here.

Reference: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

_TRINO = {
    "HUGEINT": "bigint", "BIGINT": "bigint", "UBIGINT": "bigint", "INTEGER": "integer",
    "SMALLINT": "smallint", "TINYINT": "tinyint", "DOUBLE": "double", "FLOAT": "real", "VARCHAR": "varchar",
    "JSON": "json", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp", "BLOB": "varbinary",
    '"NULL"': "unknown", "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "INTERVAL": "interval day to second",
}  # fmt: skip
_PRECISION = {
    "bigint": 19,
    "integer": 10,
    "smallint": 5,
    "tinyint": 3,
    "double": 17,
    "real": 7,
    "timestamp": 3,
}


def column_info(name: str, duck_type: str) -> dict[str, Any]:
    """Return the API's description of a result column."""
    kind = _type_name(duck_type)
    precision, scale = _PRECISION.get(kind, 0), 0
    if kind == "varchar":
        precision = 2147483647
    if kind == "decimal":
        precision, scale = (int(n) for n in re.findall(r"\d+", duck_type))
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
        "Precision": precision, "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": kind == "varchar",
    }  # fmt: skip


def _type_name(duck_type: str) -> str:
    if duck_type.endswith("]"):
        return "array"
    name = duck_type.partition("(")[0]
    return {"MAP": "map", "STRUCT": "row", "DECIMAL": "decimal"}.get(name) or _TRINO[duck_type]


def trino_type(duck_type: str) -> str:
    """Return the Trino type of a DuckDB type, as a view's definition states it."""
    type_name = exp.DataType.build(duck_type, dialect="duckdb").sql("trino").lower()
    return re.sub(r"timestamp(?!\()", "timestamp(3)", type_name)


def hive_type(duck_type: str) -> str:
    """Return the Glue type of a DuckDB type."""
    return (
        exp.DataType.build(duck_type, dialect="duckdb")
        .sql("hive")
        .lower()
        .replace(", ", ",")
        .replace(": ", ":")
    )


def text(value: Any) -> str | None:
    """Return a value as Athena shows it; None is NULL."""
    if value is None:
        return None
    for kind, writer in _WRITERS:
        if isinstance(value, kind):
            return writer(value)
    return str(value)


def _timestamp(value: datetime) -> str:
    formatted = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03}"
    return f"{formatted} UTC" if value.tzinfo else formatted


def _double(value: float) -> str:
    """Write a double as Java does: in scientific notation from 1e7 up and below 1e-3."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = format(Decimal(repr(value)), "E").partition("E")
    integer, _, fraction = digits.partition(".")
    sign = "-" if integer.startswith("-") else ""
    integer = integer.lstrip("-")
    return f"{sign}{integer}.{fraction.rstrip('0') or '0'}E{int(exponent)}"


def _interval(value: timedelta) -> str:
    milliseconds = round(value / timedelta(milliseconds=1))
    sign = "-" if milliseconds < 0 else ""
    seconds, milliseconds = divmod(abs(milliseconds), 1000)
    days, seconds = divmod(seconds, 86400)
    return f"{sign}{days} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"


def _nested_text(value: Any) -> str:
    return "null" if value is None else str(text(value))


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (datetime, _timestamp),
    (date, lambda value: value.isoformat()),
    (timedelta, _interval),
    (float, _double),
    (Decimal, lambda value: format(value, "f")),
    (bytes, lambda value: value.hex(" ")),
    (list, lambda value: f"[{', '.join(map(_nested_text, value))}]"),
    (
        dict,
        lambda value: f"{{{', '.join(f'{_nested_text(k)}={_nested_text(v)}' for k, v in value.items())}}}",
    ),
)


def csv(columns: list[str], rows: list[list[str | None]]) -> bytes:
    """Return the file of a result: every value is quoted, NULL is nothing at all."""
    header: list[str | None] = [*columns]
    records = [
        ",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row)
        for row in [header, *rows]
    ]
    return ("\n".join(records) + "\n").encode()


def lines(rows: list[list[str | None]]) -> bytes:
    """Return the file of a statement that is no query."""
    return "".join("\t".join(value or "" for value in row) + "\n" for row in rows).encode()
