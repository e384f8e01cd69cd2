"""Failed and rejected events come back, on the emulator: nothing is lost, and nothing is there twice."""

import base64
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.stack import STACK_NAME, LocalStack
from tests.support import EVENTS
from tests.support.deployment import EVENT, Api, ask, resources

BROKEN_REQUESTS = 150
HEALTHY_REQUESTS = 30


def replay(stack: LocalStack, **event: Any) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(
        FunctionName=resources(stack)["ReplayFunction"], Payload=json.dumps(event).encode()
    )
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return dict(result)


def set_time_zone(stack: LocalStack, time_zone: str) -> None:
    """Change the transform's configuration; with a zone that does not exist, it fails to start."""
    functions, name = stack.client("lambda"), resources(stack)["TransformFunction"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables | {"TIME_ZONE": time_zone}}
    )


def lines_by_key(stack: LocalStack, prefix: str) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of every object under a prefix."""
    s3, bucket = stack.client("s3"), stack.outputs()["DataBucketName"]
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
    bodies = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    return {key: [json.loads(line) for line in body.splitlines()] for key, body in bodies.items()}


def lines(stack: LocalStack, prefix: str) -> list[dict[str, Any]]:
    return [line for body in lines_by_key(stack, prefix).values() for line in body]


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.3)


def count(stack: LocalStack, table: str, where: str = "true", distinct: bool = True) -> int:
    column = "DISTINCT event_id" if distinct else "event_id"
    (row,) = ask(stack, f"SELECT count({column}) AS n FROM {table} WHERE {where}")
    return int(row["n"])


def deliveries(stack: LocalStack) -> int:
    return count(stack, "events_raw", distinct=False) + count(stack, "rejected_events", distinct=False)


def post_requests(api: Api, name: str, requests: int) -> None:
    """Post requests of two events: every third has one twice, every fifth has one with a wrong field."""
    for n in range(requests):
        first = EVENT | {"event_id": f"{name}-{n:06d}"}
        second = first if n % 3 == 0 else EVENT | {"element_clicked": f"{name}-{n}"}  # without an id
        if n % 5 == 0:
            first = first | {"sessionId": "s"}
        assert api.post({"events": [first, second]}, "batch").status == 202


def expected(requests: int) -> dict[str, int]:
    """Return how many distinct events of these requests are stored and how many are rejected."""
    rejected = len(range(0, requests, 5))
    repeats = len(range(0, requests, 3))
    rejected_with_good_twin = len(range(0, requests, 15))  # the same id once rejected, once stored
    return {"stored": 2 * requests - rejected - repeats + rejected_with_good_twin, "rejected": rejected}


def test_what_failed_is_replayed_without_loss(stack: LocalStack, api: Api) -> None:
    set_time_zone(stack, "Nowhere/None")
    post_requests(api, "broken", BROKEN_REQUESTS)
    until(lambda: len(lines(stack, "errors/processing-failed/")) == BROKEN_REQUESTS)
    envelopes = [
        json.loads(base64.b64decode(line["rawData"])) for line in lines(stack, "errors/processing-failed/")
    ]
    mended_at = datetime.now(UTC)
    set_time_zone(stack, "Europe/Rome")
    post_requests(api, "healthy", HEALTHY_REQUESTS)
    until(lambda: deliveries(stack) == 2 * HEALTHY_REQUESTS)

    objects = len(lines_by_key(stack, "errors/"))
    assert replay(stack, prefix="errors/") == {
        "objects": objects,
        "records": BROKEN_REQUESTS,
        "events": 2 * BROKEN_REQUESTS,
        "moved": objects,
        "failed": 0,
        "skipped": 0,
        "done": True,
    }
    until(lambda: deliveries(stack) == 2 * (HEALTHY_REQUESTS + BROKEN_REQUESTS))
    for name, requests in (("broken", BROKEN_REQUESTS), ("healthy", HEALTHY_REQUESTS)):
        batch = f"(event_id LIKE '{name}-%' OR element_clicked LIKE '{name}-%')"
        assert count(stack, "events_raw", batch) == expected(requests)["stored"]
        assert count(stack, "rejected_events", f"event_id LIKE '{name}-%'") == expected(requests)["rejected"]

    rows = ask(
        stack, f"SELECT * FROM events_raw WHERE received_at < timestamp '{mended_at:%Y-%m-%d %H:%M:%S.%f}'"
    )
    assert {row["request_id"] for row in rows} == {envelope["request_id"] for envelope in envelopes}
    without_id = [row for row in rows if not row["event_id"].startswith("broken-")]
    assert {row["event_id"] for row in without_id} == {f"{row['request_id']}-1" for row in without_id}
    times = {
        envelope["request_id"]: datetime.fromtimestamp(envelope["received_at"] / 1000, UTC)
        for envelope in envelopes
    }
    for row in rows:
        assert datetime.fromisoformat(row["received_at"]).replace(tzinfo=UTC) == times[row["request_id"]]
        assert (row["device"], "visitor_id" in row) == ("mobile", True)


def test_replaying_again_finds_nothing(stack: LocalStack) -> None:
    answer = replay(stack, prefix="errors/")
    assert (answer["objects"], answer["done"]) == (0, True)


def test_replaying_the_same_objects_twice_adds_nothing(stack: LocalStack) -> None:
    """What a crash between sending and moving leads to."""
    before = {table: count(stack, table) for table in ("events_raw", "rejected_events")}
    delivered = deliveries(stack)
    s3, bucket = stack.client("s3"), stack.outputs()["DataBucketName"]
    for key in lines_by_key(stack, "replayed/errors/"):
        source = {"Bucket": bucket, "Key": key}
        s3.copy_object(Bucket=bucket, Key=key.removeprefix("replayed/"), CopySource=source)
    assert replay(stack, prefix="errors/")["records"] == BROKEN_REQUESTS
    until(lambda: deliveries(stack) == delivered + 2 * BROKEN_REQUESTS)
    assert {table: count(stack, table) for table in before} == before


def test_rejected_events_become_rows_with_a_fix(stack: LocalStack) -> None:
    rejected = lines(stack, "rejected/")
    fix = {"rename": {"sessionId": "session_id"}}
    where = {"reason": "unknown field", "field": "sessionId"}
    objects, delivered = lines_by_key(stack, "rejected/"), deliveries(stack)

    dry_run_answer = replay(stack, prefix="rejected/", fix=fix, where=where, dry_run=True)
    assert (dry_run_answer["records"], dry_run_answer["moved"], dry_run_answer["done"]) == (
        len(rejected),
        0,
        True,
    )
    assert lines_by_key(stack, "rejected/") == objects
    assert deliveries(stack) == delivered

    with_session = "session_id = 's'"
    assert count(stack, "events_raw", with_session) == 0
    answer = replay(stack, prefix="rejected/", fix=fix, where=where)
    assert answer == dry_run_answer | {"moved": len(objects)}
    until(lambda: count(stack, "events_raw", with_session, distinct=False) == len(rejected))
    assert lines(stack, "rejected/") == []
    rows = ask(stack, f"SELECT * FROM events_raw WHERE {with_session}")
    ids = {line["event_id"]: line["request_id"] for line in rejected}
    assert {row["event_id"]: row["request_id"] for row in rows} == ids


def test_what_is_rejected_again_is_kept_again(stack: LocalStack, api: Api) -> None:
    api.post(EVENT | {"event_id": "still-wrong", "note": 1})
    until(lambda: len(lines(stack, "rejected/")) == 1)
    (before,) = lines(stack, "rejected/")
    assert replay(stack, prefix="rejected/")["records"] == 1
    until(lambda: lines(stack, "rejected/") == [before])


def test_rows_that_were_not_converted_come_back_as_they_were(stack: LocalStack, api: Api) -> None:
    glue, database = stack.client("glue"), stack.outputs()["DatabaseName"]
    table = glue.get_table(DatabaseName=database, Name="events_raw")["Table"]
    members = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    valid_input = {name: table[name] for name in members if name in table}
    invalid_input = json.loads(json.dumps(valid_input))
    for column in invalid_input["StorageDescriptor"]["Columns"]:
        if column["Name"] == "source_menu":
            column["Type"] = "int"
    glue.update_table(DatabaseName=database, TableInput=invalid_input)
    order_ahead = {
        "created_at": "2999-01-01T00:00:00Z",
        "event_type": "order",
        "unit_price": 9.5,
        "quantity": 2,
    }
    optional_fields = {
        "referrer": "https://www.example.com/?q=x",
        "properties": {"table": "7"},
        "currency": "EUR",
    }
    events = [
        EVENT | {"element_clicked": "unconverted"},
        EVENT | order_ahead | optional_fields | {"element_clicked": "ahead"},
    ]
    api.post({"events": events}, "batch")
    until(lambda: len(lines(stack, "errors/format-conversion-failed/")) == 1)
    (line,) = lines(stack, "errors/format-conversion-failed/")
    rows = [json.loads(row) for row in base64.b64decode(line["rawData"]).splitlines()]
    glue.update_table(DatabaseName=database, TableInput=valid_input)
    assert replay(stack, prefix="errors/")["events"] == 2
    until(lambda: count(stack, "events_raw", "element_clicked IN ('unconverted', 'ahead')") == 2)
    stored_rows = ask(stack, "SELECT * FROM events_raw WHERE element_clicked IN ('unconverted', 'ahead')")
    by_id = {row["event_id"]: row for row in stored_rows}
    for row in rows:
        stored = by_id[row["event_id"]]
        for name in ("visitor_id", "device", "request_id", "referrer_host", "currency"):
            assert stored.get(name) == row.get(name), name
        assert json.loads(stored["is_bot"]) == row["is_bot"]
        assert json.loads(stored["clock_adjusted"]) == row["clock_adjusted"]
        for name in ("received_at", "event_time", "local_time"):
            assert datetime.fromisoformat(stored[name]).replace(tzinfo=UTC) == datetime.fromisoformat(
                row[name]
            )
        assert float(stored.get("revenue", 0)) == row.get("revenue", 0)


def test_a_call_that_is_wrong_is_answered_with_the_field(stack: LocalStack) -> None:
    with pytest.raises(AssertionError, match="from: must be a day such as 2026-11-22, not 'yesterday'"):
        replay(stack, prefix="errors/", **{"from": "yesterday"})


def test_the_documented_commands_work(stack: LocalStack, tmp_path: Path) -> None:
    def run(*command: str) -> str:
        process = subprocess.run(command, env=stack.environment(), check=True, capture_output=True, text=True)
        return process.stdout

    event = EVENTS / "replay_rejected.json"
    remote = ("sam", "remote", "invoke", "ReplayFunction", "--stack-name", STACK_NAME, "--event-file", event)
    assert json.loads(run(*map(str, remote)))["done"] is True
    name = ("--function-name", resources(stack)["ReplayFunction"])
    payload = ("--payload", f"fileb://{event}")
    answer = tmp_path / "answer.json"
    run("aws", "lambda", "invoke", *name, *payload, "--cli-read-timeout", "0", str(answer))
    assert json.loads(answer.read_text())["done"] is True
