"""The custom resource waits for Athena's statements no longer than it must."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import load_function


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that are slept, none of which pass."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    return slept


def client(states: list[str]) -> Any:
    """Return the client over an Athena whose query is in these states, one after the other."""
    athena = load_function("custom_resources", "athena_client")["athena_client"].Athena(
        "d", "w", float("inf")
    )
    athena._athena = SimpleNamespace(
        start_query_execution=lambda **_: {"QueryExecutionId": "query"},
        get_query_execution=lambda **_: {"QueryExecution": {"Status": {"State": states.pop(0)}}},
    )
    return athena


def test_polling_begins_after_50_ms_and_backs_off_to_two_seconds(pauses: list[float]) -> None:
    client(["QUEUED"] * 4 + ["RUNNING"] * 4 + ["SUCCEEDED"]).run("SELECT 1")
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2]


def test_a_query_that_is_done_is_not_waited_for(pauses: list[float]) -> None:
    client(["SUCCEEDED"]).run("SELECT 1")
    assert pauses == []
