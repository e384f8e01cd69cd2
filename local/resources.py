"""Names the resources of a deployed stack, on this machine or on AWS.

Emulates: nothing; it asks CloudFormation, whichever the client reaches.

Not covered: nested stacks, which this project has none of.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
"""

from typing import Any, NamedTuple


class Resource(NamedTuple):
    """A resource: its physical id, such as a function's name, and its type."""

    id: str
    type: str


def stack_resources(cloudformation: Any, stack: str) -> dict[str, Resource]:
    """Return the resources of a stack by their logical ids, without those that updates have deleted.

    DescribeStackResources would return the first 100 only, and a stack with all options has more.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    """
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        entry["LogicalResourceId"]: Resource(entry["PhysicalResourceId"], entry["ResourceType"])
        for page in pages
        for entry in page["StackResourceSummaries"]
        if "PhysicalResourceId" in entry and entry["ResourceStatus"] != "DELETE_COMPLETE"
    }
