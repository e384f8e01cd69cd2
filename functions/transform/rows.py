"""From an event to the row that is stored."""

from base64 import b64decode
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, Struct, UnsetType
from xxhash import xxh64_intdigest

import source
from clock import EPOCH, ONE_DAY, Arrival, Clock
from envelope import Envelope
from event import SCHEMA_VERSION, Row, Sender
from reasons import Reason, RejectedError
from visitor import classify, guest_address, is_browser, visitor_id

# Until this hour of the wall clock, what happens belongs to the business of the evening before. So visits can
# be grouped by a day, which lets a question about a day read only that, and stay whole over midnight.
BUSINESS_DATE_ENDS = 5
MILLISECONDS_A_DAY = 86_400_000
EPOCH_ORDINAL = EPOCH.toordinal()  # counts days, as does a date
KEY_SHIFT = 24  # of 64 bits, the first 40 are kept
QUARTER_HOUR = 900_000  # milliseconds; no time zone's day begins within one
# Thousandths; 1000 times a price of three decimals is off by less than 0.0002 in binary.
BINARY_ERROR = 1e-3

# device, is_bot, visitor_id, visit_key, is_program
type SenderColumns = tuple[str, bool, str | UnsetType, int | UnsetType, bool]


class Request(Struct, gc=False):
    """What the events of a request share."""

    request_id: str
    arrival: Arrival
    device: str
    is_bot: bool
    visitor_id: str | UnsetType
    visit_key: int | UnsetType  # of those of its events that have no session_id
    is_program: bool  # its user agent is not a browser's
    clocks_adjusted: int = 0  # events whose time was replaced by the arrival
    bots: int = 0  # events that count as a bot's
    guests: int = 0  # events of a guest: of a known visit, and no bot's


def request_of(envelope: Envelope[Any], clock: Clock) -> Request:
    """Return what the events of an envelope share."""
    if envelope.sender is not None:
        sender = _sender_columns(envelope.sender)
    elif envelope.ip is not None and envelope.user_agent is not None:
        address = envelope.ip
        if envelope.forwarded_for:
            address = guest_address(address, envelope.forwarded_for)
        quarter_hour = envelope.received_at // QUARTER_HOUR
        sender = _identify(address, envelope.user_agent, quarter_hour, clock, envelope.has_api_key)
    else:
        sender = _UNKNOWN
    arrival = clock.arrival(envelope.received_at, imported=envelope.imported)
    device, is_bot, visitor, visit_key, is_program = sender
    return Request(envelope.request_id, arrival, device, is_bot, visitor, visit_key, is_program)


@lru_cache(maxsize=8192)
def _identify(
    address: str, user_agent: str, quarter_hour: int, clock: Clock, has_api_key: bool
) -> SenderColumns:
    """Return what is kept of a sender; a visit's requests mostly come within a quarter of an hour.

    A sender with the API key is no bot. Unless it is a browser, such as a kiosk's, it is no guest either.
    """
    day = clock.local(clock.arrival(quarter_hour * QUARTER_HOUR).time).date()
    text = b64decode(user_agent).decode(errors="replace")
    is_program = not is_browser(text)
    if has_api_key and is_program:
        return _UNKNOWN
    device, is_bot = classify(text)
    sender = Sender(device, is_bot and not has_api_key, visitor_id(address, text, day))
    return _sender_columns(sender, is_program=is_program)


def _sender_columns(sender: Sender, *, is_program: bool = False) -> SenderColumns:
    if sender.visitor_id is None:
        return sender.device, sender.is_bot, UNSET, UNSET, is_program
    # Below 0: a number tells a visitor_id from a session_id, whose visit is not cut where nothing happens.
    return sender.device, sender.is_bot, sender.visitor_id, -1 - _key(sender.visitor_id), is_program


_UNKNOWN = _sender_columns(Sender("other", False))


def event_id_of(event_id: str | None, request: Request, position: int) -> str:
    """Return the client's id, or one that a repeat of the same record gives again."""
    return event_id or f"{request.request_id}-{position}"


def complete(row: Row, position: int, request: Request, clock: Clock) -> None:
    """Fill in what is computed for the event at `position` in its request, or raise RejectedError."""
    created_at = row.created_at or row.createdAt
    if created_at is None:
        raise RejectedError(Reason.MISSING, "neither `created_at` nor `createdAt`", "created_at")
    arrival = request.arrival
    event_time, local_time, clock_adjusted = clock.read(created_at, arrival)
    if clock_adjusted:
        request.clocks_adjusted += 1
    business_date = local_date = local_time.date()
    if local_time.hour < BUSINESS_DATE_ENDS:
        business_date -= ONE_DAY
    since_epoch = event_time - EPOCH
    row.event_time = event_time
    row.local_time = local_time
    row.local_date = local_date
    row.business_date = business_date
    row.business_ms = (
        (since_epoch.days + EPOCH_ORDINAL - business_date.toordinal()) * MILLISECONDS_A_DAY
        + since_epoch.seconds * 1000
        + since_epoch.microseconds // 1000
    )
    row.clock_adjusted = clock_adjusted
    row.received_at = arrival.time
    row.received_date = arrival.day
    row.request_id = request.request_id
    if row.channel == "till":  # the restaurant's own: neither a bot nor a guest
        row.device, row.is_bot, row.visitor_id, visit_key, _ = _UNKNOWN
    else:
        row.device = request.device
        # A crawler that runs a page's script has a browser's user agent, an app's own requests have not.
        row.is_bot = request.is_bot and not (request.is_program and row.channel == "app")
        row.visitor_id = request.visitor_id
        visit_key = request.visit_key
    if row.automated is not None:
        row.is_bot = row.is_bot or row.automated
        row.automated = None
    row.schema_version = SCHEMA_VERSION
    row.created_at = None
    if row.createdAt is not None:
        row.createdAt = None
    if row.event_id is None:
        row.event_id = event_id_of(None, request, position)
    is_order_line = row.event_type == "order" and row.order_id is not None
    row.event_key = _key(_order_line(row) if is_order_line else row.event_id)
    session_id = row.session_id
    row.visit_key = visit_key if session_id is None else _session_key(session_id)
    if row.is_bot:
        request.bots += 1
    elif row.visit_key is not UNSET:
        request.guests += 1
    if row.event_type is None:
        row.event_type = "click"
    elif row.event_type == "order" and row.unit_price is not None:
        row.revenue = _thousandths(row.unit_price) * (row.quantity or 1) / 1000
    if row.properties is not None and not row.properties:
        row.properties = None  # some writers of Parquet fail at a map without entries
    if row.referrer is not None:
        row.referrer_host = _other_host(row.referrer, row.page_host)
        row.referrer = None
    if row.utm_source is not None:
        row.utm_source = source.campaign(row.utm_source)
    if row.utm_medium is not None:
        row.utm_medium = source.campaign(row.utm_medium)
    if row.utm_campaign is not None:
        row.utm_campaign = source.campaign(row.utm_campaign)
    if row.table is not None:
        row.table_number = source.table_number(row.table) or UNSET
        row.table = None
    if row.language is not None:
        row.language = source.language(row.language)
    if row.time_zone is not None:
        row.country = source.country(row.time_zone) or UNSET
        row.time_zone = None


def _order_line(row: Row) -> str:
    """Return what an order line is known by within its menu and business date.

    A thank-you page that is loaded again, and a server that retries, send it under another event_id. A page
    numbers equal lines from the first on, an import from the second: so "1" is the same as none.
    """
    order_line = "" if row.order_line in (None, "1") else row.order_line
    return f"{row.order_id}\n{row.element_clicked}\n{order_line}"


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
    return xxh64_intdigest(text) >> KEY_SHIFT


_session_key = lru_cache(maxsize=1024)(_key)  # a visit's events come together


@lru_cache(maxsize=1024)
def _other_host(url: str, page_host: str | None) -> Any:
    """Return the host of `url`, or UNSET if it is the site's own, with `www.` or without.

    The rest of a referrer may hold what somebody searched for.
    """
    host = _host(url)
    own = _host(f"//{page_host}")
    return UNSET if not host or host.removeprefix("www.") == own.removeprefix("www.") else host


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
