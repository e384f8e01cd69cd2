"""The event with which the function is called: the months to merge."""

from datetime import date, timedelta
from typing import Any

FIELDS = ("from", "to")
ONE_DAY = timedelta(days=1)


class BadRequestError(ValueError):
    """The event asks for something that does not exist; the message begins with the field at fault."""


def read_request(event: Any, today: date) -> list[str]:
    """Return the months to merge, such as 2026-11, the first one first; raise BadRequestError.

    `event` is `{}` for the month of `today` and the one before, or has the first and the last month as `from`
    and `to`.
    """
    if not isinstance(event, dict):
        raise BadRequestError(f"event: must be an object, not {event!r}")
    for name in event:
        if name not in FIELDS:
            raise BadRequestError(f"event.{name}: no such field; there are {', '.join(FIELDS)}")
    this_month = today.replace(day=1)
    last = _month("to", event.get("to"), this_month)
    if last > this_month:
        raise BadRequestError(f"to: {last:%Y-%m} has not begun in the restaurant's time zone")
    first = _month("from", event.get("from"), (last - ONE_DAY).replace(day=1))
    if first > last:
        raise BadRequestError(f"from: {first:%Y-%m} is after `to`, {last:%Y-%m}")
    months = []
    while first <= last:
        months.append(f"{first:%Y-%m}")
        first = (first + 31 * ONE_DAY).replace(day=1)
    return months


def _month(name: str, value: Any, default: date) -> date:
    try:
        month = default if value is None else date.fromisoformat(f"{value}-01")
    except ValueError:
        month = date.min
    if month.year < 1970:
        raise BadRequestError(f"{name}: must be a month such as 2026-11, not {value!r}")
    return month
