"""The rows of the data sets, asked of Athena and packed for the page."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

type Ask = Callable[[str], list[dict[str, str]]]  # runs a statement; values as text, nulls left out


def column_types(data_set: dict[str, Any]) -> dict[str, str]:
    """Return the columns of a data set and their types."""
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return {column["Name"]: column["Type"] for column in table["RelationalTable"]["InputColumns"]}


def fetch(data_sets: dict[str, dict[str, Any]], ask: Ask) -> dict[str, Any]:
    """Return every data set as packed columns, read from the view that it is made from."""
    return {
        name: pack(column_types(data_set), ask(_select(data_set))) for name, data_set in data_sets.items()
    }


def pack(types: dict[str, str], rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return rows as columns: `all` the values, or the few that there `are`, and `at` which each row is."""
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


def _select(data_set: dict[str, Any]) -> str:
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return f'SELECT {_names(column_types(data_set))} FROM "{table["RelationalTable"]["Name"]}"'  # noqa: S608  # ours


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _value(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    if kind == "INTEGER":
        return int(text)
    if kind == "DECIMAL":
        return float(text)
    if kind == "DATETIME":
        day = datetime.combine(date.fromisoformat(text[:10]), datetime.min.time(), UTC)
        return int(day.timestamp()) * 1000
    return text
