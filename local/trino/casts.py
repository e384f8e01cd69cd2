"""Casts: how a value is rounded, read from a text and written as one.

Emulates: Trino's rounding, half away from zero; the texts that it reads as numbers, truth values, days and
times; its texts of doubles and times.

Not covered: casts that Trino rejects for their types; DuckDB's error takes the place of Trino's.

Reference: https://trino.io/docs/current/functions/conversion.html
"""

import re

from sqlglot import exp

from local.trino.errors import QueryFailed, position
from local.trino.functions import call, cast, family
from local.trino.probe import Probe

_DIGITS = r"(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
# What Trino reads in a text, spaces around it aside. DuckDB also reads 2026/11/01, 1_000, 0x10 and yes.
_READABLE = {
    exp.DType.BIGINT: r"[-+]?\d+",
    exp.DType.BOOLEAN: "(?i)t|f|1|0|true|false",
    exp.DType.DATE: r"\d{4}-\d{1,2}-\d{1,2}",
    exp.DType.DECIMAL: f"[-+]?{_DIGITS}",
    exp.DType.DOUBLE: f"[-+]?(NaN|Infinity|{_DIGITS})",
    exp.DType.TIMESTAMP: r"\d{4}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?",
}
_CAST_MACROS = {
    ("f", "whole"): "round",
    ("f", "text"): "trino_double_text",
    ("T", "text"): "trino_timestamp_text",
    ("Z", "text"): "trino_instant_text",
}


def rewrite_cast(probe: Probe, node: exp.Cast) -> None:
    """Round half away from zero, where DuckDB rounds half to even, and write times and doubles as Trino.

    A double becomes the decimal that its shortest digits spell, rounded half up: 259.9745 becomes 259.975.
    DuckDB multiplies in binary and gets 259.974. Source: Trino's DecimalConversions.java, whose
    internalDoubleToLongDecimal calls BigDecimal.valueOf and setScale with HALF_UP.
    """
    is_integer = node.to.this in exp.DataType.INTEGER_TYPES
    is_text = node.to.this in exp.DataType.TEXT_TYPES
    pattern = _READABLE.get(exp.DType.BIGINT if is_integer else node.to.this)
    if not (is_text or pattern):
        return
    (kind,) = probe.types(node, [node.this])
    if pattern and family(kind) == "s":
        _read_text(node, pattern)
        return
    if node.to.this == exp.DType.DECIMAL:
        if family(kind) == "f":
            node.set("this", cast(node.this, "varchar"))
        return
    macro = _CAST_MACROS.get((family(kind), "whole" if is_integer else "text"))
    if macro:
        node.set("this", call(macro, node.this))
    if is_text and family(kind) in "amr" and family(kind):
        raise QueryFailed("TYPE_MISMATCH", f"{position(node)}Cannot cast {kind.lower()} to varchar")
    if is_text and node.to.expressions:
        size = node.to.expressions[0].this.copy()
        node.to.set("expressions", [])
        wrapper = call("left", exp.Null(), size)
        node.replace(wrapper)
        wrapper.set("expressions", [node, size])


def _read_text(node: exp.Cast, pattern: str) -> None:
    """Hold a cast of a text to the pattern; a literal that matches needs no check when the query runs."""
    literal = node.this.unnest()
    if isinstance(literal, exp.Literal) and re.fullmatch(pattern, literal.name):
        return
    expected = exp.Literal.string(pattern)
    if isinstance(node, exp.TryCast):
        node.set("this", call("trino_readable", node.this, expected))
    else:
        kind = exp.Literal.string(node.to.sql("trino").lower())
        node.set("this", call("trino_read", node.this, expected, kind))
