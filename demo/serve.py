"""Keeps the demo up: the menu page, the dashboards, and how to post and query an event oneself."""

import threading

from demo.page import demo_page
from local.resources import stack_resources
from local.stack import DEFAULT_PORT, ROOT, STACK_NAME, LocalStack
from preview.serve import Feed, serve
from preview.source import open_dashboard
from tools.dashboard_link import new_link

EVENT = (
    '{"element_clicked": "entree_1", "time_spent": 67, "source_menu": "my_menu", '
    '"created_at": "2026-11-22 12:00:00"}'
)
SQL = "SELECT element_clicked, source_menu, local_time, device FROM events WHERE source_menu = 'my_menu'"
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 Safari/604.1"


def serve_forever(stack: LocalStack, outputs: dict[str, str]) -> None:
    """Serve the menu page and the dashboard of a filled stack, and print their addresses."""
    addresses = {name: stack.local_url(outputs[name]) for name in ("TrackerUrl", "EventsBatchUrl")}
    addresses["TrackerIntegrity"] = outputs["TrackerIntegrity"]
    with (
        serve(_feed(stack, outputs), stack.port + 1) as dashboard,
        demo_page(addresses, dashboard) as page,
    ):
        print(_instructions(stack, outputs, page, dashboard, _owners_link(stack, outputs)), flush=True)
        threading.Event().wait()


def _owners_link(stack: LocalStack, outputs: dict[str, str]) -> str:
    """Have the owner's page written, as its schedule does each night, and return its link."""
    report = stack_resources(stack.client("cloudformation"), STACK_NAME)["ReportFunction"]
    stack.client("lambda").invoke(FunctionName=report.id, Payload=b"{}")
    return new_link(stack.client("s3"), outputs, stack.local_url)


def _feed(stack: LocalStack, outputs: dict[str, str]) -> Feed:
    """Return the dashboard's data, asked for again when something has been delivered."""
    s3 = stack.client("s3")

    def delivered() -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs["DataBucketName"])
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    return Feed(lambda: open_dashboard(stack.client, STACK_NAME, live=True), delivered)


def _instructions(
    stack: LocalStack, outputs: dict[str, str], page: str, dashboard: str, owners_link: str
) -> str:
    command = "make" if stack.port == DEFAULT_PORT else f"PORT={stack.port} make"
    return f"""
The stack is up until Ctrl-C. A restaurant's menu page, which reports what you look at, click and order, as
the QR code of table 7 opens it:

  {page}?table=7&channel=qr

What it reports can be queried within a minute, an order at once, as source_menu 'trattoria-roma', and shows
on the dashboard:

  {dashboard}

The owner's page, as the stack serves it on AWS: written each night, and shown only to whoever has this link:

  {owners_link}

Or post an event yourself, and query it a second later:

  curl -i -A '{BROWSER}' -H 'Content-Type: application/json' \\
    -d '{EVENT}' \\
    {stack.local_url(outputs["EventsUrl"])}

  {command} ask SQL="{SQL}"

  {command} letter prints the letter that the owner gets on Mondays.
  After a change of functions, views or template, {command} redeploy deploys it to this stack.
  1 to 100 events in one request: {stack.local_url(outputs["EventsBatchUrl"])}
  S3: {outputs["DataBucketName"]}   log: {stack.log.relative_to(ROOT)}
"""
