"""Views as Athena keeps them in Glue: a table whose text holds the query, its schema and columns.

Emulates: the entry of a view, as Presto and Trino write it for Hive's metastore and Athena does.

Not covered: views of several dialects in one entry (multi-dialect views), and Hive's own views.

Reference:
https://docs.aws.amazon.com/athena/latest/ug/views.html
https://github.com/trinodb/trino: ViewReaderUtil.java
"""

import base64
import json
import re
from typing import Any

from local.athena import results
from local.trino.errors import QueryFailed

CATALOG = "awsdatacatalog"
VIRTUAL_VIEW = "VIRTUAL_VIEW"


def table_input(
    name: str, sql: str, database: str, columns: list[tuple[str, str]], comment: str | None
) -> dict[str, Any]:
    """Return the Glue table of a view with these columns of DuckDB types."""
    for i, (column, kind) in enumerate(columns):
        if column == f"_col{i}":
            raise QueryFailed("MISSING_COLUMN_NAME", f"Column name not specified at position {i + 1}")
        if kind == '"NULL"':
            raise QueryFailed("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {column}")
    view = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": database,
        "columns": [{"name": column.lower(), "type": results.trino_type(kind)} for column, kind in columns],
    }
    return {
        "Name": name,
        "Owner": "hadoop",
        "TableType": VIRTUAL_VIEW,
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(json.dumps(view).encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true", "comment": comment or "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": c.lower(), "Type": results.hive_type(kind)} for c, kind in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }


def decode(text: str) -> dict[str, Any]:
    """Return what a view's text says: its `originalSql`, `schema` and `columns`."""
    match = re.fullmatch(r"/\* Presto View: (\S+) \*/", text or "")
    if not match:
        raise QueryFailed("INVALID_VIEW", "Invalid view JSON")
    view: dict[str, Any] = json.loads(base64.b64decode(match[1]))
    return view
