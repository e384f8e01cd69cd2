"""Statements that look at the catalog and change nothing: SHOW, DESCRIBE, EXPLAIN.

Emulates: SHOW of databases, tables, views and a view's statement; DESCRIBE; EXPLAIN (TYPE VALIDATE).

Not covered: SHOW PARTITIONS, COLUMNS and TBLPROPERTIES, other kinds of EXPLAIN, and the exact spacing of
DESCRIBE.

Reference:
https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.services import glue

from local.athena import access
from local.athena.analysis import Analysis, find_table
from local.athena.query import Answer
from local.athena.statement import Statement, qualified, query_text, tables, unexpected
from local.athena.views import CATALOG, VIRTUAL_VIEW, decode
from local.trino.errors import QueryFailed


def create_view(cursor: Any, database: str) -> Statement:
    """Show the statement that creates a view."""
    schema, name = qualified(cursor, database)

    def run() -> Answer:
        table = find_table(schema, name)
        if table["TableType"] != VIRTUAL_VIEW:
            raise QueryFailed("NOT_SUPPORTED", f"Relation '{CATALOG}.{schema}.{name}' is a table, not a view")
        sql = decode(table["ViewOriginalText"])["originalSql"]
        return _single_column("Create View", [f"CREATE VIEW {schema}.{name} AS", *sql.splitlines()])

    return run


def names(column: str, views_only: bool) -> Callable[[Any, str], Statement]:
    """Show the names of tables and views, or of views alone, in a column of this name."""

    def parser(cursor: Any, database: str) -> Statement:
        schema_name = cursor.identifier() if cursor.keywords("in") or cursor.keywords("from") else database
        cursor.keywords("like")
        pattern = cursor.string()

        def run() -> Answer:
            schema = (schema_name or "").lower()
            access.glue("GetDatabase", schema)
            access.glue("GetTables", schema)
            if schema not in glue._databases:
                raise QueryFailed(
                    "FAILED", f"SemanticException [Error 10072]: Database does not exist: {schema}"
                )
            table_names = [
                t["Name"] for t in tables(schema) if not views_only or t["TableType"] == VIRTUAL_VIEW
            ]
            regex = (pattern or "*").replace("*", ".*")
            return _single_column(column, sorted(name for name in table_names if re.fullmatch(regex, name)))

        return run

    return parser


def databases(_: Any, __: str) -> Statement:
    """Show the names of all databases."""

    def run() -> Answer:
        access.glue("GetDatabases")
        return _single_column("database_name", sorted(glue._databases))

    return run


def describe(cursor: Any, database: str) -> Statement:
    """Show the columns of a table or view."""
    schema, name = qualified(cursor, database)

    def run() -> Answer:
        table = find_table(schema, name)
        keys = table.get("PartitionKeys") or []
        rows = [_column_line(column) for column in [*table["StorageDescriptor"]["Columns"], *keys]]
        if keys:
            heading = {"Name": "# col_name", "Type": "data_type", "Comment": "comment"}
            rows += [
                "\t \t ",
                "# Partition Information\t \t ",
                _column_line(heading),
                "\t \t ",
                *map(_column_line, keys),
            ]
        return Answer(
            [(c, "VARCHAR") for c in ("col_name", "data_type", "comment")], [(row,) for row in rows]
        )

    return run


def explain_validate(cursor: Any, database: str) -> Statement:
    """Check a query as far as its columns and types; other kinds of EXPLAIN are refused."""
    if not (cursor.punct("(") and cursor.keywords("type", "validate") and cursor.punct(")")):
        raise unexpected(cursor)
    sql = query_text(cursor)

    def run() -> Answer:
        with Analysis(sql, database, is_definition=True) as analysis:
            analysis.columns()
        return Answer([("Valid", "BOOLEAN")], [(True,)])

    return run


def _single_column(column: str, rows: list[str]) -> Answer:
    return Answer([(column, "VARCHAR")], [(row,) for row in rows])


def _column_line(column: dict[str, str]) -> str:
    return "\t".join(f"{column.get(key, ''):20}" for key in ("Name", "Type", "Comment"))
