"""Which process runs the local stack that listens on a port.

Emulates: nothing; it reads what Linux tells of the processes of this user.

Not covered: other users' processes, and other systems than Linux, where nobody is found.

Reference: https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html
"""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROCESSES = Path("/proc")


class Owner(NamedTuple):
    """The process that has started an emulator, and the folder in which it runs."""

    process: int
    folder: Path


def port_owner(port: int) -> Owner | None:
    """Return who has started the emulator of a port; None if none is found."""
    for folder in PROCESSES.glob("[0-9]*"):
        with suppress(OSError, KeyError, ValueError):  # it has ended, or is another user's
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if b"local.emulator" in arguments:
                environment = dict(
                    variable.split("=", 1)
                    for variable in (folder / "environ").read_text().split("\0")
                    if "=" in variable
                )
                if environment["GATEWAY_PORT"] == str(port):
                    return Owner(int(environment["STARTED_BY"]), (folder / "cwd").readlink())
    return None
