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
_UNGROUPED = "must appear in the GROUP BY clause"


class Probe:
    """Asks DuckDB about the expressions of one query, which DuckDB can already read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tree: exp.Expr, dialect: type):
        self.tree = tree
        self._connection, self._dialect = connection, dialect

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

    def _refusal(self) -> duckdb.Error:
        try:
            self._connection.execute(f"EXPLAIN {self.tree.sql(self._dialect, identify=True, copy=False)}")
        except duckdb.Error as error:
            return error
        raise AssertionError("DuckDB has not refused the probe")


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
