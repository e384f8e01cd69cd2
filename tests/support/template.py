"""The template as CloudFormation gets it: built by SAM, translated as on AWS, its conditions decided."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local import conditions
from local.stack import REGION

# A value for each parameter that is empty by default or that turns something on in another way than "true".
TURNED_ON = {
    "AllowedOrigin": "https://www.example.com,https://menu.example.com",
    "TrustedProxies": "198.51.100.7/32,2001:db8::/32",
    "AlarmEmail": "owner@example.com",
    "OwnerEmail": "owner@example.com",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    "OpeningHour": "11",
    "BreakFromHour": "14",
    "BreakUntilHour": "18",
    "ClosingHour": "02",
    "QuickSightPrincipalArn": "arn:aws:quicksight:us-east-1:111122223333:user/default/alice",
}
S3_URI = "s3://bucket/package.zip"  # what `sam deploy` puts in the place of a folder


def built(project: Path) -> dict[str, Any]:
    """Return the template that `sam build` wrote for a project."""
    return dict(yaml_parse((project / ".aws-sam" / "build" / "template.yaml").read_text()))


def parameters(template: dict[str, Any], *, on: bool) -> dict[str, str]:
    """Return the parameters with which everything is on, or the defaults, with which it is off."""
    values = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    if on:
        values = {name: "true" if value == "false" else value for name, value in values.items()} | TURNED_ON
        empty = {name for name, value in values.items() if not value}
        assert not empty, f"say in TURNED_ON what turns {empty} on"
    return values


def translated(template: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """Return what the SAM translator, which AWS runs too, makes of a built template: no transform is left."""
    template = json.loads(json.dumps(template))
    for resource in template["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][key] = S3_URI
    translator = Translator({}, Parser(), boto_session=boto3.session.Session(region_name=REGION))
    return dict(json.loads(json.dumps(translator.translate(template, values))))


def decided(template: dict[str, Any], values: dict[str, str], region: str) -> dict[str, Any]:
    """Return a translated template without conditions: each is evaluated for the parameters' `values`."""
    pseudo = {"AWS::Region": region, "AWS::StackName": "menulens"}
    holds = conditions.evaluate(
        template, {name: {"Value": value} for name, value in (values | pseudo).items()}
    )

    def decide(value: Any) -> Any:
        if isinstance(value, dict):
            if "Fn::If" in value:
                condition, yes, no = value["Fn::If"]
                return decide(yes if holds[condition] else no)
            parts = {key: decide(part) for key, part in value.items()}
            return {key: part for key, part in parts.items() if part != {"Ref": "AWS::NoValue"}}
        if isinstance(value, list):
            return [part for part in map(decide, value) if part != {"Ref": "AWS::NoValue"}]
        return value

    decided = {key: value for key, value in template.items() if key != "Conditions"}
    decided["Parameters"] = {
        name: parameter | {"Default": values[name]} for name, parameter in template["Parameters"].items()
    }
    for section in ("Resources", "Outputs"):
        decided[section] = {
            name: {key: part for key, part in item.items() if key != "Condition"}
            for name, item in template[section].items()
            if holds.get(item.get("Condition"), True)
        }
    return dict(decide(decided))


def walk(value: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Return each value within `value` that is neither an object nor a list, with its path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from walk(part, *path, str(key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from walk(part, *path, str(number))
    else:
        yield "/".join(path), value


def findings(template: dict[str, Any], regions: list[str], *ignored: str) -> list[str]:
    """Return what cfn-lint has to say of a template in `regions`, but for the rules in `ignored`."""
    matches = lint(json.dumps(template), config=ManualArgs(regions=regions, ignore_checks=list(ignored)))
    return [f"{match.rule.id} {match.message} {list(match.path or [])}" for match in matches]
