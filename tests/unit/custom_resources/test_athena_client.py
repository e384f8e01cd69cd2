"""The custom resource waits for Athena's statements no longer than it must."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import load_function


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


def client(states: list[str], pauses: list[float]) -> Any:
    """Return the client over an Athena whose query is in these states, one after the other.

    Its pauses take no time. They are the module's own: another thread of the tests' process may sleep too.
    """
    module = load_function("custom_resources", "athena_client")["athena_client"]
    module.time = SimpleNamespace(sleep=pauses.append, monotonic=time.monotonic)
    athena = module.Athena("d", "w", float("inf"))
    athena._athena = SimpleNamespace(
        start_query_execution=lambda **_: {"QueryExecutionId": "query"},
        get_query_execution=lambda **_: {"QueryExecution": {"Status": {"State": states.pop(0)}}},
    )
    return athena


def test_polling_begins_after_50_ms_and_backs_off_to_two_seconds() -> None:
    pauses: list[float] = []
    client(["QUEUED"] * 4 + ["RUNNING"] * 4 + ["SUCCEEDED"], pauses).run("SELECT 1")
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2]


def test_a_query_that_is_done_is_not_waited_for() -> None:
    pauses: list[float] = []
    client(["SUCCEEDED"], pauses).run("SELECT 1")
    assert pauses == []
