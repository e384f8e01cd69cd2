"""Which partitions of a table Athena reads: projected ones if the table says so, else Glue's.

Emulates: partition projection of the types date, enum and integer.

Not covered: the type injected, and how long AWS takes to list what is projected.

Reference: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlparse

from ministack.services import glue

from local.trino import patterns
from local.trino.errors import QueryFailed

# Of a time relative to NOW; AWS's page has the pattern.
UNITS = "YEARS?|MONTHS?|WEEKS?|DAYS?|HOURS?|MINUTES?|SECONDS?"


@dataclass(frozen=True)
class Partition:
    """A prefix of the bucket, and the values that the partition columns have under it."""

    prefix: str
    values: dict[str, str]


def partitions(table: dict[str, Any], bucket: str, prefix: str) -> list[Partition]:
    """Return the partitions to read: the whole location for a table without partition columns."""
    names = [key["Name"].lower() for key in table.get("PartitionKeys") or []]
    if not names:
        return [Partition(prefix, {})]
    if is_projected(table):
        return _projected(names, table["Parameters"], prefix)
    return _registered(table, names, bucket)


def is_projected(table: dict[str, Any]) -> bool:
    """Tell whether a table's partitions come from its properties instead of Glue."""
    return (table.get("Parameters") or {}).get("projection.enabled", "false").lower() == "true"


def _registered(table: dict[str, Any], names: list[str], bucket: str) -> list[Partition]:
    registered = []
    for partition in glue._partitions.get(f"{table['DatabaseName']}/{table['Name']}") or []:
        url = urlparse(partition["StorageDescriptor"]["Location"])
        if url.netloc != bucket:
            raise QueryFailed("NOT_SUPPORTED", "a partition in another bucket than its table")
        values = dict(zip(names, partition["Values"], strict=True))
        registered.append(Partition(url.path.strip("/") + "/", values))
    return registered


def _projected(names: list[str], parameters: dict[str, str], prefix: str) -> list[Partition]:
    template = parameters.get("storage.location.template")
    if template:
        path = urlparse(template).path.strip("/") + "/"
        missing = [name for name in names if f"${{{name}}}" not in path]
        if missing:
            raise _invalid(missing[0], "is not part of storage.location.template")
    else:
        path = prefix + "".join(f"{name}=${{{name}}}/" for name in names)
    projected = []
    for values in itertools.product(*(_values(name, parameters) for name in names)):
        by_name = dict(zip(names, values, strict=True))
        projected.append(Partition(re.sub(r"\$\{(\w+)\}", lambda m, v=by_name: v[m[1]], path), by_name))  # type: ignore[misc]
    return projected


def _invalid(column: str, message: str) -> QueryFailed:
    return QueryFailed("INVALID_TABLE_PROPERTY", f"Column projection for column '{column}' failed. {message}")


def _values(column: str, parameters: dict[str, str]) -> list[str]:
    def setting(name: str) -> str:
        value = parameters.get(f"projection.{column}.{name}")
        if not value:
            raise _invalid(column, f"Property: 'projection.{column}.{name}' required but not set")
        return value

    kind = setting("type").lower()
    if kind == "enum":
        return [value.strip() for value in setting("values").split(",")]
    if kind not in ("integer", "date"):
        raise _invalid(column, f"Property: 'projection.{column}.type' value {kind} is not supported")
    first, comma, last = setting("range").partition(",")
    if not comma:
        raise _invalid(column, f"Property: 'projection.{column}.range' needs to be list of 2 valid values")
    step = int(parameters.get(f"projection.{column}.interval", "1"))
    try:
        if kind == "integer":
            digits = int(parameters.get(f"projection.{column}.digits", "1"))
            return [str(value).zfill(digits) for value in range(int(first), int(last) + 1, step)]
        unit = parameters.get(f"projection.{column}.interval.unit", "")
        return _dates(first.strip(), last.strip(), setting("format"), step, unit)
    except ValueError as error:
        raise _invalid(column, f"Property: 'projection.{column}.range' is not valid: {error}") from error


def _dates(first: str, last: str, pattern: str, step: int, unit: str) -> list[str]:
    pattern = patterns.joda(pattern)
    start, end = (_parse_time(text, pattern) for text in (first, last))
    unit = unit or _default_unit(pattern)
    values: dict[str, None] = {}  # in order, without repeats
    while start <= end:
        values[start.strftime(pattern)] = None
        start = _add_interval(start, step, unit)
    return list(values)


def _default_unit(pattern: str) -> str:
    if "%H" in pattern:
        raise ValueError("interval.unit is required for a format finer than a day")
    return "DAYS" if "%d" in pattern else "MONTHS"


def _parse_time(text: str, pattern: str) -> datetime:
    match = re.fullmatch(rf"NOW(?:\s*([+-])\s*([0-9]+)\s*({UNITS}))?", text)
    if not match:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    now = datetime.now(UTC)
    now = datetime.strptime(now.strftime(pattern), pattern).replace(tzinfo=UTC)
    return _add_interval(now, int(f"{match[1]}{match[2]}"), match[3]) if match[1] else now


def _add_interval(time: datetime, amount: int, unit: str) -> datetime:
    unit = unit.upper().rstrip("S")
    if unit in ("MONTH", "YEAR"):
        months = time.year * 12 + time.month - 1 + amount * (12 if unit == "YEAR" else 1)
        return time.replace(year=months // 12, month=months % 12 + 1)
    steps = {"WEEK": 7 * 86400, "DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
    if unit not in steps:
        raise ValueError(f"unknown unit {unit}")
    return time + timedelta(seconds=amount * steps[unit])
