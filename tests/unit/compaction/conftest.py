from typing import Any

import pytest

from tests.support import load_function
from tests.support.compaction import FILES, PREFIX, ROWS, S3, file


@pytest.fixture(scope="module")
def modules() -> dict[str, Any]:
    return load_function("compaction")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Four files as the stream names them: by stream and time."""
    return {f"{PREFIX}menulens-1-2026-11-22-{n:02d}-00-00": file(n * ROWS) for n in range(FILES)}


@pytest.fixture
def s3(files: dict[str, bytes]) -> S3:
    bucket = S3()
    bucket.objects |= files
    return bucket
