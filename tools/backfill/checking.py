"""Puts events through the transform's own code, and says of each that is rejected why, and what to do."""

import csv
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from pybase64 import b64encode_as_string

from batch import Batch
from clock import Clock
from event import Event
from tools.backfill.reading import Line

COLUMNS = ("line", "field", "value", "reason", "remedy")
LONGEST_VALUE = 200  # characters that are shown

# By the field at fault, or by the code of the reason.
_REMEDIES = {
    "created_at": "write it as 2026-11-22 19:04, or name its format: --date-format '%d.%m.%Y %H:%M'",
    "unit_price": "0 to 999999999; if its decimal sign is a comma: --decimal ,",
    "time_spent": "seconds, 0 to 86400; if the decimal sign is a comma: --decimal ,",
    "quantity": "a whole number, 1 to 1000; leave refunds out",
    "currency": "an ISO 4217 code, such as EUR",
    "channel": "web, app, kiosk, qr or till",
    "properties": "a JSON object of text, at most 20 entries",
    "event_type": "click, menu_view, item_view, add_to_cart, remove_from_cart or order",
    "missing": "--rename COLUMN={field}, or --set {field}=VALUE for all lines",
    "unknown field": "--rename {field}=FIELD to one of docs/events.md, or --drop {field}",
    "length": "shorten it",
}


class Rejection(NamedTuple):
    """A line that is not imported; in the order of COLUMNS."""

    line: int
    field: str
    value: str
    reason: str
    remedy: str


class Checker:
    """Counts what the transform would store of lines, and keeps what it would reject."""

    def __init__(self, time_zone: str) -> None:
        self.stored = 0
        self.rejections: list[Rejection] = []
        self._clock = Clock(ZoneInfo(time_zone))

    def accepted(self, lines: Iterable[Line]) -> list[tuple[int, dict[str, Any]]]:
        """Return number and event of those lines that would be stored."""
        lines = list(lines)
        reasons = self._reasons([line.event for line in lines if line.event is not None])
        kept = []
        for line in lines:
            if line.event is None:
                self.rejections.append(Rejection(line.number, "", "", line.error, "correct the line"))
                continue
            rejection = next(reasons)
            if rejection is None:
                kept.append((line.number, line.event))
            else:
                self.rejections.append(_rejection(line.number, line.event, *rejection))
        self.stored += len(kept)
        return kept

    def _reasons(self, events: list[dict[str, Any]]) -> Any:
        """Yield for each event None, or the reason for which it is rejected and the field at fault."""
        for event in events:
            batch = Batch(self._clock)
            data = b64encode_as_string(msgspec.json.encode({"events": [event]}))
            batch.add(
                {"recordId": "0", "approximateArrivalTimestamp": time.time_ns() // 1_000_000, "data": data}
            )
            if batch.failed:
                yield f"the record fails: {', '.join(batch.failed)}", None
            elif batch.rejected:
                ((rejected,),) = batch.rejected.values()
                yield rejected.reason, rejected.field
            elif batch.clocks_adjusted:  # an old time is an imported event's own
                yield "date: in the future; the transform would put the time of the import", "created_at"
            else:
                yield None

    def report(self, path: Path) -> str:
        """Write what is rejected to a file, or remove one of before; return the most frequent reasons."""
        if not self.rejections:
            path.unlink(missing_ok=True)
            return ""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            rows.writerows(sorted(self.rejections))
        first: dict[str, Rejection] = {}
        for rejection in sorted(self.rejections):
            first.setdefault(rejection.reason, rejection)
        counts = Counter(rejection.reason for rejection in self.rejections)
        lines = []
        for reason, count in counts.most_common(5):
            line, field, value, _, remedy = first[reason]
            lines.append(
                f"  {count:,} × {reason}, first in line {line}: {field or 'line'} {value!r}: {remedy}"
            )
        return "\n".join([*lines, f"each rejected line is in {path}"])


def _rejection(number: int, event: dict[str, Any], reason: str, field: str | None) -> Rejection:
    code = reason.partition(":")[0]
    name = field or ""
    if name == "created_at" and name not in event and "createdAt" in event:
        name = "createdAt"
    value = event.get(name, "")
    shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    by_code = _REMEDIES.get(code) if code in ("missing", "unknown field") else None
    remedy = by_code or _REMEDIES.get(field or "") or _REMEDIES.get(code) or f"one of {', '.join(FIELDS)}"
    return Rejection(number, name, shown[:LONGEST_VALUE], reason, remedy.format(field=field))


FIELDS = Event.__struct_fields__
