"""CloudFormation's resource types that the emulator does not know, or provisions less strictly than AWS.

Emulates: `AWS::Budgets::Budget` and `AWS::WAFv2::WebACLAssociation`, by the emulator's own services, and
alarms on metric math. A bucket is deleted only when it is empty, as on AWS. A bucket policy is deleted only
while its bucket exists: no page says what AWS does without it, so the stricter reading holds. A custom
resource whose creation has failed is deleted, at once rather than when the stack is rolled back
(aws/aws-cdk#5525).

Not covered: whether AWS takes a budget or an association, since only the emulator's services check them. An
alarm on metric math can be described and deleted, and is never evaluated. A firewall filters nothing.
DeleteStack answers when the stack is gone, and not at once as on AWS: `sam delete` asks once, and again
only after half a minute.

Reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
"""

import asyncio
import json
import time
from typing import Any

from ministack.services import budgets, cloudformation, s3, waf
from ministack.services.cloudformation import provisioners

from local import conditions

BUDGET_NAME_LENGTH = 100
DELETION_SECONDS = 30  # for which the answer to DeleteStack waits at most: half of what clients wait for it
_handle_request = cloudformation.handle_request
_alarm_record = provisioners._cw_metric_alarm_record
_create_custom_resource = provisioners._custom_resource_create
_delete_bucket = provisioners._s3_delete
_delete_bucket_policy = provisioners._s3_bucket_policy_delete
# The physical id of a resource, and its attributes.
Resource = tuple[str, dict[str, str]]


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
) -> tuple[int, dict[str, str], bytes]:
    """Serve a request; one to delete a stack is answered when nothing is being deleted any more."""
    conditions.note_stack_name(body, query_params)
    response: tuple[int, dict[str, str], bytes]
    response = await _handle_request(method, path, headers, body, query_params)
    if b"Action=DeleteStack" in body:
        deadline = time.monotonic() + DELETION_SECONDS
        await asyncio.sleep(0)  # lets the deletion begin
        while _is_deleting() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
    return response


def _is_deleting() -> bool:
    return any(stack["StackStatus"] == "DELETE_IN_PROGRESS" for stack in cloudformation._stacks.values())


def create_custom_resource(
    logical_id: str, properties: dict[str, Any], stack_name: str, resource_type: str
) -> Resource:
    """Create a custom resource; when that fails, its function is asked to delete it, by its logical id."""
    try:
        resource: Resource = _create_custom_resource(logical_id, properties, stack_name, resource_type)
    except Exception:
        provisioners._custom_resource_delete(logical_id, properties, stack_name, logical_id, resource_type)
        raise
    return resource


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


def put_budget(logical_id: str, properties: dict[str, Any], stack_name: str) -> Resource:
    """Create a budget with its notifications, under a generated name where the template has none."""
    generated_name = provisioners._physical_name(stack_name, logical_id, max_len=BUDGET_NAME_LENGTH)
    return _put_budget(properties["Budget"].get("BudgetName") or generated_name, properties)


def update_budget(name: str, _old: Any, properties: dict[str, Any], _stack_name: str) -> Resource:
    """Replace the budget of that name."""
    budgets._delete_budget({"BudgetName": name})
    return _put_budget(name, properties)


def delete_budget(name: str, _properties: dict[str, Any]) -> None:
    """Delete a budget; one that is gone already is fine."""
    budgets._delete_budget({"BudgetName": name})


def associate(_logical_id: str, properties: dict[str, Any], _stack_name: str) -> Resource:
    """Associate a web ACL with a resource."""
    _check(waf._associate_web_acl(properties))
    return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}


def disassociate(_physical_id: str, properties: dict[str, Any]) -> None:
    """Disassociate the web ACL from its resource."""
    waf._disassociate_web_acl(properties)


def update_association(_id: str, _old: Any, properties: dict[str, Any], stack_name: str) -> Resource:
    """Associate the web ACL with the resource that the template names now."""
    return associate("", properties, stack_name)


BUDGET_HANDLERS = {"create": put_budget, "update": update_budget, "delete": delete_budget}
ASSOCIATION_HANDLERS = {"create": associate, "update": update_association, "delete": disassociate}


def alarm_record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's record of an alarm; one on metric math names no metric, so it gets no data."""
    if "Metrics" not in properties:
        return dict(_alarm_record(name, properties))
    placeholder = {"MetricName": "metric math", "Namespace": "local"}
    single_metric = {key: value for key, value in properties.items() if key != "Metrics"} | placeholder
    return {**_alarm_record(name, single_metric), "Metrics": properties["Metrics"]}


def _put_budget(name: str, properties: dict[str, Any]) -> Resource:
    notifications = properties.get("NotificationsWithSubscribers", [])
    budget = {**properties["Budget"], "BudgetName": name}
    _check(budgets._create_budget({"Budget": budget, "NotificationsWithSubscribers": notifications}))
    return name, {}


def _check(response: tuple[int, dict[str, str], bytes]) -> None:
    if response[0] >= 400:
        raise ValueError(json.loads(response[2]).get("message", response[2].decode()))
