"""What is compared over time leaves out the day that runs, and what a stray event says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from local.trino import translation as trino
from tests.support import ROOT
from tests.support.visits import store_visit
from tests.support.warehouse import warehouse

FRIDAY = date(2025, 11, 7)


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse() as database:
        yield database


def clock() -> datetime:
    return datetime.now(ZoneInfo("Europe/Rome"))


def saved(database: duckdb.DuckDBPyConnection, name: str, first: date, last: date) -> list[tuple[Any, ...]]:
    """Return the answer of a saved query for the days from `first` to `last`."""
    sql = (ROOT / "athena" / "queries" / f"{name}.sql").read_text()
    for day in (first, last):
        sql = sql.replace("?", f"'{day}'", 1)
    return database.execute(trino.translate(trino.parse(sql), database)).fetchall()


def order(database: duckdb.DuckDBPyConnection, day: date, dish: str, menu: str = "roma") -> None:
    store_visit(database, day, menu)
    database.execute(
        """
        UPDATE events_raw SET event_type = 'order', element_clicked = ?, quantity = 1, revenue = 10,
          currency = 'EUR', order_id = event_id
        WHERE event_key = (SELECT max(event_key) FROM events_raw)
        """,
        [dish],
    )


def test_the_running_day_is_the_restaurants(database: duckdb.DuckDBPyConnection) -> None:
    before = clock()
    (row,) = database.execute("SELECT day, business_date FROM running_day").fetchall()
    ((now,),) = database.execute("SELECT local_time FROM running_day").fetchall()
    moments = (before, clock())  # midnight may be between them
    first, last = (moment.replace(tzinfo=None) for moment in moments)
    assert first - timedelta(milliseconds=1) <= now <= last
    assert row in [(moment.date(), (moment - timedelta(hours=5)).date()) for moment in moments]


def test_halves_are_of_days_that_are_over(database: duckdb.DuckDBPyConnection) -> None:
    """Today's order was counted in the second half, which had a day of a few hours."""
    today = database.execute("SELECT day FROM running_day").fetchall()[0][0]
    for days, dish in ((4, "pizza"), (3, "pizza"), (2, "soup"), (1, "soup"), (0, "cake"), (0, "cake")):
        order(database, today - timedelta(days=days), dish)
    assert saved(database, "rising_and_falling", today - timedelta(days=4), today) == [
        ("roma", "soup", 0, 2, 0.0, 1.0, 1.0),
        ("roma", "pizza", 2, 0, 1.0, 0.0, -1.0),
    ]


def test_the_halves_are_those_of_each_menu(database: duckdb.DuckDBPyConnection) -> None:
    """A menu that began in the second half had no first half, and so no dish that rose or fell."""
    for day in range(8):
        order(database, FRIDAY + timedelta(days=day), "pizza")
    order(database, FRIDAY + timedelta(days=6), "tea", "zoe")
    order(database, FRIDAY + timedelta(days=7), "cake", "zoe")
    rows = saved(database, "rising_and_falling", FRIDAY, FRIDAY + timedelta(days=7))
    assert [row[:4] for row in rows] == [
        ("roma", "pizza", 4, 4),
        ("zoe", "cake", 0, 1),
        ("zoe", "tea", 1, 0),
    ]


def test_the_running_day_is_no_best_of_its_weekday(database: duckdb.DuckDBPyConnection) -> None:
    today = database.execute("SELECT business_date FROM running_day").fetchall()[0][0]
    for days in (14, 7, 7, 0, 0, 0):
        order(database, today - timedelta(days=days), "pizza")
    rows = saved(database, "daily_takings", today - timedelta(days=14), today)
    assert [(row[1], row[5], row[7]) for row in rows] == [
        (today - timedelta(days=14), 10, False),
        (today - timedelta(days=7), 20, True),
        (today, 30, None),
    ]


@pytest.mark.parametrize("stray", [date(1970, 1, 2), FRIDAY - timedelta(days=15)])
def test_a_stray_day_begins_no_period(database: duckdb.DuckDBPyConnection, stray: date) -> None:
    for day in (stray, FRIDAY, FRIDAY + timedelta(days=14), FRIDAY + timedelta(days=29)):
        store_visit(database, day)
    store_visit(database, FRIDAY + timedelta(days=1), "zoe")
    rows = database.execute(
        "SELECT source_menu, day, period_start FROM menu_comparison ORDER BY source_menu, day"
    ).fetchall()
    assert rows == [
        ("roma", stray, stray),
        ("roma", FRIDAY, FRIDAY),
        ("roma", FRIDAY + timedelta(days=14), FRIDAY),
        ("roma", FRIDAY + timedelta(days=29), FRIDAY + timedelta(days=29)),
        ("zoe", FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=1)),
    ]


@pytest.mark.parametrize("query", ["where_visits_end", "time_to_order"])
@pytest.mark.parametrize(("minutes", "visits"), [(1, 0), (28, 0), (32, 1), (600, 1)])
def test_a_visit_that_may_go_on_has_not_ended(
    database: duckdb.DuckDBPyConnection, query: str, minutes: int, visits: int
) -> None:
    """A guest who had just opened the menu counted as one who left without an order."""
    moment = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=minutes)
    day = (moment + timedelta(hours=1) - timedelta(hours=5)).date()  # of Rome, in winter
    store_visit(database, day)
    since_midnight = moment - datetime.combine(day, time())
    database.execute("UPDATE events_raw SET business_ms = ?", [since_midnight // timedelta(milliseconds=1)])
    rows = saved(database, query, day - timedelta(days=1), day + timedelta(days=1))
    assert len(rows) == visits
