"""What readers of the single statements share: each takes a cursor behind the statement's first words.

Emulates: names with their database and the errors of a statement that cannot be parsed.

Not covered: the wording of each of Hive's syntax errors.

Reference: https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
"""

from collections.abc import Callable
from typing import Any

from ministack.services import glue

from local.athena.query import Answer
from local.trino import translation as trino
from local.trino.errors import QueryFailed

type Statement = Callable[[], Answer]


def unexpected(cursor: Any) -> QueryFailed:
    """Return the error for what no statement has where the cursor stands."""
    token = cursor.peek()
    if token[1] == ";":
        return QueryFailed("SYNTAX_ERROR", "Only one sql statement is allowed.")
    preceding = cursor.text[: token[2]] if token[2] is not None else cursor.text
    line_and_column = f"line {preceding.count(chr(10)) + 1}:{len(preceding) - preceding.rfind(chr(10))}: "
    return QueryFailed("FAILED: ParseException", f"{line_and_column}mismatched input '{token[1] or '<EOF>'}'")


def qualified(cursor: Any, database: str) -> tuple[str, str]:
    """Read a name that may have its database before it, and return both."""
    name = cursor.dotted_name(3)
    if name is None:
        raise unexpected(cursor)
    return (name[1] or database).lower(), name[2].lower()


def query_text(cursor: Any) -> str:
    """Read the query that the rest of the statement is, and return its text; a syntax error is raised."""
    start = cursor.peek()[2]
    if start is None:
        raise unexpected(cursor)
    sql = str(cursor.text[start : cursor.tokens[-1][3]])
    cursor.i = len(cursor.tokens)
    trino.parse(sql)
    return sql


def tables(database: str) -> list[dict[str, Any]]:
    """Return the tables and views of a database."""
    return [table for key, table in glue._tables.items() if key.startswith(f"{database}/")]
