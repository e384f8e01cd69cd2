"""Empties a bucket, which cannot be deleted otherwise, and deletes it."""

import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

ATTEMPTS = 5  # to delete a bucket into which something is still put


def empty(bucket: str, deadline: float) -> None:
    """Delete every version of every object in `bucket`, page by page; a bucket that is gone is empty.

    Raises TimeoutError when `deadline` (of time.monotonic) comes first, and RuntimeError for an object that
    S3 does not delete. What was deleted until then stays deleted, so trying again goes on from there.
    """
    s3 = boto3.client("s3")
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
            if versions:
                _delete(
                    s3,
                    bucket,
                    [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions],
                )
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"s3://{bucket} holds more objects than could be deleted in time: try again"
                )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def remove(bucket: str, deadline: float) -> None:
    """Empty `bucket` and delete it; a bucket that is gone already is fine.

    What is put into the bucket meanwhile is deleted too. Raises what `empty` raises, and botocore's error for
    a bucket that is still not empty after five attempts.
    """
    s3 = boto3.client("s3")
    for attempt in range(1, ATTEMPTS + 1):
        empty(bucket, deadline)
        try:
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchBucket":
                return
            if code != "BucketNotEmpty" or attempt == ATTEMPTS:
                raise
            time.sleep(1)
        else:
            return


def _delete(s3: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for error in answer.get("Errors", []):
        raise RuntimeError(f"s3://{bucket}/{error['Key']}: {error['Code']} {error['Message']}")
