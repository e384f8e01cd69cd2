"""From a line of a stored object to the records that bring its events back into the stream.

A record is an envelope like the API's, so that the row gets the original request id and time of arrival.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import batched, groupby
from typing import Any

from event import EVENT_ID_LENGTHS, MAX_EVENTS_PER_BATCH, Event, Sender
from fix import Fix
from request import REJECTED, Request

MAX_RECORD_BYTES = 1000 * 1024
UNCONVERTED = "/format-conversion-failed/"  # rows; all other errors are of records as they came in
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# By these a record is known to have an envelope; functions/transform/envelope.py requires them.
ENVELOPE_FIELDS = ("body", "request_id", "received_at")
FAR_AHEAD = "9999-12-30T00:00:00Z"  # how far ahead an adjusted clock was is not kept: this is adjusted again


@dataclass(frozen=True, slots=True)
class Record:
    """What goes into the stream as one, and how many events it holds."""

    data: bytes
    events: int


class UnreadableError(ValueError):
    """The line holds no event, or one too large for a record."""


def records_of(line: bytes, key: str, number: int, request: Request) -> list[Record]:
    """Return the records of line `number` of the object `key`, none for one that `request` does not select.

    The same line always gives the same event ids. Raises UnreadableError.
    """
    line_id = blake2b(f"{key}:{number}".encode(), digest_size=16).hexdigest()
    try:
        stored = json.loads(line)
        if not request.selects(stored):
            return []
        if request.prefix == REJECTED:
            return _of_rejected_event(stored, line_id, request.fix)
        data = b64decode(stored["rawData"], validate=True)
        if UNCONVERTED in key:
            return _of_rows(data, line_id, request.fix)
        return [_of_failed_record(data, stored["arrivalTimestamp"], line_id, request.fix)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(type(error).__name__) from error


def _of_rejected_event(stored: dict[str, Any], line_id: str, fix: Fix) -> list[Record]:
    """Return the records of a rejected event, or of a batch that was rejected for its number of events."""
    body = json.loads(stored["raw"])
    if not isinstance(body, dict):
        raise UnreadableError("no fields to fix")
    batch = _batch(body)
    if batch is None:
        events = [_with_event_id(fix.apply(body), stored["event_id"], line_id)]
    else:
        events = [
            _with_event_id(fix.apply(event), f"{stored['request_id']}-{n}", f"{line_id}-{n}")
            for n, event in enumerate(batch)
        ]
    request = {name: stored[name] for name in ("request_id", "imported")}
    return _records(events, request | {"received_at": _milliseconds(stored["received_at"])})


def _of_failed_record(data: bytes, arrival: int, line_id: str, fix: Fix) -> Record:
    """Return the record as it came in; one without an envelope gets one, with a request id that stays."""
    document = json.loads(data)
    if not isinstance(document, dict):
        raise UnreadableError("no event")
    has_envelope = all(field in document for field in ENVELOPE_FIELDS)
    if not has_envelope:
        document = {"body": document, "request_id": line_id, "received_at": arrival, "imported": True}
    batch = _batch(document["body"])
    if fix:
        body = document["body"]
        fixed = fix.apply(body) if batch is None else {"events": [fix.apply(event) for event in batch]}
        document["body"] = fixed
    if fix or not has_envelope:
        data = _encode(document)
    return _record(data, 1 if batch is None else len(batch))


def _of_rows(data: bytes, line_id: str, fix: Fix) -> list[Record]:
    """Return the records that become the rows in `data` again: those of one request.

    Rows of a request can differ in their sender: a till's events are not of the guest with whose they came.
    """
    rows = enumerate([json.loads(row) for row in data.splitlines()])
    records = []
    for sender, part in groupby(rows, key=lambda numbered: _sender_of(numbered[1])):
        same_sender = list(part)
        events = [
            _with_event_id(fix.apply(_event_of(row)), row["event_id"], f"{line_id}-{n}")
            for n, row in same_sender
        ]
        _, first = same_sender[0]
        request = {
            "request_id": first["request_id"],
            "received_at": _milliseconds(first["received_at"]),
            "sender": sender,
            "imported": True,  # the times of rows were checked when they were written
        }
        records += _records(events, request)
    return records


def _sender_of(row: dict[str, Any]) -> dict[str, Any]:
    return {column: row.get(column) for column in Sender.__struct_fields__}


def _event_of(row: dict[str, Any]) -> dict[str, Any]:
    event = {field: row[field] for field in Event.__struct_fields__ if field in row and field != "event_id"}
    event["created_at"] = FAR_AHEAD if row["clock_adjusted"] else row["event_time"]
    if host := row.get("referrer_host"):
        event["referrer"] = f"//[{host}]" if ":" in host else f"//{host}"
    for column, field in (("table_number", "table"), ("country", "time_zone")):
        if column in row:
            event[field] = row[column]
    return event


def _batch(body: Any) -> list[Any] | None:
    """Return the events of a batch, None for any other body."""
    if isinstance(body, dict) and body.keys() == {"events"} and isinstance(body["events"], list):
        return body["events"]
    return None


def _with_event_id(event: Any, event_id: str, substitute: str) -> Any:
    """Give an event without an id the one it would have had, or a substitute where no id can be like it."""
    if not isinstance(event, dict):
        return event
    sent = event.get("event_id")
    if isinstance(sent, str) and sent:
        return event
    return event | {"event_id": event_id if len(event_id) in EVENT_ID_LENGTHS else substitute}


def _records(events: list[Any], request: dict[str, Any]) -> list[Record]:
    """Return envelopes of as many events as a request may have and a record can hold."""
    if not events:
        raise UnreadableError("no event")
    return [
        record
        for part in batched(events, MAX_EVENTS_PER_BATCH, strict=False)
        for record in _split_to_fit(part, request)
    ]


def _split_to_fit(events: tuple[Any, ...], request: dict[str, Any]) -> list[Record]:
    data = _encode({"body": {"events": events}} | request)
    if len(data) <= MAX_RECORD_BYTES or len(events) == 1:
        return [_record(data, len(events))]
    middle = len(events) // 2
    return _split_to_fit(events[:middle], request) + _split_to_fit(events[middle:], request)


def _record(data: bytes, events: int) -> Record:
    if len(data) > MAX_RECORD_BYTES:
        raise UnreadableError("larger than a record may be")
    return Record(data, events)


def _encode(document: Any) -> bytes:
    """Return compact JSON; raise ValueError for a number too large for any."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace")  # half a surrogate pair has no UTF-8, but an escape in JSON


def _milliseconds(text: str) -> int:
    """Return the milliseconds since 1970 of a time in UTC, which rejected events have without an offset."""
    time = datetime.fromisoformat(text)
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH) // timedelta(milliseconds=1)
