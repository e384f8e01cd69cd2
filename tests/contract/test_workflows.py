"""CI's jobs run every test, and its actions are the ones that somebody looked at."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from tests.support import ROOT
from tests.support.parts import PARTS, part

WORKFLOWS = sorted((ROOT / ".github").glob("**/*.yml"))
MODULES = sorted((ROOT / "tests").glob("*/**/test_*.py"))


def workflow(name: str) -> dict[str, Any]:
    return dict(yaml_parse((ROOT / ".github" / "workflows" / f"{name}.yml").read_text()))


def test_each_part_has_a_job_and_each_module_a_part() -> None:
    """A module belongs to one part, because `part` returns one; so the jobs together run each test once."""
    job = workflow("ci")["jobs"]["test"]
    assert job["strategy"]["matrix"]["part"] == list(PARTS)
    # By make, which puts the tools of .venv on the PATH.
    (command,) = [step["run"] for step in job["steps"] if "--part" in step.get("run", "")]
    assert command.startswith('make test ARGS="--part $PART ')
    modules = Counter(part(module) for module in MODULES)
    assert modules.keys() == set(PARTS)
    assert modules.total() == len(MODULES)
    assert abs(modules["integration-1"] - modules["integration-2"]) <= 1


@pytest.mark.slow
def test_a_job_runs_its_part_and_no_more() -> None:
    """Pytest itself says what it would run of two modules of different parts."""
    modules = ["tests/e2e/test_sam_local_invoke.py", "tests/unit/scripts/test_makefile.py"]
    for name, chosen in zip(("docker", "unit"), modules, strict=True):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "--numprocesses=0",
            "--part",
            name,
            *modules,
        ]
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert {line.split("::")[0] for line in listing.splitlines() if "::" in line} == {chosen}


@pytest.mark.parametrize("skip", ["@pytest.mark.skip", "pytest.skip('', allow_module_level=True)"])
def test_a_job_fails_for_a_test_that_it_skips(tmp_path: Path, skip: str) -> None:
    """A runner without a browser, an engine or Java would pass otherwise, and run nothing."""
    folder = tmp_path / "tests"
    (folder / "support").mkdir(parents=True)
    (folder / "unit").mkdir()
    for name in ("conftest.py", "support/parts.py"):
        text = (ROOT / "tests" / name).read_text()
        (folder / name).write_text(re.sub(r"(?m)^from (local|tests\.support\.deployment)\b.*$", "", text))
    (folder / "unit" / "test_one.py").write_text(f"import pytest\n{skip}\ndef test_one() -> None: ...\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--part", "unit", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (1, 2)
    assert "skipped in a part of CI" in done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_action_is_pinned_by_its_commit_with_the_version_beside(path: Path) -> None:
    for line in path.read_text().splitlines():
        if "uses:" in line and "./" not in line:
            assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_only_the_deployment_can_get_credentials_and_no_workflow_has_a_stored_key() -> None:
    for path in WORKFLOWS:
        text = path.read_text()
        assert "secrets." not in text
        assert ("id-token: write" in text) == (path.name == "deploy.yml")


def test_the_deployment_verifies_what_it_has_deployed() -> None:
    """Without the option `sam deploy` waits for an answer in production, which confirms its changes."""
    (job,) = workflow("deploy")["jobs"].values()
    commands = [step["run"] for step in job["steps"] if step.get("run", "").startswith("make")]
    assert [command.split()[1] for command in commands] == ["deploy", "verify"]
    assert "--no-confirm-changeset" in commands[0]


def test_the_role_trusts_the_environment_of_one_repository() -> None:
    """The subject of a job with an environment: https://docs.github.com/en/actions/reference/security/oidc.

    Its prefix is `repo:OWNER/REPOSITORY`. Repositories from 15 July 2026 on have numbers in it, so the
    page asks GitHub for it.
    """
    (job,) = workflow("deploy")["jobs"].values()
    assert job["environment"] == "${{ inputs.environment }}"
    (statement,) = json.loads((ROOT / "docs" / "github-trust-policy.json").read_text())["Statement"]
    host = "token.actions.githubusercontent.com"
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::ACCOUNT:oidc-provider/{host}"}
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{host}:aud": "sts.amazonaws.com",
            f"{host}:sub": "SUBJECT_PREFIX:environment:ENVIRONMENT",
        }
    }


def test_the_page_names_each_variable_and_each_policy_that_the_workflow_needs() -> None:
    page = (ROOT / "docs" / "deploy-from-github.md").read_text()
    text = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    variables = re.findall(r"vars\.(\w+)", text)
    assert sorted(re.findall(r"(?m)^\| `([A-Z_]+)` \|", page)) == sorted(variables)
    assert len(variables) == 3
    for policy in (ROOT / "docs").glob("*-policy*.json"):
        assert f"]({policy.name})" in page
