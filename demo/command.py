"""The steps of the demo: deploy, send, report, draw the dashboard, keep everything up if asked, delete."""

import sys
from functools import partial

from rich.console import Console

from demo.fill import lost_events, send_all, wait_until_queryable
from demo.report import QUESTIONS, closing_line, owner_report
from demo.serve import serve_until_interrupt
from local.stack import ROOT, STACK_NAME, LocalStack
from preview.queries import query
from preview.source import open_dashboard, write

console = Console(highlight=False)


def run(stack: LocalStack, *, keep: bool) -> int:
    """Run the steps; return 1 if an event was lost, else 0. With `keep`, the stack is up until Ctrl-C."""
    with console.status("Building the functions (sam build)"):
        stack.build()
    with console.status("Deploying the template to the emulator (sam deploy)"):
        stack.deploy()
    outputs = stack.outputs()
    try:
        lost = _send_and_report(stack, outputs)
        with console.status("Writing the dashboard"):
            path = write(open_dashboard(stack.client, STACK_NAME))
        print(f"dashboard: {path.relative_to(ROOT)} (for any browser; needs no network)", flush=True)
        if keep and not lost:
            serve_until_interrupt(stack, outputs)
    finally:
        with console.status("Deleting the stack (sam delete)"):
            stack.delete()
    return 1 if lost else 0


def _send_and_report(stack: LocalStack, outputs: dict[str, str]) -> int:
    """Fill the stack, print the owner's report and what became of every event; return how many are lost."""
    sent = send_all(stack.local_url(outputs["EventsUrl"]), stack.local_url(outputs["EventsBatchUrl"]))
    for failure in sent.failures:
        print(f"not accepted: {failure}", file=sys.stderr)
    database, work_group = outputs["DatabaseName"], outputs["WorkGroupName"]
    ask = partial(query, stack.client("athena"), database=database, work_group=work_group)
    with console.status("Waiting until every event can be queried (Athena)"):
        counts = wait_until_queryable(ask, sent.events)
        report = owner_report({name: ask(sql) for name, sql in QUESTIONS.items()}, styled=console.is_terminal)
    print(report)
    print(f"restaurant_name: {sent.payloads} clicks, the first that this project was given. They say 2022,")
    print("and get the time of their arrival: a clock that is more than 31 days behind is wrong")
    lost = lost_events(sent, counts)
    repeats = counts.stored - counts.queryable
    print(closing_line(sent.events, counts.queryable, repeats, counts.rejected, lost), flush=True)
    return lost
