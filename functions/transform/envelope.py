"""What one Firehose record holds: some events, and what only the edge knew about the request."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import DecodeError, Meta, MsgspecError, Raw, Struct, ValidationError
from msgspec.json import Decoder

from clock import MAX_MILLISECONDS
from event import RequestId, Row, Sender

REQUIRED = {"body", "request_id", "received_at"}  # a JSON object with these is an envelope


class Envelope[Body](Struct, frozen=True, gc=False):
    """The wrapper that the API's mapping template puts around a request's body.

    Without an API in front of the stream nothing is known of the sender, and `ip` and `user_agent` are None.
    """

    body: Body
    request_id: RequestId
    received_at: Annotated[int, Meta(ge=0, le=MAX_MILLISECONDS)]  # milliseconds since 1970
    ip: str | None = None
    user_agent: str | None = None  # base64, so that no header can break out of the template
    forwarded_for: str | None = None  # base64 likewise, X-Forwarded-For; only if there are trusted proxies
    has_api_key: bool = False  # the API lets only callers with its key in
    sender: Sender | None = None  # instead of both, in the envelope of a replay
    imported: bool = False  # never set by the API's mapping template


class Events(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The body of a request with several events, or with as many as there must not be."""

    events: list[Raw]


_decode_with_row = Decoder(Envelope[Row]).decode
_decode_with_events = Decoder(Envelope[Events]).decode
_decode_with_text = Decoder(Envelope[Raw]).decode
_decode_events = Decoder(Events).decode
_decode_object = Decoder(dict[str, Raw]).decode


def decode(data: bytes, record_id: str, arrival: int) -> tuple[Envelope[Any], Sequence[Row | Raw]]:
    """Return the envelope in a record's `data` and its events: a single valid one as a row, others as text.

    A record that another producer put straight into the stream is the bare body, and imported; its record id
    and approximate `arrival` (milliseconds) then stand for the request's. A body that is no batch is one
    event; a batch may hold none, or too many. Raises MsgspecError or RecursionError for what is no JSON
    object, or no such envelope, ValueError for what is no JSON.
    """
    try:  # decoded as a whole, its text is read once instead of twice
        if data.find(b'"events"', 0, 32) > 0:  # true of every batch that the API takes
            batch = _decode_with_events(data)
            return batch, batch.body.events
        single = _decode_with_row(data)
    except MsgspecError:
        return _decode_as_text(data, record_id, arrival)
    return single, (single.body,)


def body_of(data: bytes) -> Raw:
    """Return the body of the envelope in `data`, or all of it where there is no envelope, as it was sent."""
    return _open(data, "", 0).body


def _decode_as_text(data: bytes, record_id: str, arrival: int) -> tuple[Envelope[Any], Sequence[Raw]]:
    try:
        envelope = _open(data, record_id, arrival)
    except ValidationError:
        raise
    except DecodeError:
        return _decode_half_surrogates(data, record_id, arrival)
    try:
        return envelope, _decode_events(envelope.body).events
    except MsgspecError:
        return envelope, (envelope.body,)


def _open(data: bytes, record_id: str, arrival: int) -> Envelope[Raw]:
    try:
        return _decode_with_text(data)
    except MsgspecError:
        if _decode_object(data).keys() >= REQUIRED:
            raise
        return Envelope(Raw(data), record_id, arrival, imported=True)


def _decode_half_surrogates(data: bytes, record_id: str, arrival: int) -> tuple[Envelope[Raw], list[Raw]]:
    """Do what `decode` does for text in which msgspec finds half of a surrogate pair.

    Python's own decoder lets that pass and writes it again as it was: only the event that has it is rejected.
    """
    document = json.loads(data)
    body = document
    envelope = Envelope(Raw(b"null"), record_id, arrival, imported=True)
    if isinstance(document, dict) and document.keys() >= REQUIRED:
        body = document["body"]
        envelope = _decode_with_text(json.dumps(document | {"body": None}).encode())
    is_batch = isinstance(body, dict) and body.keys() == {"events"} and isinstance(body["events"], list)
    events = body["events"] if is_batch else [body]
    return envelope, [Raw(json.dumps(event).encode()) for event in events]
