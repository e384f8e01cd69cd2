"""Commands that end with the process that started them, however that ends.

A small process stands between: it starts the command in a process group of its own, and kills the group when
its own input ends. The starting process holds the other end of that pipe, which the kernel closes also when
the process is killed. Run as `python -IS local/child.py COMMAND`.

Emulates: nothing; the emulator and the SAM CLI are started by it.

Not covered: a command that leaves its process group, and the death of the small process itself.

Reference: https://docs.python.org/3/library/os.html#os.killpg
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self


class Child:
    """A command that was started, with everything that it starts. Leaving the context kills it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        output: IO[bytes],
        descriptors: Sequence[int] = (),
    ) -> None:
        reading, writing = os.pipe()
        self._writing: int | None = writing
        self._lock = threading.Lock()
        self.name = name
        try:
            self._process = subprocess.Popen(  # noqa: S603  # commands of local/stack.py
                [sys.executable, "-IS", __file__, *command],
                cwd=folder,
                env=environment,
                stdin=reading,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
                start_new_session=True,  # a terminal's Ctrl-C reaches the starting process alone
            )
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def session(self) -> int:
        """Return the number of the session that the command and what it starts are in."""
        return self._process.pid

    def status(self) -> int | None:
        """Return the exit code, or None while the command runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait for the end of the command and return its exit code, 128 and the signal's number if killed."""
        return self._process.wait()

    def kill(self) -> None:
        """Kill the command with everything that it has started, and wait until it is gone; twice is fine."""
        with self._lock:
            if self._writing is not None:
                os.close(self._writing)
                self._writing = None
        self._process.wait()


def main() -> None:
    """Run the command of the arguments, and exit with its code, once nothing of its group is left."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, close_fds=False, process_group=0)  # noqa: S603
    threading.Thread(target=_kill_when_input_ends, args=(process.pid,), daemon=True).start()
    status = process.wait()
    _kill_group(process.pid)
    os._exit(status if status >= 0 else 128 - status)  # the thread still waits for the input


def _kill_when_input_ends(group: int) -> None:
    while os.read(0, 1):
        pass
    _kill_group(group)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
