"""What one Firehose record holds: some events, and what only the edge knew about the request."""

from datetime import datetime

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder
from pybase64 import b64decode

from clock import from_milliseconds


class Envelope(Struct, frozen=True, gc=False):
    """The wrapper that the API's mapping template puts around a request body. Times in milliseconds."""

    body: Raw
    request_id: str
    received_at: int
    ip: str
    user_agent: str  # base64, so that no header can break out of the template


class _Batch(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    events: list[Raw]


class Request(Struct, frozen=True, gc=False):
    """A request's body as sent, and its context; without an API in front, `ip` and `user_agent` are None."""

    body: Raw
    request_id: str
    received_at: datetime  # UTC
    ip: str | None
    user_agent: str | None


_decode_envelope = Decoder(Envelope).decode
_decode_batch = Decoder(_Batch).decode
_decode_object = Decoder(dict[str, Raw]).decode


def open_record(data: bytes, record_id: str, arrival: int) -> Request:
    """Return the request in a record's `data`.

    A record that another producer put straight into the stream holds the bare body; its record id and
    approximate `arrival` (milliseconds) then stand for the request's. Raises MsgspecError (not a JSON
    object), UnicodeDecodeError, OverflowError or RecursionError for what cannot be read.
    """
    try:
        envelope = _decode_envelope(data)
    except MsgspecError:
        _decode_object(data)
        return Request(Raw(data), record_id, from_milliseconds(arrival), None, None)
    return Request(
        envelope.body,
        envelope.request_id,
        from_milliseconds(envelope.received_at),
        envelope.ip,
        b64decode(envelope.user_agent).decode(errors="replace"),
    )


def events_of(body: Raw) -> list[Raw]:
    """Return the events of a batch as sent; a body that is not a batch is one event."""
    if b'"events"' in bytes(body)[:64]:  # no key comes before it in a batch; spares single events an attempt
        try:
            return _decode_batch(body).events
        except MsgspecError:
            pass
    return [body]
