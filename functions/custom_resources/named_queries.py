"""Keeps the saved queries of a workgroup in step with the files of `athena/queries/`."""

import re
from itertools import batched
from typing import Any

import boto3
from botocore.exceptions import ClientError

from comments import without_comments

PAGE = 50  # queries that BatchGetNamedQuery takes at a time
DESCRIPTION_LENGTH = 1024
A_DAY = "'2026-01-01'"  # stands for a parameter when a query is checked: all of them are days


def description(name: str, statement: str) -> str:
    """Return what Athena's console shows beside a query: the question, and the file that it comes from.

    The file is also what tells the queries of the stack from those that people have saved themselves. The
    comment in the file lacks the question mark, which Athena might take for a parameter of the query.
    """
    question = re.match(r"--\s*(.+)", statement)
    ending = _ending(name)
    return (f"{question[1][: DESCRIPTION_LENGTH - len(ending) - 1]}?" if question else "") + ending


def check(statement: str) -> str:
    """Return the statement with which Athena checks a query without reading anything, free of charge.

    EXPLAIN takes no parameters, so days stand for them.
    https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
    """
    code = without_comments(statement, hive=False)
    return f"EXPLAIN (TYPE VALIDATE) {code.replace('?', A_DAY).strip()}"


class NamedQueries:
    """The saved queries of a stack's workgroup; those that people save beside them are left alone."""

    def __init__(self, database: str, work_group: str) -> None:
        self._database = database
        self._work_group = work_group
        self._athena: Any = boto3.client("athena")

    def apply(self, statements: dict[str, str]) -> None:
        """Have a saved query for each name of `statements`, with that text, and no other of the stack's."""
        for query in self._ours():
            statement = statements.get(query["Name"])
            if statement is None:
                self._athena.delete_named_query(NamedQueryId=query["NamedQueryId"])
                continue
            wanted = _content(query["Name"], statement)
            if wanted != {key: query.get(key) for key in wanted}:
                self._athena.update_named_query(NamedQueryId=query["NamedQueryId"], **wanted)
            statements = {name: text for name, text in statements.items() if name != query["Name"]}
        for name, statement in statements.items():
            self._athena.create_named_query(
                Database=self._database, WorkGroup=self._work_group, **_content(name, statement)
            )

    def remove(self) -> None:
        """Delete the stack's saved queries; a workgroup that is gone has taken them along."""
        try:
            self.apply({})
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRequestException":
                raise

    def _ours(self) -> list[dict[str, str]]:
        pages = self._athena.get_paginator("list_named_queries").paginate(WorkGroup=self._work_group)
        ids = [query_id for page in pages for query_id in page["NamedQueryIds"]]
        queries = [
            query
            for page in batched(ids, PAGE, strict=False)
            for query in self._athena.batch_get_named_query(NamedQueryIds=list(page))["NamedQueries"]
        ]
        return [query for query in queries if query.get("Description", "").endswith(_ending(query["Name"]))]


def _ending(name: str) -> str:
    return f" (athena/queries/{name}.sql)"


def _content(name: str, statement: str) -> dict[str, str]:
    return {"Name": name, "Description": description(name, statement), "QueryString": statement}
