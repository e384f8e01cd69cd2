"""Rows: what the transform computes for an event, and what it does not compute."""

import json
from typing import Any

import pytest
from xxhash import xxh64_intdigest

from tests.support import REQUEST_ID, envelope, rows
from tests.support.transform import EVENT, invoke, rejected_rows


@pytest.mark.parametrize(
    ("fields", "price", "revenue"),
    [
        ({"event_type": "order", "quantity": 2, "unit_price": 14.5}, 14.5, 29),
        ({"event_type": "order", "unit_price": 0.30000000000000004}, 0.30000000000000004, 0.3),
        ({"event_type": "order", "quantity": 1000, "unit_price": 999999999}, 999999999, 999999999000),
        ({"event_type": "order", "quantity": 1000, "unit_price": 999999998.999}, 999999998.999, 999999998999),
        ({"event_type": "order", "quantity": 3, "unit_price": 2.675}, 2.675, 8.025),
        ({"event_type": "order", "unit_price": 1.255, "currency": "KWD"}, 1.255, 1.255),
        ({"event_type": "order", "quantity": 3, "unit_price": 500, "currency": "JPY"}, 500, 1500),
        # half up to three decimals, as the digits say and not their binary value
        ({"event_type": "order", "quantity": 2, "unit_price": 259.9745}, 259.9745, 519.95),
        ({"event_type": "order", "quantity": 2, "unit_price": 1.00049999999}, 1.00049999999, 2),
        ({"event_type": "order", "unit_price": 529948.0005}, 529948.0005, 529948.001),
        ({"event_type": "order", "quantity": 3}, None, None),
        ({"event_type": "add_to_cart", "quantity": 3, "unit_price": 9}, 9, None),
        ({"event_type": "order", "unit_price": -0.0}, 0, 0),
    ],
)
def test_money(
    transform: dict[str, Any], fields: dict[str, Any], price: float | None, revenue: float | None
) -> None:
    (answer,) = invoke(transform, envelope(EVENT | fields))
    (row,) = rows(answer)
    assert (row.get("unit_price"), row.get("revenue")) == (price, revenue)


@pytest.mark.parametrize(("properties", "stored"), [({}, None), (None, None), ({"A": "", "a": "x"},) * 2])
def test_no_properties_are_no_map(
    transform: dict[str, Any], properties: dict[str, str] | None, stored: dict[str, str] | None
) -> None:
    """Writers of Parquet have failed at a map without entries: "empty fields are illegal".

    https://github.com/apache/parquet-format/issues/308 (of Hive), https://github.com/prestodb/presto/issues/5934.
    Which one Firehose uses, nobody says.
    """
    (answer,) = invoke(transform, envelope(EVENT | {"properties": properties}))
    (row,) = rows(answer)
    assert row.get("properties") == stored


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.example.com/search?q=ramen", "www.example.com"),
        ("https://user:secret@example.com:8080/", "example.com"),
        ("https://[broken", None),
        ("not a url", None),
    ],
)
def test_of_a_referrer_only_the_host_is_kept(
    transform: dict[str, Any], referrer: str, host: str | None
) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"referrer": referrer}))
    assert rows(answer)[0].get("referrer_host") == host


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_time", "2026-11-22T18:10:00Z"),
        ("event_key", 1),
        ("local_time", "2026-11-22T18:10:00Z"),
        ("local_date", "2026-11-22"),
        ("business_date", "2026-11-22"),
        ("business_ms", 1),
        ("visit_key", 1),
        ("clock_adjusted", False),
        ("revenue", 1000),
        ("referrer_host", "example.com"),
        ("table_number", "12"),
        ("country", "CH"),
        ("received_at", "2026-11-22T18:10:00Z"),
        ("visitor_id", "0123456789abcdef"),
        ("device", "mobile"),
        ("is_bot", False),
        ("request_id", REQUEST_ID),
        ("schema_version", 1),
        ("received_date", "2026-11-22"),
        ("ingest_month", "2026-11"),
    ],
)
@pytest.mark.parametrize("others", [0, 2, 60])
def test_a_page_cannot_send_what_is_computed(
    transform: dict[str, Any], bucket: Any, field: str, value: object, others: int
) -> None:
    forged = EVENT | {field: value}
    body = {"events": [EVENT] * others + [forged]} if others else forged
    (answer,) = invoke(transform, envelope(body))
    (row,) = rejected_rows(bucket)
    assert row["field"] == field
    assert row["reason"] == f"unknown field: Object contains unknown field `{field}`"
    assert len(rows(answer)) == others if others else answer["result"] == "Dropped"


@pytest.mark.parametrize(
    ("event_id", "key"),
    [
        # Worked out by https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, not with the library.
        ("evt-0001", 1107785234051128092 >> 24),
        ("número-1", (2**64 - 8731923728171851262) >> 24),
        ("a" * 64, (2**64 - 1379396020616355102) >> 24),
    ],
)
def test_the_key_is_the_first_bits_of_the_ids_hash(
    transform: dict[str, Any], event_id: str, key: int
) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"event_id": event_id, "session_id": event_id}))
    (row,) = rows(answer)
    assert (row["event_key"], row["visit_key"]) == (key, key)


ORDER = EVENT | {"event_type": "order", "order_id": "A-1", "order_line": "1"}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"event_id": "another-id"}, True),
        ({"created_at": "2026-11-22 19:13:00", "session_id": "another", "quantity": 2}, True),
        ({"order_line": "2"}, False),
        ({"order_line": None}, True),  # as an import says it
        ({"order_id": "A-2"}, False),
        ({"element_clicked": "another"}, False),
        ({"order_id": "A", "order_line": "-11"}, False),
    ],
)
def test_an_order_line_is_known_by_its_order(
    transform: dict[str, Any], changes: dict[str, Any], same: bool
) -> None:
    first, again = (row["event_key"] for row in sent_rows(transform, ORDER, ORDER | changes))
    assert (first == again) is same


@pytest.mark.parametrize("event", [EVENT | {"event_type": "order"}, EVENT | {"order_id": "A-1"}])
def test_what_is_no_line_of_an_order_is_known_by_its_id(
    transform: dict[str, Any], event: dict[str, Any]
) -> None:
    events = [event | {"event_id": event_id} for event_id in ("event-01", "event-02", "event-01")]
    first, second, repeat = (row["event_key"] for row in sent_rows(transform, *events))
    assert first == repeat != second


def sent_rows(transform: dict[str, Any], *events: dict[str, Any]) -> list[dict[str, Any]]:
    (answer,) = invoke(transform, envelope({"events": events}))
    return rows(answer)


def test_a_guest_without_session_is_the_visitor(transform: dict[str, Any]) -> None:
    (answer,) = invoke(transform, envelope(EVENT))
    (row,) = rows(answer)
    assert row["visit_key"] == -1 - (xxh64_intdigest(row["visitor_id"]) >> 24)


def test_nobody_known_has_no_key(transform: dict[str, Any]) -> None:
    (answer,) = invoke(transform, json.dumps(EVENT).encode())
    assert "visit_key" not in rows(answer)[0]


@pytest.mark.parametrize(("automated", "is_bot"), [(True, True), (False, False), (None, False)])
def test_a_driven_browser_is_a_bot(transform: dict[str, Any], automated: bool | None, is_bot: bool) -> None:
    """A driver must set `navigator.webdriver`: https://www.w3.org/TR/webdriver2/#interface."""
    (answer,) = invoke(transform, envelope(EVENT | {"automated": automated}))
    (row,) = rows(answer)
    assert row["is_bot"] is is_bot
    assert "automated" not in row


def test_a_row_says_which_page_and_tracker_it_came_from(transform: dict[str, Any]) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"page_host": "trattoria.it", "tracker": "0123abcd"}))
    (row,) = rows(answer)
    assert (row["page_host"], row["tracker"]) == ("trattoria.it", "0123abcd")
