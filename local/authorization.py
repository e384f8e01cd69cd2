"""What the emulator's IAM takes a request for: the resource it is authorized on, and the transport.

Emulates: PutLogEvents is authorized on the log stream, a request to Athena on its workgroup or its catalog.
The emulator takes the log group, whose ARN no policy on streams covers, and `*`. A request about several
queries is authorized on the first one's workgroup, since they are of one group here. SendEmail is authorized
on the sender's identity, and by local/ses.py on the configuration set too.

Not covered: other services, whose resources are the emulator's. Every request counts as sent over TLS, for
bucket policies that demand it: nothing leaves the machine, so nothing can be read.

Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
"""

import json
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import athena

from local import ses

QUERY_IDS = ("NamedQueryId", "QueryExecutionId")
_pin_request_origin = app.pin_request_origin
_extract_resource_arn = iam_actions.extract_resource_arn


def pin_request_origin(address: str, _secure: bool) -> None:
    """Remember where a request came from, as one over TLS."""
    _pin_request_origin(address, True)


def resource_arn(
    service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
) -> str:
    """Return the ARN of the resource that a request is authorized on, `*` when the emulator knows none."""
    target = headers.get("x-amz-target", "")
    if service == "athena":
        data = json.loads(body or b"{}")
        catalog = data.get("CatalogName") or (target.endswith("DataCatalog") and data.get("Name"))
        if catalog:
            return f"arn:aws:athena:{get_region()}:{get_account_id()}:datacatalog/{catalog}"
        work_group = _work_group(data)
        if work_group:
            body = json.dumps({"WorkGroup": work_group}).encode()
    if service == "ses" and path == ses.SEND_EMAIL:
        return ses.sending_identity(body)
    arn: str = _extract_resource_arn(service, method, path, headers, body, *rest)
    if service == "logs" and target.endswith(".PutLogEvents") and arn != "*":
        return f"{arn}:log-stream:{json.loads(body)['logStreamName']}"
    return arn


def _work_group(data: dict[str, Any]) -> str | None:
    """Return the workgroup of the first saved query or execution that a request to Athena names."""
    query_ids = [query_id for name in QUERY_IDS for query_id in data.get(f"{name}s", [data.get(name)])]
    for queries in (athena._named_queries, athena._executions):
        for query_id in query_ids:
            if query_id in queries:
                work_group: str = queries[query_id]["WorkGroup"]
                return work_group
    return None
