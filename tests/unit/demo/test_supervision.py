"""A command ends in order: by its steps, a signal, the end of the emulator, or that of its parent."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from demo.supervision import supervise
from local.stack import LocalStackError


class Stack:
    """A stand-in for the local stack: it starts nothing, and notes that it was stopped."""

    def __init__(self) -> None:
        self.is_stopped = False
        self.death: LocalStackError | None = None

    def check(self) -> None:
        if self.death:
            raise self.death

    def running(self) -> list[str]:
        return ["the emulator with its stack", "sam deploy"]

    def stop(self) -> None:
        self.is_stopped = True


def run(steps: Callable[[Any], int], *events: object, stack: Stack | None = None, parent: int = 0) -> int:
    queue = SimpleQueue[Any]()
    for event in events:
        queue.put(event)
    stack = stack or Stack()
    status = supervise(steps, stack, queue, parent or os.getppid())  # type: ignore[arg-type]  # a stand-in
    assert stack.is_stopped
    return status


@pytest.fixture
def forever() -> Iterator[Callable[[Any], int]]:
    """Steps that end with the test; a thread that outlives Python keeps objects that nanobind reports."""
    over = threading.Event()

    def steps(_: object) -> int:
        over.wait()
        return 0

    yield steps
    over.set()


def fails(error: BaseException) -> Callable[[Any], int]:
    def steps(_: object) -> int:
        raise error

    return steps


@pytest.mark.parametrize("status", [0, 1])
def test_the_exit_code_is_that_of_the_steps(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda _: status) == status
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_runs_and_says_so(
    number: signal.Signals, forever: Callable[[Any], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two signals are one. Before, one that came while the events were sent could hang the command."""
    assert run(forever, number, number) == 128 + number
    assert capsys.readouterr().err == "menulens: stopping the emulator with its stack and sam deploy\n"


def test_what_the_user_can_fix_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fails(LocalStackError("port 4566 is in use"))) == 2
    assert capsys.readouterr().err == "menulens: port 4566 is in use\n"


@pytest.mark.parametrize("fault", [ZeroDivisionError(), SystemExit(3)])
def test_a_fault_of_the_program_has_its_traceback(
    fault: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fails(fault)) == 1
    assert "Traceback" in capsys.readouterr().err


def test_the_end_of_the_emulator_ends_the_command(
    forever: Callable[[Any], int], capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Stack()
    stack.death = LocalStackError("the emulator has ended by itself")
    assert run(forever, stack=stack) == 2
    assert "the emulator has ended by itself" in capsys.readouterr().err


def test_the_end_of_the_parent_ends_the_command(forever: Callable[[Any], int]) -> None:
    assert run(forever, parent=1 << 30) == 128 + signal.SIGHUP
