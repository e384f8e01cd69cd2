"""Verifies a deployed stack: `python -m tools.verify --stack NAME`, or the local stack without a name.

Sends some events, follows them to Athena, and removes them. Exits with 1 if a step failed, and with 2 if
there is no such stack.
"""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from local.messages import run_command
from local.stack import STACK_NAME, LocalStack, port
from tools.verify import removal
from tools.verify.plan import ARRIVALS, STEPS
from tools.verify.stack import Stack, StepError
from tools.verify.steps import Result, Step, run

MARKS = {"passed": "[green]✓[/]", "failed": "[bold red]✗[/]", "skipped": "[dim]–[/]"}


def main(arguments: list[str] | None = None) -> int:
    """Verify the stack that the arguments name, print each step, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    parser.add_argument("--stack", default="", help="name of the deployed stack; none: the local stack")
    name = parser.parse_args(arguments).stack
    console = Console(highlight=False, soft_wrap=True)
    return Verification(Stack(name) if name else _local_stack(), console).run()


def _local_stack() -> Stack:
    """Return the stack of `make local`, and point every AWS client of this process at its emulator."""
    local = LocalStack(port())
    local.adopt_environment()
    return Stack(STACK_NAME, local.local_url)


class Verification:
    """One run: its output on `console`, its results, and the removal of what it sent."""

    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._status = console.status("")

    def run(self) -> int:
        """Run the steps, remove what was sent whatever happened, and return the exit code."""
        minutes = self._stack.delivery_seconds / 60
        print = self._console.print
        print(f"Verifying {self._stack.name}. Rows take up to {minutes:.0f} minutes (BufferSeconds).\n")
        results: list[Result] = []
        try:
            with self._status:
                results = run(STEPS, self._stack, self._begin, self._end)
        except KeyboardInterrupt:
            print("\nstopped")
        removed = self._remove(results)
        failed = [result for result in results if result.state == "failed"]
        passed = sum(result.state == "passed" for result in results)
        skipped = sum(result.state == "skipped" for result in results)
        print(f"\n{passed} passed, {len(failed)} failed, {skipped} not asked for or not reached")
        return int(bool(failed) or not results or not removed)

    def _begin(self, step: Step) -> None:
        self._status.update(escape(step.name))

    def _end(self, result: Result) -> None:
        name, text = escape(result.step.name), escape(result.text)
        if result.state == "failed":
            text = text.replace("\n", "\n    ")
            remedy = escape(result.step.remedy.replace("STACK", self._stack.name))
            self._console.print(f"{MARKS['failed']} [bold]{name}[/]\n    {text}\n    To do: {remedy}.")
        else:
            self._console.print(f"{MARKS[result.state]} {name}  [dim]{text}[/]")

    def _remove(self, results: list[Result]) -> bool:
        """Remove what was sent, and say what must be done later; return whether everything is gone."""
        later = escape(f"python -m tools.forget {' '.join(removal.command(self._stack))}")
        try:
            with self._console.status("Removing what was sent"):
                removed = removal.remove(self._stack)
        except (BotoCoreError, ClientError, StepError, KeyboardInterrupt) as error:
            self._console.print(f"\nNot removed: {escape(str(error))}\n    To do: {later}")
            return False
        self._console.print(f"\nRemoved what was sent: {escape(removed)}")
        self._console.print("Query results stay for 7 days, as of every query.")
        passed = {result.step.name for result in results if result.state == "passed"}
        if ARRIVALS - passed:
            self._console.print(f"Events may still be on their way. To remove them later: {later}")
        return True


if __name__ == "__main__":
    sys.exit(run_command("verify", main))
