"""The days that hourly_demand counts, whatever day an event claims to be of.

Trino's sequence() ends a query at more than 10,000 entries, and one event of 1970 thinned every average.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.support.visits import store_visit
from tests.support.warehouse import warehouse

FRIDAY = date(2025, 11, 7)  # long past, so that its hours are over
STRAY = date(1970, 1, 2)  # a Friday
AVERAGE = """
    SELECT hours, visits_per_hour FROM demand_by_hour WHERE source_menu = 'roma' AND weekday = 5 AND hour = 19
"""
FIRST_HOUR = 19  # the visits of a Friday in Rome
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
    assert answer(database, ROWS, "roma") == (15 * 24 - FIRST_HOUR, 15)
    return database


@pytest.mark.parametrize("stray", [STRAY, date(2000, 1, 1), FRIDAY - timedelta(days=21), date(2025, 12, 26)])
def test_a_stray_event_changes_no_average(month: duckdb.DuckDBPyConnection, stray: date) -> None:
    store_visit(month, stray)
    assert answer(month, AVERAGE) == (3, 2.0)
    for menu in ("roma", "zoe"):
        assert answer(month, ROWS, menu) == (15 * 24 - FIRST_HOUR, 15)


def test_a_stray_event_is_still_a_visit(month: duckdb.DuckDBPyConnection) -> None:
    store_visit(month, STRAY)
    assert answer(month, "SELECT count(*) FROM visits WHERE day = DATE '1970-01-02'") == (1,)


def test_a_menu_of_one_day_has_that_day(database: duckdb.DuckDBPyConnection) -> None:
    store_visit(database, FRIDAY)
    assert answer(database, ROWS, "roma") == (24 - FIRST_HOUR, 1)


def test_days_without_visits_count_and_a_season_without_any_does_not(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Two seasons of 15 days with visits every week; ten weeks between their first days."""
    for season in (FRIDAY, FRIDAY + timedelta(days=70)):
        for week in range(3):
            store_visit(database, season + timedelta(days=7 * week), hour=12)
    assert answer(database, ROWS, "roma") == (2 * (15 * 24 - 13), 30)


@pytest.mark.slow
def test_a_history_of_thirty_years_has_all_its_days(database: duckdb.DuckDBPyConnection) -> None:
    """More days than one sequence of Trino may have."""
    for week in range(30 * 52):
        store_visit(database, FRIDAY - timedelta(days=7 * week), hour=12)
    found = answer(database, ROWS, "roma")
    assert found
    assert found[1] == 7 * (30 * 52 - 1) + 1 > 10_000


def test_hours_that_are_not_over_do_not_count(database: duckdb.DuckDBPyConnection) -> None:
    """The running day, whose hours to come were hours without visits: 17.0 visits instead of 25.5."""
    now = datetime.now(ZoneInfo("Europe/Rome"))
    today = now.date()
    for week in (1, 2):
        for hour in range(24):
            store_visit(database, today - timedelta(days=7 * week), hour=hour)
    for hour in range(-2, 24):
        store_visit(database, today, hour=hour % 24)
    rows = database.execute(
        "SELECT DISTINCT hour FROM hourly_demand WHERE day = ? ORDER BY 1", [today]
    ).fetchall()
    over = datetime.now(ZoneInfo("Europe/Rome")).hour  # an hour later, if one has just begun
    assert [hour for (hour,) in rows] in ([*range(now.hour)], [*range(over)])
    sql = "SELECT hours, visits_per_hour FROM demand_by_hour WHERE weekday = ? AND hour = 23"
    assert database.execute(sql, [today.isoweekday()]).fetchone() == (2, 1.0)


def test_hours_before_the_first_visit_do_not_count(database: duckdb.DuckDBPyConnection) -> None:
    for week in range(3):
        store_visit(database, FRIDAY + timedelta(days=7 * week), hour=18)
        store_visit(database, FRIDAY + timedelta(days=7 * week + 7), hour=11)
    noon = "SELECT hours, visits_per_hour FROM demand_by_hour WHERE weekday = 5 AND hour = 12"
    assert answer(database, noon) == (3, 1.0)  # not on the first Friday, which begins at 19


def test_an_hour_is_open_if_one_in_a_hundred_visits_begin_in_it(database: duckdb.DuckDBPyConnection) -> None:
    for _ in range(100):
        store_visit(database, FRIDAY)
    store_visit(database, FRIDAY, hour=20)
    sql = "SELECT hour FROM hourly_demand WHERE is_open = 1"
    assert database.execute(sql).fetchall() == [(19,)]
    store_visit(database, FRIDAY, hour=20)
    assert database.execute(f"{sql} ORDER BY 1").fetchall() == [(19,), (21,)]
