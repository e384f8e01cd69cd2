"""What the caller of Athena may do: Athena reads Glue and S3 with the caller's permissions, not its own.

Emulates: these checks, by the emulator's IAM evaluator; it does nothing unless the emulator enforces IAM.

Not covered: whether a policy is sufficient on AWS, which knows more conditions, and Lake Formation besides.

Reference: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as iam
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import athena as emulated

from local.trino.errors import PermissionDenied

type Answer = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


def _reading_glue(describe: Answer, action: str) -> Answer:
    def answer(data: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        try:
            glue(action, data.get("DatabaseName"), "*" if action == "GetTables" else data.get("TableName"))
        except PermissionDenied as error:
            return error_response_json("MetadataException", str(error), 400)
        return describe(data)

    return answer


# What of the catalog Athena describes, and what of Glue its caller may have to read for it.
list_databases = _reading_glue(emulated._list_databases, "GetDatabases")
get_database = _reading_glue(emulated._get_database, "GetDatabase")
list_table_metadata = _reading_glue(emulated._list_table_metadata, "GetTables")
get_table_metadata = _reading_glue(emulated._get_table_metadata, "GetTable")


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
    arn_prefix = f"arn:aws:glue:{get_region()}:{get_account_id()}"
    resources = [f"{arn_prefix}:catalog"]
    if database:
        resources.append(f"{arn_prefix}:database/{database}")
    if table:
        resources.append(f"{arn_prefix}:table/{database}/{table}")
    require(f"glue:{action}", *resources)


def read(bucket: str, prefix: str) -> None:
    """Require what reading a table's objects takes."""
    require("s3:ListBucket", f"arn:aws:s3:::{bucket}", prefix=prefix)
    require("s3:GetObject", f"arn:aws:s3:::{bucket}/{prefix}*")


def write(bucket: str, key: str) -> None:
    """Require what writing a result takes."""
    require("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}")
    require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
