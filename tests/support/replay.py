"""What the tests of the replay share: the function with stand-ins for AWS, and what lies in the bucket."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest
from botocore.exceptions import ClientError

from tests.support import (
    RECEIVED_AT,
    REQUEST_ID,
    load_function,
)

EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}
REJECTED = "rejected/ingest_month=2026-11/0.jsonl"
FAILED = "errors/processing-failed/ingest_month=2026-11/menulens-1"
UNCONVERTED = "errors/format-conversion-failed/ingest_month=2026-11/menulens-1"
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
COUNTS = {"objects": 0, "records": 0, "events": 0, "moved": 0, "failed": 0, "skipped": 0, "done": True}


class S3:
    """Stands in for a bucket behind boto3. It proves no permission."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Any:
        keys = [key for key in sorted(self.objects) if key.startswith(Prefix)]
        for key in keys:  # one a page; what is written meanwhile is not seen
            yield {"Contents": [{"Key": key, "LastModified": self.written.get(key, AN_HOUR_AGO)}]}
        yield {}

    def download_fileobj(self, bucket: str, key: str, file: BinaryIO) -> None:
        if key not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        file.write(self.objects[key])

    def put_object(self, Bucket: str, Key: str, Body: BinaryIO) -> None:
        self.objects[Key] = Body.read()

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str]) -> None:
        self.objects[Key] = self.objects[CopySource["Key"]]

    def delete_object(self, Bucket: str, Key: str) -> None:
        del self.objects[Key]


class Firehose:
    """Stands in for a stream behind boto3, which does not take the records that `fails` names."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []
        self.taken: list[bytes] = []
        self.fails: Callable[[int, int], bool] = lambda call, number: False

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        assert DeliveryStreamName == "stream"
        data = [record["Data"] for record in Records]
        assert 1 <= len(data) <= 500
        assert sum(len(base64.b64encode(record)) for record in data) <= 4 * 1024 * 1024
        assert all(len(record) <= 1000 * 1024 for record in data)
        self.calls.append(data)
        failed = [self.fails(len(self.calls), number) for number in range(len(data))]
        self.taken += [record for record, bad in zip(data, failed, strict=True) if not bad]
        answers = [
            {"ErrorCode": "ServiceUnavailableException"} if bad else {"RecordId": "x"} for bad in failed
        ]
        return {"FailedPutCount": sum(failed), "RequestResponses": answers}

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(data) for data in self.taken]


class Replay:
    """The function with its stand-ins, and a clock in which nobody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIME_ZONE", "Europe/Rome")
        monkeypatch.setenv("DATA_BUCKET", "data")
        monkeypatch.setenv("DELIVERY_STREAM", "stream")
        self.s3, self.firehose = S3(), Firehose()
        self.objects = self.s3.objects
        self.modules = load_function("replay")
        clients = {"s3": self.s3, "firehose": self.firehose}
        boto3 = SimpleNamespace(client=lambda service, config: clients[service])
        monkeypatch.setattr(self.modules["app"], "boto3", boto3)
        self.slept: list[float] = []
        self.now = 0.0
        time = SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep)
        monkeypatch.setattr(self.modules["app"], "time", time)
        monkeypatch.setattr(self.modules["stream"], "time", time)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self, prefix: str = "rejected/", seconds: int = 900, **event: Any) -> dict[str, Any]:
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000)
        answer: dict[str, Any] = self.modules["app"].handler({"prefix": prefix} | event, context)
        return answer


def rejected_line(raw: Any, number: int = 0, **changes: Any) -> bytes:
    """Return a line as the transform keeps it."""
    fields = {
        "received_at": "2026-11-23 18:10:00.000",
        "received_date": "2026-11-23",
        "request_id": REQUEST_ID,
        "imported": False,
        "event_id": f"{REQUEST_ID}-{number}",
        "reason": "unknown field: Object contains unknown field `sessionId`",
        "field": "sessionId",
        "raw": raw if isinstance(raw, str) else json.dumps(raw),
    }
    return json.dumps(fields | changes).encode() + b"\n"


def failed_line(data: bytes, **changes: Any) -> bytes:
    """Return a line as Firehose keeps it."""
    fields = {
        "attemptsMade": 4,
        "arrivalTimestamp": RECEIVED_AT,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": "The Lambda function was successfully invoked but it returned an error result.",
        "attemptEndingTimestamp": RECEIVED_AT + 5000,
        "rawData": base64.b64encode(data).decode(),
        "lambdaARN": "arn:aws:lambda:eu-central-1:000000000000:function:transform:$LATEST",
    }
    return json.dumps(fields | changes).encode() + b"\n"
