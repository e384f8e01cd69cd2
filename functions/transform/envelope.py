"""What one Firehose record holds: some events, and what only the edge knew about the request."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import DecodeError, Meta, MsgspecError, Raw, Struct, ValidationError
from msgspec.json import Decoder

from clock import MAX_MILLISECONDS
from event import RequestId, Row, Sender


class Envelope[Body](Struct, frozen=True, gc=False):
    """The wrapper that the API's mapping template puts around a request's body.

    Without an API in front of the stream nothing is known of the sender, and `ip` and `user_agent` are None.
    """

    body: Body
    request_id: RequestId
    received_at: Annotated[int, Meta(ge=0, le=MAX_MILLISECONDS)]  # milliseconds since 1970
    ip: str | None = None
    user_agent: str | None = None  # base64, so that no header can break out of the template
    sender: Sender | None = None  # instead of both, in an envelope that is put through again
    imported: bool = False  # never set by the API's mapping template


class Batch(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The body of a request with several events, or with as many as there must not be."""

    events: list[Raw]


_decode_one = Decoder(Envelope[Row]).decode
_decode_batch = Decoder(Envelope[Batch]).decode
_decode_any = Decoder(Envelope[Raw]).decode
_decode_events = Decoder(Batch).decode
_decode_object = Decoder(dict[str, Raw]).decode


def open_single(data: bytes) -> Envelope[Row] | None:
    """Return the envelope of a single event, decoded with it, or None if it holds something else or is bad.

    Says the same as `open_record`, and reads the text once instead of twice.
    """
    if _holds_batch(data):
        return None
    try:
        return _decode_one(data)
    except MsgspecError:
        return None


def open_record(data: bytes, record_id: str, arrival: int) -> tuple[Envelope[Any], Sequence[Raw]]:
    """Return what a record's `data` holds: the envelope, and its events as they were sent.

    A record that another producer put straight into the stream is the bare body, and imported; its record id
    and approximate `arrival` (milliseconds) then stand for the request's. A body that is no batch is one
    event; a batch may hold none, or too many. Raises MsgspecError or RecursionError for what is no JSON
    object, or no such envelope, ValueError for what is no JSON.
    """
    if _holds_batch(data):
        try:
            batch = _decode_batch(data)
        except MsgspecError:
            pass
        else:
            return batch, batch.body.events
    try:
        envelope = _open_any(data, record_id, arrival)
    except ValidationError:
        raise
    except DecodeError:
        return _open_leniently(data, record_id, arrival)
    try:
        return envelope, _decode_events(envelope.body).events
    except MsgspecError:
        return envelope, (envelope.body,)


def body_of(data: bytes) -> Raw:
    """Return the body of the envelope in `data`, or all of it where there is no envelope, as it was sent."""
    return _open_any(data, "", 0).body


def _holds_batch(data: bytes) -> bool:
    """Guess from the first bytes; right for every envelope of the API's."""
    return data.find(b'"events"', 0, 32) > 0


def _open_any(data: bytes, record_id: str, arrival: int) -> Envelope[Raw]:
    try:
        return _decode_any(data)
    except MsgspecError:
        if _decode_object(data).keys() >= {"body", "request_id", "received_at"}:
            raise
        return Envelope(Raw(data), record_id, arrival, imported=True)


def _open_leniently(data: bytes, record_id: str, arrival: int) -> tuple[Envelope[Raw], Sequence[Raw]]:
    """Do what `open_record` does for text in which msgspec finds half of a surrogate pair.

    Python's own decoder lets that pass and writes it again as it was: only the event that has it is refused.
    """
    document = json.loads(data)
    body = document
    envelope = Envelope(Raw(b"null"), record_id, arrival, imported=True)
    if isinstance(document, dict) and document.keys() >= {"body", "request_id", "received_at"}:
        body = document["body"]
        envelope = _decode_any(json.dumps(document | {"body": None}).encode())
    is_batch = isinstance(body, dict) and body.keys() == {"events"} and isinstance(body["events"], list)
    events = body["events"] if is_batch else [body]
    return envelope, [Raw(json.dumps(event).encode()) for event in events]
