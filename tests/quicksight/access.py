"""Which rights a call of QuickSight takes, and whether a policy gives them.

A call takes the action of its name on what it names. Besides, who makes a data set passes its data source,
who makes a dashboard passes its data sets, and who makes a data source passes the role. The emulator's
evaluator reads the policy. It does not prove that AWS asks for the same: the list is read from
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
"""

from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator

from tests.policies import Policy
from tests.quicksight.store import KINDS

PASSES_TO = "quicksight.amazonaws.com"


def needed(operation: str, params: dict[str, Any], region: str) -> Iterator[tuple[str, str]]:
    """Return the (action, ARN) that a call takes."""
    base = f"arn:aws:quicksight:{region}:{params['AwsAccountId']}"
    yield f"quicksight:{operation}", f"{base}:{_resource(operation, params)}"
    if operation in ("CreateDataSource", "UpdateDataSource"):
        yield "iam:PassRole", params["DataSourceParameters"]["AthenaParameters"]["RoleArn"]
    elif operation in ("CreateDataSet", "UpdateDataSet"):
        for union in params["PhysicalTableMap"].values():
            for table in union.values():
                yield "quicksight:PassDataSource", table["DataSourceArn"]
    elif operation in ("CreateDashboard", "UpdateDashboard"):
        for declared in params["Definition"]["DataSetIdentifierDeclarations"]:
            yield "quicksight:PassDataSet", declared["DataSetArn"]


def denied(policy: Policy, operation: str, params: dict[str, Any], region: str) -> str | None:
    """Return what the policy denies of a call, or None."""
    statements = [iam_evaluator.parse_policy_document(policy)]
    account = params["AwsAccountId"]
    for action, arn in needed(operation, params, region):
        context = iam_evaluator.EvalContext(
            principal_arn=f"arn:aws:sts::{account}:assumed-role/hooks/hooks",
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=arn,
            region=region,
            service_context={"iam:passedtoservice": PASSES_TO},
        )
        if iam_evaluator.evaluate(context, statements).decision != "Allow":
            return f"not authorized to perform: {action} on resource: {arn}"
    return None


def _resource(operation: str, params: dict[str, Any]) -> str:
    for noun in ("User", "Group"):
        if f"{noun}Name" in params:
            return f"{noun.lower()}/{params['Namespace']}/{params[f'{noun}Name']}"
    noun = next(noun for noun in KINDS if noun in operation or f"{noun}Id" in params)
    kind = KINDS[noun][1]
    if f"{noun}Id" not in params:
        return f"{kind}/*"  # a list is of all of them
    resource = f"{kind}/{params[f'{noun}Id']}"
    schedule = params.get("ScheduleId") or params.get("Schedule", {}).get("ScheduleId")
    return f"{resource}/refresh-schedule/{schedule}" if schedule else resource
