"""Runs SELECT statements in Athena and returns their rows with Python's types."""

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

# Seconds between two looks at a statement: short at first, then sparing of the account's quota.
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 4

# What the texts of a result mean, by Athena's name of the type; the texts of other types stay as they are.
READERS: dict[str, Callable[[str], Any]] = {
    "boolean": "true".__eq__,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "float": float,
    "real": float,
    "double": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}

type Rows = list[dict[str, Any]]  # the values of each row by column, in the order of the SELECT


class QueryError(Exception):
    """Athena rejected or failed a statement, or did not finish it in time; the message is Athena's."""


class Athena:
    """A database, queried in a workgroup until `deadline`, which is of time.monotonic()."""

    def __init__(self, client: Any, database: str, work_group: str, deadline: float = float("inf")) -> None:
        self._client = client
        self._database = database
        self._work_group = work_group
        self._deadline = deadline

    def ask(self, sql: str, parameters: Sequence[str] = ()) -> Rows:
        """Run a SELECT to its end and return all its rows; raise QueryError if Athena does not answer it.

        `parameters` are the texts of literals, in the order of the question marks that they stand for.
        """
        return self.rows(self.start(sql, parameters))

    def start(self, sql: str, parameters: Sequence[str] = ()) -> str:
        """Start a SELECT and return its id, for `rows`; several run at once. Raise QueryError."""
        options = {"ExecutionParameters": list(parameters)} if parameters else {}
        try:
            execution = self._client.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": self._database},
                WorkGroup=self._work_group,
                **options,
            )
        except ClientError as error:
            raise QueryError(error.response["Error"]["Message"]) from error
        return str(execution["QueryExecutionId"])

    def rows(self, query_id: str) -> Rows:
        """Wait for a statement that was started and return all its rows; raise QueryError.

        A statement that is not done at the deadline is stopped: nobody waits for what it would read.
        """
        try:
            self._wait(query_id)
            return self._read(query_id)
        except ClientError as error:
            raise QueryError(error.response["Error"]["Message"]) from error

    def _wait(self, query_id: str) -> None:
        pause = FIRST_PAUSE
        while (status := self._status(query_id))["State"] in ("QUEUED", "RUNNING"):
            if time.monotonic() > self._deadline:
                self._client.stop_query_execution(QueryExecutionId=query_id)
                raise QueryError(f"Athena has not finished query {query_id} in time")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if status["State"] != "SUCCEEDED":
            raise QueryError(status.get("StateChangeReason", status["State"]))

    def _status(self, query_id: str) -> dict[str, Any]:
        execution = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        status: dict[str, Any] = execution["Status"]
        return status

    def _read(self, query_id: str) -> Rows:
        """Return the rows of all pages, at most 1,000 each; the first one begins with the columns' names."""
        rows: Rows = []
        is_heading = True
        for page in self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
            columns = [
                (column["Name"], READERS.get(column["Type"], str))
                for column in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            ]
            for row in page["ResultSet"]["Rows"][int(is_heading) :]:
                texts = [cell.get("VarCharValue") for cell in row["Data"]]
                rows.append(
                    {
                        name: None if text is None else read(text)
                        for (name, read), text in zip(columns, texts, strict=True)
                    }
                )
            is_heading = False
        return rows
