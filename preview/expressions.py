"""QuickSight's expression language, read into trees that the page evaluates (static/expressions.js).

A tree is a list, its first item the kind: `["value", 5]`, `["column", name]`, `["parameter", name]`,
`["columns", [name, ...]]`, `["level", "PRE_AGG"]` and `["call", function, *trees]`, where an operator is a
function of that name. Only what stands in FUNCTIONS can be evaluated; the rest is an ExpressionError.
Source of the rules: Amazon QuickSight User Guide, "Calculated field function and operator reference".
"""

import re
from typing import Any

type Tree = list[Any]

# Function: least and most arguments. None: any number.
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "abs": (1, 1),
    "addDateTime": (3, 3),
    "avg": (1, 1),
    "ceil": (1, 1),
    "coalesce": (1, None),
    "concat": (2, None),
    "contains": (2, 2),
    "count": (1, 1),
    "dateDiff": (2, 3),
    "distinctCountOver": (3, 3),
    "distinct_count": (1, 1),
    "floor": (1, 1),
    "ifelse": (3, None),
    "in": (2, None),
    "isNotNull": (1, 1),
    "isNull": (1, 1),
    "max": (1, 1),
    "min": (1, 1),
    "now": (0, 0),
    "nullIf": (2, 2),
    "round": (1, 2),
    "sum": (1, 1),
    "sumIf": (2, 2),
    "sumOver": (3, 3),
    "switch": (4, None),
    "toLower": (1, 1),
    "toUpper": (1, 1),
    "truncDate": (2, 2),
}
AGGREGATES = {"avg", "count", "distinct_count", "max", "min", "sum", "sumIf"}
BINDING = {  # how strongly an operator holds its operands; QuickSight spells `in` as a function here
    "or": 1,
    "and": 2,
    "=": 4,
    "<>": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
NOT, NEGATIVE = 3, 7
TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | '(?P<text>(?:[^'\\]|\\.)*)' | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | \{(?P<column>[^}]+)\} | \$\{(?P<parameter>\w+)\}
    | (?P<name>[A-Za-z_]\w*)
    | (?P<sign><>|<=|>=|!=|[-+*/%=<>(),\[\]])
    )""",
    re.VERBOSE,
)


class ExpressionError(Exception):
    """An expression that cannot be read, or that uses what the preview cannot evaluate."""


def parse(expression: str) -> Tree:
    """Return the tree of `expression`; raise ExpressionError saying what is wrong with it."""
    parser = _Parser(expression)
    tree = parser.expression(0)
    parser.expect("end", "")
    return tree


def columns(tree: Tree) -> set[str]:
    """Return the names of the columns and calculated fields in a tree."""
    return _named(tree, "column") | {name for names in _named(tree, "columns") for name in names}


def parameters(tree: Tree) -> set[str]:
    """Return the names of the parameters in a tree."""
    return _named(tree, "parameter")


def texts(tree: Tree) -> list[str]:
    """Return the texts in a tree that its value can be; those that it only compares are left out."""
    if tree[0] == "value":
        return [tree[1]] if isinstance(tree[1], str) else []
    if tree[0] != "call":
        return []
    _, name, *operands = tree
    if name == "switch":
        operands = operands[2::2] + operands[-1:] * (len(operands) % 2 == 0)
    elif name == "ifelse":
        operands = operands[1::2] + operands[-1:] * (len(operands) % 2)
    elif name != "coalesce":
        return []
    return [text for operand in operands for text in texts(operand)]


def is_aggregate(tree: Tree, fields: dict[str, Tree]) -> bool:
    """Say whether a tree has one value for many rows; `fields` are the calculated fields it may name."""
    if tree[0] == "call":
        if tree[1] in AGGREGATES:
            return True
        return not tree[1].endswith("Over") and any(is_aggregate(item, fields) for item in tree[2:])
    return tree[0] == "column" and tree[1] in fields and is_aggregate(fields[tree[1]], fields)


def _named(tree: Tree, kind: str) -> set[Any]:
    if tree[0] == "call":
        return set().union(*(_named(item, kind) for item in tree[2:])) if tree[2:] else set()
    return {tuple(tree[1]) if kind == "columns" else tree[1]} if tree[0] == kind else set()


class _Parser:
    """Reads one expression by the strength of its operators (top-down operator precedence)."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0

    def expression(self, least: int) -> Tree:
        """Read an expression whose operators hold more strongly than `least`."""
        left = self._operand()
        while (binding := BINDING.get(self._sign(), 0)) > least:
            sign = self._take()[1].lower()
            left = ["call", "<>" if sign == "!=" else sign, left, self.expression(binding)]
        return left

    def expect(self, kind: str, value: str) -> None:
        token = self._take()
        if token != (kind, value):
            raise ExpressionError(f"{value or kind} expected, not {token[1] or token[0]}")

    def _operand(self) -> Tree:
        kind, value = self._take()
        if kind == "number":
            return ["value", float(value) if "." in value else int(value)]
        if kind == "text":
            return ["value", re.sub(r"\\(.)", r"\1", value)]
        if kind in ("column", "parameter"):
            return [kind, value]
        if kind == "name":
            return self._named(value)
        if (kind, value) == ("sign", "("):
            tree = self.expression(0)
            self.expect("sign", ")")
            return tree
        if (kind, value) == ("sign", "["):
            return ["columns", [tree[1] for tree in self._items("]") if self._is_column(tree)]]
        if (kind, value) == ("sign", "-"):
            return ["call", "negative", self.expression(NEGATIVE)]
        raise ExpressionError(f"an operand expected, not {value or kind}")

    def _named(self, name: str) -> Tree:
        """Read what begins with a name: a call, a constant, a level, or a column without braces."""
        if name.lower() == "null":
            return ["value", None]
        if name.lower() == "not":
            return ["call", "not", self.expression(NOT)]
        if name in ("PRE_AGG", "PRE_FILTER", "POST_AGG_FILTER"):
            return ["level", name]
        if self._sign() != "(":
            return ["column", name]
        self._take()
        if name not in FUNCTIONS:
            raise ExpressionError(f"the preview does not know the function {name}")
        items = self._items(")")
        least, most = FUNCTIONS[name]
        if len(items) < least or (most is not None and len(items) > most):
            raise ExpressionError(f"function {name} does not take {len(items)} arguments")
        if name.endswith("Over") and items[2] != ["level", "PRE_AGG"]:
            raise ExpressionError(f"the preview evaluates {name} at the level PRE_AGG only")
        return ["call", name, *items]

    def _items(self, end: str) -> list[Tree]:
        items: list[Tree] = []
        while self._sign() != end:
            if items:
                self.expect("sign", ",")
            items.append(self.expression(0))
        self._take()
        return items

    @staticmethod
    def _is_column(tree: Tree) -> bool:
        if tree[0] != "column":
            raise ExpressionError("only columns can stand in brackets")
        return True

    def _sign(self) -> str:
        kind, value = self._tokens[self._next]
        return value.lower() if kind in ("sign", "name") else ""

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"{text[position:].strip()[:20]!r} cannot be read")
        kind = match.lastgroup or ""
        tokens.append(("text" if kind == "quoted" else kind, match[kind]))
        position = match.end()
    return [*tokens, ("end", "")]
