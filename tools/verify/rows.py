"""The steps in which what was sent must be found again, in Athena and in the bucket."""

import base64
import json

from tools.verify.sent import REJECTED_TIME, events, months, rejected
from tools.verify.stack import Stack, StepError, client, poll

COLUMNS = (
    "element_clicked",
    "event_type",
    "event_time",
    "time_spent",
    "quantity",
    "unit_price",
    "revenue",
    "currency",
    "channel",
    "category",
    "device",
)
KEYS = ("Table", "table", "tAbLe")
OWN = "sent by this run"


def stored(stack: Stack) -> str:
    """Wait until every good event is a row, and compare each column that could have changed."""
    wanted = {expected.event["event_id"]: expected.row for expected in events(stack).values()}
    poll(lambda: delivered(stack) >= len(wanted) or bool(_own_error(stack)), stack.delivery_seconds)
    values = ", ".join(COLUMNS)
    keys = ", ".join(f"element_at(properties, '{key}') AS key_{number}" for number, key in enumerate(KEYS))
    rows = {
        row["event_id"]: row
        for row in stack.ask(f"SELECT event_id, {values}, {keys} FROM events WHERE {_of_run(stack)}")  # noqa: S608
    }
    missing = sorted(wanted.keys() - rows.keys())
    if missing:
        raise StepError(
            f"no rows within {stack.delivery_seconds} s: {', '.join(missing)}\n{_own_error(stack)}".rstrip()
        )
    columns = [*COLUMNS, *(f"key_{number}" for number in range(len(KEYS)))]
    names = dict(zip(columns, (*COLUMNS, *KEYS), strict=True))
    differences = [
        f"{event_id}: {names[column]} is {rows[event_id].get(column)}, sent {row.get(names[column])}"
        for event_id, row in wanted.items()
        for column in columns
        if rows[event_id].get(column) != row.get(names[column])
    ]
    if differences:
        raise StepError("\n".join(differences))
    return f"{len(rows)} events, each column as sent"


def not_failed(stack: Stack) -> str:
    """Look for objects that Firehose wrote under errors/ since the run began."""
    keys = stack.new_keys("errors/")
    if keys:
        raise StepError("\n".join([f"{len(keys)} new objects under errors/", *_errors(stack)]))
    return "nothing new under errors/"


def kept_with_reason(stack: Stack) -> str:
    """Wait until the rejected event is found with its reason."""
    first, last = months(stack)
    sql = (
        "SELECT reason, field, raw, received_at FROM rejected_events "  # noqa: S608
        f"WHERE ingest_month BETWEEN '{first}' AND '{last}' AND event_id = '{rejected(stack)['event_id']}'"
    )
    poll(lambda: bool(stack.ask(sql) or _own_error(stack)), stack.delivery_seconds)
    rows = stack.ask(sql)
    if not rows:
        raise StepError(
            f"not in rejected_events within {stack.delivery_seconds} s\n{_own_error(stack)}".rstrip()
        )
    (row,) = rows
    if row.get("field") != "created_at" or json.loads(row["raw"])["created_at"] != REJECTED_TIME:
        raise StepError(f"rejected_events has {row}")
    return row["reason"]


def delivered(stack: Stack) -> int:
    """Return how many events of the run are rows."""
    first, last = months(stack)
    sql = (
        "SELECT count(DISTINCT event_id) AS delivered FROM events_raw "  # noqa: S608
        f"WHERE ingest_month BETWEEN '{first}' AND '{last}' AND {_of_run(stack)}"
    )
    return int(stack.ask(sql)[0]["delivered"])


def _of_run(stack: Stack) -> str:
    return f"source_menu = '{stack.run_id}'"


def _own_error(stack: Stack) -> str:
    """Return what Firehose says of an event of this run that failed, or no text."""
    return next((text for text in _errors(stack) if text.endswith(OWN)), "")


def _errors(stack: Stack) -> list[str]:
    """Return what Firehose says of each failed record, without the record: it has a visitor's address."""
    texts = []
    for key in stack.new_keys("errors/"):
        body = client("s3").get_object(Bucket=stack.outputs["DataBucketName"], Key=key)["Body"].read()
        for line in map(json.loads, body.splitlines()):
            sender = (
                OWN
                if stack.run_id.encode() in base64.b64decode(line.get("rawData", ""))
                else "sent by somebody else"
            )
            texts.append(f"{line.get('errorCode')}: {line.get('errorMessage')} (key {key}) {sender}")
    return texts
