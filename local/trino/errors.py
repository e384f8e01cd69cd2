"""Errors of a query, worded as Athena words them: a Trino error name, a colon, what is wrong and where.

Emulates: the names of Trino's errors, and its messages where a test or a user meets them.

Not covered: the other messages, which are DuckDB's under the name of the nearest of Trino's errors.

Reference: https://github.com/trinodb/trino: StandardErrorCode.java
"""

import re

import duckdb
from sqlglot import exp


class QueryFailed(Exception):
    """The query ends in the state FAILED."""

    def __init__(self, name: str, message: str):
        super().__init__(f"{name}: {message}")


class PermissionDenied(QueryFailed):
    """The query's caller may not do what the query takes."""

    def __init__(self, message: str):
        Exception.__init__(self, f"Insufficient permissions to execute the query. {message}")


def position(node: exp.Expr | None) -> str:
    """Return Trino's `line 1:8: ` of a node, or nothing when the parser did not keep it."""
    for descendant in node.walk() if node is not None else ():
        if "line" in descendant.meta:
            width = descendant.meta["end"] - descendant.meta["start"]
            return f"line {descendant.meta['line']}:{max(descendant.meta['col'] - width, 1)}: "
    return ""


_PATTERNS = (
    (r'Referenced column "([^"]+)"', "COLUMN_NOT_FOUND", "Column '{}' cannot be resolved"),
    (r'Referenced table "([^"]+)" not found', "COLUMN_NOT_FOUND", "Column '{}.*' cannot be resolved"),
    (r'does not have a column named "([^"]+)"', "COLUMN_NOT_FOUND", "Column '{}' cannot be resolved"),
    (r'Ambiguous reference to column name "([^"]+)"', "AMBIGUOUS_NAME", "Column '{}' is ambiguous"),
    (r'column "?([^"]+?)"? must appear in the GROUP BY', "EXPRESSION_NOT_AGGREGATE",
     "'{}' must be an aggregate expression or appear in GROUP BY clause"),
    (r"Could not convert string '(Cannot cast to .*)' to INT32", "INVALID_CAST_ARGUMENT", "{}"),
    (r"(Type INT128 with value .*)", "NUMERIC_VALUE_OUT_OF_RANGE", "{}"),
    (r"(Map keys must be unique|Map keys can not be NULL|The map key list does not align)",
     "INVALID_FUNCTION_ARGUMENT", "{}"),
    (r"Could not convert string '([A-Z][^':]+: ?[^']*)' to INT32", "INVALID_FUNCTION_ARGUMENT", "{}"),
    (r"(Malformed JSON)", "HIVE_CURSOR_ERROR", "Row is not a valid JSON Object: {}"),
    (r"(Division by zero)", "DIVISION_BY_ZERO", "{}"),
)  # fmt: skip


def translated(error: duckdb.Error, tree: exp.Expr | None = None) -> QueryFailed:
    """Return what Athena would have said instead of DuckDB's message."""
    text = str(error).split("\n")[0]
    for pattern, name, message in _PATTERNS:
        if match := re.search(pattern, text):
            identifier = tree and next(
                (node for node in tree.find_all(exp.Identifier) if node.name == match[1]), None
            )
            return QueryFailed(name, position(identifier) + message.format(*match.groups()))
    names: dict[type[duckdb.Error], str] = {
        duckdb.BinderException: "TYPE_MISMATCH",
        duckdb.CatalogException: "SYNTAX_ERROR",
        duckdb.ParserException: "SYNTAX_ERROR",
        duckdb.ConversionException: "INVALID_CAST_ARGUMENT",
        duckdb.OutOfRangeException: "NUMERIC_VALUE_OUT_OF_RANGE",
    }
    return QueryFailed(names.get(type(error), "GENERIC_INTERNAL_ERROR"), text.partition(": ")[2] or text)
