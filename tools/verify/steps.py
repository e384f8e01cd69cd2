"""A step of the verification, and how steps are run one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from tools.verify.stack import Stack, StepError


class NotAskedForError(Exception):
    """The stack was deployed without what the step is about; the message names the parameter."""


@dataclass(frozen=True)
class Step:
    """What must be so, how it is found out, and what to do if it is not.

    `check` returns what was seen in a few words, and raises StepError, NotAskedForError or botocore's errors.
    """

    name: str
    check: Callable[[Stack], str]
    remedy: str
    needs: str = ""  # the name of the step without whose success this one says nothing


@dataclass(frozen=True)
class Result:
    """How a step ended: `state` is passed, failed or skipped; `text` says what was seen, or why."""

    step: Step
    state: str
    text: str


def run(
    steps: Sequence[Step],
    stack: Stack,
    begin: Callable[[Step], None],
    end: Callable[[Result], None],
) -> list[Result]:
    """Run the steps in order, tell each at its begin and end, and return the results.

    A failed step ends nothing: the others may show why. One that needs a failed or skipped step is skipped.
    """
    results: dict[str, Result] = {}
    for step in steps:
        begin(step)
        result = _run_step(step, stack, results)
        results[step.name] = result
        end(result)
    return list(results.values())


def _run_step(step: Step, stack: Stack, results: dict[str, Result]) -> Result:
    if step.needs and results[step.needs].state != "passed":
        return Result(step, "skipped", f"needs: {step.needs}")
    try:
        return Result(step, "passed", step.check(stack))
    except NotAskedForError as reason:
        return Result(step, "skipped", str(reason))
    except StepError as error:
        return Result(step, "failed", str(error))
    except (BotoCoreError, ClientError) as error:  # AWS's own message, such as a missing permission
        return Result(step, "failed", f"{type(error).__name__}: {error}")
