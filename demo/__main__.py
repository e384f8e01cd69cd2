"""The commands of the local stack: `python -m demo` followed by demo, serve or redeploy.

`demo` shows the whole product and cleans up. `serve` keeps it running. `redeploy` deploys to the stack that
runs.
"""

import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from queue import SimpleQueue
from typing import Any

BY_CTRL_C = 128 + signal.SIGINT  # the end that `serve` is meant to have


def main() -> int:
    """Run the command and return the exit code: 1 if an event was lost, 2 if something must be fixed."""
    events = SimpleQueue[Any]()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: events.put(signal.Signals(number)))
    parent = os.getppid()
    # Imported here, because that takes a second, in which a signal is noticed too.
    import argparse

    from demo.command import STEPS
    from demo.supervision import supervise
    from local.stack import LocalStack, LocalStackError, port

    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("command", choices=["demo", "serve", "redeploy"])
    command = parser.parse_args().command
    try:
        stack = LocalStack(port())
    except LocalStackError as error:
        print(f"menulens: {error}", file=sys.stderr)
        return 2
    status = supervise(STEPS[command], stack, events, parent)
    return 0 if command == "serve" and status == BY_CTRL_C else status


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what reads a pipe sees each line as it is printed
    status = main()
    with suppress(OSError):  # the terminal may be gone
        sys.stdout.flush()
    os._exit(status)  # threads that send events may still wait for an answer
