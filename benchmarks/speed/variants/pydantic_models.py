"""The full work with typed Pydantic models."""

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from benchmarks.speed.variants import work
from benchmarks.transform import RejectedError, event_schema

Name = Annotated[str, Field(min_length=1, max_length=128)]
Identifier = Annotated[str, Field(min_length=1, max_length=64)]


class Event(BaseModel):
    """An event as a page sends it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    element_clicked: Name
    source_menu: Name
    created_at: Annotated[str, Field(min_length=1, max_length=64)]
    time_spent: Annotated[float, Field(ge=0, le=86_400)] | None = None
    event_type: Literal["click", "menu_view", "item_view", "add_to_cart", "remove_from_cart", "order"] = (
        "click"
    )
    event_id: Annotated[str, Field(min_length=8, max_length=64)] | None = None
    session_id: Identifier | None = None
    quantity: Annotated[int, Field(ge=1, le=1000)] | None = None
    unit_price: Annotated[float, Field(ge=0, le=999_999_999)] | None = None
    currency: Literal[*event_schema.CURRENCIES.split()] | None = None  # type: ignore[valid-type]
    order_id: Identifier | None = None
    order_line: Identifier | None = None
    category: Name | None = None
    channel: Literal["web", "app", "kiosk", "qr", "till"] | None = None
    page: Annotated[str, Field(max_length=2048)] | None = None
    referrer: Annotated[str, Field(max_length=2048)] | None = None
    properties: Annotated[dict[str, str], Field(max_length=20)] | None = None


class Envelope(BaseModel):
    """The wrapper around a request's body."""

    body: dict[str, Any]
    request_id: str
    received_at: int
    ip: str
    user_agent: str


envelopes = TypeAdapter(Envelope)
events = TypeAdapter(Event)
rows = TypeAdapter(dict[str, Any])
kept: list[dict[str, Any]] = []


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Transform each record."""
    kept.clear()
    records = []
    for record in event["records"]:
        lines = _lines(envelopes.validate_json(base64.b64decode(record["data"])))
        data = base64.b64encode(b"".join(lines)).decode()
        records.append({"recordId": record["recordId"], "result": "Ok" if lines else "Dropped", "data": data})
    return {"records": records}


def _lines(envelope: Envelope) -> list[bytes]:
    arrival, shared = work.origin(envelope.model_dump())
    body = envelope.body
    lines = []
    for position, raw in enumerate(body.get("events", [body])):
        try:
            event = events.validate_python(raw)
            row = work.row(dict(event), position, arrival, shared)
        except (ValidationError, RejectedError) as error:
            kept.append(work.rejected(raw, str(error), shared))
        else:
            lines.append(rows.dump_json(row) + b"\n")
    return lines
