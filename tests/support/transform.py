"""Calls of the transform in tests, and what it stores of rejected events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec.inspect
import pytest

from tests.support import CONTEXT, firehose_batch, load_function

EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}


@contextmanager
def transform_in(time_zone: str) -> Iterator[dict[str, Any]]:
    """Yield the transform's modules, loaded for a time zone; the environment lasts as long as the context."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIME_ZONE", time_zone)
        patch.setenv("DATA_BUCKET", "data")
        yield load_function("transform")


def invoke(transform: dict[str, Any], *data: bytes | str) -> list[dict[str, str]]:
    event = firehose_batch(*data)
    answers = transform["app"].handler(event, CONTEXT)["records"]
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in event["records"]]
    return answers


def rejected_rows(bucket: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for body in bucket.objects.values() for line in body.splitlines()]


def with_every_field(event: dict[str, Any], schema: Any) -> dict[str, Any]:
    """Return the event with a value in each field that `schema`, the module `event`, lets a page send."""
    fields = msgspec.inspect.type_info(schema.Event).fields  # type: ignore[attr-defined]
    return {field.name: _value(field.type) for field in fields if field.name != "createdAt"} | event


def _value(kind: msgspec.inspect.Type) -> Any:
    """Return a value of a field's type, the smallest where there is an order."""
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return _value(types[0])
        case msgspec.inspect.LiteralType(values=values):
            return values[0]
        case msgspec.inspect.StrType(min_length=length):
            return "x" * (length or 1)
        case msgspec.inspect.IntType(ge=least) | msgspec.inspect.FloatType(ge=least):
            return least or 0
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.DictType():
            return {"x": "y"}
    raise TypeError(f"tests/support/transform.py: _value knows no value of {kind}")
