import pytest

from tests.support import load_function
from tests.support.imports import Stack


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    load_function("replay")  # another function's modules of the same names may be loaded
    return Stack(monkeypatch)
