"""Athena's SQL (Trino) as DuckDB SQL.

Emulates: Athena engine 3. sqlglot parses and prints; what it would leave silently different is changed in
two passes: `rewrites` changes shapes, `types` then what depends on types. Whatever is not known to mean the
same is rejected.

Not covered: whether Athena accepts a query: only Athena tells.

Reference: https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import duckdb
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from local.trino.errors import QueryFailed
from local.trino.limits import SEQUENCE_ENTRIES
from local.trino.probe import Probe
from local.trino.rewrites import name_columns, rewrite
from local.trino.types import rewrite_by_type

_MACROS = Path(__file__).with_name("macros.sql").read_text()
_MACROS = _MACROS.replace("SEQUENCE_ENTRIES", str(SEQUENCE_ENTRIES))


class TrinoSource(Trino):
    """Trino without sqlglot's knowledge of functions, which keeps their names for `FUNCTIONS` to judge."""

    INDEX_OFFSET = 0

    class Parser(TrinoParser):
        """Parses every plain function call as an anonymous one."""

        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., exp.Expr | None]]] = {
            name: parser
            for name, parser in TrinoParser.FUNCTION_PARSERS.items()
            if name not in ("MAX_BY", "MIN_BY")  # plain calls, that sqlglot takes for DuckDB's arg_max
        }


class DuckTarget(DuckDB):
    """DuckDB with subscripts as they stand, both count from one, and IGNORE NULLS in any function."""

    INDEX_OFFSET = 0

    class Generator(DuckDBGenerator):
        """Prints IGNORE NULLS where DuckDB wants it."""

        def ignorenulls_sql(self, expression: exp.IgnoreNulls) -> str:
            """Print `lag(x IGNORE NULLS)` for `lag(x) IGNORE NULLS`."""
            return self.sql(expression, "this").removesuffix(")") + " IGNORE NULLS)"


def connect() -> duckdb.DuckDBPyConnection:
    """Return an empty in-memory database that follows Trino where a setting or a macro can make it."""
    connection = duckdb.connect(config={"default_null_order": "nulls_last"})
    connection.execute("SET TimeZone = 'UTC'")
    # Trino does neither: the one would read a table twice for a window over all of it, the other reads the
    # columns of a count of different values that nobody asks for.
    connection.execute("SET disabled_optimizers = 'window_self_join,distinct_aggregate_rewrite'")
    connection.execute(_MACROS)
    return connection


@contextmanager
def also_disabled(connection: duckdb.DuckDBPyConnection, optimizers: str) -> Iterator[None]:
    """Disable more of DuckDB's optimizers, their names with commas between, for as long as a plan takes."""
    previous = connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()[0][0]
    connection.execute(f"SET disabled_optimizers = '{previous},{optimizers}'")
    try:
        yield
    finally:
        connection.execute(f"SET disabled_optimizers = '{previous}'")


def parse(sql: str) -> exp.Expr:
    """Return the tree of one query, or raise the syntax error that Athena reports at submission."""
    dialect = TrinoSource()
    try:
        trees = [tree for tree in dialect.parse(sql) if tree is not None]
        _reject_lenient_syntax(dialect.tokenize(sql))
    except (ParseError, TokenError) as error:
        errors = getattr(error, "errors", None) or [{}]
        line_and_column = f"line {errors[0].get('line', 1)}:{errors[0].get('col', 1)}: "
        raise QueryFailed(
            "SYNTAX_ERROR", f"{line_and_column}mismatched input '{errors[0].get('highlight', '')}'"
        ) from error
    if len(trees) != 1:
        raise QueryFailed("SYNTAX_ERROR", "Only one sql statement is allowed.")
    if not isinstance(trees[0], exp.Query | exp.Values):
        raise QueryFailed("SYNTAX_ERROR", f"mismatched input '{sql.split(maxsplit=1)[0]}'")
    return trees[0]


def bind(sql: str, parameters: Sequence[str]) -> str:
    """Return the query with the parameters, each the text of a literal, in place of the question marks."""
    tokens = TrinoSource().tokenize(sql)
    placeholders = [token for token in tokens if token.token_type == TokenType.PLACEHOLDER]
    if len(placeholders) != len(parameters):
        message = f"Incorrect number of parameters: expected {len(placeholders)} but found {len(parameters)}"
        raise QueryFailed("INVALID_PARAMETER_USAGE", message)
    for placeholder, text in reversed(list(zip(placeholders, parameters, strict=True))):
        value, *rest = parse(f"SELECT {text}").expressions
        if rest or exp.select(value).sql() != parse(f"SELECT {text}").sql():
            raise QueryFailed("INVALID_PARAMETER_USAGE", f"not a value: {text}")
        sql = f"{sql[: placeholder.start]}({value.sql(TrinoSource)}){sql[placeholder.end + 1 :]}"
    return sql


def _reject_lenient_syntax(tokens: list[Token]) -> None:
    """Reject what sqlglot's parser forgives: `x::type`, and OFFSET after LIMIT instead of before."""
    has_limit: list[bool] = [False]  # by depth of parentheses
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            has_limit.append(False)
        elif token.token_type == TokenType.R_PAREN:
            has_limit.pop()
        elif token.token_type == TokenType.LIMIT:
            has_limit[-1] = True
        if token.token_type == TokenType.DCOLON or (token.token_type == TokenType.OFFSET and has_limit[-1]):
            line_and_column = f"line {token.line}:{token.col - len(token.text) + 1}: "
            raise QueryFailed("SYNTAX_ERROR", f"{line_and_column}mismatched input '{token.text}'")


def translate(tree: exp.Expr, connection: duckdb.DuckDBPyConnection) -> str:
    """Return the DuckDB query of a Trino one, and change its tree; the connection holds its tables.

    Tables without rows will do.
    """
    for select in tree.find_all(exp.Select):
        name_columns(select)
    for node in reversed(list(tree.walk())):
        rewritten = rewrite(node)
        if rewritten is not node:
            node.replace(rewritten)
    rewrite_by_type(Probe(connection, tree, DuckTarget))
    return tree.sql(DuckTarget, identify=True)  # DuckDB reserves other words than Trino
