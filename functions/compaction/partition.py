"""One day's objects in S3, and how several become one without an event being missing at any time.

The merged object is written first, and names those that it was made of; only then they are deleted. Between
the two, events are there twice, which the views merge. If a run is cut off there, the next one finds the
names and deletes the rest.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from merging import merge, sources

MERGED = "merged-"  # begins the names of what this function wrote
MEGABYTE = 1_000_000
SMALL = 64 * MEGABYTE  # what is larger is left as it is
TOGETHER = 128 * MEGABYTE  # that are merged into one file, about
KEYS_A_CALL = 1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html


class ChangedError(Exception):
    """Somebody wrote or deleted objects while they were being merged; the merged one is gone again."""


@dataclass(frozen=True)
class Stored:
    """An object as the listing has it: its key, the hash of its content in quotes, and its bytes."""

    key: str
    etag: str
    size: int


class Partition:
    """The files of the events that arrived on one day. All methods raise botocore's errors."""

    def __init__(self, client: Any, bucket: str, day: date) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"events/ingest_date={day}/"

    def compact(self) -> tuple[int, int]:
        """Merge the small files; return how many there were and are. Raises ChangedError and MergeError."""
        before = after = self._stored()
        small = [each for each in before if each.size < SMALL]
        delivered = [each for each in small if not self._is_merged(each)]
        if len(small) > 1 or (delivered and len(before) > 1):
            self._finish(before)
            for batch in _batches(self._stored()):
                self._merge(batch)
            after = self._stored()
        return len(before), len(after)

    def _is_merged(self, stored: Stored) -> bool:
        return stored.key.startswith(self._prefix + MERGED)

    def _stored(self) -> list[Stored]:
        """Return the day's objects in the order of their names, which begin with the time of delivery."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        return [
            Stored(found["Key"], found["ETag"], found["Size"])
            for page in pages
            for found in page.get("Contents", [])
        ]

    def _finish(self, stored: list[Stored]) -> None:
        """Delete what a run that was cut off had merged and not deleted."""
        keys = {each.key for each in stored}
        for each in stored:
            if self._is_merged(each):
                with TemporaryDirectory() as folder:
                    self._delete(sorted(keys & set(sources(self._get(each, Path(folder))))))

    def _merge(self, batch: list[Stored]) -> None:
        names = [each.key for each in batch]
        digest = hashlib.sha256("\n".join(f"{each.key} {each.etag}" for each in batch).encode()).hexdigest()
        merged = f"{self._prefix}{MERGED}{digest[:16]}.parquet"
        with TemporaryDirectory() as folder:
            files = [self._get(each, Path(folder)) for each in batch]
            target = merge(files, names, Path(folder))
            with target.open("rb") as body:
                # Of two runs at once the second is refused here, before it has touched anything.
                self._client.put_object(Bucket=self._bucket, Key=merged, Body=body, IfNoneMatch="*")
        if not set(batch) <= set(self._stored()):
            self._delete([merged])
            raise ChangedError(f"{self._prefix}: somebody changed files while they were being merged")
        self._delete(names)

    def _get(self, stored: Stored, folder: Path) -> Path:
        """Write an object to the folder, provided that it is still the one that was listed."""
        path = folder / Path(stored.key).name
        answer = self._client.get_object(Bucket=self._bucket, Key=stored.key, IfMatch=stored.etag)
        with path.open("wb") as file:
            shutil.copyfileobj(answer["Body"], file)
        return path

    def _delete(self, keys: list[str]) -> None:
        for start in range(0, len(keys), KEYS_A_CALL):
            objects = [{"Key": key} for key in keys[start : start + KEYS_A_CALL]]
            answer = self._client.delete_objects(
                Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
            )
            for error in answer.get("Errors", []):
                raise ChangedError(f"{error['Key']} was merged but not deleted: {error['Message']}")


def _batches(stored: list[Stored]) -> Iterator[list[Stored]]:
    """Yield the small objects to merge, in their order: as many together as are not too large."""
    batch: list[Stored] = []
    size = 0
    for each in stored:
        if each.size >= SMALL:
            continue
        if size + each.size > TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if len(batch) > 1:
        yield batch
