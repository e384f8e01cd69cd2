"""The events that a run sends, and the rows that must come of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.verify.stack import Stack

REJECTED_TIME = "not a time"
KILOBYTE = 1024
TOO_LARGE = 1100 * KILOBYTE  # more than one record of the stream holds, less than the API's own limit


@dataclass(frozen=True)
class Expected:
    """An event, and the columns of its row in the view `events`, as Athena prints them."""

    event: dict[str, Any]
    row: dict[str, str]


def created_at(stack: Stack) -> str:
    """Return the time of all events: a minute before the run, to the millisecond."""
    time = stack.started - timedelta(minutes=1)
    return f"{time:%Y-%m-%dT%H:%M:%S}.789Z"


def _time_column(stack: Stack) -> str:
    return created_at(stack).replace("T", " ").removesuffix("Z")


def events(stack: Stack) -> dict[str, Expected]:
    """Return every good event by what it is sent for.

    Values are chosen where AWS could change them: three decimals, which a currency such as the Kuwaiti dinar
    has; keys that differ only by case; milliseconds.
    """

    def expected(name: str, fields: dict[str, Any], row: dict[str, str]) -> Expected:
        event = {
            "event_id": f"{stack.run_id}-{name}",
            "session_id": stack.run_id,
            "source_menu": stack.run_id,
            "element_clicked": name,
            "created_at": created_at(stack),
        }
        columns = {"element_clicked": name, "event_time": _time_column(stack), "device": "mobile"}
        return Expected(event | fields, columns | {"event_type": fields["event_type"]} | row)

    order = {"event_type": "order", "order_id": stack.run_id}
    return {
        "text": expected("text", {"event_type": "menu_view", "channel": "qr"}, {"channel": "qr"}),
        "json": expected("json", {"event_type": "item_view", "time_spent": 1.5}, {"time_spent": "1.5"}),
        "batch_1": expected("batch_1", {"event_type": "click", "category": "Café"}, {"category": "Café"}),
        "batch_2": expected("batch_2", {"event_type": "add_to_cart", "quantity": 2}, {"quantity": "2"}),
        "order": expected(
            "order",
            order | {"quantity": 3, "unit_price": 12.34, "currency": "EUR"},
            {"unit_price": "12.340", "revenue": "37.020", "quantity": "3", "currency": "EUR"},
        ),
        "three_decimals": expected(
            "three_decimals",
            order | {"quantity": 3, "unit_price": 1.255, "currency": "KWD"},
            {"unit_price": "1.255", "revenue": "3.765", "quantity": "3", "currency": "KWD"},
        ),
        "properties": expected(
            "properties",
            {"event_type": "click", "properties": {"Table": "Seven", "table": "7", "tAbLe": "sette"}},
            {"Table": "Seven", "table": "7", "tAbLe": "sette"},
        ),
    }


def rejected(stack: Stack) -> dict[str, Any]:
    """Return an event that the API's model lets pass and the transform rejects."""
    text = events(stack)["text"].event
    return text | {"event_id": f"{stack.run_id}-rejected", "created_at": REJECTED_TIME}


def months(stack: Stack) -> tuple[str, str]:
    """Return the first and the last month in which the run's objects can be filed, as in `ingest_month`.

    Firehose files an object by its oldest record, in the stack's time zone, which is a day from UTC at most.
    """
    first, last = stack.started - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"
