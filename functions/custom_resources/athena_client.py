"""Runs statements in Athena and keeps the catalog's entries in step with their definitions."""

import time
from hashlib import sha256
from typing import Any

import boto3
from botocore.exceptions import ClientError

# The parameter of a catalog entry that says from which statement it was made.
MARK = "menulens_definition"

# Seconds between two looks at a statement: short at first, as DDL is, then sparing of the account's quota.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2

# What GetTable returns and UpdateTable takes.
TABLE_INPUT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)


class StatementError(Exception):
    """No statement can be made of a file, or Athena did not carry it out; then the message is Athena's."""


def digest(statement: str) -> str:
    """Return what MARK holds for an entry made from `statement`."""
    return sha256(statement.encode()).hexdigest()


class Athena:
    """The database of a stack, worked on in its workgroup until `deadline` (of time.monotonic)."""

    def __init__(self, database: str, work_group: str, deadline: float) -> None:
        self._database = database
        self._work_group = work_group
        self._deadline = deadline
        self._athena: Any = boto3.client("athena")
        self._glue: Any = boto3.client("glue")

    def run(self, statement: str) -> None:
        """Run one statement to its end; raise StatementError with Athena's text, or TimeoutError."""
        try:
            query = self._athena.start_query_execution(
                QueryString=statement,
                QueryExecutionContext={"Database": self._database},
                WorkGroup=self._work_group,
            )["QueryExecutionId"]
        except ClientError as error:
            raise StatementError(error.response["Error"]["Message"]) from error
        pause = FIRST_PAUSE
        while (status := self._status(query))["State"] in ("QUEUED", "RUNNING"):
            if time.monotonic() > self._deadline:
                raise TimeoutError(f"Athena has not finished query {query} in time")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if status["State"] != "SUCCEEDED":
            raise StatementError(status.get("StateChangeReason", status["State"]))

    def entries(self) -> dict[str, str | None]:
        """Return the name and the mark of every table and view of the database, if that still exists."""
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=self._database)
        try:
            return {
                table["Name"]: table.get("Parameters", {}).get(MARK)
                for page in pages
                for table in page["TableList"]
            }
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise
            return {}

    def replace(self, name: str, source: str) -> None:
        """Give table `name` the definition of table `source` at once, so that no reader finds it missing."""
        self._update(self._entry(source) | {"Name": name})
        self.drop(source)

    def mark(self, name: str, statement: str) -> None:
        """Note in the entry `name` that it was made from `statement`."""
        entry = self._entry(name)
        self._update(entry | {"Parameters": entry.get("Parameters", {}) | {MARK: digest(statement)}})

    def drop(self, name: str) -> None:
        """Remove a table or view from the catalog; one that is gone already is fine. No data is touched."""
        try:
            self._glue.delete_table(DatabaseName=self._database, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityNotFoundException":
                raise

    def _status(self, query: str) -> dict[str, str]:
        status: dict[str, str] = self._athena.get_query_execution(QueryExecutionId=query)["QueryExecution"][
            "Status"
        ]
        return status

    def _entry(self, name: str) -> dict[str, Any]:
        table = self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        return {key: table[key] for key in TABLE_INPUT if key in table}

    def _update(self, entry: dict[str, Any]) -> None:
        self._glue.update_table(DatabaseName=self._database, TableInput=entry)
