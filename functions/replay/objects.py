"""The stored objects in S3: which there are, what they hold, and where they go once they are replayed."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from botocore.exceptions import BotoCoreError, ClientError

from request import Request

REPLAYED = "replayed/"
_MONTH = re.compile(r"/ingest_month=(\d{4}-\d{2})/")


class BucketError(Exception):
    """The bucket cannot be listed; the message says which and why, in one line."""


class Objects:
    """The objects of the data bucket. All methods raise botocore's errors."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keys(self, request: Request) -> Iterator[str]:
        """Yield the keys of what may hold lines that `request` asks for, page by page; raise BucketError.

        An object of a later month may: what is rejected again when it is replayed keeps its day of arrival.
        """
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=request.prefix
        )
        try:
            for page in pages:
                for listed in page.get("Contents", []):
                    month = _MONTH.search(listed["Key"])
                    if month and month[1] >= request.first_month and listed["LastModified"] <= request.before:
                        yield listed["Key"]
        except (BotoCoreError, ClientError) as error:
            raise BucketError(f"bucket {self._bucket} cannot be listed: {error}") from None

    def read(self, key: str, file: BinaryIO) -> None:
        """Write an object's content to `file`, and go to its start."""
        self._client.download_fileobj(self._bucket, key, file)
        file.seek(0)

    def move(self, key: str, remaining: BinaryIO) -> None:
        """Move an object to where replayed ones are kept; what was written to `remaining` stays, as KEY.rest.

        In this order nothing is ever missing, and a move that was interrupted can be made again.
        """
        if remaining.tell():
            remaining.seek(0)
            self._client.put_object(Bucket=self._bucket, Key=f"{key}.rest", Body=remaining)
        source = {"Bucket": self._bucket, "Key": key}
        self._client.copy_object(Bucket=self._bucket, Key=REPLAYED + key, CopySource=source)
        self._client.delete_object(**source)
