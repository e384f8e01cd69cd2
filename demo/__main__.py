"""`python -m demo demo` shows the whole product and cleans up; `python -m demo serve` keeps it running."""

import argparse
import signal
import sys

from demo.command import run
from local.stack import LocalStack, LocalStackError, port


def main() -> int:
    """Run the command and return the exit code: 1 if an event was lost, 2 if something must be fixed."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("command", choices=["demo", "serve"])
    command = parser.parse_args().command
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # stop in order, as for Ctrl-C
    try:
        with LocalStack(port()) as stack:
            return run(stack, keep=command == "serve")
    except LocalStackError as error:
        print(f"menulens: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
