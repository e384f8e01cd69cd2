"""The compaction in the deployed stack: fewer files, the same answers, and visitors are still forgotten."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.stack import ROOT, STACK_NAME, TIME_ZONE, LocalStack
from tests.integration.test_tools import tool
from tests.support import load_function
from tests.support.deployment import EVENT, Api, ask, eventually, resources

DELIVERIES = 3
VIEWS = sorted(path.stem for path in (ROOT / "athena" / "views").glob("*.sql"))
TODAY = datetime.now(ZoneInfo(TIME_ZONE)).date()


class Bucket:
    """The stack's bucket."""

    def __init__(self, stack: LocalStack) -> None:
        self.s3 = stack.client("s3")
        self.name = stack.outputs()["DataBucketName"]

    def keys(self, prefix: str) -> list[str]:
        page = self.s3.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [entry["Key"] for entry in page.get("Contents", [])]


@pytest.fixture(scope="module")
def bucket(stack: LocalStack, api: Api) -> Bucket:
    """Three deliveries, with repeats, bots and rejected events."""
    bucket = Bucket(stack)
    at = (datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(days=1)).replace(hour=12).isoformat()
    for number in range(DELIVERIES):
        for session in ("forget-me", "keep-me"):
            visit = EVENT | {"session_id": session, "created_at": at, "properties": {"n": str(number)}}
            order = visit | {"event_type": "order", "order_id": session, "unit_price": 9.5}
            order |= {"currency": "EUR", "event_id": f"{session}-order"}  # each delivery repeats it
            look = visit | {"event_type": "item_view", "time_spent": number + 0.5, "channel": "qr"}
            assert api.post({"events": [visit, look, order, visit | {"note": 1}]}, "batch").status == 202
        assert api.post(visit, **{"User-Agent": "curl/8.5.0"}).status == 202
        eventually(stack, "SELECT event_id FROM events_raw", 7 * (number + 1))
        eventually(stack, "SELECT event_id FROM rejected_events", 2 * (number + 1))
    assert len(bucket.keys("events/")) >= DELIVERIES
    return bucket


def answers(stack: LocalStack) -> dict[str, list[Any]]:
    tables = [*VIEWS, "events_raw", "rejected_events"]
    tables.remove("running_day")  # the clock, which reads no table
    return {name: sorted(map(str, ask(stack, f"SELECT * FROM {name}"))) for name in tables}


def compact(stack: LocalStack, event: dict[str, str]) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(
        FunctionName=resources(stack)["CompactionFunction"], Payload=json.dumps(event).encode()
    )
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return dict(result)


def compact_rejected(bucket: Bucket) -> None:
    """Merge the rejected events by the function's own code, as if a quarter of an hour had passed."""
    modules = load_function("compaction", "merging", "partition")
    kind = modules["partition"].Kind(modules["merging"].merge_lines)
    prefix = f"rejected/ingest_month={TODAY:%Y-%m}/"
    modules["partition"].Partition(bucket.s3, bucket.name, prefix, kind).compact(float("inf"))


def test_every_answer_stays_the_same(stack: LocalStack, api: Api, bucket: Bucket) -> None:
    today = EVENT | {"session_id": "of today"}
    assert api.post(today).status == 202
    eventually(stack, "SELECT event_id FROM events_raw", 7 * DELIVERIES + 1)
    before, events, rejected = answers(stack), len(bucket.keys("events/")), len(bucket.keys("rejected/"))
    empty = {name for name, rows in before.items() if not rows}
    assert empty == {"items_ordered_together", "week_over_week"}
    answer = compact(stack, {})
    # Files of rejected events are left for a quarter of an hour.
    after = {"files_before": events + rejected, "files_after": 1 + rejected}
    assert answer == {"months": 2, "done": True} | after
    assert len(bucket.keys("events/")) == 1
    compact_rejected(bucket)
    assert len(bucket.keys("rejected/")) == 1
    assert bucket.keys("compaction/") == []
    assert answers(stack) == before
    (quality,) = ask(stack, f"SELECT * FROM data_quality WHERE day = DATE '{TODAY}'")
    counted = (quality["events"], quality["repeats"], quality["bots"])
    assert counted == ("22", "4", "3")


def test_a_visitor_is_forgotten_in_merged_files_too(stack: LocalStack, bucket: Bucket) -> None:
    compact(stack, {})
    call = ("--stack", STACK_NAME, "--from", str(TODAY), "--to", str(TODAY), "--session-id")
    process = tool("forget", stack, *call, "forget-me")
    assert (process.returncode, process.stderr) == (0, "")
    assert "deleted 9 rows and 3 rejected events" in process.stdout
    left = ask(
        stack,
        "SELECT session_id, count(*) AS n FROM events_raw WHERE session_id LIKE '%-me' GROUP BY 1",
    )
    assert left == [{"session_id": "keep-me", "n": "12"}]
    assert len(bucket.keys("events/")) == 1


def test_a_row_of_after_midnight_lies_in_the_month_before(stack: LocalStack, bucket: Bucket) -> None:
    """Firehose files an object by the arrival of its oldest record.

    https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
    """
    (key,) = bucket.keys("events/")
    last_month = (TODAY.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    other = f"events/ingest_month={last_month}/late.parquet"
    source = {"Bucket": bucket.name, "Key": key}
    bucket.s3.copy_object(Bucket=bucket.name, Key=other, CopySource=source)
    bucket.s3.delete_object(**source)
    days = ("--from", str(TODAY), "--to", str(TODAY + timedelta(days=1)))
    process = tool("forget", stack, "--stack", STACK_NAME, *days, "--session-id", "keep-me", "--dry-run")
    assert "would delete 12 rows and 3 rejected events" in process.stdout
    count = f"SELECT count(*) AS n FROM events_raw WHERE received_date = DATE '{TODAY}'"
    assert ask(stack, count) == [{"n": "13"}]


def test_a_session_of_another_day_is_not_forgotten(stack: LocalStack, bucket: Bucket) -> None:
    yesterday = str(TODAY - timedelta(days=1))
    days = ("--from", yesterday, "--to", yesterday)
    process = tool("forget", stack, "--stack", STACK_NAME, *days, "--session-id", "keep-me")
    assert "deleted 0 rows and 0 rejected events" in process.stdout


def test_a_wrong_call_is_told(stack: LocalStack) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName=resources(stack)["CompactionFunction"], Payload=b'{"to": "2999-01"}'
    )
    assert "to: 2999-01 has not begun" in json.loads(answer["Payload"].read())["errorMessage"]
