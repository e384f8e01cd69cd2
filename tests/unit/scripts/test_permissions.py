"""The check of `make scan` finds what the Service Authorization Reference does not have."""

import json
import subprocess
from typing import Any

import pytest

from scripts.scan.statements import statements
from tests.support import ROOT

SCAN = ROOT / "scripts" / "scan"
PYTHON = SCAN / ".venv" / "bin" / "python"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="make scan sets it up")


def found(*planted: dict[str, Any]) -> list[str]:
    text = json.dumps([*statements(), *planted])
    command = [str(PYTHON), str(SCAN / "permissions.py")]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_template_and_the_deployers_policies_are_as_aws_has_them() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("action", "resource", "condition", "says"),
    [
        ("s3:GetObjekt", "arn:aws:s3:::bucket/*", "", "is not an action"),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", "", "on nothing that it takes"),
        ("s3:GetObject", "arn:aws:s3:::bucket", "", "on nothing that it takes: accesspointobject, object"),
        ("s3:GetObject", "*", "", 'is on "*", and could be on accesspointobject, object'),
        ("quicksight:ListDataSets", "arn:aws:quicksight:eu-west-1:1:dataset/*", "", "takes no resource"),
        ("iam:PassRole", "arn:aws:iam::1:role/x", "iam:PassedToServices", "which is not a key"),
    ],
)
def test_a_planted_fault_is_found(action: str, resource: str, condition: str, says: str) -> None:
    keys = [condition] if condition else []
    planted = {"where": "planted", "Action": [action], "Resource": [resource], "Condition": keys}
    assert any(says in problem for problem in found(planted))
