"""What a visit is like when not only its page reports what happens in it."""

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support import PHONE, envelope
from tests.support.warehouse import store

NOON = datetime(2026, 10, 5, 10, tzinfo=UTC)
LOOKS = [(0, "menu_view", "menu"), (1, "item_view", "pizza"), (2, "add_to_cart", "pizza")]


@pytest.fixture
def report(database: duckdb.DuckDBPyConnection, transform: Any, glue: Any, tmp_path: Path) -> Any:
    """Stores what a page or a server reports of the visit `s` some minutes after noon."""
    database.execute("DELETE FROM events_raw")

    def store_event(minutes: int, event_type: str, dish: str, agent: str = PHONE, **fields: str) -> None:
        time = NOON + timedelta(minutes=minutes)
        event = {"event_type": event_type, "element_clicked": dish, "created_at": time.isoformat()}
        event |= {"event_id": f"{dish}-{event_type}-{minutes:04d}", "source_menu": "roma", "session_id": "s"}
        sender = {"ip": "203.0.113.1", "user_agent": base64.b64encode(agent.encode()).decode()}
        received_at = round(time.timestamp() * 1000)
        record = envelope(event | fields, received_at=received_at, **sender)
        store(database, transform, glue, tmp_path, record, date(2026, 10, 5))

    return store_event


@pytest.mark.parametrize("channel", ["till", "app"])
def test_an_order_of_a_server_leaves_the_visit_its_channel_and_device(
    database: duckdb.DuckDBPyConnection, report: Any, channel: str
) -> None:
    """The first in the alphabet stood for all: a visit on the web became one of the till."""
    for minutes, event_type, dish in LOOKS:
        report(minutes, event_type, dish, channel="web", referrer="https://www.google.com/")
    report(3, "order", "pizza", agent="python-requests/2.32", channel=channel, order_id="1")
    columns = "channel, device, referrer_host, orders, furthest_stage"
    assert database.execute(f"SELECT {columns} FROM visits").fetchall() == [
        ("web", "mobile", "www.google.com", 1, 4)
    ]
    assert database.execute("SELECT source, channel, orders FROM sources").fetchall() == [
        ("www.google.com", "web", 1)
    ]


def test_a_channel_that_only_a_later_event_tells_is_the_visits(
    database: duckdb.DuckDBPyConnection, report: Any
) -> None:
    report(0, "menu_view", "menu")
    report(1, "click", "pizza", channel="qr")
    assert database.execute("SELECT channel FROM visits").fetchall() == [("qr",)]


def test_a_thank_you_page_loaded_again_moves_no_stage(
    database: duckdb.DuckDBPyConnection, report: Any
) -> None:
    """The order came before the menu: its repeat after it is no order."""
    report(-10, "order", "pizza", order_id="1")
    for event in LOOKS:
        report(*event)
    for _ in range(2):
        assert database.execute("SELECT orders, furthest_stage FROM visits").fetchall() == [(1, 3)]
        report(10, "order", "pizza", order_id="1")


def test_order_numbers_of_several_menus_are_no_repeats(
    database: duckdb.DuckDBPyConnection, report: Any
) -> None:
    for menu in ("roma", "zoe"):
        report(0, "order", "water", order_id="1", source_menu=menu)
    report(1, "order", "water", order_id="1", source_menu="zoe")
    assert database.execute("SELECT events, repeats FROM data_quality").fetchall() == [(3, 1)]
