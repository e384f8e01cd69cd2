"""`make demo` and `make local` in a terminal, stopped and killed at any moment: nothing is left running."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.support.deployment import free_port
from tests.support.terminal import CTRL_C, Terminal, assert_nothing_is_left, processes

MOMENTS = 20


def stopping(text: str) -> str:
    """Return what the command says of what it stops; empty if it was not there yet."""
    said = re.search(r"menulens: stopping (.*)", text)
    return said[1].strip() if said else ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "times", "stopped"),
    [
        ("Starting the emulator", 1, "the emulator with its stack"),
        ("Deploying the template", 2, "the emulator with its stack and sam deploy"),
        ("sending", 2, "the emulator with its stack"),
    ],
)
def test_ctrl_c_leaves_nothing(clone: Path, port: int, moment: str, times: int, stopped: str) -> None:
    """While the events were sent, the command could hang for ever: the exception came inside a lock."""
    terminal = Terminal(clone, port, "make", "demo")
    terminal.until(moment)
    while not any("local.emulator" in command for command in processes(clone).values()):
        time.sleep(0.02)  # it is being started
    for _ in range(times):
        terminal.type(CTRL_C)
    assert terminal.ends() != 0
    assert stopping(terminal.text).startswith(stopped)
    assert "Traceback" not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.mark.slow
def test_ctrl_c_ends_make_local_in_order(clone: Path, port: int) -> None:
    """The end that it is meant to have is no error, which make would print."""
    terminal = Terminal(clone, port, "make", "local")
    terminal.until("Starting the emulator")
    terminal.type(CTRL_C)
    terminal.ends()
    assert stopping(terminal.text)
    assert "Error" not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.fixture(scope="module")
def seconds(clone: Path) -> float:
    """How long a whole run of the demo takes, from the build's cache."""
    port, started = free_port(), time.monotonic()
    terminal = Terminal(clone, port, "make", "demo")
    assert terminal.ends(600) == 0, terminal.text
    assert_nothing_is_left(clone, port)
    return time.monotonic() - started


@pytest.mark.soak
@pytest.mark.parametrize("number", range(MOMENTS))
def test_ctrl_c_at_twenty_moments_leaves_nothing(clone: Path, port: int, seconds: float, number: int) -> None:
    """The moments are spread over a whole run, from its first tenth of a second to its last."""
    if number % 4 == 0:  # build anew, not from the cache
        shutil.rmtree(clone / ".aws-sam", ignore_errors=True)
    terminal = Terminal(clone, port, "make", "demo")
    time.sleep(0.1 + (seconds - 0.5) * number / MOMENTS)
    for _ in range(1 + number % 2):
        terminal.type(CTRL_C)
    terminal.ends()
    # Python may say where it was interrupted while it started itself, before any line of the project has run.
    assert f'File "{clone}' not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["-m demo", pytest.param("make demo", marks=pytest.mark.soak)])
def test_the_kill_of_a_command_leaves_nothing_and_the_next_start_recovers(
    clone: Path, port: int, victim: str
) -> None:
    terminal = Terminal(clone, port, "make", "demo")
    terminal.until("Deploying the template")
    time.sleep(1)
    (process,) = [number for number, command in processes(clone).items() if victim in command]
    os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while (left := processes(clone)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == {}
    terminal.process.wait(10)
    again = Terminal(clone, port, "make", "demo")
    again.until("Building")
    again.type(CTRL_C)
    again.ends()
    assert_nothing_is_left(clone, port)
