"""The event with which the function is called: the days to merge."""

from datetime import date, timedelta
from typing import Any

DAYS = 7  # that the schedule looks back, for what arrived late and for nights that failed
FIELDS = ("from", "to")


class BadCallError(ValueError):
    """The call asks for what there is not; the message begins with the field at fault."""


def read_call(event: Any, today: date) -> list[date]:
    """Return the days to merge, the first one first; raise BadCallError.

    `event` is `{}` for the last 7 days, or has the first and the last day as `from` and `to`, such as
    2026-11-22. Today's files are still being written.
    """
    if not isinstance(event, dict):
        raise BadCallError(f"event: must be an object, not {event!r}")
    for name in event:
        if name not in FIELDS:
            raise BadCallError(f"event.{name}: no such field; there are {', '.join(FIELDS)}")
    yesterday = today - timedelta(days=1)
    last = _day("to", event.get("to"), yesterday)
    first = _day("from", event.get("from"), last - timedelta(days=DAYS - 1))
    if last > yesterday:
        raise BadCallError(f"to: {last} is not over in the restaurant's time zone")
    if first > last:
        raise BadCallError(f"from: {first} is after `to`, {last}")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(name: str, value: Any, default: date) -> date:
    try:
        return default if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadCallError(f"{name}: must be a day such as 2026-11-22, not {value!r}") from None
