from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from local.stack import LocalStack
from tests.support.browser import IngestEndpoint, Site, chromium, visitor
from tests.support.dashboard_page import opened
from tests.support.dashboard_rows import page_url, tables
from tests.support.deployment import Api, DeployedStack, free_port
from tests.support.local_apigateway import Client
from tests.support.local_athena import EVENTS, ROWS, Athena, parquet
from tests.support.local_emulator import REGION, running
from tests.support.terminal import copy_of_the_project


@pytest.fixture(scope="module")
def project(built_project: Path) -> Path:
    """What is deployed, built; a module whose tests change it has `packed_copy` under this name."""
    return built_project


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    """The template's parameters; a module that wants others has a fixture of this name."""
    return {}


@pytest.fixture(scope="module")
def stack(project: Path, parameters: dict[str, str]) -> Iterator[DeployedStack]:
    """The stack, deployed for a module's tests."""
    with DeployedStack(free_port(), project) as stack:
        stack.deploy(**parameters)
        yield stack


@pytest.fixture(scope="session")
def shared_stack(built_project: Path) -> Iterator[LocalStack]:
    """A stack for all modules that only add events, each under menus of its own; they take it as `stack`."""
    with DeployedStack(free_port(), built_project) as stack:
        stack.deploy()
        yield stack


@pytest.fixture(scope="module")
def api(stack: LocalStack) -> Api:
    """The deployed API."""
    return Api(stack)


@pytest.fixture(scope="module")
def addresses(stack: LocalStack) -> dict[str, str]:
    """The addresses of the stack's tracker and API, as a browser on this machine reaches them."""
    outputs = stack.outputs()
    return {name: stack.local_url(outputs[name]) for name in ("TrackerUrl", "EventsBatchUrl")}


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


@pytest.fixture
def endpoint() -> Iterator[IngestEndpoint]:
    """A stand-in for the API; a module that tests the deployed one has a fixture of this name."""
    with IngestEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Athena]:
    directory = tmp_path_factory.mktemp("emulator")
    with running(directory) as process:
        emulator = Athena(process.port)
        s3 = emulator.client("s3")
        for bucket in ("data", "results"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        emulator.run("CREATE DATABASE shop")
        emulator.run(EVENTS)
        for day in ("2025-12-31", "2026-11-20", "2026-11-21"):
            emulator.put(f"visits/arrived={day}/part", parquet(directory, ROWS))
        emulator.put("visits/arrived=2026-11-20/_SUCCESS", b"hidden")
        yield emulator


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the dashboard's page with invented rows, as a file."""
    return page_url(tmp_path_factory.mktemp("page"), tables())


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The dashboard's page, opened."""
    with opened(browser, url) as page:
        yield page


@pytest.fixture(scope="module")
def clone(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole project, for commands that change it."""
    return copy_of_the_project(tmp_path_factory.mktemp("clones") / "clone", built_project)


@pytest.fixture
def port() -> int:
    """A port for a command's stack."""
    return free_port()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of the local API Gateway, with an API of the tests' own."""
    folder = tmp_path_factory.mktemp("emulator")
    with running(folder) as emulator:
        yield Client(emulator, folder / "emulator.log")
