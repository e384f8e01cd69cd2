"""Resource types of the template that the emulator's CloudFormation does not know.

Stands in for the provisioning of `AWS::Budgets::Budget` and `AWS::WAFv2::WebACLAssociation`, which call the
emulator's own services, and of alarms on metric math. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/

Does not prove that AWS takes a budget or an association: nothing is checked beyond what the emulator's
services check. An alarm on metric math can be described and deleted, and is never evaluated; a firewall
filters nothing.
"""

import json
from typing import Any

from ministack.services import budgets, waf
from ministack.services.cloudformation import provisioners

_alarm_record = provisioners._cw_metric_alarm_record
Created = tuple[str, dict[str, str]]


def install() -> None:
    """Add to the emulator's handlers."""
    provisioners._RESOURCE_HANDLERS |= {
        "AWS::Budgets::Budget": {
            "create": put_budget,
            "update": _update(put_budget),
            "delete": delete_budget,
        },
        "AWS::WAFv2::WebACLAssociation": {
            "create": associate,
            "update": _update(associate),
            "delete": disassociate,
        },
    }
    provisioners._cw_metric_alarm_record = alarm_record


def put_budget(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
    """Create a budget with its notifications, or replace the one of that name."""
    name = properties["Budget"].get("BudgetName") or f"{stack_name}-{logical_id}"
    budgets._delete_budget({"BudgetName": name})
    notifications = properties.get("NotificationsWithSubscribers", [])
    request = {
        "Budget": {**properties["Budget"], "BudgetName": name},
        "NotificationsWithSubscribers": notifications,
    }
    _check(budgets._create_budget(request))
    return name, {}


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


def alarm_record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's record of an alarm; one on metric math names no metric, so it gets no data."""
    if "Metrics" not in properties:
        return dict(_alarm_record(name, properties))
    metric = {"MetricName": "metric math", "Namespace": "local"}
    others = {key: value for key, value in properties.items() if key != "Metrics"}
    return {**_alarm_record(name, others | metric), "Metrics": properties["Metrics"]}


def _update(create: Any) -> Any:
    def update(_physical_id: str, _old: Any, new: dict[str, Any], stack_name: str) -> Created:
        return create("", new, stack_name)

    return update


def _check(response: tuple[int, dict[str, str], bytes]) -> None:
    if response[0] >= 400:
        raise ValueError(json.loads(response[2]).get("message", response[2].decode()))
