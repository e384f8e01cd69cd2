"""Objects of the emulator's S3 on disk, where DuckDB can read them.

Emulates: a table's objects below its LOCATION, hidden ones left out. An object is copied once for as long
as it does not change. Its directory is `column=value`, for its partition, so that DuckDB leaves out the files
that a query's filter excludes.

Not covered: archived storage classes, encryption by the client, and versions other than the newest.

Reference: https://docs.aws.amazon.com/athena/latest/ug/other-notable-limitations.html (hidden files)
"""

import atexit
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlparse

from ministack.services import s3

from local.athena.partitions import Partition, partitions
from local.trino.errors import QueryFailed

_CACHE = Path(tempfile.mkdtemp(prefix="menulens-athena-"))
atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)


@dataclass(frozen=True)
class File:
    """An object of a table, brought to disk."""

    path: str
    bytes: int


def location(table: dict[str, Any]) -> tuple[str, str]:
    """Return the bucket and the prefix, ending in a slash, of a table."""
    url = urlparse(table["StorageDescriptor"]["Location"])
    prefix = url.path.strip("/")
    return url.netloc, f"{prefix}/" if prefix else ""


def materialise(table: dict[str, Any]) -> list[File]:
    """Bring every object that the table can see to disk."""
    bucket_name, prefix = location(table)
    bucket = s3._buckets.get(bucket_name)
    if bucket is None:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"The specified bucket does not exist: {bucket_name}")
    by_prefix = {partition.prefix: partition for partition in partitions(table, bucket_name, prefix)}
    files = []
    for key, entry in sorted(bucket["objects"].items()):
        partition = _partition_of(key, by_prefix)
        if partition is None or key.endswith("/") or _is_hidden(key.removeprefix(prefix)):
            continue
        path = _cached(bucket_name, key, entry["etag"], partition)
        if path is not None:
            files.append(File(str(path), entry["size"]))
    return files


def _is_hidden(key: str) -> bool:
    return any(part.startswith(("_", ".")) for part in key.split("/"))


def _partition_of(key: str, by_prefix: dict[str, Partition]) -> Partition | None:
    """Return the partition of the innermost prefix that holds the key: Athena lists recursively."""
    while key:
        key = key.rstrip("/").rpartition("/")[0]
        key = f"{key}/" if key else ""
        if key in by_prefix:
            return by_prefix[key]
    return None


def _cached(bucket: str, key: str, etag: str, partition: Partition) -> Path | None:
    folder = _CACHE.joinpath(*(f"{name}={quote(value, safe='')}" for name, value in partition.values.items()))
    suffix = ".gz" if key.endswith(".gz") else ""
    path = folder / (hashlib.sha256(f"{bucket}/{key}/{etag}".encode()).hexdigest()[:32] + suffix)
    if not path.exists():
        body = s3._get_object_data(bucket, key)
        if body is None:  # deleted since it was listed
            return None
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=_CACHE, delete=False) as file:
            file.write(body)
        Path(file.name).rename(path)
    return path
