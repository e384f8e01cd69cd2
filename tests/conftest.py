"""The profiles of Hypothesis, the build that all tests share, and the order of the modules."""

import fcntl
import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from local.stack import LocalStack
from tests.support.deployment import copy_packages, copy_project, zip_packages
from tests.support.parts import PARTS, part

# Hypothesis's own default, of 100 examples, is that of `make test`; a property takes a share of it.
settings.register_profile("fast", max_examples=10)
settings.register_profile("thorough", max_examples=5_000)

# What make tells the makes that it starts, with which a test's own `make` would print more.
for name in ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"):
    os.environ.pop(name, None)

# The longest modules first, so that no process is left with one of them at the end.
LONGEST = (
    "test_interruptions",
    "test_commands",
    "test_sam_local_invoke",
    "test_lifecycle",
    "test_verify",
    "test_tracker_network",
    "test_tracker_browsers",
    "test_content_types",
    "test_own_changes",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a job of CI runs."""
    parser.addoption("--part", choices=PARTS, help="run this part of the tests, in which none may be skipped")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped in a job of CI, which has all that the tests of its part need."""
    report = yield
    if report.skipped and item.config.getoption("part") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in a part of CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail likewise for a module that is skipped as a whole."""
    report = yield
    chosen = collector.config.getoption("part")
    if chosen and report.outcome == "skipped" and part(collector.path) == chosen:
        report.outcome = "failed"
        report.longrepr = f"skipped in a part of CI: {report.longrepr}"
    return report


def pytest_unconfigure() -> None:
    """Let go of Hypothesis's callback: it keeps DuckDB's objects until nanobind reports them as leaks."""
    gc.callbacks.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other parts; put the longest modules first, then those of the stack, then the rest."""
    chosen = config.getoption("part")
    if chosen:
        others = [item for item in items if part(item.path) != chosen]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]

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
def packed_copy(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is deployed, whose definitions a module's tests change and pack as layers."""
    return copy_packages(tmp_path_factory.mktemp("project"), built_project)
