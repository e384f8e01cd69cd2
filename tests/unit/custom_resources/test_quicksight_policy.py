"""What the custom resource may do in QuickSight is what it does there, on the resources that it does it to.

The stand-in enforces nothing, so the policy is compared with the calls of a life of the custom resource.
Which action and resource a call needs follows AWS's table, and is not tried on AWS:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.support import source_template
from tests.support.quicksight.custom_resource import GROUP, ROLE, USER, CustomResource

VALUES = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "menulens",
    "QuickSightRole.Arn": ROLE,
}
KINDS = {"DataSource": "datasource", "DataSet": "dataset", "Theme": "theme", "Dashboard": "dashboard"}
# These take no resource, by the same table; `make scan` asks it.
WITHOUT_RESOURCE = {
    "quicksight:CreateDataSource",
    "quicksight:ListDataSets",
    "quicksight:ListDataSources",
    "quicksight:ListRefreshSchedules",
}
# Beside its own action, a call needs the right to pass on what it names.
PASSED = {
    "DataSourceArn": "quicksight:PassDataSource",
    "DataSetArn": "quicksight:PassDataSet",
    "RoleArn": "iam:PassRole",
}


def resolved(value: Any, principal: str) -> str:
    """Return the ARN that a template's value becomes."""
    values = VALUES | {"QuickSightPrincipalArn": principal}
    if value == "*":
        return "*"
    if "Fn::Sub" in value:
        return re.sub(r"\$\{(.+?)\}", lambda match: values[match[1]], value["Fn::Sub"])
    return values[value["Ref"] if "Ref" in value else ".".join(value["Fn::GetAtt"])]


def grants(principal: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each action of the policy, and the patterns of its resources."""
    template = source_template()
    for statement in template["Resources"]["QuickSightPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        actions, resources = statement["Action"], statement["Resource"]
        listed = resources if isinstance(resources, list) else [resources]
        for action in [actions] if isinstance(actions, str) else actions:
            yield action, [resolved(resource, principal) for resource in listed]


def passed(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the right to pass on each ARN in the parameters of a call."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in PASSED:
                yield PASSED[name], item
            else:
                yield from passed(item)
    elif isinstance(value, list):
        for item in value:
            yield from passed(item)


def needed(operation: str, params: dict[str, Any], principal: str) -> Iterator[tuple[str, str]]:
    """Yield each action that a call needs, and its resource."""
    yield from passed(params)
    if operation in ("DescribeUser", "DescribeGroup"):
        yield f"quicksight:{operation}", principal
        return
    if f"quicksight:{operation}" in WITHOUT_RESOURCE:
        yield f"quicksight:{operation}", "*"
        return
    noun = "DataSet" if "RefreshSchedule" in operation else next(kind for kind in KINDS if kind in operation)
    name = "*" if operation.startswith("List") and noun + "s" in operation else params[f"{noun}Id"]
    yield f"quicksight:{operation}", f"arn:aws:quicksight:eu-central-1:123456789012:{KINDS[noun]}/{name}"


@pytest.fixture
def calls(custom_resource: CustomResource, second: Path) -> set[tuple[str, str, str]]:
    """What a life needs, as (action, resource, principal): put up, handed over, changed, taken away."""
    calls: set[tuple[str, str, str]] = set()

    def step(request: str, principal: str, old: str = "") -> None:
        assert custom_resource(request, principal, old=old or principal)["Status"] == "SUCCESS"
        for operation, params in custom_resource.quicksight.calls:
            calls.update((*need, principal) for need in needed(operation, params, principal))
        custom_resource.quicksight.calls.clear()

    step("Create", USER)
    step("Update", GROUP, USER)
    custom_resource.folder = second
    step("Update", GROUP)
    step("Delete", GROUP)
    return calls


def test_every_call_is_allowed(calls: set[tuple[str, str, str]]) -> None:
    policies = {principal: dict(grants(principal)) for principal in (USER, GROUP)}
    denied = {
        (action, resource)
        for action, resource, principal in calls
        if not any(fnmatchcase(resource, pattern) for pattern in policies[principal].get(action, []))
    }
    assert denied == set()


def test_no_action_is_allowed_that_no_call_needs(calls: set[tuple[str, str, str]]) -> None:
    assert {action for action, _ in grants(USER)} == {action for action, _, _ in calls}
