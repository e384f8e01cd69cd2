"""`python -m demo demo` shows the whole product and cleans up; `python -m demo serve` keeps it running."""

import argparse
import signal
import sys
import threading
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import json
from rich.console import Console

from demo.expected import truth
from demo.page import demo_page
from demo.report import QUESTIONS, closing_line, owner_report
from demo.simulation import simulate
from demo.traffic import send, send_payloads
from local.stack import ROOT, STACK_NAME, TIME_ZONE, LocalStack, LocalStackError, port
from preview.queries import query
from preview.serve import Feed, serve
from preview.source import open_dashboard, write

EXERCISE = ROOT / "tests" / "data" / "samples" / "exercise.jsonl"
SEED = 1
DAYS = 15  # a week, the week before it, and today so far
VISITS_PER_DAY = 120
DELIVERY_SECONDS = 30

COUNTS = """
    SELECT count(*) AS stored, count(DISTINCT event_id) AS queryable,
           (SELECT count(*) FROM rejected_events) AS refused
    FROM events_raw
"""

console = Console(highlight=False)


def main() -> int:
    """Run the command and return the exit code: 1 if an event was lost, 2 if something must be mended."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("command", choices=["demo", "serve"])
    command = parser.parse_args().command
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # stop in order, as for Ctrl-C
    try:
        with LocalStack(port()) as stack:
            return _run(stack, keep=command == "serve")
    except LocalStackError as error:
        print(f"menulens: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(stack: LocalStack, *, keep: bool) -> int:
    with console.status("Building the functions (sam build)"):
        stack.build()
    with console.status("Deploying the template to the emulator (sam deploy)"):
        stack.deploy()
    outputs = stack.outputs()
    try:
        lost = _fill(stack, outputs)
        with console.status("Writing the dashboard"):
            written = write(open_dashboard(stack.client, STACK_NAME))
        print(f"dashboard: {written.relative_to(ROOT)} (for any browser; needs no network)", flush=True)
        if keep and not lost:
            addresses = {name: stack.local_url(outputs[name]) for name in ("TrackerUrl", "EventsBatchUrl")}
            with demo_page(addresses) as page, serve(_feed(stack, outputs), stack.port + 1) as dashboard:
                _show_addresses(stack, outputs, page, dashboard)
                _wait_for_interrupt()
    finally:
        with console.status("Deleting the stack (sam delete)"):
            stack.delete()
    return 1 if lost else 0


def _fill(stack: LocalStack, outputs: dict[str, str]) -> int:
    """Send the exercise's payloads and two weeks of visits, print what came of it, return the events lost."""
    payloads = [json.decode(line) for line in EXERCISE.read_bytes().splitlines()]
    requests = simulate(SEED, DAYS, datetime.now(ZoneInfo(TIME_ZONE)), VISITS_PER_DAY)
    expected = truth(requests)
    results = [
        send_payloads(payloads, stack.local_url(outputs["EventsUrl"])),
        send(requests, stack.local_url(outputs["EventsBatchUrl"])),
    ]
    for failure in (text for result in results for text in result.failures):
        print(f"not accepted: {failure}", file=sys.stderr)
    sent = len(payloads) + expected.sent
    athena = stack.client("athena")

    def ask(sql: str) -> list[dict[str, str]]:
        return query(athena, sql, outputs["DatabaseName"], outputs["WorkGroupName"])

    with console.status("Waiting until every event can be queried (Athena)"):
        deadline = time.monotonic() + DELIVERY_SECONDS
        while True:
            counts = {name: int(value) for name, value in ask(COUNTS)[0].items()}
            if counts["stored"] + counts["refused"] >= sent or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        report = owner_report({name: ask(sql) for name, sql in QUESTIONS.items()}, styled=console.is_terminal)
    print(report)
    print(f"restaurant_name: {len(payloads)} clicks from the exercise that this project grew from. They say")
    print("2022, and get the time of their arrival: a clock that is more than 31 days behind is wrong")
    repeats = counts["stored"] - counts["queryable"]
    # Against what the simulation knows, so that an event delivered twice does not make up for a lost one.
    lost = max(0, len(payloads) + expected.unique - counts["queryable"])
    lost += max(0, expected.refused - counts["refused"])
    print(closing_line(sent, counts["queryable"], repeats, counts["refused"], lost), flush=True)
    return lost


def _show_addresses(stack: LocalStack, outputs: dict[str, str], page: str, dashboard: str) -> None:
    browser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 Safari/604.1"
    event = (
        '{"element_clicked": "entree_1", "time_spent": 67, "source_menu": "my_menu", '
        '"created_at": "2026-11-22 12:00:00"}'
    )
    sql = "SELECT element_clicked, source_menu, local_time, device FROM events WHERE source_menu = 'my_menu'"
    print(f"""
The stack is up until Ctrl-C. A restaurant's menu page, which reports what you look at, click and order:

  {page}

What it reports can be queried within seconds, as source_menu 'trattoria-roma', and shows on the dashboard:

  {dashboard}

Or post an event yourself, and query it a second later:

  curl -i -A '{browser}' -H 'Content-Type: application/json' \\
    -d '{event}' \\
    {stack.local_url(outputs["EventsUrl"])}

  export AWS_ENDPOINT_URL={stack.endpoint} AWS_DEFAULT_REGION={stack.client("athena").meta.region_name} \\
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  aws athena start-query-execution --work-group {outputs["WorkGroupName"]} \\
    --query-execution-context Database={outputs["DatabaseName"]} --query-string "{sql}"
  aws athena get-query-results --query-execution-id ID

  1 to 100 events in one request: {stack.local_url(outputs["EventsBatchUrl"])}
  S3: {outputs["DataBucketName"]}   log: {stack.log.relative_to(ROOT)}
""")


def _feed(stack: LocalStack, outputs: dict[str, str]) -> Feed:
    """Return the dashboard's data, asked for again when something has been delivered."""
    s3 = stack.client("s3")

    def delivered() -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs["DataBucketName"])
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    return Feed(lambda: open_dashboard(stack.client, STACK_NAME, live=True), delivered)


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
