"""Deletes what is stored of one visit, visitor or order, on the days on which it was received.

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
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import duckdb

# The function's own code: its folder is the root of its imports.
sys.path.append(str(Path(__file__).parent.parent / "functions" / "compaction"))

from local.messages import run_command
from merging import ROWS_PER_GROUP

COLUMNS = ("session_id", "visitor_id", "order_id")
WHOLE_RECORDS = ("errors/", "replayed/")


def main(arguments: list[str] | None = None) -> int:
    """Delete, or count; return 1 when whole records are left that hold the id, which only time deletes."""
    options = _options(arguments)
    column = next(name for name in COLUMNS if getattr(options, name))
    value = getattr(options, column)
    client: Any = boto3.client
    outputs = client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]["Outputs"]
    (bucket,) = [output["OutputValue"] for output in outputs if output["OutputKey"] == "DataBucketName"]
    wanted = _Wanted(column, value, options.first, options.last)
    store = _Store(client("s3"), bucket, dry_run=options.dry_run)
    rows = rejected = 0
    for key in store.all_keys("events/", wanted):
        with suppress(store.gone):
            rows += store.without_rows(key, wanted)
    for key in store.all_keys("rejected/", wanted):
        with suppress(store.gone):
            rejected += store.without_lines(key, wanted)
    verb = "would delete" if options.dry_run else "deleted"
    print(f"{verb} {rows:,} rows and {rejected:,} rejected events")
    kept = [key for prefix in WHOLE_RECORDS for key in store.keys(prefix) if store.holds(key, value)]
    for key in kept:
        print(f"  kept until it is 14 days old: s3://{bucket}/{key}")
    return int(bool(kept))


class _Wanted(NamedTuple):
    """What is deleted: where `column` has `value`, received from `first` to `last`."""

    column: str  # one of COLUMNS
    value: str
    first: date
    last: date

    def may_be_in(self, key: str) -> bool:
        """Say whether an object may hold any of it, by the month that it is filed under.

        An object is filed by the arrival of its oldest record, so the month before `first` counts too. So do
        all later ones, because what is replayed keeps the day on which it was received.
        """
        before = self.first.replace(day=1) - timedelta(days=1)
        _, _, month = key.partition("/ingest_month=")
        return month[:7] >= before.isoformat()[:7]


class _Store:
    def __init__(self, s3: Any, bucket: str, *, dry_run: bool) -> None:
        self._s3 = s3
        self.gone = s3.exceptions.NoSuchKey  # what was merged or replayed meanwhile; its rows are elsewhere
        self._bucket = bucket
        self._dry_run = dry_run

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return (item["Key"] for page in pages for item in page.get("Contents", []))

    def all_keys(self, prefix: str, wanted: _Wanted) -> Iterator[str]:
        """Yield the keys, then those written meanwhile: the compaction moves rows to new objects."""
        seen: set[str] = set()
        while new := [key for key in self.keys(prefix) if key not in seen and wanted.may_be_in(key)]:
            yield from new
            seen.update(new)

    def without_rows(self, key: str, wanted: _Wanted) -> int:
        """Write a Parquet object again without the rows that are wanted; return how many those are."""
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
            old, new = Path(folder) / "old.parquet", Path(folder) / "new.parquet"
            body, etag = self._get(key)
            old.write_bytes(body)
            values = {"value": wanted.value, "first": wanted.first, "last": wanted.last}
            # The column is one of COLUMNS. Null, where a row has no such id, is not true.
            matches = f"({wanted.column} = $value AND received_date BETWEEN $first AND $last) IS TRUE"
            counts = f"count(*), count(*) FILTER ({matches})"
            query = f"SELECT {counts} FROM read_parquet($old)"  # noqa: S608
            total, matching = database.execute(query, values | {"old": str(old)}).fetchone() or (0, 0)
            if matching and not self._dry_run:
                left = f"SELECT * FROM read_parquet($old) WHERE NOT {matches}"  # noqa: S608
                options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP}"
                database.execute(f"COPY ({left}) TO '{new}' ({options})", values | {"old": str(old)})
                self._put(key, new.read_bytes() if matching < total else b"", etag)
        return int(matching)

    def without_lines(self, key: str, wanted: _Wanted) -> int:
        """Write an object of rejected events again without those wanted; return how many those are."""
        body, etag = self._get(key)
        lines = body.splitlines(keepends=True)
        left = [line for line in lines if not _is_wanted(json.loads(line), wanted)]
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


def _is_wanted(line: dict[str, Any], wanted: _Wanted) -> bool:
    day = date.fromisoformat(line["received_date"])
    return wanted.first <= day <= wanted.last and _is_of(line["raw"], wanted.column, wanted.value)


def _is_of(raw: str, column: str, value: str) -> bool:
    """Say whether a rejected event, or one of a batch, has the value; in unreadable text any place counts."""
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


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.forget", description=__doc__)
    parser.add_argument("--stack", default="menulens-dev", help="name of the deployed stack")
    parser.add_argument("--from", dest="first", type=_day, required=True, metavar="DAY")
    parser.add_argument("--to", dest="last", type=_day, required=True, metavar="DAY")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    of = parser.add_mutually_exclusive_group(required=True)
    for name in COLUMNS:
        of.add_argument(f"--{name.replace('_', '-')}", metavar="ID", type=_id)
    options = parser.parse_args(arguments)
    if options.first > options.last:
        parser.error(f"--from {options.first} is after --to {options.last}: swap them")
    if options.first > _latest_today():
        parser.error(f"--from {options.first} has not come yet, so nothing was received on it")
    return options


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2026-11-22 ({error})") from None


def _id(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _latest_today() -> date:
    """Return today's date where it comes first, 14 hours ahead of UTC."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


if __name__ == "__main__":
    sys.exit(run_command("forget", main))
