"""Runs a command's steps beside a thread that notices signals, and leaves nothing running however they end.

The steps have a thread of their own, which no signal interrupts: raised in the middle of a library's lock, an
exception can make it wait for ever. The main thread waits for the first of: the end of the steps, a signal,
the end of the emulator, the end of the process that has started this one. Then it kills what was started.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from local.messages import explain
from local.stack import LocalStack, LocalStackError

CHECK_SECONDS = 0.2  # between two looks at the emulator and at the parent
CLEAR_LINE = "\r\x1b[K\x1b[?25h"  # clears what a progress bar has drawn, and shows the cursor that it hides
# A signal, the exit code of the steps, or the exception that ended them.
type Event = signal.Signals | int | BaseException


def supervise(
    steps: Callable[[LocalStack], int], stack: LocalStack, events: SimpleQueue[Event], parent: int
) -> int:
    """Run the steps and stop the stack; return their exit code, 128 more than the number of a signal.

    `events` is where a signal's handler puts the signal. `parent` is the process that has started this one;
    when it has ended, that counts as SIGHUP.
    """

    def run() -> None:
        try:
            events.put(steps(stack))
        except BaseException as error:  # the main thread says what it was, and must not wait for ever
            events.put(error)

    threading.Thread(target=run, daemon=True).start()
    event = _next_event(stack, events, parent)
    if isinstance(event, signal.Signals):
        _say(f"stopping {' and '.join(stack.running()) or 'before anything was started'}")
    stack.stop()
    if isinstance(event, signal.Signals):
        return 128 + event
    if isinstance(event, int):
        return event
    message = explain(event)
    if message is None:
        traceback.print_exception(event)
        return 1
    _say(message)
    return 2


def _next_event(stack: LocalStack, events: SimpleQueue[Event], parent: int) -> Event:
    while True:
        with suppress(Empty):
            return events.get(timeout=CHECK_SECONDS)
        try:
            stack.check()
        except LocalStackError as error:
            return error
        if os.getppid() != parent:
            return signal.SIGHUP


def _say(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone
        start = CLEAR_LINE if sys.stderr.isatty() else ""
        print(f"{start}menulens: {text}", file=sys.stderr, flush=True)
