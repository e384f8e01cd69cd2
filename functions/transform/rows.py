"""From an event to the row that is stored."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct

from clock import CLOCK_TOLERANCE, BadTimeError, Clock
from envelope import Request
from event import SCHEMA_VERSION, Event, Row
from visitor import classify, visitor_id

CENT = Decimal("0.01")


class Origin(Struct, frozen=True, gc=False):
    """What all events of one request share."""

    request_id: str
    received_at: datetime  # UTC
    visitor_id: str | None
    device: str
    is_bot: bool


def origin_of(request: Request, clock: Clock) -> Origin:
    """Return what is kept of the sender of `request`, without the address and the user agent."""
    if request.ip is None or request.user_agent is None:
        return Origin(request.request_id, request.received_at, None, "other", False)
    day = clock.local(request.received_at).date()
    visitor = visitor_id(request.ip, request.user_agent, day)
    return Origin(request.request_id, request.received_at, visitor, *classify(request.user_agent))


def event_id_of(event_id: str | None, origin: Origin, position: int) -> str:
    """Return the client's id, or one that a repeat of the same record gives again."""
    return event_id or f"{origin.request_id}-{position}"


def row_of(event: Event, position: int, origin: Origin, clock: Clock) -> Row:
    """Return the row of the event at `position` in its request; raise BadTimeError for its `created_at`."""
    created_at = event.created_at or event.createdAt
    if created_at is None:
        raise BadTimeError("missing: neither `created_at` nor `createdAt`")
    time = clock.parse(created_at)
    received_at = origin.received_at
    clock_adjusted = time - received_at > CLOCK_TOLERANCE
    if clock_adjusted:
        time = received_at
    price = revenue = None
    if event.unit_price is not None:
        # repr gives the digits that were sent; abs turns -0.0 into 0.
        price = abs(Decimal(repr(event.unit_price)).quantize(CENT, ROUND_HALF_UP))
        if event.event_type == "order":
            revenue = price * (event.quantity or 1)
    # In the order of the fields.
    return Row(
        event_id_of(event.event_id, origin, position),
        event.event_type,
        time,
        clock.local(time),
        received_at,
        clock_adjusted,
        event.source_menu,
        event.element_clicked,
        origin.device,
        origin.is_bot,
        origin.request_id,
        SCHEMA_VERSION,
        origin.visitor_id,
        event.session_id,
        event.category,
        event.time_spent,
        event.quantity,
        price,
        revenue,
        event.currency,
        event.order_id,
        event.channel,
        event.page,
        _host(event.referrer) if event.referrer else None,
        event.properties,
    )


@lru_cache(maxsize=1024)
def _host(url: str) -> str | None:
    """Return the host of `url`: the rest of a referrer may hold what somebody searched for."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
