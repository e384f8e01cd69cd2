from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack
from tests.integration.deployment import Api, copy_project, free_port


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is deployed, for a module's tests to change."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    """The template's parameters; a module that wants others has a fixture of this name."""
    return {}


@pytest.fixture(scope="module")
def stack(project: Path, parameters: dict[str, str]) -> Iterator[LocalStack]:
    """The stack, deployed for a module's tests."""
    with LocalStack(free_port(), project) as stack:
        stack.build()
        stack.deploy(**parameters)
        yield stack


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> Api:
    """The deployed API."""
    return Api(stack)
