"""Trino's answers, taken from its documentation, against the translation run by DuckDB."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from local.trino import translation as trino
from local.trino.errors import QueryFailed, translated

ROWS = """
CREATE TABLE visits AS SELECT * FROM (VALUES
    (1, 2, DATE '2026-11-22', TIMESTAMP '2026-11-22 18:10:00', 14.50, 'abc', [1, 2], MAP {'a': 'x'}),
    (3, 2, DATE '2026-11-23', TIMESTAMP '2026-11-23 23:59:59', 00.25, NULL, [4], MAP {'b': 'y'})
) t(a, b, day, "at", price, name, items, extra)
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with trino.connect() as connection:
        connection.execute(ROWS)
        yield connection


def run(database: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    tree = trino.parse(sql)
    try:
        return database.execute(trino.translate(tree, database)).fetchall()
    except duckdb.Error as error:
        raise translated(error, tree) from error


VALUES = {
    # whole numbers divide to whole numbers, towards zero
    "1/2": 0,
    "-7/2": -3,
    "7/2e0": 3.5,
    "7 % 4": 3,
    # decimals divide to the larger scale of the two, half away from zero
    "DECIMAL '10.00' / 3": Decimal("3.33"),
    "DECIMAL '5.35' / 2": Decimal("2.68"),
    "DECIMAL '-5.35' / 2": Decimal("-2.68"),
    "CAST(10 AS decimal(12,2)) / DECIMAL '0.010'": Decimal("1000.000"),
    # a double becomes the decimal that its shortest digits spell, half up (Trino's DecimalConversions.java)
    "CAST(1.255e0 AS decimal(12,3))": Decimal("1.255"),  # a little less in binary
    "CAST(259.9745e0 AS decimal(12,3))": Decimal("259.975"),
    "CAST(-259.9745e0 AS decimal(12,3))": Decimal("-259.975"),
    "CAST(1e-7 AS decimal(12,3))": Decimal("0.000"),
    "CAST(REAL '0.0005' AS decimal(12,3))": Decimal("0.001"),
    "CAST(999999999999.999e0 AS decimal(15,3))": Decimal("999999999999.999"),
    "1e0 / 0": float("inf"),
    # date_diff counts whole units
    "date_diff('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00')": 0,
    "date_diff('hour', TIMESTAMP '2026-01-01 01:59:00', TIMESTAMP '2026-01-01 03:00:00')": 1,
    "date_diff('month', DATE '2026-01-31', DATE '2026-03-01')": 1,
    "date_diff('day', DATE '2026-01-03', DATE '2026-01-01')": -2,
    # a plain timestamp is one of the session's zone, which is UTC
    "hour(TIMESTAMP '2026-07-01 12:00:00' AT TIME ZONE 'Europe/Rome')": 14,
    "CAST(TIMESTAMP '2026-01-01 23:30:00' AT TIME ZONE 'Europe/Rome' AS date)": date(2026, 1, 2),
    "CAST(at_timezone(TIMESTAMP '2026-01-01 12:00:00 UTC', 'Europe/Rome') AS timestamp)":
        datetime(2026, 1, 1, 13),
    "CAST(with_timezone(TIMESTAMP '2026-01-01 12:00:00', 'Europe/Rome') AT TIME ZONE 'UTC' AS timestamp)":
        datetime(2026, 1, 1, 11),
    "to_unixtime(with_timezone(TIMESTAMP '1970-01-01 01:00:00', 'Europe/Rome'))": 0.0,
    "date_format(date_trunc('day', from_unixtime(1767222000) AT TIME ZONE 'Europe/Rome'), '%Y-%m-%d')":
        "2026-01-01",
    # Monday is 1, Sunday 7
    "extract(dow FROM DATE '2026-11-22')": 7,
    "day_of_week(DATE '2026-11-23')": 1,
    "week(DATE '2027-01-01')": 53,
    "year_of_week(DATE '2027-01-01')": 2026,
    # formats: Java's, MySQL's, Joda's
    "format('%s: %.2f, %,d, %05d%%', 'x', 2.345, 1234567, 42)": "x: 2.35, 1,234,567, 00042%",
    "format('%s', TIMESTAMP '2026-01-01 00:00:00')": "2026-01-01 00:00:00.000",
    "date_format(TIMESTAMP '2026-11-02 08:05:09', '%Y-%m-%d %H:%i:%s %W %M %e %c')":
        "2026-11-02 08:05:09 Monday November 2 11",
    "format_datetime(TIMESTAMP '2026-11-02 18:05:09', 'yyyy/MM/dd''T''HH:mm:ss EEE h a')":
        "2026/11/02T18:05:09 Mon 6 PM",
    "date_parse('2026-11-22 18:10', '%Y-%m-%d %H:%i')": datetime(2026, 11, 22, 18, 10),
    "CAST(parse_datetime('22.11.2026', 'dd.MM.yyyy') AS timestamp)": datetime(2026, 11, 22),
    # times
    "date_add('day', 1, DATE '2026-02-28')": date(2026, 3, 1),
    "date_add('month', 1, TIMESTAMP '2026-01-31 10:00:00')": datetime(2026, 2, 28, 10),
    "DATE '2026-01-01' + INTERVAL '1' DAY": date(2026, 1, 2),
    "date_trunc('month', DATE '2026-11-22')": date(2026, 11, 1),
    "hour(from_iso8601_timestamp('2026-01-01T10:00:00Z'))": 10,
    "to_unixtime(from_unixtime(1.5))": 1.5,
    "sequence(DATE '2026-01-01', DATE '2026-01-02', INTERVAL '1' DAY)": [date(2026, 1, 1), date(2026, 1, 2)],
    # casts
    "CAST(2.5e0 AS integer)": 3,
    "CAST(-2.5e0 AS bigint)": -3,
    "CAST(TIMESTAMP '2026-01-01 10:00:00' AS varchar)": "2026-01-01 10:00:00.000",
    "CAST(1e10 AS varchar)": "1.0E10",
    "CAST(123456789.125e0 AS varchar)": "1.23456789125E8",
    "CAST(1.5e-7 AS varchar)": "1.5E-7",
    "CAST('abcdef' AS varchar(3))": "abc",
    "try_cast('x' AS integer)": None,
    # NULL in, NULL out
    "greatest(1, NULL, 3)": None,
    "least(2, 1)": 1,
    "concat('a', NULL)": None,
    "concat('a', 'b', 'c')": "abc",
    # strings
    "substr('abc', 0)": "",
    "substr('abc', -2)": "bc",
    "substr('abc', -5)": "",
    "split_part('a,b', ',', 3)": None,
    "split('a,b', ',')": ["a", "b"],
    "strpos('abc', 'c')": 3,
    "regexp_extract('abc', 'x')": None,
    "regexp_extract('a1b2', '([a-z])(\\d)', 2)": "1",
    "regexp_replace('a1b2', '(\\d)', '<$1>')": "a<1>b<2>",
    "regexp_like('abc', 'b')": True,
    "json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a.b')": "1",
    "json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')": None,
    # collections
    "element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')": None,
    "element_at(ARRAY[1, 2], 5)": None,
    "ARRAY[1, 2][2]": 2,
    "MAP(ARRAY['a'], ARRAY[1])['a']": 1,
    "try(1/0)": None,
    "array_position(ARRAY[1], 2)": 0,
    "array_join(ARRAY[1, 2], '-')": "1-2",
    "array_sort(ARRAY[3, NULL, 1])": [1, 3, None],
    "cardinality(MAP(ARRAY['a'], ARRAY[1]))": 1,
    "transform(ARRAY[3, 5], x -> x / 2)": [1, 2],
    "reduce(ARRAY[3, 5], 1, (total, x) -> total + x, total -> total)": 9,
    "reduce(ARRAY[3, NULL], 1, (total, x) -> total + x, total -> total)": None,
    "reduce(filter(ARRAY[3], x -> x > 3), 1, (total, x) -> total + x, total -> total)": 1,
    "ROW(1, 'b')[2]": "b",
    "cardinality(array_distinct(ARRAY[ROW(1, 2), ROW(1, 2), ROW(1, 3)]))": 2,
    "sequence(3, 1)": [3, 2, 1],
    "coalesce(nullif(1, 1), 2)": 2,
    "log(2, 8)": 3.0,
}  # fmt: skip


@pytest.mark.parametrize("expression", VALUES)
def test_value(database: duckdb.DuckDBPyConnection, expression: str) -> None:
    assert run(database, f"SELECT {expression}") == [(VALUES[expression],)]


AGGREGATES = {
    "sum(a) / count(*)": 2,
    "sum(price) / count(*)": Decimal("7.38"),
    "avg(price)": Decimal("7.38"),
    "avg(a)": 2.0,
    "avg(price) FILTER (WHERE a > 1)": Decimal("0.25"),
    "sum(a)": 4,
    "map_agg(a, name)": {1: "abc", 3: None},
    "map_agg(name, a) FILTER (WHERE a < 3)": {"abc": 1},
    "max_by(name, a)": None,  # the NULL of the row with the largest a
    "min_by(name, a)": "abc",
    "count_if(a > 1)": 1,
    "approx_distinct(b)": 1,
    "approx_percentile(a, 0.5)": 1,
    "array_agg(a ORDER BY a DESC)": [3, 1],
    "arbitrary(b)": 2,
    "date_diff('minute', min(at), max(at))": 1789,
    "year(max(day))": 2026,
}


@pytest.mark.parametrize("expression", AGGREGATES)
def test_aggregate(database: duckdb.DuckDBPyConnection, expression: str) -> None:
    assert run(database, f"SELECT {expression} FROM visits")


QUERIES = {
    "SELECT name FROM visits GROUP BY name HAVING sum(a) > 1 ORDER BY count(*)": [(None,)],
    "SELECT name FROM visits ORDER BY name": [("abc",), (None,)],
    "SELECT name FROM visits ORDER BY name DESC": [("abc",), (None,)],
    "SELECT a, x, n FROM visits CROSS JOIN UNNEST(items) WITH ORDINALITY AS t(x, n) ORDER BY 1, 3":
        [(1, 1, 1), (1, 2, 2), (3, 4, 1)],
    "SELECT k, v FROM visits CROSS JOIN UNNEST(extra) AS t(k, v) ORDER BY k": [("a", "x"), ("b", "y")],
    "SELECT A FROM Visits WHERE \"A\" = 1": [(1,)],
    "SELECT lag(name) IGNORE NULLS OVER (ORDER BY a DESC) FROM visits ORDER BY a": [(None,), (None,)],
    "SELECT sum(a) OVER () / count(*) OVER () FROM visits": [(2,), (2,)],
    "WITH x AS (SELECT price / 3 AS third FROM visits) SELECT sum(third) / 2 FROM x": [(Decimal("2.46"),)],
    # a WITH inside a WITH, names of columns beside the alias, a NULL without a type, every kind of value
    """WITH x(n, "a b") AS (SELECT a, NULL FROM visits), y AS (WITH z AS (SELECT n / 2 AS h, "a b" FROM x)
       SELECT h / 2 AS q, coalesce("a b", h) AS h FROM z) SELECT sum(q), sum(h) FROM y""": [(0, 1)],
    """WITH x AS (SELECT * FROM visits), y AS (SELECT day + INTERVAL '1' DAY AS d, items[1] / 2 AS i,
       extra['a'] AS e FROM x WHERE a = 1) SELECT d, i, e FROM y""": [(date(2026, 11, 23), 0, "x")],
    """WITH RECURSIVE x(n) AS (SELECT 7 UNION ALL SELECT n / 2 FROM x WHERE n > 1) SELECT sum(n) FROM x""": [
        (11,)
    ],
    "SELECT (SELECT sum(o.a / v.b) FROM visits o) FROM visits v LIMIT 1": [(1,)],
    "SELECT try(extra['a']) FROM visits ORDER BY a": [("x",), (None,)],
    "SELECT count_if(name = 'x') OVER (ORDER BY a) FROM visits WHERE name IS NULL": [(0,)],
    "SELECT count_if(a > 1) FILTER (WHERE b = 2), count_if(CAST(NULL AS boolean)) FROM visits": [(1, 0)],
    "VALUES 1, 2": [(1,), (2,)],
    "SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x OFFSET 1 LIMIT 1": [(2,)],
    "SELECT a AS b FROM visits ORDER BY b DESC": [(3,), (1,)],
    "SELECT b AS a FROM visits WHERE a = 3": [(2,)],
}  # fmt: skip


@pytest.mark.parametrize("sql", QUERIES)
def test_query(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert run(database, sql) == QUERIES[sql]


def test_of_different_values_that_nobody_counts_no_column_is_read(
    database: duckdb.DuckDBPyConnection,
) -> None:
    counts = "SELECT a, sum(b) AS b, count(DISTINCT name) AS names FROM visits GROUP BY a"

    def plan(asked: str) -> str:
        sql = trino.translate(trino.parse(f"SELECT {asked} FROM ({counts})"), database)
        return str(database.execute(f"EXPLAIN {sql}").fetchall()[0][1])

    assert "name" in plan("a, names")
    assert "name" not in plan("a, b")


FAILURES = {
    # what DuckDB would convert, and Trino refuses
    "SELECT a FROM visits WHERE day = '2026-11-22'":
        r"TYPE_MISMATCH: line 1:\d+: Cannot apply operator: date = varchar",
    "SELECT a || 'x' FROM visits": "TYPE_MISMATCH",
    "SELECT lower(a) FROM visits":
        r"TYPE_MISMATCH: line 1:8: Unexpected parameters \(integer\) for function lower",
    "SELECT hour('2026-01-01 10:00:00')": "TYPE_MISMATCH",
    "SELECT coalesce(a, 'none') FROM visits": "TYPE_MISMATCH",
    "SELECT CASE WHEN a = 1 THEN 'x' ELSE 2 END FROM visits": "TYPE_MISMATCH",
    "SELECT a IN ('1') FROM visits": "TYPE_MISMATCH",
    "SELECT a BETWEEN '1' AND '2' FROM visits": "TYPE_MISMATCH",
    "SELECT a + '1' FROM visits": "TYPE_MISMATCH",
    "SELECT day - day FROM visits": "TYPE_MISMATCH",
    # what DuckDB knows, and Trino does not
    "SELECT strftime(at, '%Y') FROM visits":
        "FUNCTION_NOT_FOUND: line 1:8: Function 'strftime' not registered",
    "SELECT a + 1 AS c FROM visits WHERE c > 1": "COLUMN_NOT_FOUND: line 1:37: Column 'c' cannot be resolved",
    "SELECT name AS n, count(*) FROM visits GROUP BY n": "COLUMN_NOT_FOUND",
    "SELECT a AS c, c + 1 FROM visits": "COLUMN_NOT_FOUND",
    "SELECT a::varchar FROM visits": "SYNTAX_ERROR",
    "SELECT 1 LIMIT 1 OFFSET 1": "SYNTAX_ERROR",
    "SELECT * EXCLUDE (a) FROM visits": "NOT_SUPPORTED",
    "SELECT `a` FROM visits": "SYNTAX_ERROR",
    "SELEC 1": "SYNTAX_ERROR: line 1:",
    "SELECT 1; SELECT 2": "Only one sql statement is allowed",
    "SELECT nope FROM visits": "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved",
    "SELECT a, count(*) FROM visits": "EXPRESSION_NOT_AGGREGATE",
    # what fails while it runs
    "SELECT 1 / 0": "DIVISION_BY_ZERO",
    "SELECT extra['z'] FROM visits": "Key not present in map: z",
    "SELECT items[9] FROM visits": "Array subscript out of bounds: 9",
    "SELECT CAST('x' AS integer)": "INVALID_CAST_ARGUMENT",
    # what has no faithful translation
    "SELECT at AT TIME ZONE 'Europe/Rome' FROM visits": "NOT_SUPPORTED",
    "SELECT from_iso8601_timestamp('2026-01-01T10:00:00+02:00')": "NOT_SUPPORTED",
    "SELECT date_format(at, '%D') FROM visits": "NOT_SUPPORTED: date pattern %D",
    "SELECT date_format(at, name) FROM visits": "NOT_SUPPORTED",
    "SELECT CAST(items AS json) FROM visits": "NOT_SUPPORTED",
    "SELECT name[1] FROM visits": "NOT_SUPPORTED",
    "SELECT reduce(items, 0, (total, x) -> total + 1, total -> -total) FROM visits": "NOT_SUPPORTED",
}  # fmt: skip


@pytest.mark.parametrize("sql", FAILURES)
def test_failure(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(QueryFailed, match=FAILURES[sql]):
        run(database, sql)


def test_parameters_take_their_places_in_the_order_of_the_text() -> None:
    sql = (
        "WITH a AS (SELECT * FROM t WHERE x = ?) SELECT '?', (SELECT 1 WHERE y > ?) FROM a -- ?\nWHERE z < ?"
    )
    bound = trino.bind(sql, ["'it''s ?'", "-1", "DATE '2026-11-22'"])
    assert "x = ('it''s ?')" in bound
    assert "y > (-1)" in bound
    assert bound.endswith("z < (CAST('2026-11-22' AS DATE))")
    for parameters in ([], ["1"], ["1"] * 4):
        with pytest.raises(QueryFailed, match="expected 3 but found"):
            trino.bind(sql, parameters)
    for value in ("1; DROP TABLE t", "1 FROM t", "1, 2", ""):
        with pytest.raises((QueryFailed, ValueError)):  # two statements, a query, two values, none
            trino.bind("SELECT 1 WHERE 1 = ?", [value])
