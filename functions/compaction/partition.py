"""One month's objects in S3, and how several become one without a row being missing at any time.

A note says what is merged into what; then the merged object is written. If the others are still as they were,
a second note says so; then they are deleted, the notes last. Between writing and deleting, rows are there
twice. If a run is cut off there, a later one finds the notes: it deletes the others if that was sure already,
else the merged object. Notes also keep other runs from the month.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

NOTES = "compaction/"  # where the notes are kept in the bucket
CONFIRMED = ".sure"  # ends the name of the second note
LONGEST_RUN = timedelta(minutes=20)  # Lambda ends a run after 15
MEGABYTE = 1_000_000
LARGE_BYTES = 32 * MEGABYTE  # from here on a file is left as it is
MERGED_BYTES = 64 * MEGABYTE  # that are merged into one file, about
# A file of more than CHEAP_BYTES is merged only with 1/GROWTH of its bytes or more, and grows by that. So its
# bytes are written again some six times, not each night.
CHEAP_BYTES = 8 * MEGABYTE
GROWTH = 4
KEYS_PER_CALL = 1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html


@dataclass(frozen=True)
class Kind:
    """How files of a kind become one, and how long after it was written one may be merged."""

    merge: Callable[[list[Path], Path], None]  # files, and the one to write
    settled: timedelta = timedelta(0)


class ChangedError(Exception):
    """Objects were written or deleted by somebody while they were merged, or S3 did not delete them."""


class BucketError(Exception):
    """The bucket cannot be listed; the message says which and why, in one line."""


class BusyError(Exception):
    """Another run is at the same month, or was cut off a moment ago."""


@dataclass(frozen=True)
class Stored:
    """An object as the listing has it: key, hash of the content in quotes, bytes, time of writing."""

    key: str
    etag: str
    size: int
    written: datetime = field(compare=False)


class Partition:
    """The objects of one month under `prefix`. All methods raise botocore's errors, and BucketError."""

    def __init__(self, client: Any, bucket: str, prefix: str, kind: Kind) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._kind = kind

    def compact(self, deadline: float) -> tuple[int, int]:
        """Merge the small objects until `deadline` (of time.monotonic); return how many there were and are.

        Raises ChangedError, BusyError, and what merging raises.
        """
        self._finish(self._stored(NOTES + self._prefix))
        before = after = self._stored(self._prefix)
        latest = datetime.now(UTC) - self._kind.settled
        for batch in batches([stored for stored in before if stored.written <= latest]):
            if time.monotonic() > deadline:
                break
            self._merge(batch)
            after = self._stored(self._prefix)
        return len(before), len(after)

    def _stored(self, prefix: str) -> list[Stored]:
        """Return objects in the order of their names; those of events begin with the time of delivery."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            return [
                Stored(listed["Key"], listed["ETag"], listed["Size"], listed["LastModified"])
                for page in pages
                for listed in page.get("Contents", [])
            ]
        except (BotoCoreError, ClientError) as error:
            raise BucketError(f"bucket {self._bucket} cannot be listed: {error}") from None

    def _merge(self, batch: list[Stored]) -> None:
        keys = [source.key for source in batch]
        digest = hashlib.sha256(
            "\n".join(f"{source.key} {source.etag}" for source in batch).encode()
        ).hexdigest()
        # A name of its own: what this run writes, it may delete again, and nobody else's.
        merged = f"{self._prefix}merged-{uuid4()}{Path(keys[0]).suffix}"
        note = f"{NOTES}{self._prefix}{digest[:16]}.json"
        with TemporaryDirectory() as folder:
            target = Path(folder, "merged")
            self._kind.merge([self._get(source, Path(folder)) for source in batch], target)
            self._put(note, json.dumps({"merged": merged, "sources": keys}).encode())
            with target.open("rb") as body:
                self._put(merged, body)
        if set(batch) <= set(self._stored(self._prefix)):
            self._put(note + CONFIRMED, b"")
            self._delete(keys, [note], [note + CONFIRMED])
        else:
            self._delete([merged], [note])
            raise ChangedError(f"{self._prefix}: somebody changed objects while they were being merged")

    def _finish(self, notes: list[Stored]) -> None:
        """End what a run that was cut off had begun; raise BusyError if it may be running still."""
        keys = {note.key for note in notes}
        for note in notes:
            if datetime.now(UTC) - note.written < LONGEST_RUN:
                raise BusyError(f"{note.key}: another run is at it, or was cut off a moment ago")
            if not note.key.endswith(CONFIRMED):
                answer = self._client.get_object(Bucket=self._bucket, Key=note.key, IfMatch=note.etag)
                plan = json.load(answer["Body"])
                obsolete = plan["sources"] if note.key + CONFIRMED in keys else [plan["merged"]]
                self._delete(obsolete, [note.key])
        self._delete([key for key in keys if key.endswith(CONFIRMED)])

    def _get(self, stored: Stored, folder: Path) -> Path:
        """Write an object to the folder, provided that it is still the one that was listed."""
        path = folder / Path(stored.key).name
        answer = self._client.get_object(Bucket=self._bucket, Key=stored.key, IfMatch=stored.etag)
        with path.open("wb") as file:
            shutil.copyfileobj(answer["Body"], file)
        return path

    def _put(self, key: str, body: Any) -> None:
        """Write an object, provided that there is none of the name: of two runs at once one fails."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")

    def _delete(self, *groups: list[str]) -> None:
        """Delete objects, those of each group before any of the next; one that is not there is no error."""
        for keys in groups:
            for start in range(0, len(keys), KEYS_PER_CALL):
                objects = [{"Key": key} for key in keys[start : start + KEYS_PER_CALL]]
                answer = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                )
                for error in answer.get("Errors", []):
                    raise ChangedError(f"{error['Key']} was not deleted: {error['Message']}")


def batches(objects: list[Stored]) -> Iterator[list[Stored]]:
    """Yield the objects to merge into one each, the smallest first."""
    small = sorted(
        (stored for stored in objects if stored.size < LARGE_BYTES), key=lambda stored: stored.size
    )
    size = sum(stored.size for stored in small)
    while small and small[-1].size > CHEAP_BYTES and small[-1].size > GROWTH * (size - small[-1].size):
        size -= small.pop().size
    batch: list[Stored] = []
    size = 0
    for stored in small:
        if size + stored.size > MERGED_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(stored)
        size += stored.size
    if len(batch) > 1:
        yield batch
