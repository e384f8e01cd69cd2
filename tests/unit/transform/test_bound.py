"""The answer stays under Lambda's 6 MB, whatever comes in, and a record alone always fits.

How much longer rows are than their events follows from the schema: `growth` adds up what a row can have and
its event not. docs/performance.md has the argument; a new field moves the numbers.
"""

import base64
import json
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from tests.support import CONTEXT, envelope, firehose_batch, rows
from tests.support.transform import transform_in

LAMBDA_LIMIT = 6 * 1024 * 1024
BATCH_BYTES = 1_000_000  # template.yaml: BufferSizeInMBs
RECORD_BYTES = 1000 * 1024  # the largest that Firehose takes
# The longest JSON text of a value whose type has no limit of its own.
WIDEST = {"datetime": 29, "date": 12, "bool": 5, "int": 20, "float": 25}
LOWER_CASE = 1.5  # a host is written in lower case, in which a letter of two bytes can have three
BASE64 = 4 / 3
SMALLEST = {"element_clicked": "a", "source_menu": "m", "created_at": "20261122"}


@pytest.fixture(scope="module")
def transform() -> Iterator[dict[str, Any]]:
    with transform_in("America/New_York") as modules:
        yield modules


def widest(hint: Any) -> int:
    """Return the bytes that a value of a type takes at most as JSON, where a character may need six."""
    hint = getattr(hint, "__value__", hint)
    if getattr(get_origin(hint), "__name__", "") == "Computed":
        return widest(get_args(hint)[0])
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return max(widest(part) for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        return max(len(value) for value in get_args(hint)) + 2
    if get_origin(hint) is Annotated and get_args(hint)[1].max_length is not None:
        return 6 * int(get_args(hint)[1].max_length) + 2
    return WIDEST[getattr(hint, "__origin__", hint).__name__]


def fields(struct: Any) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def growth(event: Any) -> int:
    """Return the bytes by which a row is longer than its event at most, but for the letters of its host."""
    sent, stored = fields(event.Event), fields(event.Row)
    numbers = {name for name, hint in sent.items() if re.search(r"\[(int|float)\b", str(hint))}
    as_sent = sent.keys() - numbers - {"event_type", "event_id"}  # 9e8 becomes 900000000.0, and ids are made
    new = {name: hint for name, hint in stored.items() if name not in as_sent | {"referrer_host"}}
    total = sum(len(f'"{name}":,') + widest(hint) for name, hint in new.items())
    return total + widest(event.RequestId) + len("-99_host{}\n")


def test_a_record_alone_always_fits(transform: dict[str, Any]) -> None:
    """So a record that failed goes through when it is replayed."""
    longest = RECORD_BYTES * LOWER_CASE + transform["event"].MAX_EVENTS_PER_BATCH * growth(transform["event"])
    overhead = transform["batch"].ANSWER_OVERHEAD
    assert longest * BASE64 + overhead < transform["batch"].RESPONSE_LIMIT < LAMBDA_LIMIT


@pytest.mark.parametrize(
    "event",
    [
        SMALLEST,
        SMALLEST | {"event_type": "order", "unit_price": 9e8, "quantity": 1000, "time_spent": 5e-9},
        SMALLEST | {"referrer": "//" + "\N{LATIN CAPITAL LETTER A WITH STROKE}" * 2046},
        SMALLEST | {"properties": {f"{n}": "\x01" * 512 for n in range(20)}, "page": "\x7f" * 2048},
        SMALLEST | {"created_at": "2026-01-01T00:00:00.000001", "page": "\N{GRINNING FACE}" * 2048},
    ],
    ids=["smallest", "numbers", "host", "escapes", "emoji"],
)
def test_no_row_outgrows_its_event_by_more(transform: dict[str, Any], event: dict[str, Any]) -> None:
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    data = envelope("in its place", request_id="\x01" * 128).replace(b'"in its place"', text.encode())
    (answer,) = transform["app"].handler(firehose_batch(data), CONTEXT)["records"]
    (row,) = rows(answer)
    assert row["request_id"] == "\x01" * 128
    line = base64.b64decode(answer["data"])
    assert len(line) <= len(text.encode()) * LOWER_CASE + growth(transform["event"])


@pytest.mark.parametrize("per_record", [1, 100])
@pytest.mark.parametrize("request_id", ["r", "\x01" * 128], ids=["short", "long"])
def test_the_worst_batch_is_answered_within_the_limit(
    transform: dict[str, Any], per_record: int, request_id: str
) -> None:
    """The smallest events grow most; those that would not fit fail, whole, and counted."""
    body = {"events": [SMALLEST] * per_record} if per_record > 1 else SMALLEST
    data = json.dumps(json.loads(envelope(body, request_id=request_id)), separators=(",", ":")).encode()
    event = firehose_batch(*[data] * (BATCH_BYTES // len(data)))
    answers = transform["app"].handler(event, CONTEXT)["records"]
    assert len(json.dumps({"records": answers})) < LAMBDA_LIMIT
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in event["records"]]
    assert {answer["result"] for answer in answers} <= {"Ok", "ProcessingFailed"}
    for answer in answers:
        if answer["result"] == "Ok":
            assert base64.b64decode(answer["data"]).count(b"\n") == per_record
    assert any(answer["result"] == "Ok" for answer in answers)
    if per_record > 1:
        assert any(answer["result"] == "ProcessingFailed" for answer in answers)
