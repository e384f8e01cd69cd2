"""Whom CloudWatch Logs lets write: PutLogEvents is authorized on the log stream, as on AWS.

The emulator asks for the permission on the log group, whose ARN no policy on streams covers.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

import json
from typing import Any

from ministack.core import iam_actions


def install() -> None:
    """Patch what the emulator, or another supplement, takes for the resource of a request."""
    extract = iam_actions.extract_resource_arn

    def resource_arn(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *others: Any, **more: Any
    ) -> str:
        arn: str = extract(service, method, path, headers, body, *others, **more)
        if service == "logs" and headers.get("x-amz-target", "").endswith(".PutLogEvents") and arn != "*":
            return f"{arn}:log-stream:{json.loads(body)['logStreamName']}"
        return arn

    iam_actions.extract_resource_arn = resource_arn
