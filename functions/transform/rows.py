"""From an event to the row that is stored."""

from base64 import b64decode
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, Raw, Struct
from msgspec.json import Encoder
from xxhash import xxh64_intdigest

from clock import ONE_DAY, Arrival, Clock
from envelope import Envelope
from event import SCHEMA_VERSION, Row, Sender
from reasons import RefusedError
from visitor import classify, visitor_id

# Until this hour of the wall clock, what happens belongs to the business of the evening before. So visits can
# be grouped by a day, which lets a question about a day read only that, and stay whole over midnight.
BUSINESS_DATE_ENDS = 5
MILLISECOND = timedelta(milliseconds=1)
QUARTER_HOUR = 900_000  # milliseconds; no time zone's day begins within one
# Thousandths; 1000 times a price of three decimals is off by less than 0.0002 in binary.
BINARY_ERROR = 1e-3

_encode = Encoder().encode


class Request(Struct, gc=False):
    """What the events of a request share."""

    request_id: str
    arrival: Arrival
    is_bot: bool
    visitor_key: int | None  # of those of its events that have no session_id
    sender: Raw  # as `Row.sender` wants it
    clocks_adjusted: int = 0  # events whose time was replaced by the arrival


def request_of(envelope: Envelope[Any], clock: Clock) -> Request:
    """Return what the events of an envelope share."""
    if envelope.sender is not None:
        is_bot, visitor_key, sender = _known(envelope.sender)
    elif envelope.ip is not None and envelope.user_agent is not None:
        is_bot, visitor_key, sender = _sender(
            envelope.ip, envelope.user_agent, envelope.received_at // QUARTER_HOUR, clock
        )
    else:
        is_bot, visitor_key, sender = _UNKNOWN
    arrival = clock.arrival(envelope.received_at, imported=envelope.imported)
    return Request(envelope.request_id, arrival, is_bot, visitor_key, sender)


@lru_cache(maxsize=8192)
def _sender(address: str, user_agent: str, quarter: int, clock: Clock) -> tuple[bool, int | None, Raw]:
    """Return what `_known` does; a visit's requests mostly come within a quarter of an hour."""
    day = clock.local(clock.arrival(quarter * QUARTER_HOUR).time).date()
    text = b64decode(user_agent).decode(errors="replace")
    device, is_bot = classify(text)
    return _known(Sender(device, is_bot, visitor_id(address, text, day)))


def _known(sender: Sender) -> tuple[bool, int | None, Raw]:
    """Return (is_bot, visitor_key, columns), the columns without the first one's name and the braces."""
    # Below 0: a number tells a visitor from a session, whose visits are not cut where nothing happens.
    visitor_key = None if sender.visitor_id is None else -1 - _key(sender.visitor_id)
    return sender.is_bot, visitor_key, Raw(_encode(sender)[len('{"device":') : -1])


_UNKNOWN = _known(Sender("other", False))


def event_id_of(event_id: str | None, request: Request, position: int) -> str:
    """Return the client's id, or one that a repeat of the same record gives again."""
    return event_id or f"{request.request_id}-{position}"


def complete(row: Row, position: int, request: Request, clock: Clock) -> None:
    """Fill in what is computed for the event at `position` in its request, or raise RefusedError."""
    created_at = row.created_at or row.createdAt
    if created_at is None:
        raise RefusedError("missing: neither `created_at` nor `createdAt`", "created_at")
    row.event_time, local_time, row.clock_adjusted = clock.read(created_at, request.arrival)
    if row.clock_adjusted:
        request.clocks_adjusted += 1
    row.local_time = local_time
    row.local_date = row.business_date = local_time.date()
    if local_time.hour < BUSINESS_DATE_ENDS:
        row.business_date -= ONE_DAY
    row.business_ms = (row.event_time - _midnight(row.business_date)) // MILLISECOND
    row.received_at = request.arrival.time
    row.received_date = request.arrival.day
    row.request_id = request.request_id
    row.sender = request.sender
    row.schema_version = SCHEMA_VERSION
    row.created_at = None
    if row.createdAt is not None:
        row.createdAt = None
    if row.event_id is None:
        row.event_id = event_id_of(None, request, position)
    row.event_key = _key(row.event_id)
    if row.session_id is not None:
        row.visit_key = _session_key(row.session_id)
    elif request.visitor_key is not None:
        row.visit_key = request.visitor_key
    if row.event_type is None:
        row.event_type = "click"
    if row.unit_price is not None and row.event_type == "order":
        row.revenue = _thousandths(row.unit_price) * (row.quantity or 1) / 1000
    if row.properties is not None and not row.properties:
        row.properties = None  # some writers of Parquet fail at a map without entries
    if row.referrer is not None:
        row.referrer_host = _host(row.referrer)
        row.referrer = None


def _thousandths(price: float) -> int:
    """Return the price in thousandths, rounded half up on its decimal digits.

    The view `events` rounds prices likewise, because Trino casts a double to a decimal so.
    """
    scaled = price * 1000
    nearest = round(scaled)
    if abs(scaled - nearest) > BINARY_ERROR:  # more than three decimals
        return int((Decimal(repr(price)) * 1000).to_integral_value(ROUND_HALF_UP))
    return nearest


def _key(text: str) -> int:
    """Return what Athena computes as bitwise_right_shift(from_big_endian_64(xxhash64(to_utf8(text))), 24)."""
    return xxh64_intdigest(text.encode()) >> 24


_session_key = lru_cache(maxsize=1024)(_key)  # a visit's events come together


@lru_cache(maxsize=64)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@lru_cache(maxsize=1024)
def _host(url: str) -> Any:
    """Return the host of `url`, or UNSET: the rest of a referrer may hold what somebody searched for."""
    try:
        return urlsplit(url).hostname or UNSET
    except ValueError:
        return UNSET
