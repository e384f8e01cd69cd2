"""What the commands print while they work."""

import subprocess
import sys
from typing import Any

import pytest
from samcli.cli.types import CfnParameterOverridesType

from demo import command
from local.stack import _parameters
from tests.support import ROOT

SCRIPT = """
import os, sys
from demo import command
with command._step("Deploying"):
    print("working", file=sys.stderr)
    os._exit(0)  # nothing that waited in a buffer is printed any more
"""


def test_a_pipe_gets_each_step_as_it_begins() -> None:
    process = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("Deploying\n", "working\n")


class Stack:
    """Stands in for a local stack that runs: keeps what it is deployed with. It proves nothing of `sam`."""

    port = 4566
    deployed: dict[str, str]

    def outputs(self) -> dict[str, str]:
        return dict.fromkeys(command.ADDRESSES, "https://api/")

    def parameters(self) -> dict[str, str]:
        return {"TimeZone": "Asia/Tokyo", "Currency": "JPY"}

    def build(self) -> None:
        pass

    def deploy(self, **parameters: str) -> None:
        self.deployed = parameters


def test_a_redeployment_keeps_the_parameters_of_the_stack_that_runs(capsys: Any) -> None:
    """The time zone became the one of `make local` again."""
    stack: Any = Stack()
    assert command.redeploy(stack) == 0
    assert stack.deployed == {"TimeZone": "Asia/Tokyo", "Currency": "JPY"}
    assert "its addresses are the same" in capsys.readouterr().out


@pytest.mark.parametrize(
    "value", ["MON,TUE", "https://a.example,https://b.example", "with two spaces", "a=b"]
)
def test_parameters_reach_sam_as_they_are(value: str) -> None:
    """Read as the SAM CLI reads them, by its own type."""
    read = CfnParameterOverridesType().convert(_parameters({"AllowedOrigin": value}), None, None)
    assert read["AllowedOrigin"] == value
