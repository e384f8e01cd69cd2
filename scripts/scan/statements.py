"""The statements of the template's roles and of the policies in docs/, with ARNs as AWS would see them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parent.parent.parent
ACCOUNT = "111122223333"
PLACE = f"eu-central-1:{ACCOUNT}"
VALUES = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "menulens",
    "KmsKeyArn": f"arn:aws:kms:{PLACE}:key/1",
}
# What GetAtt Arn gives.
ARNS = {
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/",
    "AWS::KinesisFirehose::DeliveryStream": f"arn:aws:firehose:{PLACE}:deliverystream/",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{PLACE}:log-group:",
    "AWS::S3::Bucket": "arn:aws:s3:::",
    "AWS::Serverless::Function": f"arn:aws:lambda:{PLACE}:function:",
}


def statements() -> list[dict[str, Any]]:
    """Return every statement as `where`, and lists of `Action`, `Resource` and the keys of `Condition`."""
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    all_statements = []
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        policies = properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []
        policies = [properties] if resource["Type"] == "AWS::IAM::Policy" else policies
        all_statements += [
            _plain(f"{name} in template.yaml", statement, resources)
            for policy in policies
            for statement in _branches(policy["PolicyDocument"]["Statement"])
        ]
    for path in sorted((ROOT / "docs").glob("*policy*.json")):
        listed = json.loads(path.read_text())["Statement"]
        all_statements += [
            _plain(f"{statement['Sid']} in {path.name}", statement, resources)
            for statement in listed
            if "Principal" not in statement  # a trust policy says who may take a role, and of no resource
        ]
    return all_statements


def _branches(listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for statement in listed:
        branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
        yield from (branch for branch in branches if "Effect" in branch)


def _plain(where: str, statement: dict[str, Any], resources: dict[str, Any]) -> dict[str, Any]:
    actions = statement["Action"]
    granted = statement["Resource"]
    granted = granted if isinstance(granted, list) else [granted]
    return {
        "where": where,
        "Action": actions if isinstance(actions, list) else [actions],
        "Resource": [arn for value in granted for arn in _arns(value, resources)],
        "Condition": [key for test in statement.get("Condition", {}).values() for key in test],
    }


def _arns(value: Any, resources: dict[str, Any]) -> list[str]:
    """Return the ARN that a value of the template becomes; a principal of QuickSight is a user or a group."""
    if isinstance(value, str):
        return [value]
    if value == {"Ref": "QuickSightPrincipalArn"}:
        return [f"arn:aws:quicksight:us-east-1:{ACCOUNT}:{kind}/default/alice" for kind in ("user", "group")]
    ((function, name),) = value.items()
    if function == "Fn::Sub":
        return [re.sub(r"\$\{(.+?)\}", lambda match: _value(match[1], resources), name)]
    return [_value(name if function == "Ref" else ".".join(name), resources)]


def _value(name: str, resources: dict[str, Any]) -> str:
    if name in VALUES:
        return VALUES[name]
    logical_id, _, attribute = name.partition(".")
    if not attribute:
        return logical_id.lower()
    kind = resources[logical_id]["Type"]
    return ARNS[kind] + logical_id.lower() + (":*" if kind == "AWS::Logs::LogGroup" else "")
