"""What the local stack starts ends with the process that started it, also when that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.child import Child
from tests.support import ROOT

# Starts another process, as the SAM CLI does, writes the number of both, and waits.
FAMILY = "sleep 300 & echo $! > child; echo $$ > parent; wait"
STARTER = """
import os, sys, time
from pathlib import Path
from local.child import Child
with open("output", "wb") as output:
    child = Child("a command", ["sh", "-c", sys.argv[1]], Path(), os.environ, output)
time.sleep(300)
"""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Say whether a process is there and no zombie, which waits only for its parent to look."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end between opening and reading
        return False


def family(folder: Path) -> list[int]:
    until(lambda: (folder / "parent").exists() and (folder / "parent").read_text().endswith("\n"))
    return [int((folder / name).read_text()) for name in ("parent", "child")]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    with (
        (tmp_path / "output").open("wb") as output,
        Child("a command", ["sh", "-c", FAMILY], tmp_path, os.environ, output) as child,
    ):
        yield child


def test_its_exit_code_and_output_are_the_commands(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        command = ["sh", "-c", "echo out; echo err >&2; exit 3"]
        with Child("a command", command, tmp_path, os.environ, output) as child:
            assert child.wait() == 3
    assert (tmp_path / "output").read_text().split() == ["out", "err"]


def test_a_command_without_end_is_killed_with_what_it_has_started(child: Child, tmp_path: Path) -> None:
    processes = family(tmp_path)
    assert child.status() is None
    child.kill()
    assert child.status() == 128 + signal.SIGKILL
    until(lambda: not any(map(is_running, processes)))
    child.kill()  # once more does nothing


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    starter = subprocess.Popen([sys.executable, "-c", STARTER, FAMILY], cwd=tmp_path, env=environment)
    processes = family(tmp_path)
    starter.send_signal(number)
    starter.wait()
    until(lambda: not any(map(is_running, processes)))


def test_what_it_leaves_behind_when_it_ends_is_killed(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        command = ["sh", "-c", "sleep 300 & echo $! > child"]
        with Child("a command", command, tmp_path, os.environ, output) as child:
            assert child.wait() == 0
    until(lambda: not is_running(int((tmp_path / "child").read_text())))
