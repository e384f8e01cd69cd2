"""Lets one command at a time build in this clone: `python -m scripts.build_lock COMMAND`.

What is built and what is deployed lies in one folder, which two commands would overwrite for each other.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = Path(__file__).parent.parent / "build" / "lock"


@contextmanager
def build_lock() -> Iterator[int]:
    """Hold the lock, waiting until nobody else does; give its descriptor. OSError if it cannot be written."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("menulens: another command builds in this clone; waiting for its end", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def main(command: list[str]) -> None:
    """Turn into the command, which holds the lock until it ends with all that it has started."""
    with build_lock() as lock:
        os.set_inheritable(lock, True)
        os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"menulens: {error}")
