import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.support import load_function
from tests.support.quicksight.custom_resource import CustomResource
from tests.support.quicksight.small import PAIRS, VISITS, dashboard, write
from tests.support.quicksight.stand_in import StandIn
from tests.support.replay import Replay


class Bucket:
    """Stands in for S3 behind boto3: keeps what is put, or fails as told. It proves no permission."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.error: Exception | None = None

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:
        if self.error:
            raise self.error
        self.objects[Key] = Body


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def transform(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> dict[str, Any]:
    """The transform's modules, in Rome, with a stand-in for its bucket."""
    monkeypatch.setenv("TIME_ZONE", "Europe/Rome")
    monkeypatch.setenv("DATA_BUCKET", "data")
    monkeypatch.setenv("VISITOR_KEY", "00" * 32)
    modules = load_function("transform")
    modules["rejected"]._client = bucket
    return modules


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Replay:
    return Replay(monkeypatch)


@pytest.fixture
def custom_resource(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CustomResource]:
    """Sleeping costs nothing, but the clock goes on: waits end when they must."""
    clock = SimpleNamespace(now=time.monotonic())
    really_sleep, hook_thread = time.sleep, threading.current_thread()

    def sleep(seconds: float) -> None:
        if threading.current_thread() is hook_thread:
            clock.now += seconds
        else:  # of other tests' libraries, whose naps would make the custom resource's time run out
            really_sleep(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(boto3, "client", cache(boto3.client))  # making one takes as long as ten of its calls
    with StandIn(identity_region="us-east-1") as stand_in:
        monkeypatch.setenv("AWS_ENDPOINT_URL_QUICKSIGHT", stand_in.url)
        folder = write(tmp_path / "first", {"visits": VISITS, "pairs": PAIRS}, {"insights": dashboard()})
        yield CustomResource(stand_in, folder, monkeypatch)
    for module in ("app", "assets", "quicksight", "composition", "principal"):
        sys.modules.pop(module, None)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another version of the folder: a title changed, a data set gone, refreshed otherwise."""
    visits = {key: value for key, value in VISITS.items() if key != "RefreshProperties"}
    visits["RefreshSchedules"] = PAIRS["RefreshSchedules"]
    return write(tmp_path / "second", {"visits": visits}, {"insights": dashboard("All visits")})
