"""Packs the rows of a data set for the page, which `preview/static/engine.js` unpacks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any


def pack(types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as columns: `all` the values, or the few that there `are`, and `at` which each row is.

    `types` are QuickSight's, by column. Values are Athena's texts or what they mean; those that a row lacks
    are nulls. Days become milliseconds since 1970.
    """
    columns: dict[str, Any] = {}
    for name, kind in types.items():
        values = [_value(kind, row.get(name)) for row in rows]
        different = list(dict.fromkeys(values))
        if len(different) * 2 <= len(values):
            place = {value: number for number, value in enumerate(different)}
            columns[name] = {"are": different, "at": [place[value] for value in values]}
        else:
            columns[name] = {"all": values}
    return {"length": len(rows), "columns": columns}


def select(view: str, columns: Sequence[str]) -> str:
    """Return the statement that reads a data set's columns from its view."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'SELECT {names} FROM "{view}"'  # noqa: S608  # names of the definitions


def select_day(day: str) -> str:
    """Return the statement that reads the figures of a day, an ISO date, by currency."""
    return (
        "SELECT currency, sum(visits) AS visits, sum(orders) AS orders, sum(revenue) AS revenue"  # noqa: S608
        f" FROM menu_comparison WHERE day = DATE '{day}' GROUP BY currency ORDER BY currency"
    )


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "INTEGER":
        return int(value)
    if kind == "DECIMAL":
        number = float(value)
        return number if isfinite(number) else None  # JSON has no other numbers
    if kind == "DATETIME":
        day = datetime.combine(date.fromisoformat(str(value)[:10]), datetime.min.time(), UTC)
        return int(day.timestamp()) * 1000
    return value
