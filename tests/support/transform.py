"""Calls of the transform in tests, and what it stores of rejected events."""

import json
from typing import Any

from tests.support import CONTEXT, firehose_batch

EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}


def invoke(transform: dict[str, Any], *data: bytes | str) -> list[dict[str, str]]:
    event = firehose_batch(*data)
    answers = transform["app"].handler(event, CONTEXT)["records"]
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in event["records"]]
    return answers


def rejected_rows(bucket: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for body in bucket.objects.values() for line in body.splitlines()]
