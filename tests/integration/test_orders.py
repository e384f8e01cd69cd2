"""An order is counted once in every answer, however often and by whomever it is reported."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.stack import TIME_ZONE, LocalStack
from tests.support.deployment import Api, ask, eventually

TODAY = datetime.now(ZoneInfo(TIME_ZONE)).date()  # the API takes no times of more than 31 days ago
DAY, NEXT = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
LINE = {
    "event_type": "order",
    "element_clicked": "margherita",
    "unit_price": 10.5,
    "currency": "EUR",
    "order_id": "A-1",
    "session_id": "s1",
    "created_at": f"{DAY} 20:00:00",
}
RELOADED = LINE | {"created_at": f"{DAY} 20:03:00"}
OVER_MIDNIGHT = [LINE | {"created_at": f"{DAY} 23:58:00"}, LINE | {"created_at": f"{NEXT} 00:03:00"}]
TILL = {name: value for name, value in LINE.items() if name != "session_id"} | {"channel": "till"}
# The events, and the pieces and the revenue of the one order that they are.
CASES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "the thank-you page is loaded again": ([LINE, RELOADED], "1", "10.500"),
    "it is loaded again after midnight": (OVER_MIDNIGHT, "1", "10.500"),
    "a server retries with new ids": (
        [LINE | {"quantity": 2, "event_id": event_id} for event_id in ("11111111-a", "22222222-b")],
        "2",
        "21.000",
    ),
    "two lines have the same dish": ([LINE | {"order_line": line} for line in "121"], "2", "21.000"),
    "two dishes have the same line": ([LINE, LINE | {"element_clicked": "tiramisu"}], "2", "21.000"),
    "another visit reports it again": (
        [LINE, LINE | {"session_id": "s2", "created_at": f"{DAY} 21:00:00"}],
        "1",
        "10.500",
    ),
    "the page and the till report it": ([LINE, TILL | {"quantity": 2}], "1", "10.500"),
    "a till reports it again after midnight": (
        [TILL | {"created_at": event["created_at"]} for event in OVER_MIDNIGHT],
        "1",
        "10.500",
    ),
    "reports differ in quantity": ([LINE | {"quantity": 3}, LINE | {"quantity": 2}], "2", "21.000"),
    "a line names no currency": (
        [
            LINE,
            {key: value for key, value in LINE.items() if key != "currency"} | {"element_clicked": "wine"},
        ],
        "2",
        "21.000",
    ),
}


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.mark.parametrize("case", CASES)
def test_an_order_is_counted_once(stack: LocalStack, api: Api, case: str) -> None:
    events, pieces, revenue = CASES[case]
    menu = f"orders: {case}"
    assert api.post({"events": [event | {"source_menu": menu} for event in events]}, "batch").status == 202
    eventually(stack, f"SELECT 1 AS x FROM events_raw WHERE source_menu = '{menu}'", len(events))
    sums = "sum(quantity) AS pieces, sum(revenue) AS revenue"
    where = f"WHERE source_menu = '{menu}'"
    views = {
        "order_lines": "count(DISTINCT order_key)",
        "orders": "count(*)",
        "visit_sales": "sum(orders)",
        "menu_comparison": "sum(orders)",
    }
    for view, orders in views.items():
        (row,) = ask(
            stack, f"SELECT {orders} AS orders, {sums}, currency FROM {view} {where} GROUP BY currency"
        )
        assert row == {"orders": "1", "pieces": pieces, "revenue": revenue, "currency": "EUR"}, view
    (row,) = ask(
        stack, f"SELECT {sums}, currency FROM item_performance {where} AND quantity > 0 GROUP BY currency"
    )
    assert row == {"pieces": pieces, "revenue": revenue, "currency": "EUR"}
    in_visits = ask(stack, f"SELECT sum(orders) AS orders, {sums} FROM visits {where}")
    is_of_till = all(event.get("channel") == "till" for event in events)
    assert in_visits == [{} if is_of_till else {"orders": "1", "pieces": pieces, "revenue": revenue}]
    if not is_of_till:
        (row,) = ask(stack, f"SELECT count_if(has_order) AS visits FROM visits {where}")
        assert row["visits"] == "1"
