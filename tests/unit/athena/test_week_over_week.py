"""The weeks that week_over_week compares, whatever day an event claims to be of.

One event of 1970 in an imported history gave its menu a row for each of 2,900 weeks, nearly all empty.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from tests.support.visits import store_visit
from tests.support.warehouse import warehouse

FRIDAY = date(2024, 11, 8)  # long past, so that the weeks after it are over
STRAYS = [date(1970, 1, 2), date(2000, 1, 1), FRIDAY - timedelta(days=21), FRIDAY + timedelta(days=50)]
WEEK = timedelta(days=7)
FIRST_MONDAY = FRIDAY + timedelta(days=3)


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse() as database:
        yield database


def weeks(database: duckdb.DuckDBPyConnection, menu: str) -> list[tuple[date, int, int | None]]:
    """Return the Monday, the visits and those of the week before of each of a menu's weeks."""
    return database.execute(
        "SELECT week_start, visits, previous_visits FROM week_over_week WHERE source_menu = ? ORDER BY 1",
        [menu],
    ).fetchall()


@pytest.fixture
def month(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Two menus that have visits on four Fridays; `roma` has another on the last Monday."""
    for week in range(4):
        for menu in ("roma", "zoe"):
            store_visit(database, FRIDAY + week * WEEK, menu)
    store_visit(database, FIRST_MONDAY + 2 * WEEK)
    assert weeks(database, "roma") == ROMA
    assert weeks(database, "zoe") == ZOE
    return database


ROMA = [(FIRST_MONDAY, 1, None), (FIRST_MONDAY + WEEK, 1, 1), (FIRST_MONDAY + 2 * WEEK, 2, 1)]
ZOE = [(FIRST_MONDAY, 1, None), (FIRST_MONDAY + WEEK, 1, 1), (FIRST_MONDAY + 2 * WEEK, 1, 1)]


@pytest.mark.parametrize("stray", STRAYS)
def test_a_stray_event_adds_no_week(month: duckdb.DuckDBPyConnection, stray: date) -> None:
    store_visit(month, stray)
    assert weeks(month, "roma") == ROMA
    assert weeks(month, "zoe") == ZOE


@pytest.mark.parametrize("days", [0, 1])
def test_a_menu_of_one_old_day_or_two_has_few_weeks(month: duckdb.DuckDBPyConnection, days: int) -> None:
    """Such as the menu of a test: two empty weeks at most follow the Monday that it has as a whole."""
    monday = date(2020, 1, 6)
    store_visit(month, monday - timedelta(days=days), "trial")
    store_visit(month, monday, "trial")
    whole = [(monday, 1, None), (monday + WEEK, 0, 1), (monday + 2 * WEEK, 0, 0)]
    assert weeks(month, "trial") == (whole if days else [])
    assert weeks(month, "roma") == ROMA


def test_a_week_is_complete_only_with_the_whole_of_its_monday(database: duckdb.DuckDBPyConnection) -> None:
    """The menu's first visit is on a Monday evening, so what guests did at noon nobody knows."""
    for week in range(3):
        store_visit(database, FIRST_MONDAY + week * WEEK)
    assert weeks(database, "roma") == [(FIRST_MONDAY + WEEK, 1, None), (FIRST_MONDAY + 2 * WEEK, 1, 1)]


def test_a_menu_that_stops_having_visits_shows_it_for_two_weeks(month: duckdb.DuckDBPyConnection) -> None:
    for week in range(4, 9):
        store_visit(month, FRIDAY + week * WEEK, "zoe")
    assert weeks(month, "roma")[3:] == [
        (FIRST_MONDAY + 3 * WEEK, 0, 2),
        (FIRST_MONDAY + 4 * WEEK, 0, 0),
    ]


def test_the_first_week_after_a_season_without_visits_is_compared_with_none(
    database: duckdb.DuckDBPyConnection,
) -> None:
    for season in (FRIDAY, FRIDAY + 26 * WEEK):
        for week in range(3):
            store_visit(database, season + week * WEEK)
    assert weeks(database, "roma") == [
        (FIRST_MONDAY, 1, None),
        (FIRST_MONDAY + WEEK, 1, 1),
        (FIRST_MONDAY + 2 * WEEK, 0, 1),
        (FIRST_MONDAY + 3 * WEEK, 0, 0),
        (FIRST_MONDAY + 26 * WEEK, 1, None),
        (FIRST_MONDAY + 27 * WEEK, 1, 1),
    ]


@pytest.mark.slow
def test_a_history_of_thirty_years_has_all_its_weeks(database: duckdb.DuckDBPyConnection) -> None:
    for week in range(30 * 52):
        store_visit(database, FRIDAY - week * WEEK)
    assert len(weeks(database, "roma")) == 30 * 52 - 1
