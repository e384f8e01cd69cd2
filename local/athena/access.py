"""What the caller of Athena may do: Athena reads Glue and S3 with the caller's permissions, not its own.

Stands in for those checks with the emulator's IAM evaluator, which does nothing unless the emulator
enforces IAM. It does not prove that a policy is sufficient on AWS, which knows more conditions and Lake
Formation besides.
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region
from ministack.services import athena as emulated

from local.trino.errors import PermissionDenied


def install() -> None:
    """Authorise a request about a query, run or saved, on its work group, as AWS does, and not on `*`.

    A request about several saved queries is authorised on the first one's, since these are one group's here.
    """
    extract_resource_arn = iam_actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        if service == "athena":
            data = json.loads(body or b"{}")
            ids = [data.get("NamedQueryId", ""), *data.get("NamedQueryIds", [])]
            saved = next((emulated._named_queries[i] for i in ids if i in emulated._named_queries), None)
            if query := emulated._executions.get(data.get("QueryExecutionId", "")) or saved:
                body = json.dumps({"WorkGroup": query["WorkGroup"]}).encode()
        return extract_resource_arn(service, method, path, headers, body, *rest)

    iam_actions.extract_resource_arn = extract


def require(action: str, *resources: str, prefix: str | None = None) -> None:
    """Fail the query unless its caller may do that to every one of the resources."""
    service = action.partition(":")[0]
    context = {"aws:CalledVia": ["athena.amazonaws.com"]} | (
        {"s3:prefix": prefix} if prefix is not None else {}
    )
    for resource in resources:
        denial = iam.enforce(iam._verified_key.get(), action, service, get_region(), resource, context)
        if denial is None:
            continue
        if isinstance(denial, iam.AuthError):
            message = denial.message
        else:
            message = iam_actions.identity_denial_message(
                action, denial.principal_arn, resource, denial.decision == "Deny"
            )
        raise PermissionDenied(message)


def glue(action: str, database: str | None = None, table: str | None = None) -> None:
    """Require a Glue action on a resource and on those that contain it."""
    base = f"arn:aws:glue:{get_region()}:{get_account_id()}"
    resources = [f"{base}:catalog"]
    if database:
        resources.append(f"{base}:database/{database}")
    if table:
        resources.append(f"{base}:table/{database}/{table}")
    require(f"glue:{action}", *resources)


def read(bucket: str, prefix: str) -> None:
    """Require what reading a table's objects takes."""
    require("s3:ListBucket", f"arn:aws:s3:::{bucket}", prefix=prefix)
    require("s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix}*")


def write(bucket: str, key: str) -> None:
    """Require what writing a result takes."""
    require("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}")
    require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
