from typing import Any

import pytest

from tests.support import load_function
from tests.unit.replay_support import Replay


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
