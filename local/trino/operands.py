"""Whether operators and functions take the types of their operands.

Emulates: the errors of Trino for operands and arguments of types that do not fit.

Not covered: the length of `varchar(n)` in comparisons, and overloads that Trino resolves by coercing
arguments.

Reference: https://trino.io/docs/current/language/types.html
"""

from sqlglot import exp

from local.trino.errors import QueryFailed, position
from local.trino.functions import ACCEPTS, family
from local.trino.limits import DATE_UNITS
from local.trino.probe import Probe


def check_arguments(
    probe: Probe, node: exp.Expr, name: str, signature: str, operands: list[exp.Expr]
) -> None:
    """Reject arguments that Trino has no function for, where DuckDB would convert them."""
    overloads = [s for s in signature.split("|") if len(s) == len(operands) or s.endswith("*")]
    letters = [s.rstrip("*").ljust(len(operands), s[-2:-1] or "x") for s in overloads]
    typed = [i for i in range(len(operands)) if any(s[i] != "x" for s in letters)]
    if not typed:
        return
    kinds = probe.types(outermost(node), [operands[i] for i in typed])
    for kind, i in zip(kinds, typed, strict=True):
        accepted = "".join(ACCEPTS[s[i]] for s in letters)
        if family(kind) not in accepted:
            message = f"{position(node)}Unexpected parameters ({_trino_name(kind)}) for function {name}"
            raise QueryFailed("TYPE_MISMATCH", message)
    if name in ("date_add", "date_diff", "date_trunc"):
        _check_unit(node, operands[0].name.lower(), kinds)


def _check_unit(node: exp.Expr, unit: str, kinds: list[str]) -> None:
    """Reject an hour of a date, which DuckDB takes for a timestamp."""
    is_date = "DATE" in kinds and not any(kind.startswith("TIMESTAMP") for kind in kinds)
    if is_date and unit not in DATE_UNITS:
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{position(node)}'{unit}' is not a valid DATE field")


def outermost(node: exp.Expr) -> exp.Expr:
    """Return an aggregate with its FILTER and OVER."""
    while isinstance(node.parent, exp.Filter | exp.Window | exp.IgnoreNulls) and node.arg_key == "this":
        node = node.parent
    return node


def mismatch(node: exp.Expr, operands: list[str]) -> QueryFailed:
    """Return Trino's error for an operator that takes no operands of these types."""
    name = _OPERATORS.get(type(node), node.name if isinstance(node, exp.Anonymous) else node.key)
    message = f"Cannot apply operator: {f' {name} '.join(map(_trino_name, operands))}"
    return QueryFailed("TYPE_MISMATCH", position(node) + message)


def _trino_name(kind: str) -> str:
    """Return a DuckDB type as Trino would name it."""
    return {"STRING_LITERAL": "varchar", "INTEGER_LITERAL": "integer"}.get(kind, kind.lower())


_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.DPipe: "||",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip

# Families of types that compare with each other: see `family`.
_COMPARABLE = ("sj", "idf", "DTZ", "b", "a", "m", "r", "v", "B")


def check_comparable(probe: Probe, node: exp.Expr, operands: list[exp.Expr]) -> None:
    """Reject operands of unlike types, which DuckDB would convert: Trino compares no date with a string."""
    operands = [operand for operand in operands if not isinstance(operand, exp.Tuple | exp.Null)]
    if len(operands) < 2 or any(isinstance(operand, exp.Query) for operand in operands):
        return
    kinds = probe.types(outermost(node), operands)
    letters = {family(kind) for kind in kinds} - {""}
    if letters and not any(letters <= set(group) for group in _COMPARABLE):
        raise mismatch(node, kinds)
