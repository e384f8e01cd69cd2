"""Second pass of the translation: what depends on types.

Emulates: Trino's types: the operators and functions that they have, division and casts.

Not covered: see `operands`, which says what of operands is checked.

Reference: https://trino.io/docs/current/language/types.html
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from local.trino.casts import rewrite_cast
from local.trino.errors import QueryFailed, position
from local.trino.functions import call, cast, family
from local.trino.operands import check_arguments, check_comparable, mismatch, outermost
from local.trino.probe import Probe


def rewrite_by_type(probe: Probe) -> None:
    """Rewrite the probe's query: inner queries before outer ones, and operands before operators."""
    visited: set[int] = set()
    for nodes in [list(_inside_out(part, visited)) for part in probe.parts]:
        for node in nodes:
            if takes := node.meta.pop("takes", None):
                check_arguments(probe, node, *takes)
            for kind, rewriter in _REWRITERS.items():
                if isinstance(node, kind):
                    rewriter(probe, node)
                    break
        probe.settle()


def _inside_out(tree: exp.Expr, visited: set[int]) -> Iterator[exp.Expr]:
    for root in [scope.expression for scope in traverse_scope(tree)] + [tree]:
        for node in reversed(list(root.walk())):
            if id(node) not in visited:
                visited.add(id(node))
                yield node


def _compare(probe: Probe, node: exp.Binary) -> None:
    check_comparable(probe, node, [node.this, node.expression])


def _between(probe: Probe, node: exp.Between) -> None:
    check_comparable(probe, node, [node.this, node.args["low"], node.args["high"]])


def _aliases(probe: Probe, select: exp.Select) -> None:
    """Reject an alias outside ORDER BY: DuckDB knows it there, Trino does not."""
    aliases = {
        projection.alias.lower() for projection in select.expressions if isinstance(projection, exp.Alias)
    }
    parts = [*select.expressions, *(select.args.get(part) for part in ("where", "group", "having"))]
    for part in parts:
        for column in part.find_all(exp.Column) if part and aliases else ():
            is_alias = not column.table and column.name.lower() in aliases and column.parent_select is select
            if is_alias and not probe.has_column(select, column):
                raise QueryFailed(
                    "COLUMN_NOT_FOUND", f"{position(column)}Column '{column.name}' cannot be resolved"
                )


def _in(probe: Probe, node: exp.In) -> None:
    check_comparable(probe, node, [node.this, *node.expressions])


def _case(probe: Probe, node: exp.Case) -> None:
    branches = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
    check_comparable(probe, node, [branch for branch in branches if branch])
    if node.this:
        check_comparable(probe, node, [node.this] + [branch.this for branch in node.args["ifs"]])


def _if(probe: Probe, node: exp.If) -> None:
    if not isinstance(node.parent, exp.Case):
        check_comparable(
            probe, node, [node.args["true"], node.args["false"]] if node.args.get("false") else []
        )


def _concatenate(probe: Probe, node: exp.DPipe) -> None:
    kinds = probe.types(node, [node.this, node.expression])
    if not {family(kind) for kind in kinds} - {""} <= {"s"} and {family(kind) for kind in kinds} != {"a"}:
        raise mismatch(node, kinds)


def _add(probe: Probe, node: exp.Add | exp.Sub) -> None:
    """Keep a date plus an interval a date; reject the difference of two dates, an interval in Trino."""
    kinds = probe.types(node, [node.this, node.expression])
    left, right = (family(kind) or "i" for kind in kinds)
    if "D" in (left, right) and "v" in (left, right):
        _wrap_in_cast(node, "date")
    elif not ({left, right} <= set("idf") or ({left, right} <= set("TZv") and "v" in (left, right))):
        raise mismatch(node, kinds)


def _multiply(probe: Probe, node: exp.Mul | exp.Mod) -> None:
    kinds = probe.types(node, [node.this, node.expression])
    if not {family(kind) or "i" for kind in kinds} <= set("idf"):
        raise mismatch(node, kinds)


def _divide(probe: Probe, node: exp.Div) -> None:
    kinds = probe.types(node, [node.this, node.expression])
    letters = {family(kind) or "i" for kind in kinds}
    if not letters <= set("idf"):
        raise mismatch(node, kinds)
    if letters == {"i"}:
        node.replace(exp.paren(exp.IntDiv(this=node.this, expression=node.expression), copy=False))
    elif "f" not in letters:
        node.replace(_divided_decimals(node.this, node.expression, max(map(_scale, kinds))))


def _scale(kind: str) -> int:
    return int(kind.rstrip(")").rpartition(",")[2]) if kind.startswith("DECIMAL") else 0


def _divided_decimals(left: exp.Expr, right: exp.Expr, scale: int) -> exp.Expr:
    kind = f"decimal(38, {scale})"
    unit = exp.Literal.number(f"{1:.{scale}f}" if scale == 0 else "0." + "1".rjust(scale, "0"))
    quotient = exp.Anonymous(
        this="trino_divide_decimals", expressions=[cast(left, kind), cast(right, kind), unit]
    )
    return cast(exp.Mul(this=quotient, expression=unit.copy()), kind)


def _aggregate(probe: Probe, node: exp.Anonymous) -> None:
    """Trino's sum of whole numbers is a bigint, and its average of decimals a decimal."""
    name = node.name.lower()
    if name in ("coalesce", "nullif"):
        check_comparable(probe, node, node.expressions)
    if name not in ("sum", "avg"):
        return
    outer = outermost(node)
    total = _renamed(outer, node, "sum" if name == "avg" else name)
    (kind,) = probe.types(outer, [total])
    if name != "avg" and kind == "HUGEINT":
        outer.replace(cast(total, "bigint"))
    elif name == "avg" and kind.startswith("DECIMAL"):
        outer.replace(_divided_decimals(total, _renamed(outer, node, "count"), _scale(kind)))


def _renamed(outer: exp.Expr, node: exp.Anonymous, name: str) -> exp.Expr:
    """Return a copy of an aggregate with its FILTER and OVER under another name."""
    original = node.this
    node.set("this", name)
    renamed = outer.copy()
    node.set("this", original)
    return renamed


def _subscript(probe: Probe, node: exp.Bracket) -> None:
    """`a[i]` and `m[k]` fail in Trino where `element_at` answers NULL; it fails for 0 alone."""
    letter = family(probe.types(node, [node.this])[0])
    if node.args.get("safe"):
        if letter == "a":
            _check_first(node, call("trino_index", node.expressions[0].copy()))
        return
    if letter == "r":  # whose fields are known beforehand
        return
    if letter not in ("a", "m"):
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}subscript of neither an array, a map nor a row")
    macro = "trino_key" if letter == "m" else "trino_item"
    _check_first(node, call(macro, node.this.copy(), node.expressions[0].copy()))


def _check_first(node: exp.Expr, condition: exp.Expr) -> None:
    """Put a check in front of a node, which ends the query or is true."""
    wrapper = exp.Case(ifs=[exp.If(this=condition, true=exp.Null())])
    node.replace(wrapper)
    wrapper.args["ifs"][0].set("true", node)


_KEPT_DATES = {
    "date_trunc": (1, "date"),
    "trino_sequence": (0, "date[]"),
}  # argument and result, a timestamp's otherwise


def _function(probe: Probe, node: exp.Anonymous) -> None:
    name = node.name.lower()
    if name == "list_reduce":
        _reduce(probe, node)
    if name not in _KEPT_DATES:
        _aggregate(probe, node)
        return
    index, kind = _KEPT_DATES[name]
    if probe.types(node, [node.expressions[index]]) == ["DATE"]:
        _wrap_in_cast(node, kind)


def _reduce(probe: Probe, node: exp.Anonymous) -> None:
    """Reject a reduce whose step widens a decimal, for which Trino finds no type in four attempts.

    Source: SOLVE_ITERATION_LIMIT in Trino's SignatureBinder.java.
    """
    _, step, start = node.expressions
    (state,) = probe.types(node, [start])
    (result,) = probe.types(step.this, [step.this])
    if state.startswith("DECIMAL") and state != result:
        message = f"reduce begins with {state.lower()} and continues with {result.lower()}"
        raise QueryFailed("TYPE_MISMATCH", f"{position(node)}{message}")


def _wrap_in_cast(node: exp.Expr, kind: str) -> None:
    wrapper = cast(exp.Null(), kind)
    node.replace(wrapper)
    wrapper.set("this", node)


_REWRITERS: dict[Any, Callable[[Probe, Any], None]] = {
    exp.EQ
    | exp.NEQ
    | exp.LT
    | exp.LTE
    | exp.GT
    | exp.GTE
    | exp.NullSafeEQ
    | exp.NullSafeNEQ
    | exp.Like: _compare,
    exp.Between: _between,
    exp.In: _in,
    exp.Case: _case,
    exp.If: _if,
    exp.DPipe: _concatenate,
    exp.Add | exp.Sub: _add,
    exp.Mul | exp.Mod: _multiply,
    exp.Div: _divide,
    exp.Cast: rewrite_cast,
    exp.Bracket: _subscript,
    exp.Anonymous: _function,
    exp.Select: _aliases,
}
