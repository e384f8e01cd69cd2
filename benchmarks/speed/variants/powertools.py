"""The full work with Powertools' data classes and response classes, as their documentation shows it."""

import json
from typing import Any, get_args

from aws_lambda_powertools.utilities.data_classes import (
    KinesisFirehoseDataTransformationRecord,
    KinesisFirehoseDataTransformationResponse,
    KinesisFirehoseEvent,
)
from aws_lambda_powertools.utilities.serialization import base64_encode

from benchmarks.speed.variants import work
from benchmarks.transform import RejectedError, event_schema

FIELDS = set(event_schema.Event.__struct_fields__)
TEXTS = {
    "element_clicked": (1, 128), "source_menu": (1, 128), "created_at": (1, 64), "event_id": (8, 64),
    "session_id": (1, 64), "order_id": (1, 64), "order_line": (1, 64), "category": (1, 128),
    "page": (0, 2048), "referrer": (0, 2048),
}  # fmt: skip
NUMBERS = {"time_spent": (0, 86_400), "quantity": (1, 1000), "unit_price": (0, 999_999_999)}
CHOICES = {
    "event_type": set(get_args(event_schema.EventType.__value__)),
    "channel": set(get_args(event_schema.Channel.__value__)),
    "currency": set(event_schema.CURRENCIES.split()),
}
kept: list[dict[str, Any]] = []


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Transform each record."""
    kept.clear()
    result = KinesisFirehoseDataTransformationResponse()
    for record in KinesisFirehoseEvent(event).records:
        lines = _lines(record.data_as_json)
        result.add_record(
            KinesisFirehoseDataTransformationRecord(
                record_id=record.record_id,
                result="Ok" if lines else "Dropped",
                data=base64_encode("".join(lines)),
            )
        )
    return result.asdict()


def _lines(envelope: dict[str, Any]) -> list[str]:
    arrival, shared = work.origin(envelope)
    body = envelope["body"]
    lines = []
    for position, event in enumerate(body.get("events", [body])):
        try:
            _check(event)
            row = work.row({"event_type": "click"} | event, position, arrival, shared)
        except (ValueError, RejectedError) as error:
            kept.append(work.rejected(event, str(error), shared))
        else:
            lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    return lines


def _check(event: dict[str, Any]) -> None:
    if unknown := event.keys() - FIELDS:
        raise ValueError(f"unknown field: {unknown}")
    for name in ("element_clicked", "source_menu", "created_at"):
        if name not in event:
            raise ValueError(f"missing: {name}")
    for name, value in event.items():
        if name in TEXTS:
            low, high = TEXTS[name]
            if not isinstance(value, str) or not low <= len(value) <= high:
                raise ValueError(f"{name}: expected text of {low} to {high} characters")
        elif name in NUMBERS:
            low, high = NUMBERS[name]
            if not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{name}: expected a number from {low} to {high}")
        elif name in CHOICES:
            if value not in CHOICES[name]:
                raise ValueError(f"{name}: expected one of {CHOICES[name]}")
        elif len(value) > 20 or not all(isinstance(text, str) for text in value.values()):
            raise ValueError(f"{name}: expected up to 20 texts")
