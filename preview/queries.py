"""Asks Athena, wherever the client's endpoint is, and returns plain rows."""

import time
from collections.abc import Sequence
from typing import Any


class QueryError(Exception):
    """Athena failed a query; the message is Athena's."""


def query(
    athena: Any, sql: str, database: str, work_group: str, parameters: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Run `sql` to its end and return every row, values as text and nulls left out.

    `parameters` are the texts of literals, in the order of the question marks that they stand for.
    """
    options = {"ExecutionParameters": list(parameters)} if parameters else {}
    query_id = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=work_group, **options
    )["QueryExecutionId"]
    while (status := _status(athena, query_id))["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
    if status["State"] != "SUCCEEDED":
        raise QueryError(status.get("StateChangeReason", status["State"]))
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    header, *rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
    names = [cell["VarCharValue"] for cell in header]
    return [
        {name: cell["VarCharValue"] for name, cell in zip(names, row, strict=True) if "VarCharValue" in cell}
        for row in rows
    ]


def _status(athena: Any, query_id: str) -> dict[str, str]:
    status: dict[str, str] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
    return status
