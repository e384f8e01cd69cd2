"""Rows: what the transform computes for an event, and what it does not compute."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from xxhash import xxh64_intdigest

from tests.support import REQUEST_ID, envelope, rows
from tests.support.transform import EVENT, invoke, rejected_rows


@pytest.mark.parametrize(
    ("created_at", "zone_time", "local_time"),
    [
        ("2026-11-22T18:10:00Z", "2026-11-22T18:10:00Z", "2026-11-22T19:10:00Z"),
        ("2026-11-22T19:04:05.123+01:00", "2026-11-22T18:04:05.123000Z", "2026-11-22T19:04:05.123000Z"),
        ("2022–09–11 23:00:00", "2022-09-11T21:00:00Z", "2022-09-11T23:00:00Z"),
        (
            "2026-03-29T00:59:59Z",
            "2026-03-29T00:59:59Z",
            "2026-03-29T01:59:59Z",
        ),  # before the clocks go forward
        ("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),  # and after
        (
            "2026-10-25 02:30:00",
            "2026-10-25T00:30:00Z",
            "2026-10-25T02:30:00Z",
        ),  # twice in that night: the first
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"),
        ("20261122T181000Z", "2026-11-22T18:10:00Z", "2026-11-22T19:10:00Z"),
        # whole milliseconds, and midnight is not passed
        ("2026-11-22T22:59:59.999999999Z", "2026-11-22T22:59:59.999000Z", "2026-11-22T23:59:59.999000Z"),
        ("2026-11-23T18:09:59.9996Z", "2026-11-23T18:09:59.999000Z", "2026-11-23T19:09:59.999000Z"),
        ("2026-11-22 19:10:00,0009", "2026-11-22T18:10:00Z", "2026-11-22T19:10:00Z"),
    ],
)
def test_times(transform: dict[str, Any], created_at: str, zone_time: str, local_time: str) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"created_at": created_at}, imported=True))
    (row,) = rows(answer)
    assert (row["event_time"], row["local_time"], row["clock_adjusted"]) == (zone_time, local_time, False)
    assert row["local_date"] == local_time[:10]


@pytest.mark.parametrize(
    ("ahead", "adjusted"),
    [("2026-11-23T18:15:00Z", False), ("2026-11-23T18:15:00.001Z", True), ("9999-12-31T23:59:59Z", True)],
)
def test_a_clock_that_is_ahead_is_put_right(transform: dict[str, Any], ahead: str, adjusted: bool) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"created_at": ahead}))
    (row,) = rows(answer)
    assert row["clock_adjusted"] is adjusted
    assert row["event_time"] == (row["received_at"] if adjusted else ahead)


OLD = [
    ("2026-10-23T18:10:00Z", False),
    ("2026-10-23T18:09:59.999Z", True),
    ("2022–09–11 23:00:00", True),
    ("2000-01-01T00:00:00Z", True),
    ("1970-01-02", True),
    ("1969-12-31T23:00:00Z", True),  # a clock that began anew, in Rome
    ("0001-01-01T00:00:00Z", True),
]


@pytest.mark.parametrize(("old", "adjusted"), OLD)
@pytest.mark.parametrize("others", [0, 1])
def test_a_clock_that_is_far_behind_is_put_right(
    transform: dict[str, Any], old: str, adjusted: bool, others: int
) -> None:
    """Else one request of anybody's would write into any day of the past, and thin its averages."""
    event = EVENT | {"created_at": old}
    (answer,) = invoke(transform, envelope({"events": [event] + [EVENT] * others} if others else event))
    row = rows(answer)[0]
    assert row["clock_adjusted"] is adjusted
    assert row["event_time"] == (row["received_at"] if adjusted else old)
    assert row["local_date"] == row["received_date"] if adjusted else "2026-10-23"


@pytest.mark.parametrize("body", [EVENT, {"events": [EVENT, EVENT]}, EVENT | {"element_clicked": "\ud83c"}])
def test_what_comes_straight_into_the_stream_is_imported(
    transform: dict[str, Any], bucket: Any, body: dict[str, Any]
) -> None:
    """Who may write there is no visitor, and a history is old."""
    body = json.loads(json.dumps(body).replace(EVENT["created_at"], "1970-01-02T10:00:00Z"))
    (answer,) = invoke(transform, json.dumps(body).encode())
    for row in rejected_rows(bucket):
        assert row["imported"] is True
    for row in [] if answer["result"] == "Dropped" else rows(answer):
        assert (row["event_time"], row["clock_adjusted"]) == ("1970-01-02T10:00:00Z", False)


@pytest.mark.parametrize("imported", [False, True])
def test_a_rejected_event_says_whether_it_was_imported(
    transform: dict[str, Any], bucket: Any, imported: bool
) -> None:
    changes = {"imported": True} if imported else {}
    invoke(transform, envelope({"events": [{}, EVENT]}, **changes))
    assert [row["imported"] for row in rejected_rows(bucket)] == [imported]


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize("created_at", ["0001-01-01T00:00:00+14:00", "2026-13-01", "x", "2022"])
def test_times_that_cannot_be_stored_are_rejected(
    transform: dict[str, Any], bucket: Any, created_at: str, imported: bool
) -> None:
    invoke(transform, envelope(EVENT | {"created_at": created_at}, imported=imported))
    (row,) = rejected_rows(bucket)
    assert (row["field"], row["reason"].split(":")[0]) == ("created_at", "date")


@pytest.mark.parametrize("created_at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
def test_no_history_begins_before_1970(transform: dict[str, Any], bucket: Any, created_at: str) -> None:
    invoke(transform, envelope(EVENT | {"created_at": created_at}, imported=True))
    (row,) = rejected_rows(bucket)
    assert row["reason"] == "date: before 1970-01-01"


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


@pytest.mark.parametrize(
    ("received_at", "day"),
    [
        ("2026-11-30T22:59:59.999", "2026-11-30"),
        ("2026-11-30T23:00:00", "2026-12-01"),
        ("2026-10-25T21:00:00", "2026-10-25"),  # the clock went back on this day
        ("2026-10-25T22:30:00", "2026-10-25"),
        ("2026-10-25T23:00:00", "2026-10-26"),
        ("2026-03-28T23:00:00", "2026-03-29"),  # and forward on this one
        ("2026-03-29T21:59:59", "2026-03-29"),
        ("2026-03-29T22:00:00", "2026-03-30"),
    ],
)
def test_the_day_of_arrival_is_that_of_the_time_zone(
    transform: dict[str, Any], bucket: Any, received_at: str, day: str
) -> None:
    arrival = round(datetime.fromisoformat(received_at).replace(tzinfo=UTC).timestamp() * 1000)
    body = {"events": [EVENT | {"created_at": received_at + "Z"}, {}]}
    (answer,) = invoke(transform, envelope(body, received_at=arrival))
    assert [row["received_date"] for row in rows(answer)] == [day]
    assert [row["received_date"] for row in rejected_rows(bucket)] == [day]


def test_rejected_events_are_filed_by_their_arrival_in_the_stream(
    transform: dict[str, Any], bucket: Any
) -> None:
    """What is replayed keeps its day of arrival; the partition of that may not be listed any more."""
    arrival = round(datetime(2026, 6, 30, 12, tzinfo=UTC).timestamp() * 1000)
    invoke(transform, envelope({}, received_at=arrival))
    (row,) = rejected_rows(bucket)
    assert row["received_date"] == "2026-06-30"
    assert [key.rpartition("/")[0] for key in bucket.objects] == ["rejected/ingest_month=2026-11"]


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
    ("created_at", "day"),
    [
        ("2026-11-22 04:59:59.999", "2026-11-21"),
        ("2026-11-22 05:00:00", "2026-11-22"),
        ("2026-11-22 23:59:59", "2026-11-22"),
        ("2026-10-25T02:30:00Z", "2026-10-24"),  # the night in which the clock goes back
        ("1970-01-01T00:00:00Z", "1969-12-31"),
    ],
)
def test_the_night_belongs_to_the_evening_before(
    transform: dict[str, Any], created_at: str, day: str
) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"created_at": created_at}, imported=True))
    assert rows(answer)[0]["business_date"] == day


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
        ({"order_line": None}, False),
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


@pytest.mark.parametrize(
    ("created_at", "milliseconds"),
    [
        ("2026-11-22T18:10:00.123Z", 65_400_123),
        (
            "2026-11-22T03:00:00.9999Z",
            97_200_999,
        ),  # 04:00 in Rome, of the day before
        ("1970-01-01T00:00:00Z", 86_400_000),
    ],
)
def test_the_time_is_there_in_milliseconds_too(
    transform: dict[str, Any], created_at: str, milliseconds: int
) -> None:
    (answer,) = invoke(transform, envelope(EVENT | {"created_at": created_at}, imported=True))
    assert rows(answer)[0]["business_ms"] == milliseconds


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
