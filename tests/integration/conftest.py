from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from local.stack import LocalStack
from tests.browser import Site, chromium, visitor
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; modules that use it are marked `needs_chromium`."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A new visitor."""
    context = visitor(browser)
    yield context
    context.close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A restaurant's site, without pages yet."""
    with Site() as site:
        yield site
