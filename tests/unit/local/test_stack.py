"""The process of the emulator, as the stack on one machine starts it."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local import stack
from tests.support.deployment import free_port


def test_the_reason_why_the_emulator_does_not_start_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ministack lacks a name' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(stack, "STATE", tmp_path)
    with pytest.raises(stack.LocalStackError, match="did not start:\nministack lacks a name"):
        stack.LocalStack(free_port()).start()


def test_what_a_killed_run_has_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "STATE", tmp_path)
    local = stack.LocalStack(free_port())
    left = tmp_path / f"tmp-{local.port}" / "ministack-lambda-x" / "app.py"
    left.parent.mkdir(parents=True)
    left.touch()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(stack.LocalStackError, match="did not start"):
        local.start()
    assert not left.exists()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(stack.LocalStackError) as error:
            stack.LocalStack(port).start()
    expected = f"port {port} is in use: stop what listens there, or choose another: PORT={port + 4}"
    assert str(error.value) == expected


def test_a_port_in_use_by_a_local_stack_says_whose_it_is_and_how_to_stop_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        # A stand-in for the emulator's process: it has its arguments and variables.
        emulator = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); import time; time.sleep(60)", "local.emulator"],
            cwd=tmp_path,
            env={"GATEWAY_PORT": str(port), "STARTED_BY": "4321"},
            stdout=subprocess.PIPE,
        )
        assert emulator.stdout
        emulator.stdout.readline()
        with emulator:
            try:
                with pytest.raises(stack.LocalStackError) as error:
                    stack.LocalStack(port).start()
            finally:
                emulator.kill()
    assert str(error.value) == (
        f"port {port} is in use by the local stack of process 4321, which runs in {tmp_path}:"
        f" stop it by Ctrl-C there or by kill 4321, or choose another: PORT={port + 4}"
    )


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("OSError: [Errno 28] No space left on device: 'x'", "sam deploy failed: the disk is full"),
        (
            "OSError: [Errno 30] Read-only file system: '.aws-sam'",
            "sam deploy failed: this folder is read-only",
        ),
        (
            "PythonPipBuilder:ResolveDependencies - Could not satisfy the requirement: msgspec==0.21.1",
            "sam deploy failed: the functions' packages could not be downloaded: check the network",
        ),
        (
            "Error: no such thing",
            "sam deploy failed:\nTraceback (most recent call last):\nError: no such thing",
        ),
    ],
)
def test_what_the_user_can_fix_of_a_failed_tool_is_one_line(
    output: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aws-lambda-builders says of a package that no index has answered for that it cannot be satisfied."""
    sam = tmp_path / "sam"
    sam.write_text(f'#!/bin/sh\necho "Traceback (most recent call last):\n{output}"\nexit 1\n')
    sam.chmod(0o755)
    monkeypatch.setattr(
        stack.LocalStack, "environment", lambda _: {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    )
    with pytest.raises(stack.LocalStackError) as error:
        stack.LocalStack(free_port(), tmp_path).deploy()
    assert str(error.value).startswith(message)
    assert ("Traceback" in str(error.value)) == ("no such thing" in output)


def test_nothing_starts_after_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread is building while another stops: what it starts next would be left running."""
    sam = tmp_path / "sam"
    started = tmp_path / "started"
    started.touch()
    sam.write_text(f"#!/bin/sh\necho $$ >> {started}\nsleep 300\n")
    sam.chmod(0o755)
    monkeypatch.setattr(
        stack.LocalStack, "environment", lambda _: {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    )
    local = stack.LocalStack(free_port(), tmp_path)
    errors = []

    def delete() -> None:
        for _ in range(2):
            try:
                local.delete()
            except stack.LocalStackError as error:
                errors.append(str(error))

    deleting = threading.Thread(target=delete)
    deleting.start()
    while not started.read_text().endswith("\n"):
        time.sleep(0.01)
    assert local.running() == ["sam delete"]
    local.stop()
    deleting.join(10)
    (process,) = started.read_text().split()
    assert not Path(f"/proc/{process}").exists()
    assert errors[-1] == "the local stack is stopped"
