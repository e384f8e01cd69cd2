"""Records on their way through Firehose, and records that failed, with the reason.

Emulates: the objects that Firehose writes under the error output prefix. Their members are those of objects
captured on AWS, which differ from the documentation (`lambdaARN`, `lastErrorCode`).

Not covered: error codes of AWS that no part of this stack can cause.

Reference:
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
"""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any


def now_ms() -> int:
    """Return the time in milliseconds, as Firehose counts it."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Record:
    """A record as it was accepted, or what the transformation made of it."""

    id: str
    arrived: int
    data: bytes


@dataclass(frozen=True)
class Failure:
    """A record that goes to the error output instead of the destination."""

    record: Record
    output_type: str
    code: str
    message: str
    attempts: int = 1
    ended: int = field(default_factory=now_ms)
    lambda_arn: str = ""
    table: dict[str, str] | None = None

    def line(self) -> bytes:
        """Return the record's line in the error object."""
        raw_data = base64.b64encode(self.record.data).decode()
        times = {"arrivalTimestamp": self.record.arrived, "attemptEndingTimestamp": self.ended}
        document: dict[str, Any] = {"rawData": raw_data, "attemptsMade": self.attempts, **times}
        if self.table is None:
            document |= {"errorCode": self.code, "errorMessage": self.message, "lambdaARN": self.lambda_arn}
        else:
            document |= {"lastErrorCode": self.code, "lastErrorMessage": self.message}
            document |= {"dataCatalogTable": self.table}
        return json.dumps(document).encode() + b"\n"
