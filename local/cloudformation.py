"""Resource types of the template that the emulator's CloudFormation does not know, or is too kind with.

Stands in for the provisioning of `AWS::Budgets::Budget` and `AWS::WAFv2::WebACLAssociation`, which call the
emulator's own services, and of alarms on metric math.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/

Deletes a bucket only when it is empty, as AWS does, and a bucket policy only while its bucket is there: no
page says what AWS does without it, so the stricter reading holds. Deletes a custom resource whose creation
has failed, at once rather than when the stack is rolled back (aws/aws-cdk#5525).

Does not prove that AWS takes a budget or an association: nothing is checked beyond what the emulator's
services check. An alarm on metric math can be described and deleted, and is never evaluated; a firewall
filters nothing.

DeleteStack answers when the stack is gone, and not at once as on AWS: `sam delete` looks once, and again only
after half a minute.
"""

import asyncio
import json
import time
from typing import Any

from ministack.services import budgets, cloudformation, s3, waf
from ministack.services.cloudformation import provisioners

from local import conditions

BUDGET_NAME_LENGTH = 100
DELETION_SECONDS = 30  # that the answer to DeleteStack waits at most: half of what clients wait for one
_handle_request = cloudformation.handle_request
_alarm_record = provisioners._cw_metric_alarm_record
_create_custom_resource = provisioners._custom_resource_create
_delete_bucket = provisioners._s3_delete
_delete_bucket_policy = provisioners._s3_bucket_policy_delete
Created = tuple[str, dict[str, str]]


def install() -> None:
    """Add to the emulator's handlers."""
    provisioners._RESOURCE_HANDLERS |= {
        "AWS::Budgets::Budget": {
            "create": put_budget,
            "update": update_budget,
            "delete": delete_budget,
        },
        "AWS::WAFv2::WebACLAssociation": {
            "create": associate,
            "update": update_association,
            "delete": disassociate,
        },
    }
    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = delete_bucket
    provisioners._RESOURCE_HANDLERS["AWS::S3::BucketPolicy"]["delete"] = delete_bucket_policy
    conditions.install()
    provisioners._custom_resource_create = create_custom_resource
    provisioners._cw_metric_alarm_record = alarm_record
    cloudformation.handle_request = handle_request


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
) -> tuple[int, dict[str, str], bytes]:
    """Serve a request; that to delete a stack until nothing is being deleted."""
    conditions.note_stack_name(body, query_params)
    response: tuple[int, dict[str, str], bytes]
    response = await _handle_request(method, path, headers, body, query_params)
    if b"Action=DeleteStack" in body:
        deadline = time.monotonic() + DELETION_SECONDS
        await asyncio.sleep(0)  # lets it begin
        while _is_deleting() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
    return response


def _is_deleting() -> bool:
    return any(stack["StackStatus"] == "DELETE_IN_PROGRESS" for stack in cloudformation._stacks.values())


def create_custom_resource(
    logical_id: str, properties: dict[str, Any], stack_name: str, resource_type: str
) -> Created:
    """Create a custom resource; one that fails gets a request to delete it, under its logical id."""
    try:
        created: Created = _create_custom_resource(logical_id, properties, stack_name, resource_type)
    except Exception:
        provisioners._custom_resource_delete(logical_id, properties, stack_name, logical_id, resource_type)
        raise
    return created


def delete_bucket(name: str, properties: dict[str, Any]) -> None:
    """Delete an empty bucket; one that is gone already is fine, ValueError for one that holds anything."""
    bucket = s3._buckets.get(name)
    if bucket is not None and (bucket["objects"] or s3._bucket_has_versions(name)):
        raise ValueError(f"The bucket you tried to delete is not empty: {name} (BucketNotEmpty)")
    _delete_bucket(name, properties)


def delete_bucket_policy(physical_id: str, properties: dict[str, Any]) -> None:
    """Delete the policy of a bucket; ValueError if the bucket is gone."""
    if properties["Bucket"] not in s3._buckets:
        raise ValueError(f"The specified bucket does not exist: {properties['Bucket']} (NoSuchBucket)")
    _delete_bucket_policy(physical_id, properties)


def put_budget(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
    """Create a budget with its notifications, under a name that is made where the template gives none."""
    made = provisioners._physical_name(stack_name, logical_id, max_len=BUDGET_NAME_LENGTH)
    return _put_budget(properties["Budget"].get("BudgetName") or made, properties)


def update_budget(name: str, _old: Any, properties: dict[str, Any], _stack_name: str) -> Created:
    """Put a budget in the place of the one of that name."""
    budgets._delete_budget({"BudgetName": name})
    return _put_budget(name, properties)


def delete_budget(name: str, _properties: dict[str, Any]) -> None:
    """Delete a budget; one that is gone already is fine."""
    budgets._delete_budget({"BudgetName": name})


def associate(_logical_id: str, properties: dict[str, Any], _stack_name: str) -> Created:
    """Put a web ACL before a resource."""
    _check(waf._associate_web_acl(properties))
    return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}


def disassociate(_physical_id: str, properties: dict[str, Any]) -> None:
    """Take the web ACL away again."""
    waf._disassociate_web_acl(properties)


def update_association(_id: str, _old: Any, properties: dict[str, Any], stack_name: str) -> Created:
    """Put the web ACL before the resource that the template names now."""
    return associate("", properties, stack_name)


def alarm_record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's record of an alarm; one on metric math names no metric, so it gets no data."""
    if "Metrics" not in properties:
        return dict(_alarm_record(name, properties))
    metric = {"MetricName": "metric math", "Namespace": "local"}
    others = {key: value for key, value in properties.items() if key != "Metrics"}
    return {**_alarm_record(name, others | metric), "Metrics": properties["Metrics"]}


def _put_budget(name: str, properties: dict[str, Any]) -> Created:
    notifications = properties.get("NotificationsWithSubscribers", [])
    budget = {**properties["Budget"], "BudgetName": name}
    _check(budgets._create_budget({"Budget": budget, "NotificationsWithSubscribers": notifications}))
    return name, {}


def _check(response: tuple[int, dict[str, str], bytes]) -> None:
    if response[0] >= 400:
        raise ValueError(json.loads(response[2]).get("message", response[2].decode()))
