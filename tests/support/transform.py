"""Calls of the transform in tests, and what it stores of rejected events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
