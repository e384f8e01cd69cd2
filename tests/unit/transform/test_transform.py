"""The transform's handler: what Firehose sends, and what it gets back."""

import base64
import gc
import io
import json
import tracemalloc
from typing import Any

import pytest

from tests.support import CONTEXT, RECEIVED_AT, REQUEST_ID, envelope, rows, samples
from tests.support.transform import EVENT, invoke, rejected_rows

SHOWN = [
    "element_clicked",
    "source_menu",
    "time_spent",
    "session_id",
    "category",
    "quantity",
    "currency",
    "order_id",
    "channel",
    "page",
    "properties",
]


@pytest.mark.parametrize("event", samples("first_payloads") + samples("good"))
def test_samples_come_through_to_the_letter(transform: dict[str, Any], event: dict[str, Any]) -> None:
    (answer,) = invoke(transform, envelope(event))
    (row,) = rows(answer)
    assert {name: row.get(name) for name in SHOWN} == {name: event.get(name) for name in SHOWN}
    assert row["event_type"] == event.get("event_type", "click")
    assert row["device"] == "mobile"
    assert row["is_bot"] is False
    assert row["received_at"] == "2026-11-23T18:10:00Z"


@pytest.mark.parametrize("sample", samples("bad"), ids=lambda sample: f"{sample['field']}-{sample['why']}")
def test_bad_samples_are_rejected_by_field(
    transform: dict[str, Any], bucket: Any, sample: dict[str, Any]
) -> None:
    (answer,) = invoke(transform, envelope(sample["event"]))
    assert answer["result"] == "Dropped"
    (row,) = rejected_rows(bucket)
    assert row["field"] == sample["field"]
    assert row["reason"].startswith(f"{sample['why']}: ")
    assert json.loads(row["raw"]) == sample["event"]
    assert row["request_id"] == REQUEST_ID
    assert list(bucket.objects) == [
        key for key in bucket.objects if key.startswith("rejected/ingest_month=2026-11/")
    ]


@pytest.mark.parametrize("fault", ['"created_at" : "yesterday"', '"createdAt":"2026-11-22",  "note": 1', ""])
@pytest.mark.parametrize("around", ["%s", '{"events": [ %s ]}'])
def test_a_rejected_event_is_kept_to_the_byte(
    transform: dict[str, Any], bucket: Any, fault: str, around: str
) -> None:
    text = '{ "element_clicked":"\\u0041é",   "source_menu" : "m"%s }' % (fault and f", {fault}")
    data = envelope("in its place").replace(b'"in its place"', (around % text).encode())
    invoke(transform, data)
    assert [row["raw"] for row in rejected_rows(bucket)] == [text]


def test_a_batch_delivers_the_good_and_keeps_the_bad(transform: dict[str, Any], bucket: Any) -> None:
    bad = EVENT | {"time_spent": -1}
    (answer,) = invoke(transform, envelope({"events": [EVENT, bad, EVENT | {"element_clicked": "b"}]}))
    assert answer["result"] == "Ok"
    assert [row["event_id"] for row in rows(answer)] == [f"{REQUEST_ID}-0", f"{REQUEST_ID}-2"]
    assert [row["event_id"] for row in rejected_rows(bucket)] == [f"{REQUEST_ID}-1"]


def test_a_repeated_invocation_gives_the_same_and_overwrites(transform: dict[str, Any], bucket: Any) -> None:
    data = [envelope({"events": [EVENT, {}]}), envelope(EVENT)]
    first, objects = invoke(transform, *data), dict(bucket.objects)
    assert invoke(transform, *data) == first
    assert bucket.objects == objects


def test_a_warm_start_answers_only_its_own_records(transform: dict[str, Any]) -> None:
    invoke(transform, envelope(EVENT), envelope(EVENT))
    assert len(invoke(transform, envelope(EVENT))) == 1


def test_invocations_leave_no_memory_behind(transform: dict[str, Any]) -> None:
    bodies: list[object] = [EVENT, {"events": [EVENT, {}]}, {"events": []}]
    data = [envelope(body) for body in bodies]

    def after(invocations: int) -> int:
        for _ in range(invocations):
            invoke(transform, *data)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    after(20)  # caches fill
    tracemalloc.start()
    before = after(20)
    assert after(500) - before < 500 * 24  # less than the smallest object for each invocation
    tracemalloc.stop()


def test_rejected_events_that_cannot_be_stored_fail(transform: dict[str, Any], bucket: Any) -> None:
    bucket.error = OSError("no S3")
    answers = invoke(transform, envelope({"events": [EVENT, {}]}), envelope(EVENT))
    assert [answer["result"] for answer in answers] == ["ProcessingFailed", "Ok"]
    assert "data" not in answers[0]


DEEP = b'{"element_clicked":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("QUJD=", id="truncated base64"),
        pytest.param("", id="nothing"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b'{"element_clicked":"\xff","source_menu":"m"}', id="not UTF-8 in a value"),
        pytest.param(b"[1,2]", id="array"),
        pytest.param(b"7", id="number"),
        pytest.param(b'{"a":1}{"b":2}', id="two objects"),
        pytest.param(DEEP, id="deep nesting"),
        pytest.param(envelope(EVENT, received_at=10**18), id="arrival after year 9999"),
    ],
)
def test_what_cannot_be_read_goes_back_to_firehose_alone(
    transform: dict[str, Any], data: bytes | str
) -> None:
    answers = invoke(transform, envelope(EVENT), data, envelope(EVENT))
    assert [answer["result"] for answer in answers] == ["Ok", "ProcessingFailed", "Ok"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([EVENT], "type: Expected `object`, got `array`"),
        ("text", "type: Expected `object`, got `str`"),
        (None, "type: Expected `object`, got `null`"),
        ({"events": []}, "length: expected 1 to 100 events, got 0"),
        ({"events": [EVENT] * 101}, "length: expected 1 to 100 events, got 101"),
        ({"events": [EVENT], "more": 1}, "missing: Object missing required field `element_clicked`"),
        (
            EVENT | {"properties": {str(n): "x" for n in range(21)}},
            "length: Expected `object` of length <= 20",
        ),
    ],
)
def test_bodies_that_hold_no_events_are_kept_whole(
    transform: dict[str, Any], bucket: Any, body: object, reason: str
) -> None:
    (answer,) = invoke(transform, envelope(body))
    assert answer["result"] == "Dropped"
    (row,) = rejected_rows(bucket)
    assert row["reason"].startswith(reason) or row["reason"].startswith("unknown field")
    assert json.loads(row["raw"]) == body


@pytest.mark.parametrize("good", [0, 1, 60])
def test_half_of_a_surrogate_pair_spoils_only_its_own_event(
    transform: dict[str, Any], bucket: Any, good: int
) -> None:
    bad = EVENT | {"element_clicked": chr(0xD800)}
    data = json.dumps(json.loads(envelope("in its place")) | {"body": {"events": [bad] + [EVENT] * good}})
    (answer,) = invoke(transform, data.encode())
    (row,) = rejected_rows(bucket)
    assert row["reason"].startswith("malformed: ")
    assert json.loads(row["raw"]) == bad
    assert len(rows(answer)) == good if good else answer["result"] == "Dropped"


def test_an_event_twice_in_a_batch_is_delivered_twice_under_one_id(transform: dict[str, Any]) -> None:
    event = EVENT | {"event_id": "0123456789"}
    (answer,) = invoke(transform, envelope({"events": [event, event]}))
    assert [row["event_id"] for row in rows(answer)] == ["0123456789"] * 2


def test_a_record_without_envelope_is_taken_as_the_body(transform: dict[str, Any]) -> None:
    answers = invoke(transform, json.dumps(EVENT).encode(), json.dumps({"events": [EVENT]}).encode())
    for number, answer in enumerate(answers):
        (row,) = rows(answer)
        assert row["event_id"] == f"4954{number:052d}-0"
        assert row["received_at"] == "2026-11-23T18:10:01Z"
        assert "visitor_id" not in row
        assert row["is_bot"] is False


def test_a_client_cannot_bring_its_own_envelope(transform: dict[str, Any], bucket: Any) -> None:
    forged = json.loads(envelope(EVENT, request_id="forged"))
    (answer,) = invoke(transform, envelope(forged))
    assert answer["result"] == "Dropped"
    assert rejected_rows(bucket)[0]["request_id"] == REQUEST_ID


def test_what_outgrows_the_answer_fails_whole(transform: dict[str, Any], bucket: Any) -> None:
    small = {"element_clicked": "a", "source_menu": "m", "created_at": "20261122T1810Z"}
    data = [envelope({"events": [small] * 99 + [{}]}) for _ in range(170)]
    answers = invoke(transform, *data)
    assert len(json.dumps({"records": answers})) < 6_000_000
    failed = [answer["recordId"] for answer in answers if answer["result"] == "ProcessingFailed"]
    assert 0 < len(failed) < 170
    assert len(rejected_rows(bucket)) == 170 - len(failed)


def test_a_body_of_900_kb_is_one_rejected_event(transform: dict[str, Any], bucket: Any) -> None:
    (answer,) = invoke(transform, envelope({"events": [{"note": "x" * 900_000}]}))
    assert answer["result"] == "Dropped"
    assert len(rejected_rows(bucket)) == 1


def test_null_means_left_out(transform: dict[str, Any]) -> None:
    optional = {
        "time_spent": None,
        "session_id": None,
        "unit_price": None,
        "properties": None,
        "event_id": None,
    }
    first, second = invoke(transform, envelope(EVENT | optional), envelope(EVENT))
    assert first["data"] == second["data"]


def test_address_and_user_agent_are_not_in_the_output(
    transform: dict[str, Any], bucket: Any, capsys: Any
) -> None:
    (answer,) = invoke(transform, envelope({"events": [EVENT, {}]}))
    out = (
        base64.b64decode(answer["data"])
        + b"".join(bucket.objects.values())
        + capsys.readouterr().out.encode()
    )
    assert b"203.0.113.7" not in out
    assert b"iPhone" not in out


@pytest.mark.parametrize("stored", [True, False])
def test_metrics_are_written_once_a_batch(
    transform: dict[str, Any], bucket: Any, capsys: Any, stored: bool
) -> None:
    bucket.error = None if stored else OSError("no S3")
    ahead = EVENT | {"created_at": "9999-12-31T00:00:00Z"}
    bot = {"user_agent": base64.b64encode(b"Googlebot/2.1").decode()}
    answers = invoke(transform, envelope({"events": [EVENT, ahead, {}]}, **bot), envelope(ahead), b"x")
    (line,) = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in line
    ]
    units = {metric["Name"]: metric["Unit"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    delivered = sum(len(base64.b64decode(answer["data"])) for answer in answers if "data" in answer)
    expected = {"Records": 3, "RecordsFailed": 1, "Events": 3, "Bots": 2, "ClockAdjusted": 2}
    expected |= {"VisitorEvents": 1, "Rejected": 1, "RejectedMissing": 1}
    if not stored:  # the record with the rejected event fails whole
        expected = {"Records": 3, "RecordsFailed": 2, "Events": 1, "Bots": 0, "ClockAdjusted": 1}
        expected |= {"VisitorEvents": 1, "Rejected": 0}
    assert {name: line[name][0] for name in units} == expected | {"Delivered": delivered}
    assert units["Delivered"] == "Bytes"


@pytest.mark.parametrize("body", [{}, EVENT], ids=["rejected", "bot"])
def test_a_batch_without_a_guest_gives_no_zero(
    transform: dict[str, Any], bucket: Any, capsys: Any, body: dict[str, str]
) -> None:
    """The alarm NoEvents takes a zero in VisitorEvents for an opening hour."""
    bot = {"user_agent": base64.b64encode(b"Googlebot/2.1").decode()}
    invoke(transform, envelope(body, **bot))
    assert "VisitorEvents" not in capsys.readouterr().out


def test_logs_name_the_request_and_no_event(
    transform: dict[str, Any], bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.error = OSError("no S3")
    log = io.StringIO()
    # `setStream` would flush the stream before, which pytest may have closed with the test that made it.
    monkeypatch.setattr(transform["app"].logger.registered_handler, "stream", log)
    invoke(transform, envelope({"events": [EVENT | {"colour": "very red"}]}), b"[not an event")
    logged = log.getvalue()
    lines = [json.loads(line) for line in logged.splitlines()]
    assert len(lines) == 2
    assert {line["function_request_id"] for line in lines} == {CONTEXT.aws_request_id}
    assert "very red" not in logged
    assert "not an event" not in logged


def test_arrival_is_what_the_edge_says(transform: dict[str, Any]) -> None:
    (answer,) = invoke(transform, envelope(EVENT, received_at=RECEIVED_AT - 1))
    assert rows(answer)[0]["received_at"] == "2026-11-23T18:09:59.999000Z"
