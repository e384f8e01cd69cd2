"""What docs/local-stack.md tells to paste does what it says."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.support import CONTEXT, EVENTS, ROOT
from tests.support.transform import transform_in

PAGE = (ROOT / "docs" / "local-stack.md").read_text()


@pytest.fixture
def transform() -> Any:
    with transform_in("Europe/Rome") as modules:
        yield modules


def test_the_answer_of_the_transform_is_readable(transform: Any) -> None:
    """The program is run as a shell passes it, on the answer to the event file that the command names."""
    command = re.search(r"--event (\S+) \| python3 -c '([^']+)'", PAGE)
    assert command
    event = json.loads((ROOT / command[1]).read_text())
    answer = json.dumps(transform["app"].handler(event, CONTEXT))
    process = subprocess.run(
        [sys.executable, "-c", command[2]], input=answer, capture_output=True, text=True, check=True
    )
    rows = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]
    assert len(rows) > len(event["records"])
    assert all(row["element_clicked"] for row in rows)
    assert process.stdout.count(" Ok\n") == len(event["records"])


def test_the_event_files_that_it_names_exist() -> None:
    names = set(re.findall(r"--event (events/\S+\.json)", PAGE))
    assert len(names) > 5
    assert {name for name in names if not (EVENTS.parent / name).is_file()} == set()
