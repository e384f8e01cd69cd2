"""Asks Athena, wherever the client's endpoint is, and returns plain rows."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from local.messages import UserError


class QueryError(UserError):
    """Athena failed a query; the message is Athena's."""


class Answer(NamedTuple):
    """What Athena answers: the name and the type of each column, and rows of texts, None for null."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]


def query(
    athena: Any, sql: str, database: str, work_group: str, parameters: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Run `sql`, a SELECT, to its end and return every row, values as text and nulls left out.

    `parameters` are the texts of literals, in the order of the question marks that they stand for.
    """
    columns, rows = answer(athena, sql, database, work_group, parameters)
    names = [name for name, _ in columns]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows
    ]


def answer(athena: Any, sql: str, database: str, work_group: str, parameters: Sequence[str] = ()) -> Answer:
    """Run a statement to its end and return its answer; QueryError if it fails.

    The result of a SELECT has the columns' names as its first row. That of SHOW or DESCRIBE does not
    (lishenxydlgzs/aws-athena-mcp#5, where both were tried on AWS).
    """
    options = {"ExecutionParameters": list(parameters)} if parameters else {}
    query_id = athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=work_group, **options
    )["QueryExecutionId"]
    while (execution := _execution(athena, query_id))["Status"]["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
    if execution["Status"]["State"] != "SUCCEEDED":
        raise QueryError(execution["Status"].get("StateChangeReason", execution["Status"]["State"]))
    columns: list[tuple[str, str]] = []
    rows: list[list[str | None]] = []
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
        metadata = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        columns = [(column["Name"], column["Type"]) for column in metadata]
        rows += [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]]
    has_header = execution["StatementType"] == "DML" and rows[:1] == [[name for name, _ in columns]]
    return Answer(columns, rows[1:] if has_header else rows)


def _execution(athena: Any, query_id: str) -> dict[str, Any]:
    execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    return execution
