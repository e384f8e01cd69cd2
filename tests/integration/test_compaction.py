"""The compaction in the deployed stack: fewer files, the same answers, and visitors are still forgotten."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.stack import ROOT, STACK_NAME, TIME_ZONE, LocalStack
from tests.integration.deployment import EVENT, Api, ask, eventually, resources
from tests.integration.test_tools import tool

DELIVERIES = 3
VIEWS = sorted(path.stem for path in (ROOT / "athena" / "views").glob("*.sql"))
YESTERDAY = datetime.now(ZoneInfo(TIME_ZONE)).date() - timedelta(days=1)
OF_YESTERDAY = f"ingest_date={YESTERDAY}/"


class Bucket:
    """The stack's bucket."""

    def __init__(self, stack: LocalStack) -> None:
        self.s3 = stack.client("s3")
        self.name = stack.outputs()["DataBucketName"]

    def keys(self, prefix: str) -> list[str]:
        page = self.s3.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [found["Key"] for found in page.get("Contents", [])]


@pytest.fixture(scope="module")
def bucket(stack: LocalStack, api: Api) -> Bucket:
    """Three deliveries, with repeats, bots and refused events, as if they had arrived yesterday."""
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
    for key in bucket.keys("events/") + bucket.keys("rejected/"):
        kind, _, name = key.split("/")
        moved = f"{kind}/{OF_YESTERDAY}{name}"
        source = {"Bucket": bucket.name, "Key": key}
        bucket.s3.copy_object(Bucket=bucket.name, Key=moved, CopySource=source)
        bucket.s3.delete_object(**source)
    assert len(bucket.keys(f"events/{OF_YESTERDAY}")) >= DELIVERIES
    return bucket


def answers(stack: LocalStack) -> dict[str, list[Any]]:
    tables = [*VIEWS, "events_raw", "rejected_events"]
    return {name: sorted(map(str, ask(stack, f"SELECT * FROM {name}"))) for name in tables}


def compact(stack: LocalStack, event: dict[str, str]) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(
        FunctionName=resources(stack)["CompactionFunction"], Payload=json.dumps(event).encode()
    )
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return dict(result)


def test_every_answer_stays_the_same(stack: LocalStack, api: Api, bucket: Bucket) -> None:
    today = EVENT | {"session_id": "of today"}
    assert api.post(today).status == 202
    eventually(stack, "SELECT event_id FROM events_raw", 7 * DELIVERIES + 1)
    kinds = (f"events/{OF_YESTERDAY}", f"rejected/{OF_YESTERDAY}")
    before, files = answers(stack), sum(len(bucket.keys(kind)) for kind in kinds)
    empty = {name for name, rows in before.items() if not rows}
    assert empty == {"items_ordered_together", "week_over_week"}
    done = compact(stack, {})
    assert done == {"days": 7, "files_before": files, "files_after": 2, "done": True}
    assert [len(bucket.keys(kind)) for kind in kinds] == [1, 1]
    assert bucket.keys("compaction/") == []
    assert answers(stack) == before
    (quality,) = ask(stack, f"SELECT * FROM data_quality WHERE day = DATE '{YESTERDAY}'")
    counted = (quality["events"], quality["repeats"], quality["bots"])
    assert counted == ("21", "4", "3")


def test_a_visitor_is_forgotten_in_merged_files_too(stack: LocalStack, bucket: Bucket) -> None:
    compact(stack, {})
    call = ("--stack", STACK_NAME, "--from", str(YESTERDAY), "--to", str(YESTERDAY), "--session-id")
    done = tool("forget", stack, *call, "forget-me")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deleted 9 rows and 3 refused events" in done.stdout
    left = ask(
        stack,
        f"SELECT session_id, count(*) AS n FROM events_raw WHERE ingest_date = '{YESTERDAY}' GROUP BY 1",
    )
    assert left == [{"session_id": "keep-me", "n": "12"}]
    assert compact(stack, {})["files_after"] == 2


def test_a_wrong_call_is_told(stack: LocalStack) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName=resources(stack)["CompactionFunction"], Payload=b'{"to": "2999-01-01"}'
    )
    assert "to: 2999-01-01 is not over" in json.loads(answer["Payload"].read())["errorMessage"]
