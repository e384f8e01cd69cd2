"""The rows of the data sets, asked of Athena and packed for the page."""

from collections.abc import Callable
from typing import Any

from functions.report.packing import pack, select

type Ask = Callable[[str], list[dict[str, str]]]  # runs a statement; values as text, nulls left out


def column_types(data_set: dict[str, Any]) -> dict[str, str]:
    """Return the columns of a data set and their types."""
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return {column["Name"]: column["Type"] for column in table["RelationalTable"]["InputColumns"]}


def view_name(data_set: dict[str, Any]) -> str:
    """Return the name of the view that a data set is made from."""
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return str(table["RelationalTable"]["Name"])


def fetch(data_sets: dict[str, dict[str, Any]], ask: Ask) -> dict[str, Any]:
    """Return every data set as packed columns, read from the view that it is made from."""
    tables = {}
    for name, data_set in data_sets.items():
        types = column_types(data_set)
        tables[name] = pack(types, ask(select(view_name(data_set), list(types))))
    return tables
