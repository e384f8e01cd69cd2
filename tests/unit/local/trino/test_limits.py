"""Limits of Trino at which Athena fails: those that DuckDB shares, and those that the translation adds."""

from collections.abc import Iterator

import duckdb
import pytest

from local.trino import translation as trino
from local.trino.errors import QueryFailed, translated


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with trino.connect() as connection:
        yield connection


def run(database: duckdb.DuckDBPyConnection, expression: str) -> object:
    tree = trino.parse(f"SELECT {expression}")
    try:
        return database.execute(trino.translate(tree, database)).fetchall()[0][0]
    except duckdb.Error as error:
        raise translated(error, tree) from error


SEQUENCES = {
    "sequence(1, {n})": (10_000, 10_001),
    "sequence({n}, 1)": (10_000, 10_001),
    "sequence(0, {n}, 5)": (49_999, 50_000),
    "sequence(DATE '1999-07-01', date_add('day', {n}, DATE '1999-07-01'), INTERVAL '1' DAY)": (9_999, 10_000),
    "sequence(date_add('hour', {n}, TIMESTAMP '2026-01-01 00:00:00'), TIMESTAMP '2026-01-01 00:00:00', "
    "INTERVAL '-1' HOUR)": (9_999, 10_000),
}


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_sequence_has_at_most_10000_entries(database: duckdb.DuckDBPyConnection, sequence: str) -> None:
    """Trino's SequenceFunction: "result of sequence function must not have more than 10000 entries"."""
    longest, too_long = SEQUENCES[sequence]
    assert run(database, f"cardinality({sequence.format(n=longest)})") == 10_000
    with pytest.raises(QueryFailed, match=r"INVALID_FUNCTION_ARGUMENT: .* not have more than 10000 entries"):
        run(database, f"cardinality({sequence.format(n=too_long)})")


@pytest.mark.parametrize("sequence", ["sequence(1, 5, -1)", "sequence(5, 1, 1)", "sequence(1, 5, 0)"])
def test_a_sequence_leads_to_its_stop(database: duckdb.DuckDBPyConnection, sequence: str) -> None:
    """Trino refuses a step in the other direction, where DuckDB answers with an empty list."""
    with pytest.raises(QueryFailed, match="INVALID_FUNCTION_ARGUMENT"):
        run(database, sequence)


def test_a_sequence_of_one_or_of_nothing(database: duckdb.DuckDBPyConnection) -> None:
    assert run(database, "sequence(3, 3, -1)") == [3]
    assert run(database, "sequence(1, CAST(NULL AS integer))") is None


def test_an_array_has_no_element_0(database: duckdb.DuckDBPyConnection) -> None:
    """Trino's ArrayElementAtFunction: "SQL array indices start at 1"; elsewhere outside it answers NULL."""
    assert run(database, "element_at(ARRAY[1, 2], -1)") == 2
    assert run(database, "element_at(ARRAY[1, 2], 3)") is None
    with pytest.raises(QueryFailed, match="INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"):
        run(database, "element_at(ARRAY[1, 2], 0)")
    with pytest.raises(QueryFailed, match="INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"):
        run(database, "element_at(x, y) FROM (VALUES (ARRAY[1], 0)) AS t (x, y)")


# By type: what Trino reads, and what only DuckDB does.
TEXTS = {
    "date": (
        ["2026-11-01", "2026-11-1", " 2026-11-01 "],
        ["2026/11/01", "2026-11-01 12:00:00", "infinity", "20261101", ""],
    ),
    "timestamp": (
        ["2026-11-01", "2026-11-01 12:00", "2026-11-01 12:00:00.5"],
        ["2026-11-01T12:00:00", "epoch", "2026/11/01", ""],
    ),
    "integer": (["1", "+5", " -1 "], ["1.5", "1e3", "1_000", "0x10", ""]),
    "double": (["1", ".5", "1.", "1e3", "NaN", "-Infinity"], ["inf", "1_0.5", "1,5", ""]),
    "decimal(5,2)": (["1.239", "1e2", "-.5"], ["1_0", "1,5", ""]),
    "boolean": (["t", "TRUE", "0", "false"], ["yes", "on", "n", ""]),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_cast_reads_a_text_as_trino_does(database: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Trino's VarcharOperators, DateOperators and DateTimes. Saved queries cast their days to `date`."""
    readable, unreadable = TEXTS[kind]
    for text in readable:
        assert run(database, f"CAST('{text}' AS {kind})") is not None
        assert run(database, f"TRY_CAST(x AS {kind}) FROM (VALUES '{text}') AS t (x)") is not None
    for text in unreadable:
        for expression in (f"CAST('{text}' AS {kind})", f"CAST(x AS {kind}) FROM (VALUES '{text}') AS t (x)"):
            with pytest.raises(QueryFailed, match="INVALID_CAST_ARGUMENT"):
                run(database, expression)
        assert run(database, f"TRY_CAST('{text}' AS {kind})") is None
        assert run(database, f"TRY(CAST('{text}' AS {kind}))") is None


@pytest.mark.parametrize(
    "expression",
    [
        "date_add('hour', 1, DATE '2026-01-31')",
        "date_trunc('hour', DATE '2026-01-31')",
        "date_diff('hour', DATE '2026-01-31', DATE '2026-02-01')",
    ],
)
def test_a_date_has_no_hours(database: duckdb.DuckDBPyConnection, expression: str) -> None:
    """Trino's DateTimeFunctions: "'hour' is not a valid DATE field", where DuckDB takes midnight."""
    with pytest.raises(QueryFailed, match=r"INVALID_FUNCTION_ARGUMENT: .*'hour' is not a valid DATE field"):
        run(database, expression)
    assert run(database, expression.replace("'hour'", "'day'")) is not None
    assert run(database, expression.replace("DATE ", "TIMESTAMP ")) is not None


def test_reduce_keeps_the_type_that_it_begins_with(database: duckdb.DuckDBPyConnection) -> None:
    """Each sum of decimals has one more digit; Trino's SignatureBinder gives up after four iterations."""
    reduced = "reduce(ARRAY[DECIMAL '9.9', DECIMAL '1.0'], {start}, (total, x) -> total + x, total -> total)"
    with pytest.raises(QueryFailed, match=r"TYPE_MISMATCH: .*reduce begins with"):
        run(database, reduced.format(start="DECIMAL '0.0'"))
    assert str(run(database, reduced.format(start="CAST(0 AS decimal(38,1))"))) == "10.9"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("contains(ARRAY[1, NULL], 2)", None),
        ("contains(ARRAY[1, NULL], 1)", True),
        ("contains(ARRAY[1], 2)", False),
        ("array_max(ARRAY[1, NULL])", None),
        ("array_min(ARRAY[1, 2])", 1),
        ("cardinality(array_distinct(ARRAY[1, NULL, NULL, 1]))", 2),
        ("arrays_overlap(ARRAY[1, NULL], ARRAY[2])", None),
        ("arrays_overlap(ARRAY[1], ARRAY[2])", False),
        ("array_position(ARRAY[1], CAST(NULL AS integer))", None),
        ("array_position(ARRAY[1], 2)", 0),
        ("slice(ARRAY[1, 2, 3], -2, 2)", [2, 3]),
    ],
)
def test_an_element_that_is_null_counts(
    database: duckdb.DuckDBPyConnection, expression: str, answer: object
) -> None:
    """https://trino.io/docs/current/functions/array.html; its ArrayContains and ArrayMinMaxUtils."""
    assert run(database, expression) == answer


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("1 / 0", "DIVISION_BY_ZERO"),
        ("mod(1, 0)", "DIVISION_BY_ZERO"),
        ("slice(ARRAY[1], 0, 1)", "INVALID_FUNCTION_ARGUMENT"),
        ("slice(ARRAY[1], 1, -1)", "INVALID_FUNCTION_ARGUMENT"),
        ("map(ARRAY['a', 'a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT"),
        ("map(ARRAY['a', NULL], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT"),
        ("map(ARRAY['a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT"),
        ("sum(x) FROM (VALUES 9223372036854775807, 1) AS t (x)", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ],
)
def test_an_error_has_the_name_that_trino_gives_it(
    database: duckdb.DuckDBPyConnection, expression: str, error: str
) -> None:
    with pytest.raises(QueryFailed, match=error):
        run(database, expression)


@pytest.mark.parametrize(
    "expression",
    [
        "map(ARRAY['a', 'a'], ARRAY[1, 2])",
        "9223372036854775807 + 1",
        "CAST(2147483647 AS integer) + 1",
        "CAST(1000 AS tinyint)",
        "CAST(1e300 AS integer)",
        "CAST(DECIMAL '123.45' AS decimal(4,2))",
        "CAST(99999999999999999999999999999999999999 AS decimal(38,0)) + 1",
        "DATE '2026-02-30'",
        "1 % 0",
        "DECIMAL '1.0' / 0",
        "ARRAY[1][0]",
    ],
)
def test_what_fails_in_trino_and_in_duckdb(database: duckdb.DuckDBPyConnection, expression: str) -> None:
    with pytest.raises(QueryFailed):
        run(database, expression)
