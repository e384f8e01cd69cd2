"""Whatever comes in, the transform answers every record once and keeps every event once."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import CONTEXT, envelope, examples, firehose_batch, rows, samples
from tests.support.transform import transform_in

KNOWN = samples("first_payloads") + samples("good") + [sample["event"] for sample in samples("bad")]
FIELDS = sorted({name for event in KNOWN for name in event} | {"events", "body", "properties", "createdAt"})

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
mutations = st.builds(
    lambda event, changes, gone: {k: v for k, v in (event | changes).items() if k not in gone},
    st.sampled_from(KNOWN),
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
    st.sets(st.sampled_from(FIELDS), max_size=1),
)
# Of text that is no JSON, which Python writes of these numbers, not even the id can be read.
readable = mutations.filter(lambda event: not re.search("NaN|Infinity", json.dumps(event)))
bodies = mutations | st.lists(mutations, max_size=5).map(lambda events: {"events": events}) | values
as_json = values.map(lambda value: json.dumps(value).encode(errors="surrogatepass"))
records = (
    bodies.map(envelope)
    | st.builds(lambda body, ms: envelope(body, received_at=ms), bodies, st.integers())
    | as_json
    | st.binary()
    | st.text().map(lambda text: text.encode("ascii", "ignore").decode())  # not even base64
)


@pytest.fixture(scope="module")
def transform() -> Any:
    with transform_in("America/New_York") as modules:
        yield modules


class Stored(dict[str, bytes]):
    """Stands in for S3 behind boto3."""

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:
        self[Key] = Body


def invoke(transform: Any, event: dict[str, Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the answers, the rows that were delivered and those that were rejected."""
    stored = transform["rejected"]._client = Stored()
    answers = transform["app"].handler(event, CONTEXT)["records"]
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in event["records"]]
    assert all((answer["result"] == "Ok") == ("data" in answer) for answer in answers)
    delivered = [row for answer in answers if answer["result"] == "Ok" for row in rows(answer)]
    rejected = [json.loads(line) for body in stored.values() for line in body.splitlines()]
    return answers, delivered, rejected


exhaustively = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@exhaustively
@given(st.lists(records, max_size=6))
def test_every_record_is_answered_once_and_every_event_kept_once(
    transform: Any, data: list[bytes | str]
) -> None:
    event = firehose_batch(*data)
    answers, delivered, rejected = invoke(transform, event)
    sent = 0
    for answer, record in zip(answers, event["records"], strict=True):
        if answer["result"] != "ProcessingFailed":
            sent += count_events(json.loads(base64.b64decode(record["data"])))
    assert len(delivered) + len(rejected) == sent


@settings(exhaustively, max_examples=examples(5))
@given(st.lists(st.lists(readable, min_size=1, max_size=4), max_size=3))
def test_no_event_is_both_delivered_and_rejected(
    transform: Any, requests: list[list[dict[str, Any]]]
) -> None:
    ids = [
        [f"event-{number}-{position}" for position in range(len(events))]
        for number, events in enumerate(requests)
    ]
    named = [
        [event | {"event_id": event_id} for event, event_id in zip(events, names, strict=True)]
        for events, names in zip(requests, ids, strict=True)
    ]
    data = [envelope({"events": events} if len(events) > 1 else events[0]) for events in named]
    _, delivered, rejected = invoke(transform, firehose_batch(*data))
    kept = [row["event_id"] for row in delivered + rejected]
    assert sorted(kept) == sorted(event_id for names in ids for event_id in names)


def count_events(body: Any) -> int:
    """Count what is kept of a readable record: its events, or itself where it is no batch of 1 to 100."""
    if isinstance(body, dict) and body.keys() >= {"body", "request_id", "received_at", "ip", "user_agent"}:
        body = body["body"]
    if isinstance(body, dict) and body.keys() == {"events"} and isinstance(body["events"], list):
        return len(body["events"]) if 1 <= len(body["events"]) <= 100 else 1
    return 1
