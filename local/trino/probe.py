"""What type an expression has, wherever it stands in a query.

Emulates: nothing by itself. DuckDB says the type: the expression is put into a call that cannot exist, and
DuckDB's refusal names the types of the arguments. That works in a correlated subquery, an aggregate, a
lambda.

Not covered: types that Trino has and DuckDB lacks: timestamps that carry a zone, `char`, `real`'s text.

Reference: https://duckdb.org/docs/stable/sql/functions/overview
"""

import duckdb
from sqlglot import exp

from local.trino.errors import translated
from local.trino.functions import call

_PROBE = "pi"  # takes no argument, so that any call with one is refused
_REFUSAL = "No function matches the given name and argument types 'pi("
UNTYPED = '"NULL"'  # how DuckDB names the type of a NULL that has none
_UNGROUPED = "must appear in the GROUP BY clause"


class Probe:
    """Asks DuckDB about the expressions of one query, which DuckDB can already read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tree: exp.Expr, dialect: type):
        self.tree = tree
        self._connection, self._dialect = connection, dialect
        clause = tree.args.get("with_")
        is_recursive = clause is not None and clause.args.get("recursive")
        self._queries: list[exp.CTE] = [] if clause is None or is_recursive else list(clause.expressions)
        self.parts = [*(query.this for query in self._queries), tree]
        self._columns: list[str] = []  # of the parts before: each the query of a WITH, one row of NULLs

    def settle(self) -> None:
        """Go on to the next of `parts`: each query of a WITH in order, and the whole query last.

        What is asked about is asked in its part alone, where those before it stand by the types of their
        columns. So nothing of them may change after this. A probe in a view's fifth query would otherwise
        carry the first four.
        """
        if len(self._columns) < len(self._queries):
            self._columns.append(self._columns_of(self._queries[len(self._columns)]))

    def types(self, node: exp.Expr, operands: list[exp.Expr]) -> list[str]:
        """Return the DuckDB types of the operands as if they stood in the place of that node."""
        probe_call = call(_PROBE, *(operand.copy() for operand in operands))
        error = self._refusal_at(node, probe_call)
        if _REFUSAL not in str(error) and _UNGROUPED in str(error):  # an aggregate in HAVING or ORDER BY
            error = self._refusal_at(node, exp.AnyValue(this=probe_call))
        if _REFUSAL not in str(error):
            raise translated(error, self.tree) from error
        return _split(str(error).partition(_REFUSAL)[2].partition(")'")[0])

    def has_column(self, select: exp.Select, column: exp.Column) -> bool:
        """Tell whether a query's FROM, or a query around it, has a column of that name."""
        arguments = dict(select.args)
        for argument in ("where", "group", "having", "order", "limit", "offset", "distinct", "windows"):
            select.set(argument, None)
        select.set("expressions", [call(_PROBE, column.copy())])
        try:
            return _REFUSAL in str(self._refusal())
        finally:
            for argument, value in arguments.items():
                select.set(argument, value)

    def _refusal_at(self, node: exp.Expr, probe: exp.Expr) -> duckdb.Error:
        node.replace(probe)
        try:
            return self._refusal()
        finally:
            probe.replace(node)

    def _columns_of(self, query: exp.CTE) -> str:
        try:
            described = self._connection.execute(f"DESCRIBE {self._sql()}").fetchall()
        except duckdb.Error as error:
            raise translated(error, self.tree) from error
        names = [column.name for column in query.args["alias"].columns]
        names += [name for name, *_ in described[len(names) :]]
        values = ["NULL" if kind == UNTYPED else f"CAST(NULL AS {kind})" for _, kind, *_ in described]
        columns = (f"{value} AS {_quoted(name)}" for value, name in zip(values, names, strict=True))
        return f"{_quoted(query.alias)} AS (SELECT {', '.join(columns)})"

    def _sql(self) -> str:
        """Return the part as a query by itself."""
        part = self.parts[len(self._columns)]
        if not self._columns:
            return str(part.sql(self._dialect, identify=True, copy=False))
        clause = self.tree.args["with_"]
        self.tree.set("with_", None)
        try:
            sql = part.sql(self._dialect, identify=True, copy=False)
        finally:
            self.tree.set("with_", clause)
        return f"WITH {', '.join(self._columns)} SELECT * FROM ({sql})"  # noqa: S608  # of our own

    def _refusal(self) -> duckdb.Error:
        try:
            self._connection.execute(f"EXPLAIN {self._sql()}")
        except duckdb.Error as error:
            return error
        raise AssertionError("DuckDB has not refused the probe")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _split(types: str) -> list[str]:
    """Split `DECIMAL(12,2), MAP(VARCHAR, INTEGER)` at its outer commas."""
    parts, depth = [""], 0
    for char in types:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
