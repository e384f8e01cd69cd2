"""What the tests of the compaction share: a bucket whose calls can fail, and small files of events."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
from botocore.exceptions import ClientError

MONTH = "2026-11"
PREFIX = f"events/ingest_month={MONTH}/"
FIRST_DAY = date(2026, 11, 1)
ROWS = 3  # of a file
FILES = 4  # of the month


class Broken(Exception):
    """The connection broke: nobody knows whether the call was done."""


class S3:
    """Stands in for a bucket behind boto3, conditional reads and writes included. It proves no permission.

    `before` and `after` are called with the number and the name of each call, and may raise.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.age = timedelta(hours=1)  # of all objects
        self.calls: list[str] = []
        self.before: Callable[[int, str], None] = lambda number, name: None
        self.after: Callable[[int, str], None] = lambda number, name: None

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=self._paginate)

    def _paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        listing = self._call(
            "list",
            lambda: [
                {
                    "Key": key,
                    "ETag": _etag(body),
                    "Size": len(body),
                    "LastModified": datetime.now(UTC) - self.age,
                }
                for key, body in sorted(self.objects.items())
                if key.startswith(Prefix)
            ],
        )
        for listed in listing:
            yield {"Contents": [listed]}
        yield {}

    def get_object(self, Bucket: str, Key: str, IfMatch: str) -> dict[str, Any]:
        def get() -> dict[str, Any]:
            if Key not in self.objects:
                raise _error("NoSuchKey", "GetObject")
            if _etag(self.objects[Key]) != IfMatch:
                raise _error("PreconditionFailed", "GetObject")
            return {"Body": io.BytesIO(self.objects[Key])}

        return self._call("get", get)

    def put_object(self, Bucket: str, Key: str, Body: Any, IfNoneMatch: str) -> None:
        def put() -> None:
            assert IfNoneMatch == "*"
            if Key in self.objects:
                raise _error("PreconditionFailed", "PutObject")
            self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()

        self._call("put", put)

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        keys = [item["Key"] for item in Delete["Objects"]]
        assert 1 <= len(keys) <= 1000

        def delete() -> dict[str, Any]:
            for key in keys:
                self.objects.pop(key, None)
            return {}

        return self._call("delete", delete)

    def _call(self, name: str, do: Callable[[], Any]) -> Any:
        self.calls.append(name)
        self.before(len(self.calls), name)
        result = do()
        self.after(len(self.calls), name)
        return result


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def file(first: int, columns: str = "") -> bytes:
    """Return a file of three rows, numbered from `first` on."""
    sql = f"""
        SELECT n AS id, DATE '{FIRST_DAY}' + (n // {ROWS})::INTEGER AS business_date,
          business_date AS local_date,
          business_date + INTERVAL 12 HOUR + n * INTERVAL 1 SECOND AS received_at, 'dish ' || n AS name,
          CAST(n AS DECIMAL(12,2)) / 4 AS price, MAP {{'n': n::VARCHAR}} AS properties {columns}
        FROM range({first}, {first + ROWS}) AS t(n)
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.parquet")
        duckdb.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION gzip)")
        return path.read_bytes()


def ids(objects: dict[str, bytes]) -> list[int]:
    """Return the ids of all rows of events, in the order of the objects' names and of their rows."""
    ids: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        for _, body in sorted(item for item in objects.items() if item[0].startswith("events/")):
            path = Path(folder, "x.parquet")
            path.write_bytes(body)
            ids += [row[0] for row in duckdb.execute(f"SELECT id FROM '{path}'").fetchall()]
    return ids
