"""Date and number patterns of Trino functions as DuckDB ones.

Emulates: MySQL's patterns (`date_format`, `date_parse`), Joda's (`format_datetime`, `parse_datetime`) and
Java's Formatter (`format`).

Not covered: letters without an exact counterpart, which are rejected, and locales: Athena's is English, and
so is DuckDB's.

Reference: https://trino.io/docs/current/functions/datetime.html
"""

import re

from sqlglot import exp

from local.trino.errors import QueryFailed
from local.trino.functions import call, cast

_MYSQL = {
    "%a": "%a", "%b": "%b", "%c": "%-m", "%d": "%d", "%e": "%-d", "%f": "%f", "%H": "%H", "%h": "%I",
    "%I": "%I", "%i": "%M", "%j": "%j", "%k": "%-H", "%l": "%-I", "%M": "%B", "%m": "%m", "%p": "%p",
    "%r": "%I:%M:%S %p", "%S": "%S", "%s": "%S", "%T": "%H:%M:%S", "%v": "%V", "%W": "%A", "%x": "%G",
    "%Y": "%Y", "%y": "%y", "%%": "%%",
}  # fmt: skip

_JODA = {
    "yyyy": "%Y", "y": "%Y", "YYYY": "%Y", "yy": "%y", "xxxx": "%G", "MMMM": "%B", "MMM": "%b", "MM": "%m",
    "M": "%-m", "dd": "%d", "d": "%-d", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "e": "%u",
    "ww": "%V", "DDD": "%j", "D": "%-j", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M",
    "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "a": "%p",
}  # fmt: skip


def mysql(pattern: str) -> str:
    """Return the strftime pattern of a MySQL one: `%i` is the minute there, and `%M` the month's name."""

    def replace(match: re.Match[str]) -> str:
        if match[0] not in _MYSQL:
            raise QueryFailed("NOT_SUPPORTED", f"date pattern {match[0]}")
        return _MYSQL[match[0]]

    return re.sub("%.", replace, pattern)


def joda(pattern: str) -> str:
    """Return the strftime pattern of a Joda one: letters repeat, text stands in quotes."""

    def replace(match: re.Match[str]) -> str:
        text = match[0]
        if text == "''":
            return "'"
        if text.startswith("'"):
            return text[1:-1].replace("''", "'").replace("%", "%%")
        if text.isalpha():
            if text not in _JODA:
                raise QueryFailed("NOT_SUPPORTED", f"date pattern {text}")
            return _JODA[text]
        return text.replace("%", "%%")

    return re.sub(r"''|'(?:[^']|'')+'|([A-Za-z])\1*|.", replace, pattern)


def java_format(pattern: str, arguments: list[exp.Expr]) -> exp.Expr:
    """Return what `format(pattern, ...)` stands for; %s, %d, %.2f with the flags `,` and `0` and a width."""
    parts: list[exp.Expr] = []
    remaining = list(arguments)
    for text, conversion in re.findall(r"([^%]+)|(%(?:[^a-zA-Z%]*[a-zA-Z%]))", pattern):
        if text or conversion == "%%":
            parts.append(exp.Literal.string(text or "%"))
        elif not remaining:
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Format specifier '{conversion}'")
        else:
            parts.append(_converted(conversion, remaining.pop(0)))
    result = parts[0] if parts else exp.Literal.string("")
    for part in parts[1:]:
        result = exp.DPipe(this=result, expression=part)
    return exp.paren(result, copy=False)


def _converted(conversion: str, value: exp.Expr) -> exp.Expr:
    match = re.fullmatch(r"%(,?)(0?)(\d*)(?:\.(\d+))?([sdf])", conversion)
    if not match or (match[5] == "s" and conversion != "%s"):
        raise QueryFailed("NOT_SUPPORTED", f"format specifier {conversion}")
    comma, zero, width, digits, kind = match.groups()
    if kind == "s":
        return cast(value, "varchar")
    if kind == "f":
        # Java rounds half up on the decimal digits, C on the binary value.
        exact = cast(cast(value, "decimal(38, 15)"), f"decimal(38, {digits or 6})")
        pattern, value = f"{{:{zero}{width}{comma}.{digits or 6}f}}", cast(exact, "double")
    else:
        pattern, value = f"{{:{zero}{width}{comma}d}}", cast(value, "bigint")
    return call("format", exp.Literal.string(pattern), value)
