"""Commands of a copy of the project in a terminal, and what they leave running."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from local.stack import ROOT
from tests.support.deployment import copy_build

CTRL_C = b"\x03"
# Makes the terminal that is its input the one that controls it, as a login does, and turns into the command.
LOGIN = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".aws-sam", "build", "__pycache__", ".*_cache", ".hypothesis"
)


class Terminal:
    """A command in a terminal of its own, and what it has written there."""

    def __init__(self, clone: Path, port: int, *command: str) -> None:
        self._terminal, inside = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOGIN, *command],
            cwd=clone,
            env=os.environ | {"PORT": str(port), "TERM": "xterm"},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # the terminal is closed by its last process
            while data := os.read(self._terminal, 65536):
                self.text += data.decode(errors="replace")

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def until(self, text: str) -> None:
        """Wait until the command has written a text."""
        deadline = time.monotonic() + 180
        while text not in self.text:
            assert self.process.poll() is None or text in self.text, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def ends(self, seconds: float = 60) -> int:
        """Wait until the command ends, and return its exit code."""
        status = self.process.wait(seconds)
        self._reader.join(10)
        os.close(self._terminal)
        return status


def processes(clone: Path) -> dict[int, str]:
    """Return the command lines of the processes that run in a clone, or name it in arguments or variables."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            texts = (command, (entry / "environ").read_bytes(), bytes((entry / "cwd").readlink()))
            if command and any(bytes(clone) in text for text in texts):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    found.pop(os.getpid(), None)
    return found


def assert_nothing_is_left(clone: Path, port: int) -> None:
    """Fail for a process of a clone, an open port of its stack, or a temporary folder that is left."""
    deadline = time.monotonic() + 5  # the kernel takes a moment to end a process
    while (left := processes(clone)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == {}
    for number in (port, port + 1):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", number)) != 0
    state = clone / "build" / "local"
    assert [path.name for path in state.glob("tmp-*")] == []


def copy_of_the_project(folder: Path, built_project: Path) -> Path:
    """Copy the whole project into a new folder, with an environment, built; return the folder."""
    shutil.copytree(ROOT, folder, symlinks=True, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    copy_build(folder, built_project)
    return folder
