"""Invented rows of the views, few enough to add up by hand, with names that try to break the page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from preview.page import Dashboard

TODAY = datetime.now(UTC).date()
HOSTILE = (
    "<script>window.broken=1</script>",
    "</script><img src=x onerror=window.broken=1>",
    """He said "it's" \\ & © {{x}} ${y}""",
    "🍕 пицца 👩‍🍳",
    "طبق اليوم: שלום",
    "x" * 128,
    "__proto__",
    "constructor",
)


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def visits(
    days: int, menu: str, channel: str | None, count: int, orders: int, revenue: str, since: int = 15
) -> dict[str, Any]:
    return {
        "period_start": days_ago(since),
        "day": days_ago(days),
        "source_menu": menu,
        "channel": channel,
        "device": "mobile",
        "visits": count,
        "orders": orders,
        "visits_with_order": orders,
        "quantity": 2 * orders,
        "revenue": revenue,
        "currency": "CHF" if menu == "bistro" else "EUR",
    }


def dish(
    days: int, element: str, views: int, orders: int, seconds: float, channel: str = "qr"
) -> dict[str, Any]:
    return {
        "day": days_ago(days),
        "source_menu": "trattoria",
        "channel": channel,
        "element_clicked": element,
        "item": element,
        "views": views,
        "viewers": views,
        "time_spent_seconds": seconds,
        "adds_to_cart": orders,
        "orders": orders,
        "quantity": orders,
        "revenue": f"{orders * 10}.00",
        "currency": "EUR",
    }


def origin(column: str, value: str | None, *, visits: int, orders: int, revenue: str, **more: str) -> Any:
    return {
        "day": days_ago(1),
        "source_menu": "trattoria",
        "channel": "qr",
        "visits": visits,
        "visits_with_order": orders,
        "orders": orders,
        "revenue": revenue,
        "currency": "EUR",
        column: value,
        **more,
    }


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows by view."""
    stages = (("menu_view", 10), ("item_view", 8), ("add_to_cart", 6), ("order", 3))
    return {
        "menu_comparison": [
            visits(0, "trattoria", "qr", 7, 3, "80.00"),
            visits(1, "trattoria", "qr", 6, 3, "90.00"),
            visits(2, "trattoria", "web", 4, 1, "10.50", 2),
            visits(2, "bistro", None, 5, 2, "70.00", 2),
            visits(8, "trattoria", "qr", 5, 2, "50.00"),
            visits(14, "trattoria", "qr", 3, 0, "0.00"),
            visits(15, "trattoria", "qr", 1000, 1000, "9999.00"),  # before the period before
        ],
        "item_performance": [
            dish(1, "pizza", 100, 40, 500.0),
            dish(2, "pizza", 20, 10, 100.0, "web"),
            dish(1, "water", 4, 30, 8.0),
            dish(1, "lobster", 90, 1, 1800.0),
            dish(1, "soup", 5, 2, 20.0),
            *(dish(1, name, 3, number + 3, 9.0) for number, name in enumerate(HOSTILE)),
        ],
        "menu_funnel": [
            {
                "day": days_ago(1),
                "source_menu": "trattoria",
                "channel": "qr",
                "stage_number": number,
                "stage": stage,
                "visits": visits,
            }
            for number, (stage, visits) in enumerate(stages, start=1)
        ],
        "hourly_demand": [
            {
                "day": days_ago(days),
                "weekday": (TODAY - timedelta(days=days)).isoweekday(),
                "hour": hour,
                "source_menu": "trattoria",
                "channel": "qr",
                "visits": 4 if hour == 19 else 0,
                "orders": 1 if hour == 19 else 0,
                "revenue": "0.00",
                "currency": "EUR",
                "is_open": int(hour in (18, 19)),
            }
            for days in (1, 2)
            for hour in range(24)
        ],
        "sources": [
            origin("channel", "qr", source="qr", table_number="12", visits=7, orders=3, revenue="80.00"),
            origin("channel", "web", source=HOSTILE[0], visits=4, orders=1, revenue="10.50"),
        ],
        "languages": [
            origin("language", "de", country="CH", visits=7, orders=3, revenue="80.00"),
            origin("language", None, visits=4, orders=1, revenue="10.50"),
        ],
        "items_ordered_together": [
            {
                "source_menu": "trattoria",
                "element_a": a,
                "item_a": a,
                "element_b": b,
                "item_b": b,
                "orders_together": together,
                "lift": lift,
                "lift_at_least": at_least,
            }
            for a, b, together, lift, at_least in (
                ("pizza", "water", 90, 1.25, 1.1),
                ("pizza", HOSTILE[0], 70, 1.2, 1.05),
                ("soup", "water", 3, 9.0, 0.9),  # three orders are no evidence
            )
        ],
        "data_quality": [
            {
                "day": days_ago(days),
                "events": 1000,
                "repeats": 20,
                "bots": 30,
                "rejected": 4,
                "delay_p50_seconds": 2.5,
                "delay_p95_seconds": 61.25,
            }
            for days in (0, 1)
        ],
        "rejected_by_reason": [
            {"day": days_ago(0), "reason": "missing", "field": "created_at", "rejected": 3},
            {"day": days_ago(0), "reason": "malformed", "field": None, "rejected": 1},
        ],
    }


def page_url(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> str:
    """Write the page of `rows` into a folder, and return its address."""
    return write_page(folder, dashboard(rows))


def write_page(folder: Path, preview: Dashboard) -> str:
    """Write a dashboard's page into a folder, and return its address."""
    path = folder / "dashboard.html"
    path.write_text(preview.page(preview.data()), encoding="utf-8")
    return path.as_uri()


def dashboard(
    rows: dict[str, list[dict[str, Any]]],
    *,
    live: bool = False,
    time_zone: str = "UTC",
    clock: Callable[[ZoneInfo], datetime] = datetime.now,
) -> Dashboard:
    """Return the project's dashboard on `rows`, as Athena would answer them; of another view, none."""

    def ask(sql: str) -> list[dict[str, str]]:
        view = re.search(r'FROM "(\w+)"', sql)
        assert view
        return [
            {name: str(value) for name, value in row.items() if value is not None}
            for row in rows.get(view[1], [])
        ]

    return Dashboard(ask, stack="a <b>stack</b>", currency="EUR", time_zone=time_zone, live=live, clock=clock)
