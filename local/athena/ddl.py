"""Statements about the catalog: databases, tables and views, kept in Glue as Athena keeps them.

Emulates: CREATE and DROP of databases, tables and views; SHOW, DESCRIBE and EXPLAIN come from `show`. The
emulator's own parser reads CREATE TABLE and DROP TABLE.

Not covered: ALTER, MSCK, CREATE TABLE AS, INSERT. Whether Athena accepts a table's properties: `partitions`
names those that are read.

Reference: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import athena as emulated
from ministack.services import glue

from local.athena import access, hive, show
from local.athena.analysis import Analysis
from local.athena.query import Answer
from local.athena.statement import Statement, qualified, query_text, tables, unexpected
from local.athena.views import CATALOG, VIRTUAL_VIEW, table_input
from local.trino.errors import QueryFailed
from local.trino.limits import COLUMN_COMMENT_LENGTH, VIEW_TEXT_LENGTH

_NOT_QUERIES = (
    "alter", "create", "delete", "describe", "drop", "explain", "insert", "merge", "msck", "show", "update",
)  # fmt: skip


def parse(sql: str, database: str) -> Statement | None:
    """Return what carries the statement out, or nothing if it is a query."""
    cursor = emulated._Cursor(sql)
    if cursor.tokens and cursor.tokens[-1][1] == ";":
        cursor.tokens.pop()
    for words, parser in _STATEMENTS:
        if cursor.keywords(*words):
            statement = parser(cursor, database)
            if not cursor.at_end():
                raise unexpected(cursor)
            return statement if words == ("explain",) else _without_comments(sql, statement)
    if (cursor.peek()[1] or "").lower() in _NOT_QUERIES:
        raise unexpected(cursor)
    return None


def _without_comments(sql: str, statement: Statement) -> Statement:
    def run() -> Answer:
        hive.check_comments(sql)
        return statement()

    return run


def _check_lengths(table: dict[str, Any]) -> None:
    """Reject what Glue's API rejects and the emulator takes."""
    columns = table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]
    texts = [("comment", column.get("Comment") or "", COLUMN_COMMENT_LENGTH) for column in columns]
    texts.append(("viewOriginalText", table.get("ViewOriginalText", ""), VIEW_TEXT_LENGTH))
    for member, text, max_length in texts:
        if len(text) > max_length:
            constraint = f"Member must have length less than or equal to {max_length}"
            message = f"Value at '{member}' failed to satisfy constraint: {constraint}"
            raise QueryFailed("FAILED", f"1 validation error detected: {message}")


def _checked(response: tuple[int, dict[str, str], bytes]) -> Answer:
    status, _, body = response
    if status >= 300:
        error = json.loads(body)
        name = error.get("__type", "").partition("#")[0] or "InvalidInputException"
        message = f"org.apache.hadoop.hive.ql.exec.DDLTask. {name}(message:{error.get('message')})"
        raise QueryFailed("FAILED", f"Execution Error, return code 1 from {message}")
    return Answer()


# --- databases


def _create_database(cursor: Any, _: str) -> Statement:
    if_not_exists = cursor.keywords("if", "not", "exists")
    name = cursor.identifier()
    if name is None:
        raise unexpected(cursor)
    description = cursor.string() if cursor.keywords("comment") else None
    location = cursor.string() if cursor.keywords("location") else None
    properties = emulated._property_list(cursor) if cursor.keywords("with", "dbproperties") else {}

    def run() -> Answer:
        access.glue("GetDatabase", name.lower())
        access.glue("CreateDatabase", name.lower())
        if if_not_exists and name.lower() in glue._databases:
            return Answer()
        database_input = {
            "Name": name.lower(),
            "Description": description or "",
            "Parameters": properties or {},
        }
        return _checked(
            glue._create_database(
                {"DatabaseInput": database_input | ({"LocationUri": location} if location else {})}
            )
        )

    return run


def _drop_database(cursor: Any, _: str) -> Statement:
    if_exists = cursor.keywords("if", "exists")
    name = (cursor.identifier() or "").lower()
    cascade = cursor.keywords("cascade")
    cursor.keywords("restrict")

    def run() -> Answer:
        access.glue("GetDatabase", name)
        access.glue("DeleteDatabase", name)
        if if_exists and name not in glue._databases:
            return Answer()
        if not cascade and tables(name):
            message = (
                f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
            )
            raise QueryFailed("FAILED", f"Execution Error, return code 1 from DDLTask. {message}")
        return _checked(glue._delete_database({"Name": name}))

    return run


# --- tables


def _table_statement(cursor: Any, database: str) -> Statement:
    ddl = hive.parse_table(cursor.text)
    if ddl is None:
        raise QueryFailed("FAILED: ParseException", "line 1:1: missing EOF or mismatched input")
    cursor.i = len(cursor.tokens)
    schema, name = (ddl.database or database).lower(), ddl.table.lower()
    if isinstance(ddl, emulated._DropTable):
        return lambda: _drop(schema, name, ddl.if_exists, view=False)
    if not ddl.external:
        raise QueryFailed("MALFORMED_QUERY", "External keyword required for table type HIVE")
    if not ddl.location:
        raise QueryFailed(
            "MALFORMED_QUERY", "No location was specified for table. An S3 location must be specified"
        )

    def run() -> Answer:
        access.glue("GetDatabase", schema)
        access.glue("CreateTable", schema, name)
        if ddl.if_not_exists and f"{schema}/{name}" in glue._tables:
            return Answer()
        table = emulated._create_table_input(ddl) | {"Name": name}
        for column in table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]:
            column["Name"] = column["Name"].lower()
        _check_lengths(table)
        return _checked(glue._create_table({"DatabaseName": schema, "TableInput": table}))

    return run


def _drop(database: str, name: str, if_exists: bool, view: bool) -> Answer:
    access.glue("GetTable", database, name)
    access.glue("DeleteTable", database, name)
    table = glue._tables.get(f"{database}/{name}")
    if table is None and if_exists:
        return Answer()
    kind = "View" if view else "Table"
    if table is None:
        raise QueryFailed("FAILED", f"SemanticException [Error 10001]: {kind} not found {database}.{name}")
    if (table["TableType"] == VIRTUAL_VIEW) != view:
        mismatch = "a table with DROP VIEW" if view else "a view with DROP TABLE"
        raise QueryFailed(
            "FAILED", f"SemanticException [Error 10097]: Cannot drop {mismatch}: {database}.{name}"
        )
    return _checked(glue._delete_table({"DatabaseName": database, "Name": name}))


# --- views


def _create_view(cursor: Any, database: str, replace: bool = False) -> Statement:
    schema, name = qualified(cursor, database)
    comment = cursor.string() if cursor.keywords("comment") else None
    if not cursor.keywords("as"):
        raise unexpected(cursor)
    sql = query_text(cursor)

    def run() -> Answer:
        access.glue("GetDatabase", schema)
        if schema not in glue._databases:
            raise QueryFailed("SCHEMA_NOT_FOUND", f"Schema '{schema}' does not exist")
        existing = glue._tables.get(f"{schema}/{name}")
        if existing is not None and (not replace or existing["TableType"] != VIRTUAL_VIEW):
            kind = "View" if existing["TableType"] == VIRTUAL_VIEW else "Table"
            raise QueryFailed(
                "ALREADY_EXISTS", f"line 1:1: {kind} '{CATALOG}.{schema}.{name}' already exists"
            )
        with Analysis(sql, database, is_definition=True) as analysis:
            view = table_input(name, sql, database, analysis.columns(), comment)
        _check_lengths(view)
        request = {"DatabaseName": schema, "TableInput": view}
        access.glue("UpdateTable" if existing else "CreateTable", schema, name)
        return _checked(glue._update_table(request) if existing else glue._create_table(request))

    return run


def _drop_view(cursor: Any, database: str) -> Statement:
    if_exists = cursor.keywords("if", "exists")
    schema, name = qualified(cursor, database)
    return lambda: _drop(schema, name, if_exists, view=True)


_STATEMENTS: tuple[tuple[tuple[str, ...], Callable[[Any, str], Statement]], ...] = (
    (("create", "database"), _create_database),
    (("create", "schema"), _create_database),
    (("drop", "database"), _drop_database),
    (("drop", "schema"), _drop_database),
    (
        ("create", "or", "replace", "view"),
        lambda cursor, database: _create_view(cursor, database, replace=True),
    ),
    (("create", "view"), _create_view),
    (("drop", "view"), _drop_view),
    (("create", "external", "table"), _table_statement),
    (("create", "table"), _table_statement),
    (("drop", "table"), _table_statement),
    (("show", "create", "view"), show.create_view),
    (("show", "tables"), show.names("tab_name", views_only=False)),
    (("show", "views"), show.names("views", views_only=True)),
    (("show", "databases"), show.databases),
    (("show", "schemas"), show.databases),
    (("describe",), show.describe),
    (("explain",), show.explain_validate),
)
