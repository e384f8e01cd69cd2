"""Amazon S3's answer for an object that is not there, which depends on what the caller may do.

Emulates: GetObject and HeadObject of a missing key are answered 403 AccessDenied, instead of 404, to a caller
without s3:ListBucket on the bucket.

Not covered: other requests, which are the emulator's.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
"""

from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_region
from ministack.services import s3

type Response = tuple[int, dict[str, str], bytes]

_handle_request = s3.handle_request


async def handle_request(
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, list[str]],
    *rest: Any,
    **options: Any,
) -> Response:
    """Serve a request; hide from a caller who may not list a bucket that it lacks an object."""
    response: Response = await _handle_request(method, path, headers, body, query_params, *rest, **options)
    bucket, key = s3._parse_bucket_key(path, headers)
    is_missing = response[0] == 404 and method in ("GET", "HEAD") and bucket in s3._buckets and key
    if not is_missing or options.get("internal") or _may_list(bucket):
        return response
    text = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return 403, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else text


def _may_list(bucket: str) -> bool:
    arn = f"arn:aws:s3:::{bucket}"
    return iam.enforce(iam._verified_key.get(), "s3:ListBucket", "s3", get_region(), arn, {}) is None
