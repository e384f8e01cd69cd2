"""An order is counted once in every answer, however often and by whomever it is reported."""

from typing import Any

import pytest

from local.stack import LocalStack
from tests.support.deployment import Api, ask, eventually

LINE = {
    "event_type": "order",
    "element_clicked": "margherita",
    "unit_price": 10.5,
    "currency": "EUR",
    "order_id": "A-1",
    "session_id": "s1",
    "created_at": "2026-11-20 20:00:00",
}
RELOADED = LINE | {"created_at": "2026-11-20 20:03:00"}
OVER_MIDNIGHT = [LINE | {"created_at": "2026-11-20 23:58:00"}, LINE | {"created_at": "2026-11-21 00:03:00"}]
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
    for view, orders in (("orders", "count(*)"), ("visits", "sum(orders)")):
        (row,) = ask(stack, f"SELECT {orders} AS orders, {sums} FROM {view} {where}")
        assert (row["orders"], row["pieces"], row["revenue"]) == ("1", pieces, revenue), view
    # Answers by local day have the line on either day that it was reported on.
    (row,) = ask(stack, f"SELECT day, {sums} FROM item_performance {where} GROUP BY day ORDER BY day LIMIT 1")
    assert (row["pieces"], row["revenue"]) == (pieces, revenue)
