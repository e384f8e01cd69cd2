"""Takes away what a run sent, by the code of tools/forget.py."""

import io
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta

from tools import forget
from tools.verify.rows import delivered
from tools.verify.stack import Stack, StepError


def command(stack: Stack) -> list[str]:
    """Return the arguments of tools.forget that remove everything of the run."""
    first, last = stack.started - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    return [
        "--stack", stack.name, "--from", f"{first:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}",
        "--session-id", stack.run_id,
    ]  # fmt: skip


def remove(stack: Stack) -> str:
    """Remove the rows and the rejected events of the run; return what was removed, and what is kept.

    Raises StepError if a row is left, and botocore's errors.
    """
    with redirect_stdout(io.StringIO()) as said:
        forget.main(command(stack))
    if left := delivered(stack):
        raise StepError(f"{left} events of this run are still rows")
    return said.getvalue().strip()
