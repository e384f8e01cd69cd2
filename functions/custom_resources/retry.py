"""Retries what other services need time for."""

import time
from collections.abc import Callable

PAUSE = 2  # seconds between two attempts


class PendingError(Exception):
    """A change is still in progress; the message says which."""


def retry_until[T](deadline: float, attempt: Callable[[], T], is_temporary: Callable[[Exception], bool]) -> T:
    """Return what `attempt` returns, once it raises no error that `is_temporary` accepts.

    Raise any other error as it is, and TimeoutError when the next attempt is later than `deadline` (of
    time.monotonic).
    """
    while True:
        try:
            return attempt()
        except Exception as error:
            if not is_temporary(error):
                raise
            if time.monotonic() + PAUSE > deadline:
                raise TimeoutError(f"QuickSight was not done in time: {error}") from error
        time.sleep(PAUSE)
