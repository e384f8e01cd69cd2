"""functions/replay writes what functions/transform reads, and knows the envelope without importing it."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.support import CONTEXT, RECEIVED_AT, envelope, firehose_batch, load_function
from tests.support.transform import transform_in

EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}
REJECTED = "rejected/ingest_month=2026-11/0.jsonl"
FAILED = "errors/processing-failed/ingest_month=2026-11/menulens-1"
UNCONVERTED = "errors/format-conversion-failed/ingest_month=2026-11/menulens-1"


@pytest.fixture(scope="module")
def replay() -> dict[str, Any]:
    return load_function("replay", "request", "records")


@pytest.fixture(scope="module")
def transform() -> Iterator[dict[str, Any]]:
    with transform_in("Europe/Rome") as modules:
        yield modules


def transformed(transform: dict[str, Any], body: object) -> tuple[dict[str, str], list[bytes]]:
    """Return the transform's answer to a request, and the lines that it keeps as rejected."""
    rejected: list[bytes] = []
    client = SimpleNamespace(put_object=lambda Body, **_: rejected.extend(Body.splitlines()))
    transform["rejected"]._client = client
    (answer,) = transform["app"].handler(firehose_batch(envelope(body)), CONTEXT)["records"]
    return answer, rejected


def sent(replay: dict[str, Any], key: str, line: bytes) -> bytes:
    """Return the one record that a kept line becomes."""
    call = replay["request"].read_request(
        {"prefix": key.partition("/")[0] + "/"}, datetime.now(UTC), ZoneInfo("UTC")
    )
    (record,) = replay["records"].records_of(line, key, 1, call)
    return bytes(record.data)


def check(transform: dict[str, Any], data: bytes) -> None:
    """Fail for a name that the envelope does not have, or a value of another type."""
    structs, document = transform["envelope"], json.loads(data)
    assert document.keys() <= set(structs.Envelope.__struct_fields__)
    if "sender" in document:
        assert document["sender"].keys() == set(structs.Sender.__struct_fields__)
    msgspec.json.decode(data, type=structs.Envelope)


def test_an_event_id_is_as_long_as_replay_makes_it(transform: dict[str, Any]) -> None:
    taken = [n for n in range(1, 100) if not transformed(transform, EVENT | {"event_id": "x" * n})[1]]
    assert taken == list(transform["event"].EVENT_ID_LENGTHS)


def test_the_envelope_needs_the_fields_by_which_replay_knows_it(
    transform: dict[str, Any], replay: dict[str, Any]
) -> None:
    fields = msgspec.structs.fields(transform["envelope"].Envelope)
    required = [field.name for field in fields if field.required]
    assert required == list(replay["records"].ENVELOPE_FIELDS)


def test_a_rejected_event_is_replayed_in_an_envelope(
    transform: dict[str, Any], replay: dict[str, Any]
) -> None:
    _, (line,) = transformed(transform, EVENT | {"note": 1})
    check(transform, sent(replay, REJECTED, line))


def test_rows_are_replayed_in_an_envelope(transform: dict[str, Any], replay: dict[str, Any]) -> None:
    answer, _ = transformed(transform, EVENT | {"referrer": "https://www.example.com/", "unit_price": 1.5})
    data = sent(
        replay, UNCONVERTED, json.dumps({"rawData": answer["data"], "arrivalTimestamp": RECEIVED_AT}).encode()
    )
    check(transform, data)
    (event,) = json.loads(data)["body"]["events"]
    assert event.keys() <= set(transform["event"].Event.__struct_fields__)


def test_a_record_without_envelope_gets_one(transform: dict[str, Any], replay: dict[str, Any]) -> None:
    data = base64.b64encode(json.dumps(EVENT).encode()).decode()
    check(transform, sent(replay, FAILED, json.dumps({"rawData": data, "arrivalTimestamp": 1}).encode()))
