"""Gives imported events what tells them apart: ids, and numbers of equal lines of an order."""

import json
import time
from collections import Counter
from datetime import timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from clock import Clock
from rows import BUSINESS_DATE_ENDS


class Numbering:
    """Gives each stored event an id made of its content, and of how many like it came before.

    So a file that is sent again, also after some of its lines were corrected, counts once.
    """

    def __init__(self, time_zone: str) -> None:
        self._clock = Clock(ZoneInfo(time_zone))
        self._arrival = self._clock.arrival(time.time_ns() // 1_000_000, imported=True)
        self._contents: Counter[bytes] = Counter()
        self._dishes: Counter[tuple[object, ...]] = Counter()

    def identify(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event that would be stored with its id, and a line of an order with its number."""
        if event.get("event_type") == "order" and "order_id" in event and "order_line" not in event:
            event = self._with_line(event)
        content = json.dumps(event, sort_keys=True).encode()
        digest = blake2b(content, digest_size=12).digest()
        number = self._contents[digest]
        self._contents[digest] += 1
        return {"event_id": f"import-{digest.hex()}-{number}"} | event

    def _with_line(self, event: dict[str, Any]) -> dict[str, Any]:
        """Add a number to a line of an order that lists a dish again: without `order_line` both count as one.

        The first gets none, so that it is the same as the line that the guest's page has reported. Numbers of
        orders may begin anew on each business date.
        """
        _, local_time, _ = self._clock.read(event.get("created_at") or event["createdAt"], self._arrival)
        business_date = (local_time - timedelta(hours=BUSINESS_DATE_ENDS)).date()
        dish = (business_date, *(event.get(name) for name in ("source_menu", "order_id", "element_clicked")))
        self._dishes[dish] += 1
        count = self._dishes[dish]
        return event | {"order_line": str(count)} if count > 1 else event
