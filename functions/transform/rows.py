"""From an event to the row that is stored."""

from base64 import b64decode
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, Raw
from msgspec.json import Encoder
from xxhash import xxh64_intdigest

from clock import ONE_DAY, Clock, from_milliseconds
from envelope import Envelope
from event import SCHEMA_VERSION, Event, Origin, Row
from refusal import RefusedError
from visitor import classify, visitor_id

# Until this hour of the wall clock, what happens belongs to the business of the evening before. So visits can
# be grouped by a day, which lets a question about a day read only that, and stay whole over midnight.
NIGHT_ENDS = 5
QUARTER_HOUR = 900_000  # milliseconds; no time zone's day begins within one
# Rounds up what is half a cent or more, though 2.675 times 100 is a little less than 267.5 in binary.
HALF_A_CENT = 0.5 + 1e-6
COMPUTED = {
    sent: name
    for name, sent in zip(Row.__struct_fields__, Row.__struct_encode_fields__, strict=True)
    if name not in Event.__struct_fields__
}

_encode = Encoder().encode


def origin_of(envelope: Envelope[Any], clock: Clock) -> Origin:
    """Return what is kept of a request's sender, without the address and the user agent."""
    milliseconds = envelope.received_at
    visitor, device, is_bot = None, "other", False
    if envelope.sender is not None:
        sender = envelope.sender
        visitor, device, is_bot = sender.visitor_id, sender.device, sender.is_bot
    elif envelope.ip is not None and envelope.user_agent is not None:
        visitor, device, is_bot = _sender(
            envelope.ip, envelope.user_agent, milliseconds // QUARTER_HOUR, clock
        )
    received_at = from_milliseconds(milliseconds)
    return Origin(received_at, envelope.request_id, device, is_bot, SCHEMA_VERSION, visitor)


@lru_cache(maxsize=8192)
def _sender(address: str, user_agent: str, quarter: int, clock: Clock) -> tuple[str | None, str, bool]:
    """Return (visitor_id, device, is_bot); a visit's requests mostly come within a quarter of an hour."""
    day = clock.local(from_milliseconds(quarter * QUARTER_HOUR)).date()
    text = b64decode(user_agent).decode(errors="replace")
    return visitor_id(address, text, day), *classify(text)


def event_id_of(event_id: str | None, origin: Origin, position: int) -> str:
    """Return the client's id, or one that a repeat of the same record gives again."""
    return event_id or f"{origin.request_id}-{position}"


def key_of(event_id: str) -> int:
    """Return the XXH64 (seed 0) of an id's UTF-8 as a signed 64-bit number.

    Athena computes the same as `from_big_endian_64(xxhash64(to_utf8(event_id)))`.
    """
    key = xxh64_intdigest(event_id.encode())
    return key if key < 1 << 63 else key - (1 << 64)


def columns_of(origin: Origin) -> Raw:
    """Return the columns of `origin` as `Row.origin` wants them: without the first name and the braces."""
    return Raw(_encode(origin)[len('{"received_at":') : -1])


def complete(row: Row, position: int, origin: Origin, columns: Raw, clock: Clock) -> None:
    """Fill in what is computed for the event at `position` in its request, or raise RefusedError."""
    if not (
        row.event_key
        is row.event_time
        is row.local_time
        is row.local_date
        is row.service_date
        is row.clock_adjusted
        is row.revenue
        is row.referrer_host
        is row.origin
        is UNSET
    ):
        name = next(name for name in COMPUTED if getattr(row, COMPUTED[name]) is not UNSET)
        raise RefusedError(f"unknown field: `{name}` is computed", name)
    created_at = row.created_at or row.createdAt
    if created_at is None:
        raise RefusedError("missing: neither `created_at` nor `createdAt`", "created_at")
    row.event_time, row.local_time, row.clock_adjusted = clock.read(created_at, origin.received_at)
    row.local_date = row.service_date = row.local_time.date()
    if row.local_time.hour < NIGHT_ENDS:
        row.service_date -= ONE_DAY
    row.origin = columns
    row.created_at = None
    if row.createdAt is not None:
        row.createdAt = None
    if row.event_id is None:
        row.event_id = event_id_of(None, origin, position)
    row.event_key = key_of(row.event_id)
    if row.event_type is None:
        row.event_type = "click"
    if row.unit_price is not None:
        cents = int(row.unit_price * 100 + HALF_A_CENT)
        row.unit_price = cents / 100
        if row.event_type == "order":
            row.revenue = cents * (row.quantity or 1) / 100
    if row.referrer is not None:
        row.referrer_host = _host(row.referrer)
        row.referrer = None


@lru_cache(maxsize=1024)
def _host(url: str) -> Any:
    """Return the host of `url`, or UNSET: the rest of a referrer may hold what somebody searched for."""
    try:
        return urlsplit(url).hostname or UNSET
    except ValueError:
        return UNSET
