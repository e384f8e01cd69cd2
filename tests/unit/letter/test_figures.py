"""What the letter makes of Athena's rows: totals, weeks that compare, and the dishes worth a line."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support import load_function
from tests.support.letter import MONDAY, dish, healthy, sale, weeks


@pytest.fixture
def figures() -> Any:
    return load_function("letter", "figures")["figures"].Figures


def test_a_week_is_compared_with_the_week_before(figures: Any) -> None:
    total = figures.of_sales(MONDAY, weeks(MONDAY, 9, 30, 60)).total
    assert (total.now.visits, total.before.visits) == (420, 210)
    assert (total.now.orders, total.before.orders) == (140, 70)
    assert total.now.money("EUR") == Decimal("3783.50")


def test_a_week_that_the_data_do_not_wholly_cover_is_not_compared(figures: Any) -> None:
    """Nothing tells whether the week before was recorded from its Monday on, unless something came before."""
    assert figures.of_sales(MONDAY, weeks(MONDAY, 30, 60)).total.before is None
    begun_on_tuesday = [sale(MONDAY + timedelta(days=day), 5) for day in range(-6, 7)]
    assert figures.of_sales(MONDAY, begun_on_tuesday).total.before is None
    one_earlier = [sale(MONDAY - timedelta(days=8), 1), *begun_on_tuesday]
    assert figures.of_sales(MONDAY, one_earlier).total.before.visits == 30


def test_a_week_without_anything_is_not_compared(figures: Any) -> None:
    """As after an outage: a growth from nothing would be told as one of guests."""
    assert figures.of_sales(MONDAY, weeks(MONDAY, 30, 0, 60)).total.before is None


def test_a_new_menu_leaves_the_total_without_a_comparison_and_a_stray_one_does_not(figures: Any) -> None:
    sales = weeks(MONDAY, 9, 30, 60)
    with_new = figures.of_sales(MONDAY, [*sales, *weeks(MONDAY, 20, source_menu="bar")])
    assert with_new.total.before is None
    assert with_new.menus["trattoria"].before.visits == 210
    assert with_new.menus["bar"].before is None
    with_stray = figures.of_sales(MONDAY, [*sales, sale(MONDAY, 2, source_menu="a test")])
    assert with_stray.total.before.visits == 210


def test_currencies_are_never_summed(figures: Any) -> None:
    sales = weeks(MONDAY, 9, 30, 60)
    sales += [sale(MONDAY, orders=1, revenue="20", currency="USD"), sale(MONDAY, currency=None)]
    total = figures.of_sales(MONDAY, sales).total
    assert total.currencies("USD") == ["USD", "EUR"]
    assert (total.now.money("EUR"), total.now.money("USD")) == (Decimal("3783.50"), 20)


@pytest.mark.parametrize(
    "first_day",
    [
        date(2026, 12, 28),  # ends in the next year
        date(2026, 10, 19),  # its Sunday has 25 hours in Rome
        date(2026, 3, 23),  # its Sunday has 23
    ],
)
def test_a_week_across_the_year_or_a_change_of_the_clock_has_its_seven_days(
    figures: Any, first_day: date
) -> None:
    week = figures.of_sales(first_day, weeks(first_day, 3, 6, 9))
    assert [day for day, _ in week.visits_by_day] == [first_day + timedelta(days=n) for n in range(7)]
    assert week.last_day == first_day + timedelta(days=6)
    assert (week.total.now.visits, week.total.before.visits) == (63, 42)


def test_the_busiest_hours_are_those_with_most_visits(figures: Any) -> None:
    sales = [sale(MONDAY + timedelta(days=day), 10 + day, hour=hour) for day in range(7) for hour in (12, 20)]
    sales += [sale(MONDAY, 8, hour=20, source_menu="bar"), sale(MONDAY, 0, hour=3)]
    busiest = figures.of_sales(MONDAY, sales).busiest
    sunday, saturday = MONDAY + timedelta(days=6), MONDAY + timedelta(days=5)
    assert busiest == [(MONDAY, 20, 18), (sunday, 12, 16), (sunday, 20, 16)]
    assert saturday not in {day for day, _, _ in busiest}


def test_three_dishes_gained_and_lost_most(figures: Any) -> None:
    week = figures.of_sales(MONDAY, weeks(MONDAY, 9, 30, 60))
    week.add_dishes([dish(f"dish {n}", 100 + n, 100) for n in range(-150, 151)])  # 301 of them
    assert [entry.name for entry in week.gained] == ["dish 150", "dish 149", "dish 148"]
    assert [entry.change for entry in week.lost] == [-150, -149, -148]


def test_dishes_of_a_menu_that_is_not_compared_neither_gain_nor_lose(figures: Any) -> None:
    week = figures.of_sales(MONDAY, weeks(MONDAY, 60))
    week.add_dishes([dish("risotto", 9, 0), dish("soup", 0, 9)])
    assert (week.gained, week.lost) == ([], [])


def test_what_nobody_ordered_is_listed_only_where_orders_are_reported(figures: Any) -> None:
    week = figures.of_sales(MONDAY, weeks(MONDAY, 9, 30, 60))
    week.add_dishes(
        [
            dish("risotto", 3),
            dish("tripe", viewers=20),
            dish("soup", 0, 1, viewers=50),
            dish("tea", viewers=90, source_menu="a board without orders"),
        ]
    )
    assert [(entry.name, entry.viewers) for entry in week.never_ordered] == [("tripe", 20)]


def test_a_silent_day_is_one_on_which_guests_use_to_come(figures: Any) -> None:
    closed_on_monday = [row for row in weeks(MONDAY, 9, 30, 60) if row["day"].weekday()]
    week = figures.of_sales(MONDAY, closed_on_monday)
    week.total.now.days -= {MONDAY + timedelta(days=1)}
    week.add_health(healthy(MONDAY, range(2, 7), rejected=25))
    assert week.health.silent_days == [MONDAY + timedelta(days=1)]
    assert week.health.rejected_share == 0.2


def test_nothing_at_all_is_no_data(figures: Any) -> None:
    week = figures.of_sales(MONDAY, [])
    week.add_dishes([])
    week.add_pairs([])
    week.add_health([])
    assert not week.has_data
    assert week.total.before is None
