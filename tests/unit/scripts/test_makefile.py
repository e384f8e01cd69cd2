"""What the Makefile's targets run, without running it."""

import os
import platform
import subprocess

import pytest

from tests.support import ROOT


def recipe(*arguments: str) -> str:
    """Return the commands that make would run."""
    command = ["make", "--dry-run", "--assume-old=.venv/synced", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "CONFIG"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("target", ["build", "deploy"])
@pytest.mark.parametrize("config", ["default", "prod"])
def test_for_aws_the_processor_is_that_of_the_configuration(target: str, config: str) -> None:
    commands = recipe(target, f"CONFIG={config}")
    assert f"scripts/build.py --config-env {config}" in commands
    assert "Architecture" not in commands
    assert ("sam deploy" in commands) == (target == "deploy")


def test_for_the_local_stack_the_processor_is_this_machines() -> None:
    own = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    assert f"--config-env local --parameter-overrides Architecture={own}" in recipe("build", "CONFIG=local")


def test_a_deployment_to_the_local_stack_is_a_redeployment() -> None:
    """Before, it built for the processor of the template's default, and deployed with any credentials."""
    assert recipe("deploy", "CONFIG=local") == recipe("redeploy")
    assert "python -m demo redeploy" in recipe("redeploy")


def test_whatever_builds_holds_the_lock() -> None:
    for target in ("build", "deploy", "bench"):
        (build,) = [line for line in recipe(target).splitlines() if "scripts/build.py" in line]
        assert build.startswith("python -m scripts.build_lock ")


def test_a_deployment_takes_further_options() -> None:
    """The workflow that deploys names the stack, and answers no question."""
    assert "sam deploy --config-env prod --stack-name a" in recipe(
        "deploy", "CONFIG=prod", "ARGS=--stack-name a"
    )
    assert "pytest --part unit" in recipe("test", "ARGS=--part unit")


def test_the_cost_is_computed_for_the_numbers_of_the_command() -> None:
    assert '--events "88000" --visits "6150" --region eu-central-1' in recipe(
        "cost", "EVENTS=88000", "VISITS=6150", "REGION=eu-central-1"
    )


def test_the_language_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable of the environment has another meaning, and other values, such as en_US:en.

    https://www.gnu.org/software/gettext/manual/html_node/The-LANGUAGE-variable.html
    """
    monkeypatch.setenv("LANGUAGE", "en_US:en")
    for target in ("letter", "dashboard"):
        assert "--language" not in recipe(target)
        assert "--language de" in recipe(target, "LANGUAGE=de")
