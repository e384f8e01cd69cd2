"""The names of a stack's resources, as CloudFormation lists them: by pages, with what is gone."""

from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.stub import Stubber

from local.resources import Resource, stack_resources


def listed(logical_id: str, physical_id: str, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    entry = {
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::Lambda::Function",
        "LastUpdatedTimestamp": datetime(2026, 11, 28, tzinfo=UTC),
        "ResourceStatus": status,
    }
    return entry | ({"PhysicalResourceId": physical_id} if physical_id else {})


def test_more_than_a_hundred_resources_are_named_and_those_that_are_gone_are_not() -> None:
    """DescribeStackResources has the first 100 of a stack, ListStackResources has pages.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
    """
    client = boto3.client("cloudformation", region_name="eu-central-1")
    first = [listed(f"Function{number}", f"stack-{number}") for number in range(100)]
    second = [
        listed("Last", "stack-last"),
        listed("Gone", "stack-gone", "DELETE_COMPLETE"),
        listed("New", ""),
    ]
    with Stubber(client) as stubber:
        stubber.add_response("list_stack_resources", {"StackResourceSummaries": first, "NextToken": "more"})
        stubber.add_response("list_stack_resources", {"StackResourceSummaries": second})
        named = stack_resources(client, "stack")
    assert len(named) == 101
    assert named["Last"] == Resource("stack-last", "AWS::Lambda::Function")
    assert not {"Gone", "New"} & named.keys()
