"""What the replay makes of rejected events and failed records, and what it leaves alone."""

import base64
import json
from typing import Any

import pytest

from tests.support import CONTEXT, RECEIVED_AT, REQUEST_ID, envelope, firehose_batch, rows
from tests.support.replay import (
    COUNTS,
    EVENT,
    FAILED,
    REJECTED,
    UNCONVERTED,
    Replay,
    failed_line,
    rejected_line,
)
from tests.support.transform import with_every_field

# ---- A rejected event


def test_a_rejected_event_keeps_its_id_its_request_and_its_time(replay: Replay) -> None:
    line = rejected_line(EVENT | {"time_spent": 5}, 7)
    replay.objects[REJECTED] = line
    assert replay() == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1}
    (document,) = replay.firehose.documents
    event = EVENT | {"time_spent": 5, "event_id": f"{REQUEST_ID}-7"}
    request = {"request_id": REQUEST_ID, "received_at": RECEIVED_AT, "imported": False}
    assert document == {"body": {"events": [event]}} | request
    assert replay.objects == {f"replayed/{REJECTED}": line}
    assert replay() == COUNTS


def test_an_event_keeps_the_id_that_its_page_gave_it(replay: Replay) -> None:
    replay.objects[REJECTED] = rejected_line(EVENT | {"event_id": "of-the-page"}, event_id="of-the-page")
    replay()
    assert replay.firehose.documents[0]["body"]["events"][0]["event_id"] == "of-the-page"


@pytest.mark.parametrize(
    ("raw", "event_id"),
    [
        ({"event_id": "short"}, "short"),
        ({"event_id": "x" * 65}, "x" * 65),
        ({}, "4954" + "0" * 60 + "-99"),  # of a record without envelope, whose id is Firehose's
    ],
)
def test_an_id_that_no_event_may_have_is_replaced_always_by_the_same(
    replay: Replay, raw: dict[str, str], event_id: str
) -> None:
    line = rejected_line(EVENT | raw, event_id=event_id)
    for _ in range(2):
        replay.objects[REJECTED] = line * 2
        replay(fix={"drop": ["event_id"]})
    ids = [document["body"]["events"][0]["event_id"] for document in replay.firehose.documents]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2
    assert all(8 <= len(event_id) <= 64 for event_id in ids)


def test_a_batch_of_too_many_events_is_split(replay: Replay) -> None:
    events = [EVENT | {"quantity": n} for n in range(250)] + [
        EVENT | {"event_id": "of-the-page"},
        "no object",
    ]
    line = rejected_line(
        {"events": events}, field="events", reason="length: expected 1 to 100 events, got 252"
    )
    for _ in range(2):
        replay.objects[REJECTED] = line
        answer = replay(fix={"set": {"channel": "qr"}})
        assert answer == COUNTS | {"objects": 1, "records": 3, "events": 252, "moved": 1}
    first, again = replay.firehose.documents[:3], replay.firehose.documents[3:]
    assert first == again
    assert [len(document["body"]["events"]) for document in first] == [100, 100, 52]
    sent = [event for document in first for event in document["body"]["events"]]
    assert sent[:250] == [
        EVENT | {"quantity": n, "channel": "qr", "event_id": f"{REQUEST_ID}-{n}"} for n in range(250)
    ]
    assert sent[250:] == [EVENT | {"channel": "qr", "event_id": "of-the-page"}, "no object"]


def test_a_batch_that_outgrows_a_record_is_split_further(replay: Replay) -> None:
    events = [EVENT | {"page": "é" * 6000} for _ in range(101)]  # two bytes each, and six if it were escaped
    replay.objects[REJECTED] = rejected_line({"events": events}, field="events")
    answer = replay()
    assert answer == COUNTS | {"objects": 1, "records": 3, "events": 101, "moved": 1}
    sent = [event for document in replay.firehose.documents for event in document["body"]["events"]]
    assert [event["event_id"] for event in sent] == [f"{REQUEST_ID}-{n}" for n in range(101)]


# ---- What cannot be sent


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"not JSON\n", id="not JSON"),
        pytest.param(b"\xff\n", id="not UTF-8"),
        pytest.param(b"[]\n", id="no object"),
        pytest.param(b"{}\n", id="no fields"),
        pytest.param(rejected_line("{"), id="raw is not JSON"),
        pytest.param(rejected_line("[1]"), id="raw is an array"),
        pytest.param(rejected_line('"text"'), id="raw is text"),
        pytest.param(rejected_line({"events": []}), id="empty batch"),
        pytest.param(rejected_line("[" * 100_000 + "]" * 100_000), id="deep nesting"),
        pytest.param(rejected_line('{"time_spent":1e999}'), id="number too large"),
        pytest.param(rejected_line({"note": "x" * 1_024_000}), id="larger than a record"),
        pytest.param(rejected_line(EVENT, received_at="yesterday"), id="no time"),
    ],
)
def test_what_cannot_be_sent_stays(replay: Replay, line: bytes) -> None:
    replay.objects[REJECTED] = line
    assert replay() == COUNTS | {"objects": 1, "skipped": 1}
    assert replay.objects == {REJECTED: line}
    whole = rejected_line(EVENT) + line + rejected_line(EVENT, 1)
    replay.objects[REJECTED] = whole
    assert replay() == COUNTS | {"objects": 1, "records": 2, "events": 2, "moved": 1, "skipped": 1}
    assert replay.objects == {f"{REJECTED}.rest": line, f"replayed/{REJECTED}": whole}
    assert replay() == COUNTS | {"objects": 1, "skipped": 1}


@pytest.mark.parametrize(
    "line",
    [
        failed_line(b"[not an event"),
        failed_line(b"\xff"),
        failed_line(b"7"),
        failed_line(b"{}", rawData="QUJD="),
        failed_line(b"{}", rawData=7),
        failed_line(b'{"a":"' + b"x" * 1_023_980 + b'"}'),  # with an envelope it would be too large
        b"{}\n",
        b"7\n",
    ],
)
def test_a_failed_record_that_holds_no_event_stays(replay: Replay, line: bytes) -> None:
    for key in (FAILED, UNCONVERTED):
        replay.objects[key] = line
    assert replay("errors/") == COUNTS | {"objects": 2, "skipped": 2}
    assert set(replay.objects) == {FAILED, UNCONVERTED}


def test_half_a_surrogate_pair_goes_through_as_it_came(replay: Replay) -> None:
    replay.objects[REJECTED] = rejected_line(r'{"element_clicked":"\ud83c","source_menu":"🍕"}')
    replay()
    assert rb'"element_clicked":"\ud83c","source_menu":"' + "🍕".encode() in replay.firehose.taken[0]


# ---- Failed records


def test_a_failed_record_goes_back_to_the_byte(replay: Replay) -> None:
    data = [envelope(EVENT), envelope({"events": [EVENT, EVENT]}), envelope([1])]
    lines = b"".join(map(failed_line, data))
    replay.objects[FAILED] = lines
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 3, "events": 4, "moved": 1}
    assert replay.firehose.taken == data
    assert replay.objects == {f"replayed/{FAILED}": lines}


def test_a_failed_record_without_envelope_gets_one_that_stays(replay: Replay) -> None:
    for _ in range(2):
        replay.objects[FAILED] = failed_line(json.dumps(EVENT).encode()) * 2
        replay("errors/")
    documents = replay.firehose.documents
    assert [document["body"] for document in documents] == [EVENT] * 4
    assert {document["received_at"] for document in documents} == {RECEIVED_AT}
    assert all(document["imported"] for document in documents)
    ids = [document["request_id"] for document in documents]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]  # two records are two events, however alike


def test_rows_become_the_same_rows_again(replay: Replay, transform: dict[str, Any]) -> None:
    event = with_every_field(EVENT, transform["event"]) | {"referrer": "https://www.example.com/?q=x"}
    event["automated"] = False  # else it would have a sender of its own, and so a record
    event |= {"language": "de-CH", "time_zone": "Europe/Zurich"}
    events = [
        event | {"event_type": "order", "unit_price": 14.505, "quantity": 3},
        EVENT | {"created_at": "2027-01-01T00:00:00Z", "referrer": "http://[2001:db8::1]:8080/"},
        EVENT | {"created_at": "2026-11-23T18:14:59.123456Z", "event_id": "of-the-page"},
    ]
    (answer,) = transform["app"].handler(firehose_batch(envelope({"events": events})), CONTEXT)["records"]
    before = rows(answer)
    stored = set(transform["event"].Row.__struct_fields__) - set(transform["event"].NOT_STORED)
    assert stored - before[0].keys() == set(), "give this test an event that has these columns"
    assert [row["clock_adjusted"] for row in before] == [False, True, False]
    replay.objects[UNCONVERTED] = failed_line(base64.b64decode(answer["data"]), dataCatalogTable={})
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 1, "events": 3, "moved": 1}
    (answer,) = transform["app"].handler(firehose_batch(*replay.firehose.taken), CONTEXT)["records"]
    assert rows(answer) == before


def test_rows_of_a_request_keep_each_its_sender(replay: Replay, transform: dict[str, Any]) -> None:
    events = [EVENT | {"channel": channel} for channel in ("till", "app", "web", "till")]
    agent = {"user_agent": base64.b64encode(b"okhttp/4.12.0").decode()}
    record = envelope({"events": events}, **agent)
    (answer,) = transform["app"].handler(firehose_batch(record), CONTEXT)["records"]
    before = rows(answer)
    assert [row["is_bot"] for row in before] == [False, False, True, False]
    replay.objects[UNCONVERTED] = failed_line(base64.b64decode(answer["data"]), dataCatalogTable={})
    replay("errors/")
    answers = transform["app"].handler(firehose_batch(*replay.firehose.taken), CONTEXT)["records"]
    assert [row for answer in answers for row in rows(answer)] == before


def test_an_imported_event_keeps_its_old_time_and_no_other_gets_it(
    replay: Replay, transform: dict[str, Any], bucket: Any
) -> None:
    old = EVENT | {"created_at": "2019-05-01T10:00:00Z", "misspelt": 1}
    for data in (json.dumps(old).encode(), envelope(old)):
        transform["app"].handler(firehose_batch(data), CONTEXT)
        (replay.objects[REJECTED],) = bucket.objects.values()
        replay(fix={"drop": ["misspelt"]})
    answers = transform["app"].handler(firehose_batch(*replay.firehose.taken), CONTEXT)["records"]
    again = [row for answer in answers for row in rows(answer)]
    assert [row["clock_adjusted"] for row in again] == [False, True]
    assert again[0]["event_time"] == "2019-05-01T10:00:00Z"
    assert again[1]["event_time"] == again[1]["received_at"]

    lines = b"".join(failed_line(base64.b64decode(answer["data"])) for answer in answers)
    replay.objects[UNCONVERTED] = lines
    replay("errors/")
    answers = transform["app"].handler(firehose_batch(*replay.firehose.taken[2:]), CONTEXT)["records"]
    assert [row for answer in answers for row in rows(answer)] == again


def test_rows_of_a_long_request_id_keep_one_id_each(replay: Replay) -> None:
    row: dict[str, object] = {"event_time": "2026-11-22T18:10:00Z", "received_at": "2026-11-23T18:10:00Z"}
    row |= {
        "device": "other",
        "clock_adjusted": False,
        "is_bot": False,
        "request_id": "r" * 62,
        "element_clicked": "a",
    }
    ids = ["r" * 62 + "-9", "r" * 62 + "-10"]
    data = "\n".join(json.dumps(row | {"event_id": event_id}) for event_id in ids).encode()
    replay.objects[UNCONVERTED] = failed_line(data)
    replay("errors/")
    sent = [event["event_id"] for event in replay.firehose.documents[0]["body"]["events"]]
    assert sent[0] == ids[0]
    assert 8 <= len(sent[1]) <= 64
