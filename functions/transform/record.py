"""One Firehose record, from its data to the rows of its events and to those that are rejected."""

from typing import Any

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder
from pybase64 import b64decode

from clock import Clock
from envelope import body_of, decode
from event import MAX_EVENTS_PER_BATCH, RejectedEvent, Row
from reasons import Reason, RejectedError, explain
from rows import Request, complete, event_id_of, request_of

_decode_row = Decoder(Row).decode


class _Id(Struct, gc=False):
    event_id: str | None = None


_decode_id = Decoder(_Id).decode


def transform(record: dict[str, Any], clock: Clock) -> tuple[list[Row], list[RejectedEvent], Request]:
    """Return the rows of a record's events, the events that are rejected, and what they share.

    Raises what `decode` does, and ValueError for what is not base64.
    """
    data = b64decode(record["data"], validate=True)
    envelope, events = decode(data, record["recordId"], record["approximateArrivalTimestamp"])
    request = request_of(envelope, clock)
    if not 1 <= len(events) <= MAX_EVENTS_PER_BATCH:
        words = f"expected 1 to {MAX_EVENTS_PER_BATCH} events, got {len(events)}"
        error = RejectedError(Reason.LENGTH, words, "events")
        return [], [_rejected(error, body_of(data), 0, request)], request
    rows, rejected = [], []
    for position, event in enumerate(events):
        try:
            row = event if isinstance(event, Row) else _decode_row(event)
            complete(row, position, request, clock)
        except (RejectedError, MsgspecError) as error:
            text = body_of(data) if isinstance(event, Row) else event
            rejected.append(_rejected(error, text, position, request))
        else:
            rows.append(row)
    return rows, rejected, request


def _rejected(
    error: RejectedError | MsgspecError, text: Raw, position: int, request: Request
) -> RejectedEvent:
    if isinstance(error, MsgspecError):
        error = explain(str(error))
    try:
        event_id = _decode_id(text).event_id
    except MsgspecError:
        event_id = None
    return RejectedEvent(
        received_at=request.arrival.time.replace(tzinfo=None).isoformat(" ", "milliseconds"),
        received_date=request.arrival.day,
        request_id=request.request_id,
        imported=request.arrival.imported,
        event_id=event_id_of(event_id, request, position),
        reason=f"{error.reason}: {error.words}",
        field=error.field,
        raw=bytes(text).decode(),
    )
