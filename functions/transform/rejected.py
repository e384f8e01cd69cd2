"""Keeps rejected events in S3, where `rejected_events` reads them."""

import os
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from typing import Any

_client: Any = None


def store(lines: bytes, arrival: date, record_ids: Iterable[str]) -> None:
    """Write JSON `lines` under `rejected/`, in the partition of the month of `arrival`, a local day.

    The key follows from the records, so that a repeated invocation overwrites its own object.
    Raises botocore's errors.
    """
    global _client
    if _client is None:
        import boto3  # a quarter of a second that a batch without rejected events does not pay

        _client = boto3.client("s3")
    name = blake2b("\n".join(record_ids).encode(), digest_size=16).hexdigest()
    key = f"rejected/ingest_month={arrival:%Y-%m}/{name}.jsonl"
    _client.put_object(Bucket=os.environ["DATA_BUCKET"], Key=key, Body=lines)
