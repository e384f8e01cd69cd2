"""Deletes what is stored of one session, visitor or order, on the days on which it was received.

`python -m tools.forget --stack NAME --from DAY --to DAY --session-id ID --dry-run` only counts. Objects are
written again without the rows, under their own names; one of nothing else is deleted. See docs/operations.md.
"""

import argparse
import base64
import binascii
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb

COLUMNS = ("session_id", "visitor_id", "order_id")
WHOLE_RECORDS = ("errors/", "replayed/")


def main(arguments: list[str] | None = None) -> int:
    """Delete, or count; return 1 when whole records are left that hold the id, which only time deletes."""
    options = _options(arguments)
    column = next(name for name in COLUMNS if getattr(options, name))
    value = getattr(options, column)
    client: Any = boto3.client
    outputs = client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]["Outputs"]
    (bucket,) = [each["OutputValue"] for each in outputs if each["OutputKey"] == "DataBucketName"]
    store = _Store(client("s3"), bucket, dry_run=options.dry_run)
    rows = refused = 0
    for day in _days(options.first, options.last):
        for key in store.all_keys(f"events/ingest_date={day}/"):
            with suppress(store.gone):
                rows += store.without_rows(key, column, value)
        for key in store.all_keys(f"rejected/ingest_date={day}/"):
            with suppress(store.gone):
                refused += store.without_lines(key, column, value)
    verb = "would delete" if options.dry_run else "deleted"
    print(f"{verb} {rows:,} rows and {refused:,} refused events")
    kept = [key for prefix in WHOLE_RECORDS for key in store.keys(prefix) if store.holds(key, value)]
    for key in kept:
        print(f"  kept until it is 14 days old: s3://{bucket}/{key}")
    return int(bool(kept))


class _Store:
    def __init__(self, s3: Any, bucket: str, *, dry_run: bool) -> None:
        self._s3 = s3
        self.gone = s3.exceptions.NoSuchKey  # what was merged or replayed meanwhile; its rows are elsewhere
        self._bucket = bucket
        self._dry_run = dry_run

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return (found["Key"] for page in pages for found in page.get("Contents", []))

    def all_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys, then those written meanwhile: the compaction moves rows to new objects."""
        seen: set[str] = set()
        while new := [key for key in self.keys(prefix) if key not in seen]:
            yield from new
            seen.update(new)

    def without_rows(self, key: str, column: str, value: str) -> int:
        """Write a Parquet object again without the rows that have `value`; return how many those are."""
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
            old, new = Path(folder) / "old.parquet", Path(folder) / "new.parquet"
            body, etag = self._get(key)
            old.write_bytes(body)
            given = {"old": str(old), "value": value}
            counts = f"count(*), count(*) FILTER ({column} = $value)"  # the column is one of COLUMNS
            counted = database.execute(f"SELECT {counts} FROM read_parquet($old)", given).fetchone()  # noqa: S608
            total, found = counted or (0, 0)
            if found and not self._dry_run:
                left = f"SELECT * FROM read_parquet($old) WHERE {column} IS DISTINCT FROM $value"  # noqa: S608
                database.execute(f"COPY ({left}) TO '{new}' (FORMAT parquet, COMPRESSION gzip)", given)
                self._put(key, new.read_bytes() if found < total else b"", etag)
        return int(found)

    def without_lines(self, key: str, column: str, value: str) -> int:
        """Write an object of refused events again without those of `value`; return how many those are."""
        body, etag = self._get(key)
        lines = body.splitlines(keepends=True)
        left = [line for line in lines if not _is_of(json.loads(line)["raw"], column, value)]
        if len(left) < len(lines) and not self._dry_run:
            self._put(key, b"".join(left), etag)
        return len(lines) - len(left)

    def holds(self, key: str, value: str) -> bool:
        """Say whether an object of whole records has the value anywhere."""
        lines = self._get(key)[0].splitlines()
        return any(value.encode() in line or value.encode() in _record(line) for line in lines)

    def _get(self, key: str) -> tuple[bytes, str]:
        answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        return bytes(answer["Body"].read()), answer["ETag"]

    def _put(self, key: str, body: bytes, etag: str) -> None:
        """Write an object again, provided that it is still there: rows that moved must not come back."""
        if body:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, IfMatch=etag)
        else:
            self._s3.delete_object(Bucket=self._bucket, Key=key)


def _is_of(raw: str, column: str, value: str) -> bool:
    """Say whether a refused event, or one of a batch, has the value; in unreadable text any place counts."""
    try:
        body = json.loads(raw)
        events = body["events"] if isinstance(body, dict) and "events" in body else [body]
        return any(event.get(column) == value for event in events)
    except (ValueError, TypeError, AttributeError):
        return value in raw


def _record(line: bytes) -> bytes:
    """Return the record in a line of Firehose's error output."""
    try:
        return base64.b64decode(json.loads(line)["rawData"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return b""


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.forget", description=__doc__)
    parser.add_argument("--stack", default="menulens-dev", help="name of the deployed stack")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    of = parser.add_mutually_exclusive_group(required=True)
    for name in COLUMNS:
        of.add_argument(f"--{name.replace('_', '-')}", metavar="ID")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
