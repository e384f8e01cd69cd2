"""Statements about the catalog: databases, tables and views, kept in Glue as Athena keeps them.

The emulator's own parser reads CREATE TABLE and DROP TABLE. It does not prove that Athena accepts a table's
properties: see `partitions` for those that are read.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.services import athena as emulated
from ministack.services import glue

from local.athena import access
from local.athena.query import Answer, Query, find_table
from local.athena.views import CATALOG, VIRTUAL_VIEW, decode, table_input
from local.trino import translation as trino
from local.trino.errors import QueryFailed

Statement = Callable[[], Answer]
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
                raise _unexpected(cursor)
            return statement
    if (cursor.peek()[1] or "").lower() in _NOT_QUERIES:
        raise _unexpected(cursor)
    return None


def _unexpected(cursor: Any) -> QueryFailed:
    token = cursor.peek()
    if token[1] == ";":
        return QueryFailed("SYNTAX_ERROR", "Only one sql statement is allowed.")
    before = cursor.text[: token[2]] if token[2] is not None else cursor.text
    where = f"line {before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
    return QueryFailed("FAILED: ParseException", f"{where}mismatched input '{token[1] or '<EOF>'}'")


def _qualified(cursor: Any, database: str) -> tuple[str, str]:
    name = cursor.dotted_name(3)
    if name is None:
        raise _unexpected(cursor)
    return (name[1] or database).lower(), name[2].lower()


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
        raise _unexpected(cursor)
    description = cursor.string() if cursor.keywords("comment") else None
    location = cursor.string() if cursor.keywords("location") else None
    properties = emulated._property_list(cursor) if cursor.keywords("with", "dbproperties") else {}

    def run() -> Answer:
        access.glue("GetDatabase", name.lower())
        access.glue("CreateDatabase", name.lower())
        if if_not_exists and name.lower() in glue._databases:
            return Answer()
        given = {"Name": name.lower(), "Description": description or "", "Parameters": properties or {}}
        return _checked(
            glue._create_database({"DatabaseInput": given | ({"LocationUri": location} if location else {})})
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
        if not cascade and _tables(name):
            message = (
                f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
            )
            raise QueryFailed("FAILED", f"Execution Error, return code 1 from DDLTask. {message}")
        return _checked(glue._delete_database({"Name": name}))

    return run


def _tables(database: str) -> list[dict[str, Any]]:
    return [table for key, table in glue._tables.items() if key.startswith(f"{database}/")]


# --- tables


def _table_statement(cursor: Any, database: str) -> Statement:
    ddl = emulated._parse_ddl(cursor.text)
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
        other = "a table with DROP VIEW" if view else "a view with DROP TABLE"
        raise QueryFailed(
            "FAILED", f"SemanticException [Error 10097]: Cannot drop {other}: {database}.{name}"
        )
    return _checked(glue._delete_table({"DatabaseName": database, "Name": name}))


# --- views


def _create_view(cursor: Any, database: str, replace: bool = False) -> Statement:
    schema, name = _qualified(cursor, database)
    comment = cursor.string() if cursor.keywords("comment") else None
    if not cursor.keywords("as"):
        raise _unexpected(cursor)
    start = cursor.peek()[2]
    if start is None:
        raise _unexpected(cursor)
    sql = cursor.text[start : cursor.tokens[-1][3]]
    cursor.i = len(cursor.tokens)
    trino.parse(sql)

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
        view = table_input(name, sql, database, Query(sql, database).columns(), comment)
        given = {"DatabaseName": schema, "TableInput": view}
        access.glue("UpdateTable" if existing else "CreateTable", schema, name)
        return _checked(glue._update_table(given) if existing else glue._create_table(given))

    return run


def _drop_view(cursor: Any, database: str) -> Statement:
    if_exists = cursor.keywords("if", "exists")
    schema, name = _qualified(cursor, database)
    return lambda: _drop(schema, name, if_exists, view=True)


def _show_create_view(cursor: Any, database: str) -> Statement:
    schema, name = _qualified(cursor, database)

    def run() -> Answer:
        table = find_table(schema, name)
        if table["TableType"] != VIRTUAL_VIEW:
            raise QueryFailed("NOT_SUPPORTED", f"Relation '{CATALOG}.{schema}.{name}' is a table, not a view")
        sql = decode(table["ViewOriginalText"])["originalSql"]
        return _text("Create View", [f"CREATE VIEW {schema}.{name} AS", *sql.splitlines()])

    return run


# --- looking


def _text(column: str, rows: list[str]) -> Answer:
    return Answer([(column, "VARCHAR")], [(row,) for row in rows])


def _show(column: str, views_only: bool) -> Callable[[Any, str], Statement]:
    def parser(cursor: Any, database: str) -> Statement:
        named = cursor.identifier() if cursor.keywords("in") or cursor.keywords("from") else database
        cursor.keywords("like")
        pattern = cursor.string()

        def run() -> Answer:
            schema = (named or "").lower()
            access.glue("GetDatabase", schema)
            access.glue("GetTables", schema)
            if schema not in glue._databases:
                raise QueryFailed(
                    "FAILED", f"SemanticException [Error 10072]: Database does not exist: {schema}"
                )
            names = [t["Name"] for t in _tables(schema) if not views_only or t["TableType"] == VIRTUAL_VIEW]
            wanted = (pattern or "*").replace("*", ".*")
            return _text(column, sorted(name for name in names if re.fullmatch(wanted, name)))

        return run

    return parser


def _show_databases(_: Any, __: str) -> Statement:
    def run() -> Answer:
        access.glue("GetDatabases")
        return _text("database_name", sorted(glue._databases))

    return run


def _describe(cursor: Any, database: str) -> Statement:
    schema, name = _qualified(cursor, database)

    def run() -> Answer:
        table = find_table(schema, name)
        keys = table.get("PartitionKeys") or []
        rows = [_described(column) for column in [*table["StorageDescriptor"]["Columns"], *keys]]
        if keys:
            heading = {"Name": "# col_name", "Type": "data_type", "Comment": "comment"}
            rows += [
                "\t \t ",
                "# Partition Information\t \t ",
                _described(heading),
                "\t \t ",
                *map(_described, keys),
            ]
        return Answer(
            [(c, "VARCHAR") for c in ("col_name", "data_type", "comment")], [(row,) for row in rows]
        )

    return run


def _described(column: dict[str, str]) -> str:
    return "\t".join(f"{column.get(key, ''):20}" for key in ("Name", "Type", "Comment"))


def _explain_validate(cursor: Any, database: str) -> Statement:
    """Check a query as far as its columns and types; other kinds of EXPLAIN are refused."""
    if not (cursor.punct("(") and cursor.keywords("type", "validate") and cursor.punct(")")):
        raise _unexpected(cursor)
    start = cursor.peek()[2]
    if start is None:
        raise _unexpected(cursor)
    sql = cursor.text[start : cursor.tokens[-1][3]]
    cursor.i = len(cursor.tokens)
    trino.parse(sql)

    def run() -> Answer:
        Query(sql, database).columns()
        return Answer([("Valid", "BOOLEAN")], [(True,)])

    return run


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
    (("show", "create", "view"), _show_create_view),
    (("show", "tables"), _show("tab_name", views_only=False)),
    (("show", "views"), _show("views", views_only=True)),
    (("show", "databases"), _show_databases),
    (("show", "schemas"), _show_databases),
    (("describe",), _describe),
    (("explain",), _explain_validate),
)
