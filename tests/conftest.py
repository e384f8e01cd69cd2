"""The profiles of Hypothesis, the build that all tests share, and the order of the modules."""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import settings

from local.stack import LocalStack
from tests.support.deployment import copy_project, zip_packages

# Hypothesis's own default, of 100 examples, is that of `make test`; a property takes a share of it.
settings.register_profile("fast", max_examples=10)
settings.register_profile("thorough", max_examples=5_000)

# What make tells the makes that it starts, with which a test's own `make` would print more.
for name in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"):
    os.environ.pop(name, None)

# The longest modules first, so that no process is left with one of them at the end.
LONGEST = (
    "test_commands",
    "test_lifecycle",
    "test_own_changes",
    "test_tracker_network",
    "test_verify",
    "test_tracker",
    "test_pipeline_changes",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first, then those of the stack, then the rest; each keeps its order."""

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.stem
        longest = LONGEST.index(name) if name in LONGEST else len(LONGEST)
        return longest, item.path.parent.name not in ("integration", "e2e")

    items.sort(key=place)


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is deployed, built for this machine once for all processes; tests that change it copy it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    project, done = shared / "built-project", shared / "built"
    with (shared / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not done.exists():
            project.mkdir()
            LocalStack(0, copy_project(project)).build()
            zip_packages(project)
            done.touch()
    return project


@pytest.fixture(scope="module")
def project_copy(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is deployed, built, for a module's tests to change."""
    return copy_project(tmp_path_factory.mktemp("project"), built_project)
