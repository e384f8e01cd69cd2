"""First pass of the translation: what has another shape or another name in DuckDB, whatever the types.

Emulates: what Trino's syntax and functions mean, whatever the types. A node gets a note of the arguments
that Trino takes (`meta["takes"]`), which the second pass, `types`, holds it to.

Not covered: values that carry a time zone along, and the syntax that `_UNSUPPORTED` lists.

Reference:
https://trino.io/docs/current/sql/select.html
https://trino.io/docs/current/functions/datetime.html
"""

from collections.abc import Callable

from sqlglot import exp

from local.trino import patterns
from local.trino.errors import QueryFailed, position
from local.trino.functions import FUNCTIONS, call, cast

UNNAMED = "_unnamed_column"  # stands for the columns that Trino names _col0, _col1 by position
_UTC = ("utc", "z", "etc/utc")


def name_columns(select: exp.Select) -> None:
    """Mark the expressions that Trino leaves without a name, where DuckDB would use their text."""
    for projection in select.expressions:
        if not isinstance(projection, exp.Alias | exp.Column | exp.Star | exp.Dot):
            projection.replace(exp.alias_(projection.copy(), UNNAMED))


def rewrite(node: exp.Expr) -> exp.Expr:
    """Return what stands for a node whose children have been rewritten already."""
    for kind, rewriter in _BY_CLASS.items():
        if isinstance(node, kind):
            return rewriter(node)
    is_unsupported = isinstance(node, exp.Star) and any(node.args.values())
    is_unsupported = is_unsupported or (isinstance(node, exp.Distinct) and node.args.get("on") is not None)
    if is_unsupported or isinstance(node, _UNSUPPORTED):
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}{type(node).__name__} is not supported")
    return node


def taking(node: exp.Expr, name: str, signature: str, operands: list[exp.Expr]) -> exp.Expr:
    """Return the node with a note of what Trino's function of that name takes."""
    node.meta["takes"] = (name, signature, [operand.copy() for operand in operands])
    return node


# --- functions


def _function(node: exp.Anonymous) -> exp.Expr:
    name, arguments = node.name.lower(), node.expressions
    if name in _FUNCTIONS:
        signature, rewriter = _FUNCTIONS[name]
        _check_count(node, name, signature)
        rewritten = rewriter(node, *arguments)
        return taking(rewritten, name, signature, arguments)
    if name not in FUNCTIONS:
        raise QueryFailed("FUNCTION_NOT_FOUND", f"{position(node)}Function '{name}' not registered")
    signature, duck_name = FUNCTIONS[name]
    _check_count(node, name, signature)
    operands = [_bare(argument) for argument in arguments]
    node.set("this", duck_name)
    return taking(node, name, signature, operands)


def _bare(argument: exp.Expr) -> exp.Expr:
    """Return an aggregate's argument without DISTINCT and ORDER BY."""
    if isinstance(argument, exp.Order):
        argument = argument.this
    return argument.expressions[0] if isinstance(argument, exp.Distinct) else argument


def _check_count(node: exp.Anonymous, name: str, signature: str) -> None:
    fits = any(
        len(node.expressions) == len(overload) or overload.endswith("*") for overload in signature.split("|")
    )
    if not fits:
        message = f"{position(node)}Unexpected parameters for function {name}. Expected: {name}({signature})"
        raise QueryFailed("FUNCTION_NOT_FOUND", message)


def _text(node: exp.Expr, description: str) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}{description} that is not a literal")
    return node.name


def _joined(operator: type[exp.Binary], arguments: tuple[exp.Expr, ...]) -> exp.Expr:
    result = arguments[0]
    for argument in arguments[1:]:
        result = operator(this=result, expression=argument)
    return exp.paren(result, copy=False)


def _date_add(_: exp.Expr, unit: exp.Expr, amount: exp.Expr, value: exp.Expr) -> exp.Expr:
    name = _text(unit, "unit").lower()
    if name not in ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid TIMESTAMP field")
    interval = call(f"to_{name}s", cast(amount, "integer"))
    return exp.paren(exp.Add(this=value, expression=interval), copy=False)


def _extreme(node: exp.Anonymous, *arguments: exp.Expr) -> exp.Expr:
    # DuckDB skips NULLs, Trino answers NULL.
    any_null = exp.or_(*[exp.Is(this=argument.copy(), expression=exp.Null()) for argument in arguments])
    return exp.Case(ifs=[exp.If(this=any_null, true=exp.Null())], default=call(node.name, *arguments))


def _map_agg(_: exp.Expr, key: exp.Expr, value: exp.Expr) -> exp.Expr:
    entry = exp.Struct(expressions=[
        exp.PropertyEQ(this=exp.to_identifier(name), expression=part)
        for name, part in (("k", key), ("v", value))
    ])  # fmt: skip
    entries = exp.Filter(
        this=call("list", entry),
        expression=exp.Where(this=exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null()))),
    )
    return call("map_from_entries", entries)


def _reduce(node: exp.Anonymous, array: exp.Expr, start: exp.Expr, step: exp.Expr, end: exp.Expr) -> exp.Expr:
    if not isinstance(end, exp.Lambda) or end.this.sql() != end.expressions[0].sql():
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}reduce whose output function changes the state")
    return call("list_reduce", array, step, start)


def _filter(node: exp.Filter) -> exp.Expr:
    """Move a FILTER inside what `map_agg` has become."""
    if not (isinstance(node.this, exp.Anonymous) and node.this.name == "map_from_entries"):
        return node
    entries = node.this.expressions[0]
    condition = exp.and_(entries.expression.this, node.args["expression"].this)
    return call("map_from_entries", exp.Filter(this=entries.this, expression=exp.Where(this=condition)))


# --- time zones: DuckDB knows instants and wall clocks, but no value that carries a zone along

_WALL_CLOCK_READERS = {name for name, (signature, _) in FUNCTIONS.items() if signature == "t"}
_WALL_CLOCK_READERS |= {"date", "date_format", "format_datetime"}
_WALL_CLOCK_READERS -= {"to_unixtime"}


def _zone_reader(node: exp.Expr) -> exp.Expr | None:
    """Return the surrounding expression that reads the wall clock, if the zone matters to nothing else."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, exp.Anonymous) and parent.name.lower() == "date_trunc":
        return _zone_reader(parent)
    if isinstance(parent, exp.Anonymous) and parent.name.lower() in _WALL_CLOCK_READERS:
        return parent
    if isinstance(parent, exp.Extract | exp.AtTimeZone):
        return parent
    if isinstance(parent, exp.Cast) and parent.to.this in (exp.DType.DATE, exp.DType.TIMESTAMP):
        return parent
    if isinstance(parent, exp.Anonymous) and parent.name.lower() in ("at_timezone", "to_unixtime"):
        return parent
    return None


def _is_instant_reader(reader: exp.Expr | None) -> bool:
    return isinstance(reader, exp.AtTimeZone) or (
        isinstance(reader, exp.Anonymous) and reader.name.lower() in ("at_timezone", "to_unixtime")
    )


def _at_time_zone(node: exp.Expr, value: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """Turn `value AT TIME ZONE zone` into the instant or the wall clock that its reader needs."""
    instant = cast(value, "timestamptz")
    reader = _zone_reader(node)
    if _is_instant_reader(reader) or (isinstance(zone, exp.Literal) and zone.name.lower() in _UTC):
        return instant
    if reader is None:
        message = f"{position(node)}a value in another time zone than UTC must be cast to timestamp"
        raise QueryFailed("NOT_SUPPORTED", message)
    return call("timezone", zone, instant)


def _with_timezone(node: exp.Expr, value: exp.Expr, zone: exp.Expr) -> exp.Expr:
    reader = _zone_reader(node)
    wall_clock = cast(value, "timestamp")
    if _is_instant_reader(reader) or (isinstance(zone, exp.Literal) and zone.name.lower() in _UTC):
        return call("timezone", zone, wall_clock)
    if reader is None:
        message = f"{position(node)}a value in another time zone than UTC must be cast to timestamp"
        raise QueryFailed("NOT_SUPPORTED", message)
    return wall_clock


def _from_unixtime(node: exp.Expr, seconds: exp.Expr, zone: exp.Expr | None = None) -> exp.Expr:
    instant = call("trino_from_unixtime", seconds)
    return _at_time_zone(node, instant, zone) if zone else instant


_Rewriter = Callable[..., exp.Expr]
_FUNCTIONS: dict[str, tuple[str, _Rewriter]] = {
    "approx_distinct": ("x|xn", lambda _, x, __=None: call("count", exp.Distinct(expressions=[x]))),
    "approx_percentile": ("nx", lambda _, x, p: call("quantile_disc", x, p)),
    "at_timezone": ("ts", _at_time_zone),
    "cardinality": ("c", lambda _, x: cast(call("cardinality", x), "bigint")),
    "concat": ("x*", lambda _, *parts: _joined(exp.DPipe, parts)),
    # DuckDB's own answers NULL where it has counted nothing but NULLs.
    "count_if": ("b", lambda _, x: call("count", exp.Case(ifs=[exp.If(this=x, true=exp.Literal.number(1))]))),
    "date": ("x", lambda _, x: cast(x, "date")),
    "date_add": ("sit", _date_add),
    "date_diff": ("stt", lambda _, *arguments: call("date_sub", *arguments)),
    "date_format": ("ts", lambda _, x, p: call("strftime", x, _converted(p, patterns.mysql))),
    "date_parse": ("ss", lambda _, x, p: call("strptime", x, _converted(p, patterns.mysql))),
    "date_trunc": ("st", lambda _, unit, x: call("date_trunc", unit, x)),
    "element_at": ("cx", lambda _, x, key: exp.Bracket(this=x, expressions=[key], safe=True)),
    "format": ("sx*", lambda _, p, *rest: patterns.java_format(_text(p, "format"), list(rest))),
    "format_datetime": ("ts", lambda _, x, p: call("strftime", x, _converted(p, patterns.joda))),
    "from_iso8601_date": ("s", lambda _, x: cast(x, "date")),
    "from_unixtime": ("n|ns", _from_unixtime),
    "greatest": ("x*", _extreme),
    "least": ("x*", _extreme),
    "map_agg": ("xx", _map_agg),
    "parse_datetime": ("ss", lambda _, x, p: cast(
        call("strptime", x, _converted(p, patterns.joda)), "timestamptz")),
    "reduce": ("axxx", _reduce),
    "try": ("x", lambda _, x: call("try", x)),
    "with_timezone": ("ts", _with_timezone),
}  # fmt: skip


def _converted(pattern: exp.Expr, conversion: Callable[[str], str]) -> exp.Literal:
    return exp.Literal.string(conversion(_text(pattern, "pattern")))


# --- syntax


def _extract(node: exp.Extract) -> exp.Expr:
    field = {"dow": "day_of_week", "doy": "day_of_year", "yow": "year_of_week"}.get(
        node.name.lower(), node.name
    )
    return _function(exp.Anonymous(this=field.lower(), expressions=[node.expression]))


def _substring(node: exp.Substring) -> exp.Expr:
    parts = [node.this, node.args.get("start"), node.args.get("length")]
    return _function(exp.Anonymous(this="substr", expressions=[part for part in parts if part]))


def _unnest(node: exp.Unnest) -> exp.Expr:
    """Turn `UNNEST(a_map) AS t(k, v)` into a lateral query: DuckDB unnests a map's entries as one column."""
    alias = node.args.get("alias")
    columns = alias.columns if alias else []
    if len(node.expressions) != 1:
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}UNNEST of several arrays")
    if alias is None or len(columns) != 2:  # the column of WITH ORDINALITY is kept apart
        return node
    entries = exp.select(exp.alias_(call("unnest", call("map_entries", node.expressions[0])), "entry"))
    pair = exp.select(
        exp.alias_(exp.column("key", "entry"), columns[0]),
        exp.alias_(exp.column("value", "entry"), columns[1]),
    ).from_(entries.subquery("entries"))
    return exp.Lateral(this=pair.subquery(), alias=exp.TableAlias(this=alias.this))


def _cast(node: exp.Cast) -> exp.Expr:
    kind = node.to
    if kind.this == exp.DType.JSON:
        raise QueryFailed("NOT_SUPPORTED", f"{position(node)}CAST to JSON")
    if kind.this == exp.DType.DECIMAL and not kind.expressions:
        if isinstance(node.this, exp.Literal) and node.this.is_string:
            return exp.Literal.number(node.this.name)  # DECIMAL '1.50'
        kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (38, 0)])
    if kind.this in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
        kind.set("expressions", [])  # DuckDB's TIMESTAMP(3) is another type
    return node


_BY_CLASS: dict[type[exp.Expr], _Rewriter] = {
    exp.Anonymous: _function,
    exp.AtTimeZone: lambda node: taking(
        _at_time_zone(node, node.this, node.args["zone"]), "AT TIME ZONE", "t", [node.this]
    ),
    exp.Cast: _cast,
    exp.Extract: _extract,
    exp.Filter: _filter,
    exp.Substring: _substring,
    exp.Unnest: _unnest,
}
# What sqlglot's parser lets through although Trino does not know it, or DuckDB does not do it.
_UNSUPPORTED = (
    exp.Qualify,
    exp.ILike,
    exp.RegexpLike,
    exp.Glob,
    exp.TableSample,
    exp.MatchRecognize,
    exp.Pivot,
)
