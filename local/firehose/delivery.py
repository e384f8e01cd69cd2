"""Firehose's buffers: a thread per stream that takes accepted records to their destination.

Emulates: what happens behind PutRecord: the processor's buffer, the transformation, the destination's
buffer, the delivery. Sizes of buffers are as configured.

Not covered: the wait of a buffer: LOCAL_BUFFER_SECONDS (environment, 1.0) instead of the configured 60 to
900 seconds. A delivery that fails is repeated until it succeeds; AWS gives up after 24 hours.

Reference: https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

import logging
import os
import threading
import time
from typing import Any

from local.firehose import s3, transform
from local.firehose.records import Failure, Record

LOCAL_BUFFER_SECONDS = float(os.environ.get("LOCAL_BUFFER_SECONDS", "1.0"))
RETRY_SECONDS = 1.0
CLOSING_SECONDS = 20.0
MEBIBYTE = 1024 * 1024

logger = logging.getLogger(__name__)
_deliveries: dict[str, "Delivery"] = {}
_lock = threading.Lock()


def put(stream: dict[str, Any], records: list[Record]) -> bool:
    """Hand records to the stream's delivery; False when it is about to stop."""
    with _lock:
        delivery = _deliveries.get(stream["arn"])
        if delivery is None:
            delivery = _deliveries[stream["arn"]] = Delivery(stream["name"])
            delivery.start()
    return delivery.put(stream, records)


def close(stream_arn: str) -> "Delivery | None":
    """Have a stream's delivery end after one attempt, without waiting: the caller may be the event loop."""
    with _lock:
        delivery = _deliveries.pop(stream_arn, None)
    if delivery is not None:
        delivery.close()
    return delivery


def close_all() -> None:
    """Deliver what all streams have accepted, and wait for it."""
    for delivery in [close(stream_arn) for stream_arn in list(_deliveries)]:
        if delivery is not None:
            delivery.join(CLOSING_SECONDS)


class Buffer:
    """Records that wait until there are enough of them, or the first has waited long enough."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._bytes = 0
        self._since = 0.0
        self._size = self._seconds = 0.0

    def limit(self, mebibytes: float, seconds: float) -> None:
        """Set how much the buffer holds and for how long."""
        self._size, self._seconds = mebibytes * MEBIBYTE, min(seconds, LOCAL_BUFFER_SECONDS)

    def add(self, records: list[Record]) -> None:
        """Append records."""
        if not self.records:
            self._since = time.monotonic()
        self.records += records
        self._bytes += sum(len(record.data) for record in records)

    def wait(self) -> float | None:
        """Return for how long the buffer still waits; None when it is empty."""
        if not self.records:
            return None
        return 0.0 if self._bytes >= self._size else max(0.0, self._since + self._seconds - time.monotonic())

    def oldest(self) -> list[Record]:
        """Return the oldest records that fit the size, at least one."""
        total = 0
        for count, record in enumerate(self.records):
            total += len(record.data)
            if count and total > self._size:
                return self.records[:count]
        return list(self.records)

    def remove(self, records: list[Record]) -> None:
        """Drop records that `oldest` returned."""
        del self.records[: len(records)]
        self._bytes -= sum(len(record.data) for record in records)
        self._since = time.monotonic()


class Delivery(threading.Thread):
    """What one stream has accepted and not delivered yet, and the thread that delivers it."""

    def __init__(self, name: str):
        super().__init__(name=f"firehose-{name}", daemon=True)
        self._stream: dict[str, Any] = {}
        self._incoming = Buffer()
        self._ready = Buffer()
        self._failures: list[Failure] = []
        self._changed = threading.Condition()
        self._closing = False

    def put(self, stream: dict[str, Any], records: list[Record]) -> bool:
        """Accept records under the stream's present configuration, unless closing."""
        config = stream["destinations"][0]["config"]
        processor = transform.processor(config) or {}
        hints = config.get("BufferingHints") or {}
        default_size = 128 if s3.conversion(config) else 5
        with self._changed:
            if self._closing:
                return False
            self._stream = stream
            self._incoming.limit(
                float(processor.get("BufferSizeInMBs", 1)),
                float(processor.get("BufferIntervalInSeconds", 60)),
            )
            self._ready.limit(
                float(hints.get("SizeInMBs", default_size)), float(hints.get("IntervalInSeconds", 300))
            )
            self._incoming.add(records)
            self._changed.notify()
        return True

    def close(self) -> None:
        """Let the thread deliver what was accepted, in one attempt, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    def run(self) -> None:
        """Deliver until closed."""
        while self._await_work():
            try:
                self._transform()
                self._deliver()
                self._deliver_failures()
            except Exception as error:
                undelivered = len(self._incoming.records) + len(self._ready.records) + len(self._failures)
                logger.warning("%s: delivery failed, %d records wait: %s", self.name, undelivered, error)
                s3.log_error(self._stream, error)
                if self._closing:
                    logger.exception("%s: closed, %d records are lost", self.name, undelivered)
                    return
                time.sleep(RETRY_SECONDS)

    def _await_work(self) -> bool:
        """Wait until a buffer is due; False when closed and empty."""
        with self._changed:
            while True:
                waits = [wait for wait in (self._incoming.wait(), self._ready.wait()) if wait is not None]
                if self._closing or self._failures:
                    return bool(waits or self._failures)
                if 0.0 in waits:
                    return True
                self._changed.wait(min(waits, default=None))

    def _is_due(self, buffer: Buffer) -> bool:
        return buffer.wait() == 0.0 or (self._closing and bool(buffer.records))

    def _transform(self) -> None:
        with self._changed:
            if not self._is_due(self._incoming):
                return
            records = self._incoming.oldest()
        transformed, failures = transform.transform(self._stream, records)
        with self._changed:
            self._incoming.remove(records)
        self._ready.add(transformed)
        self._failures += failures

    def _deliver(self) -> None:
        if not self._is_due(self._ready):
            return
        records = self._ready.oldest()
        self._failures += s3.deliver(self._stream, records)
        self._ready.remove(records)

    def _deliver_failures(self) -> None:
        if self._failures:
            s3.deliver_failures(self._stream, self._failures)
            self._failures = []
