"""The replay: what it reads, what it sends, what it moves, and what it leaves alone. Without any AWS."""

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest
from botocore.exceptions import ClientError

from tests.support import (
    CONTEXT,
    EVENTS,
    RECEIVED_AT,
    REQUEST_ID,
    envelope,
    firehose_batch,
    load_function,
    rows,
)

EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}
REJECTED = "rejected/ingest_date=2026-11-23/0.jsonl"
FAILED = "errors/processing-failed/2026-11-23/menulens-1"
UNCONVERTED = "errors/format-conversion-failed/2026-11-23/menulens-1"
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
COUNTS = {"objects": 0, "records": 0, "events": 0, "moved": 0, "failed": 0, "skipped": 0, "done": True}


class S3:
    """Stands in for a bucket behind boto3. It proves no permission."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Any:
        keys = [key for key in sorted(self.objects) if key.startswith(Prefix)]
        for key in keys:  # one a page; what is written meanwhile is not seen
            yield {"Contents": [{"Key": key, "LastModified": self.written.get(key, AN_HOUR_AGO)}]}
        yield {}

    def download_fileobj(self, bucket: str, key: str, file: BinaryIO) -> None:
        if key not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        file.write(self.objects[key])

    def put_object(self, Bucket: str, Key: str, Body: BinaryIO) -> None:
        self.objects[Key] = Body.read()

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        self.objects[Key] = self.objects[CopySource["Key"]]

    def delete_object(self, Bucket: str, Key: str) -> None:
        del self.objects[Key]


class Firehose:
    """Stands in for a stream behind boto3, which does not take the records that `refuses` names."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []
        self.taken: list[bytes] = []
        self.refuses = lambda call, number: False

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        assert DeliveryStreamName == "stream"
        data = [record["Data"] for record in Records]
        assert 1 <= len(data) <= 500
        assert sum(len(base64.b64encode(one)) for one in data) <= 4 * 1024 * 1024
        assert all(len(one) <= 1000 * 1024 for one in data)
        self.calls.append(data)
        failed = [self.refuses(len(self.calls), number) for number in range(len(data))]
        self.taken += [one for one, bad in zip(data, failed, strict=True) if not bad]
        answers = [
            {"ErrorCode": "ServiceUnavailableException"} if bad else {"RecordId": "x"} for bad in failed
        ]
        return {"FailedPutCount": sum(failed), "RequestResponses": answers}

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(data) for data in self.taken]


class Replay:
    """The function with its stand-ins, and a clock in which nobody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATA_BUCKET", "data")
        monkeypatch.setenv("DELIVERY_STREAM", "stream")
        self.s3, self.firehose = S3(), Firehose()
        self.objects = self.s3.objects
        self.modules = load_function("replay")
        clients = {"s3": self.s3, "firehose": self.firehose}
        boto3 = SimpleNamespace(client=lambda service, config: clients[service])
        monkeypatch.setattr(self.modules["app"], "boto3", boto3)
        self.slept: list[float] = []
        self.now = 0.0
        time = SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep)
        monkeypatch.setattr(self.modules["app"], "time", time)
        monkeypatch.setattr(self.modules["stream"], "time", time)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self, prefix: str = "rejected/", seconds: int = 900, **event: Any) -> dict[str, Any]:
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000)
        answer: dict[str, Any] = self.modules["app"].handler({"prefix": prefix} | event, context)
        return answer


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Replay:
    return Replay(monkeypatch)


def refused(raw: Any, number: int = 0, **changes: Any) -> bytes:
    """Return a line as the transform keeps it."""
    fields = {
        "received_at": "2026-11-23T18:10:00Z",
        "request_id": REQUEST_ID,
        "event_id": f"{REQUEST_ID}-{number}",
        "reason": "unknown field: Object contains unknown field `sessionId`",
        "field": "sessionId",
        "raw": raw if isinstance(raw, str) else json.dumps(raw),
    }
    return json.dumps(fields | changes).encode() + b"\n"


def failed(data: bytes, **changes: Any) -> bytes:
    """Return a line as Firehose keeps it."""
    fields = {
        "attemptsMade": 4,
        "arrivalTimestamp": RECEIVED_AT,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "The Lambda function was successfully invoked but it returned an error result.",
        "attemptEndingTimestamp": RECEIVED_AT + 5000,
        "rawData": base64.b64encode(data).decode(),
        "lambdaARN": "arn:aws:lambda:eu-central-1:000000000000:function:transform:$LATEST",
    }
    return json.dumps(fields | changes).encode() + b"\n"


# ---- A refused event


def test_a_refused_event_keeps_its_id_its_request_and_its_time(replay: Replay) -> None:
    line = refused(EVENT | {"time_spent": 5}, 7)
    replay.objects[REJECTED] = line
    assert replay() == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1}
    (document,) = replay.firehose.documents
    event = EVENT | {"time_spent": 5, "event_id": f"{REQUEST_ID}-7"}
    assert document == {"body": {"events": [event]}, "request_id": REQUEST_ID, "received_at": RECEIVED_AT}
    assert replay.objects == {f"replayed/{REJECTED}": line}
    assert replay() == COUNTS


def test_an_event_keeps_the_id_that_its_page_gave_it(replay: Replay) -> None:
    replay.objects[REJECTED] = refused(EVENT | {"event_id": "of-the-page"}, event_id="of-the-page")
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
    line = refused(EVENT | raw, event_id=event_id)
    for _ in range(2):
        replay.objects[REJECTED] = line * 2
        replay(fix={"drop": ["event_id"]})
    ids = [document["body"]["events"][0]["event_id"] for document in replay.firehose.documents]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2
    assert all(8 <= len(one) <= 64 for one in ids)


def test_a_batch_of_too_many_events_is_split(replay: Replay) -> None:
    events = [EVENT | {"quantity": n} for n in range(250)] + [
        EVENT | {"event_id": "of-the-page"},
        "no object",
    ]
    line = refused({"events": events}, field="events", reason="length: expected 1 to 100 events, got 252")
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
    replay.objects[REJECTED] = refused({"events": events}, field="events")
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
        pytest.param(refused("{"), id="raw is not JSON"),
        pytest.param(refused("[1]"), id="raw is an array"),
        pytest.param(refused('"text"'), id="raw is text"),
        pytest.param(refused({"events": []}), id="empty batch"),
        pytest.param(refused("[" * 100_000 + "]" * 100_000), id="deep nesting"),
        pytest.param(refused('{"time_spent":1e999}'), id="number too large"),
        pytest.param(refused({"note": "x" * 1_024_000}), id="larger than a record"),
        pytest.param(refused(EVENT, received_at="yesterday"), id="no time"),
    ],
)
def test_what_cannot_be_sent_stays(replay: Replay, line: bytes) -> None:
    replay.objects[REJECTED] = line
    assert replay() == COUNTS | {"objects": 1, "skipped": 1}
    assert replay.objects == {REJECTED: line}
    whole = refused(EVENT) + line + refused(EVENT, 1)
    replay.objects[REJECTED] = whole
    assert replay() == COUNTS | {"objects": 1, "records": 2, "events": 2, "moved": 1, "skipped": 1}
    assert replay.objects == {f"{REJECTED}.rest": line, f"replayed/{REJECTED}": whole}
    assert replay() == COUNTS | {"objects": 1, "skipped": 1}


@pytest.mark.parametrize(
    "line",
    [
        failed(b"[not an event"),
        failed(b"\xff"),
        failed(b"7"),
        failed(b"{}", rawData="QUJD="),
        failed(b"{}", rawData=7),
        failed(b'{"a":"' + b"x" * 1_023_980 + b'"}'),  # with an envelope it would be too large
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
    replay.objects[REJECTED] = refused(r'{"element_clicked":"\ud83c","source_menu":"🍕"}')
    replay()
    assert rb'"element_clicked":"\ud83c","source_menu":"' + "🍕".encode() in replay.firehose.taken[0]


# ---- Failed records


def test_a_failed_record_goes_back_to_the_byte(replay: Replay) -> None:
    data = [envelope(EVENT), envelope({"events": [EVENT, EVENT]}), envelope([1])]
    lines = b"".join(map(failed, data))
    replay.objects[FAILED] = lines
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 3, "events": 4, "moved": 1}
    assert replay.firehose.taken == data
    assert replay.objects == {f"replayed/{FAILED}": lines}


def test_a_failed_record_without_envelope_gets_one_that_stays(replay: Replay) -> None:
    for _ in range(2):
        replay.objects[FAILED] = failed(json.dumps(EVENT).encode()) * 2
        replay("errors/")
    documents = replay.firehose.documents
    assert [document["body"] for document in documents] == [EVENT] * 4
    assert {document["received_at"] for document in documents} == {RECEIVED_AT}
    ids = [document["request_id"] for document in documents]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]  # two records are two events, however alike


def test_rows_become_the_same_rows_again(replay: Replay, transform: dict[str, Any]) -> None:
    event = EVENT | {"event_type": "order", "unit_price": 14.505, "quantity": 3, "currency": "EUR"}
    event |= {
        "properties": {"table": "7"},
        "time_spent": 1.5,
        "session_id": "s",
        "category": "c",
        "page": "/",
    }
    events = [
        event | {"referrer": "https://www.example.com/?q=x", "order_id": "o-1", "channel": "qr"},
        EVENT | {"created_at": "2027-01-01T00:00:00Z", "referrer": "http://[2001:db8::1]:8080/"},
        EVENT | {"created_at": "2026-11-23T18:14:59.123456Z", "event_id": "of-the-page"},
    ]
    (answer,) = transform["app"].handler(firehose_batch(envelope({"events": events})), CONTEXT)["records"]
    before = rows(answer)
    assert [row["clock_adjusted"] for row in before] == [False, True, False]
    replay.objects[UNCONVERTED] = failed(base64.b64decode(answer["data"]), dataCatalogTable={})
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 1, "events": 3, "moved": 1}
    (answer,) = transform["app"].handler(firehose_batch(*replay.firehose.taken), CONTEXT)["records"]
    assert rows(answer) == before


def test_rows_of_a_long_request_id_keep_one_id_each(replay: Replay) -> None:
    row = {"event_time": "2026-11-22T18:10:00Z", "received_at": "2026-11-23T18:10:00Z", "device": "other"}
    row |= {"clock_adjusted": False, "is_bot": False, "request_id": "r" * 62, "element_clicked": "a"}
    ids = ["r" * 62 + "-9", "r" * 62 + "-10"]
    data = "\n".join(json.dumps(row | {"event_id": event_id}) for event_id in ids).encode()
    replay.objects[UNCONVERTED] = failed(data)
    replay("errors/")
    sent = [event["event_id"] for event in replay.firehose.documents[0]["body"]["events"]]
    assert sent[0] == ids[0]
    assert 8 <= len(sent[1]) <= 64


# ---- The fix


@pytest.mark.parametrize(
    ("fix", "event", "fixed"),
    [
        ({"rename": {"sessionId": "session_id"}}, {"sessionId": "s"}, {"session_id": "s"}),
        ({"rename": {"url": "page"}}, {"url": "/", "page": None}, {"page": "/"}),
        (
            {"rename": {"sessionId": "session_id"}},
            {"sessionId": "s", "session_id": "t"},
            {"sessionId": "s", "session_id": "t"},
        ),
        ({"rename": {"a": "page", "b": "page"}}, {"b": "/"}, {"page": "/"}),
        ({"drop": ["note", "more"]}, {"note": 1}, {}),
        ({"set": {"channel": "qr", "page": "/"}}, {"channel": "?"}, {"channel": "qr", "page": "/"}),
        ({"rename": {"x": "page"}, "drop": ["x", "page"], "set": {"page": "/"}}, {"x": 1}, {"page": "/"}),
        ({}, {"x": 1}, {"x": 1}),
    ],
)  # fmt: skip
def test_a_fix(replay: Replay, fix: dict[str, Any], event: dict[str, Any], fixed: dict[str, Any]) -> None:
    replay.objects[REJECTED] = refused(EVENT | event)
    replay(fix=fix)
    assert replay.firehose.documents[0]["body"]["events"] == [EVENT | fixed | {"event_id": f"{REQUEST_ID}-0"}]


def test_a_fix_reaches_every_event_of_a_failed_record(replay: Replay) -> None:
    bodies = [EVENT, {"events": [EVENT, 7]}, [EVENT]]
    lines = [failed(envelope(body)) for body in bodies] + [failed(json.dumps(EVENT).encode())]
    replay.objects[FAILED] = b"".join(lines)
    replay("errors/", fix={"rename": {"element_clicked": "page"}})
    fixed = {name: value for name, value in EVENT.items() if name != "element_clicked"} | {"page": "a"}
    documents = replay.firehose.documents
    assert [one["body"] for one in documents] == [fixed, {"events": [fixed, 7]}, [EVENT], fixed]
    assert documents[0] == json.loads(envelope(fixed))  # address and user agent included


def test_only_what_where_selects_is_sent(replay: Replay) -> None:
    lines = [
        refused(EVENT, 0),
        refused(EVENT, 1, field="time_spent", reason="range: Expected `float` >= 0.0 - at `$.time_spent`"),
        refused(EVENT, 2, field="other"),
        refused("no JSON", 3),
    ]
    replay.objects[REJECTED] = b"".join(lines)
    answer = replay(where={"reason": "unknown field", "field": "sessionId"})
    assert answer == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1, "skipped": 1}
    assert replay.objects[f"{REJECTED}.rest"] == b"".join(lines[1:])
    assert replay(where={"reason": "range"})["records"] == 1
    assert replay.objects == {
        f"replayed/{REJECTED}": b"".join(lines),
        f"replayed/{REJECTED}.rest": b"".join(lines[1:]),
        f"{REJECTED}.rest.rest": b"".join(lines[2:]),
    }


# ---- Which objects


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({}, 3),
        ({"from": "2026-11-23"}, 2),
        ({"to": "2026-11-23"}, 2),
        ({"from": "2026-11-23", "to": "2026-11-23"}, 1),
        ({"from": "2026-12-01", "to": None}, 0),
    ],
)
def test_days_are_inclusive(replay: Replay, days: dict[str, str], found: int) -> None:
    for day in (22, 23, 24):
        replay.objects[f"rejected/ingest_date=2026-11-{day}/0.jsonl"] = refused(EVENT)
        replay.objects[f"errors/processing-failed/2026-11-{day}/menulens-1"] = failed(envelope(EVENT))
    for prefix in ("rejected/", "errors/"):
        assert replay(prefix, **days) == COUNTS | dict.fromkeys(
            ("objects", "records", "events", "moved"), found
        )


def test_what_is_refused_again_waits_for_the_next_call(replay: Replay) -> None:
    replay.objects[REJECTED] = refused(EVENT)
    replay.s3.written[REJECTED] = datetime.now(UTC) + timedelta(seconds=5)
    assert replay() == COUNTS
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert replay(before=later.isoformat())["moved"] == 1


def test_a_dry_run_counts_and_touches_nothing(replay: Replay) -> None:
    before = {
        REJECTED: refused(EVENT) + b"x\n",
        REJECTED.replace("0.", "1."): refused({"events": [EVENT] * 101}),
    }
    replay.objects |= before
    answer = replay(dry_run=True)
    assert answer == COUNTS | {"objects": 2, "records": 3, "events": 102, "skipped": 1}
    assert replay.objects == before
    assert replay.firehose.calls == []


def test_an_object_that_somebody_else_moved_meanwhile_is_passed_over(replay: Replay) -> None:
    others = REJECTED.replace("0.", "1.")
    replay.objects |= {REJECTED: refused(EVENT), others: refused(EVENT)}
    replay.s3.copy_object = lambda **_: replay.objects.pop(others, None)  # type: ignore[method-assign]
    assert replay() == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1}


@pytest.mark.parametrize("event", sorted(EVENTS.glob("replay_*.json")), ids=lambda path: path.stem)
def test_the_event_files_are_calls(replay: Replay, event: Any) -> None:
    assert replay(**json.loads(event.read_text())) == COUNTS


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"prefix": "events/"}, 'prefix: must be "rejected/" or "errors/", not \'events/\''),
        ({"prefix": "replayed/"}, "prefix: must be"),
        ({"prefix": ["errors/"]}, "prefix: must be"),
        ({"since": "2026-11-22"}, "event.since: no such field; there are prefix, from, to,"),
        ({"from": "22.11.2026"}, "from: must be a day such as 2026-11-22, not '22.11.2026'"),
        ({"from": 20261122}, "from: must be a day"),
        ({"to": "2026-02-30"}, "to: must be a day"),
        ({"from": "2026-11-23", "to": "2026-11-22"}, "from: 2026-11-23 is after `to`, 2026-11-22"),
        ({"before": "2026-11-22"}, "before: must be a time"),
        ({"before": "soon"}, "before: must be a time"),
        ({"dry_run": "false"}, "dry_run: must be true or false, not 'false'"),
        ({"fix": "x"}, "fix: must be an object, not 'x'"),
        ({"fix": {"replace": {}}}, "fix.replace: no such field; there are rename, drop, set"),
        ({"fix": {"rename": ["x"]}}, "fix.rename: must be an object"),
        ({"fix": {"rename": {"sessionId": "session"}}}, "fix.rename.sessionId: 'session' is no field of an"),
        ({"fix": {"drop": "note"}}, "fix.drop: must be a list of names, not 'note'"),
        ({"fix": {"drop": [1]}}, "fix.drop: must be a list of names"),
        ({"fix": {"set": {"chanel": "web"}}}, "fix.set.chanel: no such field"),
        ({"fix": {"set": {"event_id": "12345678"}}}, "fix.set.event_id: events with one id are merged"),
        ({"where": {"code": "range"}}, "where.code: no such field; there are reason, field"),
        ({"where": {"field": None}}, "where.field: must be text"),
        (
            {"prefix": "errors/", "where": {"field": "x"}},
            'where: only what lies under "rejected/" has a reason',
        ),
    ],
)
def test_a_call_that_is_wrong_names_the_field_and_touches_nothing(
    replay: Replay, event: dict[str, Any], said: str
) -> None:
    before = {REJECTED: refused(EVENT), FAILED: failed(envelope(EVENT))}
    replay.objects |= before
    with pytest.raises(ValueError, match=":") as error:
        replay(**({"prefix": "rejected/"} | event))
    assert str(error.value).startswith(said)
    assert type(error.value).__name__ == "BadCallError"
    assert replay.objects == before
    assert replay.firehose.calls == []


# ---- The stream, and the time


def test_only_the_records_that_were_not_taken_are_sent_again(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(refused(EVENT, n) for n in range(20))
    replay.firehose.refuses = lambda call, number: call <= 2 and number % 2 == 1
    assert replay() == COUNTS | {"objects": 1, "records": 20, "events": 20, "moved": 1}
    assert [len(call) for call in replay.firehose.calls] == [20, 10, 5]
    assert len(set(replay.firehose.taken)) == len(replay.firehose.taken) == 20


def test_a_stream_that_takes_no_more_stops_the_replay_and_moves_nothing(replay: Replay) -> None:
    replay.objects |= {REJECTED.replace("0.", f"{n}."): refused(EVENT, n) * 3 for n in range(3)}
    replay.firehose.refuses = lambda call, number: call > 2 or (call == 2 and number > 0)
    answer = replay(**{"from": "2026-11-01"})
    counts = {"objects": 2, "records": 4, "events": 4, "moved": 1, "failed": 2, "done": False}
    following = {"prefix": "rejected/", "from": "2026-11-01", "before": answer["next"]["before"]}
    assert answer == COUNTS | counts | {"next": following}
    assert len(replay.objects) == 3
    assert len(replay.firehose.calls) == 1 + 8
    replay.firehose.refuses = lambda call, number: False
    assert replay(**answer["next"]) == COUNTS | {"objects": 2, "records": 6, "events": 6, "moved": 2}


def test_calls_hold_what_the_stream_takes_at_once_and_leave_room_for_others(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(refused(EVENT, n) for n in range(1201))
    replay.objects[FAILED] = failed(envelope({"note": "x" * 1_000_000})) * 7
    replay()
    assert [len(call) for call in replay.firehose.calls] == [500, 500, 201]
    assert sum(replay.slept) >= 1201 / 500
    replay.slept.clear()
    replay("errors/")
    assert [len(call) for call in replay.firehose.calls[3:]] == [2, 2, 2, 1]
    assert sum(replay.slept) >= 7_000_000 / (512 * 1024)


def test_what_the_time_does_not_suffice_for_is_done_by_the_next_call(replay: Replay) -> None:
    replay.objects |= {
        f"rejected/ingest_date=2026-11-23/{n}.jsonl": refused(EVENT, n) * 500 for n in range(9)
    }
    answer, calls, moved = replay(seconds=63), 1, 0  # of which it uses three, at a second for each object
    while not answer["done"]:
        assert answer["failed"] == 0
        moved += answer["moved"]
        answer = replay(seconds=63, **answer["next"])
        calls += 1
    assert moved + answer["moved"] == 9
    assert calls == 3
    assert len(replay.firehose.taken) == 4500
    assert all(key.startswith("replayed/") for key in replay.objects)


def test_an_object_that_the_time_ends_in_is_sent_again_whole(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(refused(EVENT, n) for n in range(2000))
    answer = replay(seconds=61)
    assert (answer["records"], answer["moved"], answer["done"]) == (1000, 0, False)
    assert set(replay.objects) == {REJECTED}
    assert replay(**answer["next"])["moved"] == 1
    assert len(set(replay.firehose.taken)) == 2000


def test_a_large_object_is_read_line_by_line(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    content = failed(envelope({"events": [EVENT | {"page": "x" * 2000}] * 100})) * 40
    assert len(content) > 10_000_000
    replay.objects[FAILED] = content
    largest = 0
    files = replay.modules["app"].TemporaryFile

    class Lines(io.BufferedRandom):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read at once")

        def __next__(self) -> bytes:
            nonlocal largest
            line = super().__next__()
            largest = max(largest, len(line))
            return line

    monkeypatch.setattr(replay.modules["app"], "TemporaryFile", lambda: Lines(files(buffering=0)))
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 40, "events": 4000, "moved": 1}
    assert largest < 400_000
