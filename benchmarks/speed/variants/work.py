"""The part of the full work that is the same however records are read: the transform's own functions."""

import base64
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit

from benchmarks.transform import BUSINESS_DATE_ENDS, Arrival, clock, key, visitors


def origin(envelope: dict[str, Any]) -> tuple[Arrival, dict[str, Any]]:
    """Return the time of arrival and the columns that all events of a request share."""
    arrival = clock.arrival(envelope["received_at"])
    user_agent = base64.b64decode(envelope["user_agent"]).decode()
    device, is_bot = visitors.classify(user_agent)
    return arrival, {
        "received_at": _text(arrival.time),
        "visitor_id": visitors.visitor_id(envelope["ip"], user_agent, clock.local(arrival.time).date()),
        "device": device,
        "is_bot": is_bot,
        "request_id": envelope["request_id"],
        "schema_version": 1,
    }


def row(event: dict[str, Any], position: int, arrival: Arrival, shared: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a checked event, whose optional fields are left out or None."""
    time, local_time, clock_adjusted = clock.read(event.pop("created_at"), arrival)
    row = {name: value for name, value in event.items() if value is not None} | shared
    row["event_id"] = event.get("event_id") or f"{shared['request_id']}-{position}"
    row["event_time"] = _text(time)
    row["event_key"] = key(row["event_id"])
    session_id = event.get("session_id")
    row["visit_key"] = key(session_id) if session_id else -1 - key(shared["visitor_id"])
    row["local_time"] = _text(local_time)
    row["local_date"] = local_time.date().isoformat()
    business_date = (local_time - timedelta(hours=BUSINESS_DATE_ENDS)).date()
    row["business_date"] = business_date.isoformat()
    midnight = datetime.combine(business_date, datetime.min.time(), UTC)
    row["business_ms"] = (time - midnight) // timedelta(milliseconds=1)
    row["clock_adjusted"] = clock_adjusted
    if referrer := row.pop("referrer", None):
        row["referrer_host"] = urlsplit(referrer).hostname
    if event.get("unit_price") is not None and event.get("event_type") == "order":
        price = Decimal(repr(event["unit_price"])).quantize(Decimal("0.001"), ROUND_HALF_UP)
        row["revenue"] = float(price * (event.get("quantity") or 1))
    return row


def rejected(event: object, reason: str, shared: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a rejected event."""
    return {"reason": reason, "raw": event, "request_id": shared["request_id"]}


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
