"""When an event happened: the client's clock, the arrival, and the restaurant's wall clock."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import envelope, rows
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
