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
