"""Puts records into the Firehose stream, in calls of many."""

import random
import time
from typing import Any

from records import Record

MAX_CALL_RECORDS = 500
MAX_CALL_BYTES = 3_000_000  # the limit of 4 MiB is that of the request, in which records are base64
# Half of the smallest default quota of a stream, so that there is room for what visitors send meanwhile.
RECORDS_PER_SECOND = 500
BYTES_PER_SECOND = 512 * 1024
ATTEMPTS = 8
PAUSE_SECONDS = 0.1  # before the second attempt at the most, then twice as long each time


class StoppedError(Exception):
    """No time is left, or the stream does not take `failed` records, however often they are sent."""

    def __init__(self, failed: int = 0) -> None:
        super().__init__(f"{failed} records failed")
        self.failed = failed


class DryRun:
    """Takes the stream's place when records are to be counted only."""

    def __init__(self) -> None:
        self.records = self.events = 0

    def add(self, record: Record) -> None:
        """Count a record."""
        self.records += 1
        self.events += record.events

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class Stream:
    """Collects records into calls, and counts the records, and their events, that the stream took."""

    def __init__(self, client: Any, name: str, deadline: float) -> None:
        self.records = self.events = 0
        self._client = client
        self._name = name
        self._deadline = deadline  # of time.monotonic
        self._waiting: list[Record] = []
        self._size = 0

    def add(self, record: Record) -> None:
        """Take a record, sending those before it when a call is full; raise as `flush` does."""
        if len(self._waiting) == MAX_CALL_RECORDS or self._size + len(record.data) > MAX_CALL_BYTES:
            self.flush()
        self._waiting.append(record)
        self._size += len(record.data)

    def flush(self) -> None:
        """Send what waits, and again what was not taken; raise StoppedError or botocore's errors."""
        records, self._waiting, self._size = self._waiting, [], 0
        for attempt in range(ATTEMPTS):
            if not records:
                return
            if time.monotonic() > self._deadline:
                raise StoppedError
            if attempt:
                time.sleep(random.uniform(0, PAUSE_SECONDS * 2**attempt))  # noqa: S311  # no secret
            records = self._put(records)
        if records:
            raise StoppedError(len(records))

    def _put(self, records: list[Record]) -> list[Record]:
        """Send records in one call, wait until the next may follow, and return those that were not taken."""
        answer = self._client.put_record_batch(
            DeliveryStreamName=self._name, Records=[{"Data": record.data} for record in records]
        )
        failed = []
        for record, result in zip(records, answer["RequestResponses"], strict=True):
            if "ErrorCode" in result:  # although the call as a whole succeeded
                failed.append(record)
            else:
                self.records += 1
                self.events += record.events
        size = sum(len(record.data) for record in records)
        time.sleep(max(len(records) / RECORDS_PER_SECOND, size / BYTES_PER_SECOND))
        return failed
