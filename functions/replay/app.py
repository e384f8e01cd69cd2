"""Replays rejected events and failed records through the stream, when called, after their cause is fixed."""

import json
import logging
import os
import time
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from objects import Objects
from records import UnreadableError, records_of
from request import Request, read_request
from stream import DryRun, StoppedError, Stream

logger = logging.getLogger()
logger.setLevel(logging.INFO)

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10)
SECONDS_TO_FINISH = 60  # covers one call of the stream with these attempts, and moving the object


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Replay what `event` asks for (see request.py) and say how far it came.

    Raises BadRequestError before anything is touched, BucketError, and botocore's errors. However it ends,
    what was not moved is there for the next call, and what that sends a second time has the same event ids.
    """
    now = datetime.now(UTC)
    request = read_request(event, now, ZoneInfo(os.environ["TIME_ZONE"]))
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_FINISH
    answer = Replay(request, deadline).run()
    if not answer["done"]:
        answer["next"] = event | {"before": request.before.isoformat()}
    logger.info(json.dumps(answer))
    return answer


class Replay:
    """One call's work and its counts."""

    def __init__(self, request: Request, deadline: float) -> None:
        self._request = request
        self._deadline = deadline  # of time.monotonic
        self._objects = Objects(boto3.client("s3", config=CONFIG), os.environ["DATA_BUCKET"])
        self._stream: DryRun | Stream = DryRun()
        if not request.dry_run:
            firehose = boto3.client("firehose", config=CONFIG)
            self._stream = Stream(firehose, os.environ["DELIVERY_STREAM"], deadline)
        self._read = self._moved = self._skipped = 0

    def run(self) -> dict[str, Any]:
        """Replay object by object, until none is left, the time is up, or the stream takes no more."""
        failed, done = 0, True
        try:
            for key in self._objects.keys(self._request):
                self._replay_unless_gone(key)
        except StoppedError as stopped:
            failed, done = stopped.failed, False
        return {
            "objects": self._read,
            "records": self._stream.records,
            "events": self._stream.events,
            "moved": self._moved,
            "failed": failed,
            "skipped": self._skipped,
            "done": done,
        }

    def _replay_unless_gone(self, key: str) -> None:
        if time.monotonic() > self._deadline:
            raise StoppedError
        try:
            self._replay(key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
            logger.warning("%s: moved by somebody else meanwhile", key)

    def _replay(self, key: str) -> None:
        with TemporaryFile() as lines, TemporaryFile() as remaining:
            self._objects.read(key, lines)
            self._read += 1
            sent = self._send(key, lines, remaining)
            self._stream.flush()
            if sent and not self._request.dry_run:
                self._objects.move(key, remaining)
                self._moved += 1

    def _send(self, key: str, lines: BinaryIO, remaining: BinaryIO) -> bool:
        """Send what the lines hold, write the others to `remaining`, and say whether anything was sent."""
        sent = False
        for number, line in enumerate(lines, start=1):
            try:
                records = records_of(line, key, number, self._request)
            except UnreadableError as error:
                logger.warning("%s, line %d: %s", key, number, error)
                self._skipped += 1
                records = []
            if not records:
                remaining.write(line)
            for record in records:
                self._stream.add(record)
                sent = True
        return sent
