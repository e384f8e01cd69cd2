"""Which Trino functions the local Athena knows, what they take, and what DuckDB calls them.

Emulates: a function that is listed, within its signature. A function that is not listed fails as unknown,
even if DuckDB has one of that name: the list is the claim that the answer is Trino's. `macros.sql` holds
those that need more than another name, `rewrites` those that need another shape.

Not covered: Trino's other functions; docs/local-sql.md lists what is covered.

Reference: https://trino.io/docs/current/functions.html
"""

from sqlglot import exp

# What a letter of a signature accepts: families of types, see `family`.
ACCEPTS = {
    "s": "s",  # varchar
    "i": "i",  # whole numbers
    "n": "idf",  # numbers: whole, decimal, floating point
    "t": "DTZ",  # date, timestamp, timestamp with time zone
    "D": "D",
    "b": "b",
    "B": "B",  # varbinary
    "a": "a",
    "m": "m",
    "c": "am",
    "j": "js",
    "v": "v",  # interval
    "x": "",  # anything
}

# Same meaning in DuckDB. A signature says what each argument may be; "|" separates overloads, "*" repeats.
_SAME = {
    "abs": "n", "array_agg": "x", "avg": "x", "bool_and": "b", "bool_or": "b", "cbrt": "n", "ceil": "n",
    "coalesce": "x*", "concat_ws": "s*", "corr": "nn", "count": "|x",
    "covar_pop": "nn", "covar_samp": "nn", "cume_dist": "", "dense_rank": "", "exp": "n",
    "first_value": "x", "floor": "n", "grouping": "x*", "json_array_length": "j", "lag": "x|xi|xix",
    "last_value": "x", "lead": "x|xi|xix", "length": "s", "ln": "n", "log10": "n", "log2": "n",
    "lower": "s", "lpad": "sis", "ltrim": "s", "map": "|aa", "map_keys": "m", "map_values": "m", "max": "x",
    "min": "x", "mod": "nn", "now": "", "nth_value": "xi", "ntile": "i", "nullif": "xx", "percent_rank": "",
    "pi": "", "power": "nn", "random": "", "rank": "", "reverse": "s", "round": "n|ni", "row": "x*",
    "row_number": "", "rpad": "sis", "rtrim": "s", "sqrt": "n", "starts_with": "ss", "stddev": "n",
    "stddev_pop": "n", "stddev_samp": "n", "strpos": "ss", "sum": "n", "upper": "s", "var_pop": "n",
    "var_samp": "n", "variance": "n",
}  # fmt: skip

# The same under another name; "trino_" names are in macros.sql.
_RENAMED = {
    "any_value": ("x", "any_value"),
    "arbitrary": ("x", "any_value"),
    "array_distinct": ("a", "trino_array_distinct"),
    "array_except": ("aa", "list_except"),
    "array_intersect": ("aa", "list_intersect"),
    "array_join": ("as", "array_to_string"),
    "array_max": ("a", "trino_array_max"),
    "array_min": ("a", "trino_array_min"),
    "array_position": ("ax", "trino_array_position"),
    "array_sort": ("a", "list_sort"),
    "arrays_overlap": ("aa", "trino_arrays_overlap"),
    "ceiling": ("n", "ceil"),
    "contains": ("ax", "trino_contains"),
    "codepoint": ("s", "unicode"),
    "chr": ("i", "chr"),
    "day": ("t", "day"),
    "day_of_month": ("t", "day"),
    "day_of_week": ("t", "isodow"),
    "day_of_year": ("t", "dayofyear"),
    "dow": ("t", "isodow"),
    "doy": ("t", "dayofyear"),
    "every": ("b", "bool_and"),
    "filter": ("ax", "list_filter"),
    "flatten": ("a", "flatten"),
    "from_iso8601_timestamp": ("s", "trino_from_iso8601_timestamp"),
    "from_utf8": ("B", "decode"),
    "hour": ("t", "hour"),
    "is_nan": ("n", "isnan"),
    "json_extract": ("js", "json_extract"),
    "json_extract_scalar": ("js", "trino_json_extract_scalar"),
    "json_format": ("j", "trino_json_format"),
    "json_parse": ("s", "trino_json_parse"),
    "last_day_of_month": ("t", "last_day"),
    "levenshtein_distance": ("ss", "levenshtein"),
    "log": ("nn", "trino_log"),
    "max_by": ("xx|xxi", "arg_max_null"),
    "md5": ("B", "trino_md5"),
    "millisecond": ("t", "trino_millisecond"),
    "min_by": ("xx|xxi", "arg_min_null"),
    "minute": ("t", "minute"),
    "month": ("t", "month"),
    "pow": ("nn", "power"),
    "quarter": ("t", "quarter"),
    "rand": ("", "random"),
    "regexp_extract": ("ss|ssi", "trino_regexp_extract"),
    "regexp_extract_all": ("ss|ssi", "regexp_extract_all"),
    "regexp_like": ("ss", "regexp_matches"),
    "regexp_replace": ("ss|sss", "trino_regexp_replace"),
    "regexp_split": ("ss", "regexp_split_to_array"),
    "replace": ("ss|sss", "trino_replace"),
    "second": ("t", "second"),
    "sequence": ("ii|iii|ttv", "trino_sequence"),
    "sha256": ("B", "trino_sha256"),
    "sign": ("n", "sign"),
    "slice": ("aii", "trino_slice"),
    "split": ("ss", "string_split"),
    "split_part": ("ssi", "trino_split_part"),
    "substr": ("si|sii", "trino_substr"),
    "substring": ("si|sii", "trino_substr"),
    "to_hex": ("B", "trino_to_hex"),
    "to_unixtime": ("t", "epoch"),
    "to_utf8": ("s", "encode"),
    "transform": ("ax", "list_transform"),
    "truncate": ("n", "trunc"),
    "week": ("t", "week"),
    "week_of_year": ("t", "week"),
    "year": ("t", "year"),
    "year_of_week": ("t", "isoyear"),
    "yow": ("t", "isoyear"),
}

FUNCTIONS = {name: (signature, name) for name, signature in _SAME.items()} | _RENAMED


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """Return a DuckDB function call."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(value: exp.Expr, kind: str) -> exp.Cast:
    """Return a cast to a DuckDB type; sqlglot's own helper skips one between decimals of other scales."""
    return exp.Cast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))


def family(kind: str) -> str:
    """Return the letter of a DuckDB type's family, or an empty string for NULL, which fits everywhere."""
    if kind.endswith("]"):
        return "a"
    name = kind.partition("(")[0]
    return _FAMILIES.get(name, "?")


_FAMILIES = {
    '"NULL"': "", "STRING_LITERAL": "s", "VARCHAR": "s", "JSON": "j", "BLOB": "B", "BOOLEAN": "b",
    "DECIMAL": "d",
    "DOUBLE": "f", "FLOAT": "f", "DATE": "D", "TIMESTAMP": "T", "TIMESTAMP WITH TIME ZONE": "Z",
    "INTERVAL": "v", "MAP": "m", "STRUCT": "r", "TUPLE": "r",
} | dict.fromkeys(
    ("INTEGER_LITERAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "UBIGINT"), "i"
)  # fmt: skip
