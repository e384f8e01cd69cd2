"""The event with which the function is called: what to replay, and how."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from event import Event
from fix import Fix

REJECTED = "rejected/"
ERRORS = "errors/"
EVENT_FIELDS = Event.__struct_fields__
FIELDS = ("prefix", "from", "to", "fix", "where", "before", "dry_run")


class BadRequestError(ValueError):
    """The event asks for something that does not exist; the message begins with the field at fault."""


@dataclass(frozen=True)
class Request:
    """A valid event of the function."""

    prefix: str
    first: date  # days of arrival in `zone`, both inclusive
    last: date
    zone: ZoneInfo
    before: datetime  # only objects written until then
    fix: Fix
    where: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False

    @property
    def first_month(self) -> str:
        """Return the earliest month under which objects can hold what arrived from `first` on.

        It is the month before: an object is filed by the arrival of its oldest record.
        """
        before = max(self.first, date(2, 1, 1)).replace(day=1) - timedelta(days=1)
        return before.isoformat()[:7]

    def selects(self, line: dict[str, Any]) -> bool:
        """Say whether the range of days and `where` select a line of a stored object."""
        return self.first <= self._arrival(line) <= self.last and (not self.where or self._matches(line))

    def _arrival(self, line: dict[str, Any]) -> date:
        if self.prefix == REJECTED:
            return date.fromisoformat(line["received_date"])
        return datetime.fromtimestamp(line["arrivalTimestamp"] / 1000, self.zone).date()

    def _matches(self, rejected: dict[str, Any]) -> bool:
        fault = {"reason": rejected["reason"].partition(":")[0], "field": rejected["field"]}
        return all(fault[name] == value for name, value in self.where.items())


def read_request(event: Any, now: datetime, zone: ZoneInfo) -> Request:
    """Return what the event asks for, `before` being `now` by default; raise BadRequestError.

    `zone` is the one whose days count.
    """
    _check_object("event", event, FIELDS)
    prefix = event.get("prefix")
    if prefix not in (REJECTED, ERRORS):
        raise BadRequestError(f'prefix: must be "{REJECTED}" or "{ERRORS}", not {prefix!r}')
    first = _date("from", event.get("from"), date.min)
    last = _date("to", event.get("to"), date.max)
    if first > last:
        raise BadRequestError(f"from: {first} is after `to`, {last}")
    dry_run = event.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise BadRequestError(f"dry_run: must be true or false, not {dry_run!r}")
    before = _time("before", event.get("before"), now)
    fix = _fix(event.get("fix", {}))
    return Request(prefix, first, last, zone, before, fix, _where(event.get("where", {}), prefix), dry_run)


def _check_object(name: str, value: Any, known: tuple[str, ...]) -> None:
    if not isinstance(value, dict):
        raise BadRequestError(f"{name}: must be an object, not {value!r}")
    for key in value:
        if key not in known:
            raise BadRequestError(f"{name}.{key}: no such field; there are {', '.join(known)}")


def _date(name: str, value: Any, default: date) -> date:
    try:
        return default if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadRequestError(f"{name}: must be a day such as 2026-11-22, not {value!r}") from None


def _time(name: str, value: Any, default: datetime) -> datetime:
    try:
        time = default if value is None else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise BadRequestError(f"{name}: must be a time such as 2026-11-22T18:10:00+00:00, not {value!r}")
    return time


def _fix(value: Any) -> Fix:
    _check_object("fix", value, ("rename", "drop", "set"))
    fix = Fix(**value)
    if not isinstance(fix.rename, dict):
        raise BadRequestError(f"fix.rename: must be an object of old and new names, not {fix.rename!r}")
    for old, new in fix.rename.items():
        if new not in EVENT_FIELDS:
            raise BadRequestError(f"fix.rename.{old}: {new!r} is no field of an event")
    if not isinstance(fix.drop, list) or not all(isinstance(name, str) for name in fix.drop):
        raise BadRequestError(f"fix.drop: must be a list of names, not {fix.drop!r}")
    _check_object("fix.set", fix.set, EVENT_FIELDS)
    if "event_id" in fix.set:
        raise BadRequestError("fix.set.event_id: events with one id are merged into one")
    return fix


def _where(value: Any, prefix: str) -> dict[str, str]:
    _check_object("where", value, ("reason", "field"))
    if value and prefix != REJECTED:
        raise BadRequestError(f'where: only what lies under "{REJECTED}" has a reason')
    for name, wanted in value.items():
        if not isinstance(wanted, str):
            raise BadRequestError(f"where.{name}: must be text, not {wanted!r}")
    return dict(value)
