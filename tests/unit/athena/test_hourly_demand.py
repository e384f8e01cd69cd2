"""The days that hourly_demand counts, whatever day an event claims to be of.

Trino's sequence() ends a query at more than 10,000 entries, and one event of 1970 thinned every average.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.support.visits import store_visit
from tests.support.warehouse import warehouse

FRIDAY = date(2026, 11, 6)
STRAY = date(1970, 1, 2)  # a Friday
AVERAGE = """
    SELECT hours, visits_per_hour FROM demand_by_hour WHERE source_menu = 'roma' AND weekday = 5 AND hour = 19
"""
ROWS = "SELECT count(*), count(DISTINCT day) FROM hourly_demand WHERE source_menu = ?"


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse() as database:
        yield database


def answer(database: duckdb.DuckDBPyConnection, sql: str, *parameters: str) -> tuple[Any, ...] | None:
    return database.execute(sql, parameters).fetchone()


@pytest.fixture
def month(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Three Fridays, two visits each, and another menu."""
    for week in range(3):
        for _ in range(2):
            store_visit(database, FRIDAY + timedelta(days=7 * week))
        store_visit(database, FRIDAY + timedelta(days=7 * week), "zoe")
    assert answer(database, AVERAGE) == (3, 2.0)
    assert answer(database, ROWS, "roma") == (15 * 24, 15)
    return database


@pytest.mark.parametrize("stray", [STRAY, date(2000, 1, 1), FRIDAY - timedelta(days=21), date(2026, 12, 25)])
def test_a_stray_event_changes_no_average(month: duckdb.DuckDBPyConnection, stray: date) -> None:
    store_visit(month, stray)
    assert answer(month, AVERAGE) == (3, 2.0)
    for menu in ("roma", "zoe"):
        assert answer(month, ROWS, menu) == (15 * 24, 15)


def test_a_stray_event_is_still_a_visit(month: duckdb.DuckDBPyConnection) -> None:
    store_visit(month, STRAY)
    assert answer(month, "SELECT count(*) FROM visits WHERE day = DATE '1970-01-02'") == (1,)


def test_a_menu_of_one_day_has_that_day(database: duckdb.DuckDBPyConnection) -> None:
    store_visit(database, FRIDAY)
    assert answer(database, ROWS, "roma") == (24, 1)


def test_days_without_visits_count_and_a_season_without_any_does_not(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Two seasons of 15 days with visits every week; half a year between them."""
    for season in (FRIDAY, FRIDAY + timedelta(days=182)):
        for week in range(3):
            store_visit(database, season + timedelta(days=7 * week), hour=12)
    assert answer(database, ROWS, "roma") == (2 * 15 * 24, 30)


def test_a_history_of_thirty_years_has_all_its_days(database: duckdb.DuckDBPyConnection) -> None:
    """More days than one sequence of Trino may have."""
    for week in range(30 * 52):
        store_visit(database, FRIDAY - timedelta(days=7 * week), hour=12)
    found = answer(database, ROWS, "roma")
    assert found
    assert found[1] == 7 * (30 * 52 - 1) + 1 > 10_000
