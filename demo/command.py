"""The steps of the commands: deploy, send, report, draw the dashboard, keep everything up if asked, delete.

The caller stops the stack: steps that end in an error leave it as it is.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from demo.fill import lost_events, send_all, wait_until_queryable
from demo.report import QUESTIONS, closing_line, owner_report
from demo.serve import serve_forever
from local.stack import ROOT, STACK_NAME, TIME_ZONE, LocalStack, LocalStackError
from preview import letter
from preview.queries import query
from preview.source import open_dashboard, write
from scripts.build_lock import build_lock

console = Console(highlight=False)
EXERCISE = "restaurant_name"  # the source_menu of the first payloads
OWNER_EMAIL = "owner@example.com"  # of the letter
LETTER_DAYS = 7
ADDRESSES = ("EventsUrl", "EventsBatchUrl", "TrackerUrl")  # outputs


def run(stack: LocalStack, *, keep: bool = False) -> int:
    """Run the whole product and return 1 if an event was lost, else 0. With `keep`, it never ends itself."""
    with _step("Starting the emulator"):
        stack.start()
    _build_and_deploy(stack, OwnerDashboard="true", OwnerEmail=OWNER_EMAIL)
    # The owner follows the link of AWS's e-mail, for which this stands here.
    stack.client("ses").verify_email_identity(EmailAddress=OWNER_EMAIL)
    outputs = stack.outputs()
    lost = _send_and_report(stack, outputs)
    with _step("Writing the dashboard"):
        path = write(open_dashboard(stack.client, STACK_NAME))
    print(f"dashboard: {path.relative_to(ROOT)} (for any browser; needs no network)", flush=True)
    with _step("Writing the owner's letter"):
        text = _write_letter(stack)
    print(f"letter: {text.relative_to(ROOT)}, beside it .html (as the owner gets it on Mondays)", flush=True)
    if keep and not lost:
        serve_forever(stack, outputs)
    with _step("Deleting the stack (sam delete)"):
        stack.delete()
    return 1 if lost else 0


def redeploy(stack: LocalStack) -> int:
    """Build and deploy to the local stack that runs, and say which of its addresses are new; return 0.

    Its parameters stay as they are.
    """
    try:
        before = stack.outputs()
    except (BotoCoreError, ClientError):
        raise LocalStackError(
            f"no local stack runs on port {stack.port}: run make local in another terminal"
        ) from None
    _build_and_deploy(stack, **stack.parameters())
    after = stack.outputs()
    new = [name for name in ADDRESSES if after[name] != before[name]]
    print(f"redeployed to port {stack.port}; {'new addresses:' if new else 'its addresses are the same'}")
    for name in new:
        print(f"  {name} {stack.local_url(after[name])}")
    return 0


STEPS: dict[str, Callable[[LocalStack], int]] = {
    "demo": run,
    "serve": partial(run, keep=True),
    "redeploy": redeploy,
}


@contextmanager
def _step(words: str) -> Iterator[None]:
    """Say what is being done: a terminal shows it while it lasts, anything else gets a line at once."""
    if not console.is_terminal:
        print(words, flush=True)
    with console.status(words):
        yield


def _build_and_deploy(stack: LocalStack, **parameters: str) -> None:
    with build_lock():
        with _step("Building the functions (sam build)"):
            stack.build()
        with _step("Deploying the template to the emulator (sam deploy)"):
            stack.deploy(**parameters)


def _write_letter(stack: LocalStack) -> Path:
    """Write the letter of the last seven days: the demo's weeks end yesterday, whatever day that is."""
    first_day = datetime.now(ZoneInfo(TIME_ZONE)).date() - timedelta(days=LETTER_DAYS)
    written = letter.dry_run(stack.client, STACK_NAME, {"first_day": first_day.isoformat()})
    return letter.write(written)[-1]


def _send_and_report(stack: LocalStack, outputs: dict[str, str]) -> int:
    """Fill the stack, print the owner's report and what became of every event; return how many are lost."""
    sent = send_all(stack.local_url(outputs["EventsUrl"]), stack.local_url(outputs["EventsBatchUrl"]))
    for failure in sent.failures:
        print(f"not accepted: {failure}", file=sys.stderr)
    database, work_group = outputs["DatabaseName"], outputs["WorkGroupName"]
    ask = partial(query, stack.client("athena"), database=database, work_group=work_group)
    with _step("Waiting until every event can be queried (Athena)"):
        counts = wait_until_queryable(ask, sent.events)
        report = owner_report({name: ask(sql) for name, sql in QUESTIONS.items()}, styled=console.is_terminal)
    print(report)
    print(f"{EXERCISE}: the sample of the training exercise that this project grew from,")
    print(f"{sent.payloads} clicks of 2022. They get the time of their arrival: a clock that is more than")
    print("31 days behind is wrong.")
    lost = lost_events(sent, counts)
    repeats = counts.stored - counts.queryable
    print(closing_line(sent.events, counts.queryable, repeats, counts.rejected, lost), flush=True)
    return lost
