"""The whole stack on the emulator, deployed and used as its users do it."""

import base64
import json
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import urllib3

from local.stack import TIME_ZONE, LocalStack
from tests.support import samples
from tests.support.deployment import EVENT, Api, ask, eventually, resources


def test_every_sample_ends_as_a_row_to_the_letter(stack: LocalStack, api: Api) -> None:
    events = samples("first_payloads") + samples("good")
    record_ids = {api.post(event).json()["record_id"] for event in events}
    assert len(record_ids) == len(events)
    others = "('m', 'batch', 'money', 'keys', 'old')"
    rows = eventually(stack, f"SELECT * FROM events_raw WHERE source_menu NOT IN {others}", len(events))

    def key(event: dict[str, Any]) -> tuple[Any, ...]:
        return event["element_clicked"], event["source_menu"], float(event.get("time_spent", -1))

    for event, row in zip(sorted(events, key=key), sorted(rows, key=key), strict=True):
        for name in (
            "element_clicked",
            "source_menu",
            "session_id",
            "order_id",
            "category",
            "channel",
            "page",
        ):
            assert row.get(name) == event.get(name)
        assert row["device"] == "mobile"
    (order,) = [row for row in rows if row["event_type"] == "order"]
    assert (order["quantity"], order["unit_price"], order["revenue"], order["currency"]) == (
        "2",
        "14.5",
        "29.0",
        "EUR",
    )
    for row in rows:
        if row["source_menu"] == "restaurant_name":  # of 2022, and so of a clock that is wrong
            assert row["event_time"] == row["received_at"]
            assert row["local_date"] == row["received_date"]
            assert row["clock_adjusted"] == "true"
    (properties,) = ask(stack, "SELECT properties['note'] AS note FROM events_raw WHERE event_type = 'order'")
    assert properties["note"] == "no onions, please; 'extra' \"hot\""


def test_a_request_with_old_times_changes_no_other_day(stack: LocalStack, api: Api) -> None:
    """Events of 1970, or of 2000 as a flat battery says, would add thousands of days without visits."""
    menu = EVENT | {"source_menu": "old", "event_type": "menu_view"}
    now = datetime.now(ZoneInfo(TIME_ZONE))
    evening = now.replace(hour=19, minute=30) - timedelta(days=1)
    evenings = [evening - timedelta(weeks=week) for week in range(3)]
    visits = [
        menu | {"created_at": at.isoformat(), "session_id": f"{at.date()} {number}"}
        for at in [*evenings, now]
        for number in range(2)
    ]
    stack.client("firehose").put_record(
        DeliveryStreamName=stack.outputs()["DeliveryStreamName"],
        Record={"Data": json.dumps({"events": visits}).encode()},
    )
    stored = "SELECT 1 AS x FROM events WHERE source_menu = 'old'"
    eventually(stack, stored, len(visits))
    rows = "SELECT day, hour, visits FROM hourly_demand WHERE source_menu = 'old' AND day < DATE '{}'"
    days = "SELECT count(DISTINCT day) AS days FROM hourly_demand WHERE source_menu = 'old'"
    average = f"""
        SELECT hours, visits_per_hour FROM demand_by_hour
        WHERE source_menu = 'old' AND weekday = {evening.isoweekday()} AND hour = 19
    """
    questions = [f"{rows.format(now.date())} ORDER BY day, hour", days, average]
    before = [ask(stack, question) for question in questions]
    assert before[2] == [{"hours": "3", "visits_per_hour": "2.0"}]

    long_ago = [(evening - timedelta(weeks=week)).isoformat() for week in (1400, 1401, 1402)]
    for created_at in ("1970-01-02", "2000-01-01", *long_ago):
        assert api.post(menu | {"created_at": created_at, "session_id": created_at}).status == 202
    eventually(stack, stored, len(visits) + 5)
    assert [ask(stack, question) for question in questions] == before


def test_properties_keep_the_case_of_their_keys(stack: LocalStack, api: Api) -> None:
    """Without `CaseInsensitive: false` the record of two keys that differ by case only would not convert."""
    properties = {"Allergen": "nuts", "allergen": "none", "Größe": "L"}
    order = EVENT | {"source_menu": "keys", "event_id": "keys-0001"}
    assert api.post(order | {"properties": properties}).status == 202
    assert api.post(order | {"event_id": "keys-0002", "properties": {}}).status == 202
    cells = ", ".join(f"element_at(properties, '{key}') AS c{n}" for n, key in enumerate(properties))
    sql = f"SELECT {cells}, cardinality(properties) AS size FROM events WHERE source_menu = 'keys'"
    rows = eventually(stack, f"{sql} ORDER BY event_id", 2)
    assert [list(row.values()) for row in rows] == [[*properties.values(), "3"], []]


def test_money_comes_out_as_it_went_in(stack: LocalStack, api: Api) -> None:
    """A dinar has three decimals, a yen none; a price with more is rounded half up in the view alone."""
    order = EVENT | {"event_type": "order", "source_menu": "money"}
    prices = [(1.255, 3, "KWD"), (500, 2, "JPY"), (0.005, 1000, "TND"), (999_999_998.999, 1000, "BHD")]
    for price, quantity, currency in [*prices, (259.9745, 2, "USD")]:
        fields = {"unit_price": price, "quantity": quantity, "currency": currency}
        assert api.post(order | fields).status == 202
    eventually(stack, "SELECT 1 AS x FROM events_raw WHERE source_menu = 'money'", 5)
    columns = "currency, unit_price, revenue"
    rows = ask(stack, f"SELECT {columns} FROM events WHERE source_menu = 'money' ORDER BY currency")
    assert [tuple(row.values()) for row in rows] == [
        ("BHD", "999999998.999", "999999998999.000"),
        ("JPY", "500.000", "1000.000"),
        ("KWD", "1.255", "3.765"),
        ("TND", "0.005", "5.000"),
        ("USD", "259.975", "519.950"),
    ]
    (row,) = ask(stack, "SELECT unit_price FROM events_raw WHERE source_menu = 'money' AND currency = 'USD'")
    assert row["unit_price"] == "259.9745"
    (sum_,) = ask(stack, "SELECT sum(revenue) AS revenue FROM orders WHERE source_menu = 'money'")
    assert sum_["revenue"] == "1000000000527.715"


def test_what_the_api_lets_through_is_rejected_with_the_field(stack: LocalStack, api: Api) -> None:
    bad = [
        sample | {"event": sample["event"] | {"event_id": f"bad-{n:08d}"}}
        for n, sample in enumerate(samples("bad"))
    ]
    accepted = [sample for sample in bad if api.post(sample["event"]).status == 202]
    assert {sample["why"] for sample in accepted} >= {"missing", "date", "unknown field"}
    sql = "SELECT *, CAST(received_at AS timestamp) AS time FROM rejected_events WHERE event_id LIKE 'bad-%'"
    rows = eventually(stack, sql, len(accepted))
    assert all(row["received_at"] == row["time"] for row in rows)
    assert {row["event_id"]: row["field"] for row in rows} == {
        sample["event"]["event_id"]: sample["field"] for sample in accepted
    }
    assert ask(stack, "SELECT 1 AS x FROM events_raw WHERE event_id LIKE 'bad-%'") == []


def test_repeats_are_merged_and_bots_left_out(stack: LocalStack, api: Api) -> None:
    event = EVENT | {"event_id": "repeated-1"}
    for later in ({}, {"category": "second"}, {"category": "third"}):
        api.post(event | later)
    columns = "received_at, request_id, category, event_key, local_date"
    query = f"SELECT {columns} FROM {{}} WHERE event_id = 'repeated-1'"
    rows = eventually(stack, query.format("events_raw"), 3)
    first = min(rows, key=lambda row: row["received_at"])
    (merged,) = ask(stack, query.format("events"))
    assert merged["received_at"] == first["received_at"]
    assert merged["category"] == "second"  # of copies that differ, the smallest value
    headers = {"User-Agent": "Googlebot/2.1", "Content-Type": "application/json"}
    body = json.dumps(EVENT | {"event_id": "from-a-bot"})
    urllib3.request("POST", stack.local_url(stack.outputs()["EventsUrl"]), body=body, headers=headers)
    eventually(stack, "SELECT 1 AS x FROM events_raw WHERE event_id = 'from-a-bot' AND is_bot", 1)
    assert ask(stack, "SELECT 1 AS x FROM events WHERE event_id = 'from-a-bot'") == []


def test_what_cannot_be_read_is_kept_whole(stack: LocalStack) -> None:
    outputs = stack.outputs()
    stack.client("firehose").put_record(
        DeliveryStreamName=outputs["DeliveryStreamName"], Record={"Data": b"[not an event"}
    )
    s3 = stack.client("s3")
    deadline = time.monotonic() + 20
    keys: list[str] = []
    while not keys and time.monotonic() < deadline:
        page = s3.list_objects_v2(Bucket=outputs["DataBucketName"], Prefix="errors/processing-failed/")
        keys = [entry["Key"] for entry in page.get("Contents", [])]
        time.sleep(0.3)
    (key,) = keys
    failure = json.loads(s3.get_object(Bucket=outputs["DataBucketName"], Key=key)["Body"].read())
    assert failure["rawData"] == "W25vdCBhbiBldmVudA=="


def test_the_plain_command_line_client_can_query(stack: LocalStack) -> None:
    outputs = stack.outputs()

    def aws(*arguments: str) -> Any:
        command = ["aws", "athena", *arguments, "--output", "json"]
        process = subprocess.run(command, env=stack.environment(), check=True, capture_output=True, text=True)
        return json.loads(process.stdout)

    started = aws(
        "start-query-execution", "--work-group", outputs["WorkGroupName"],
        "--query-execution-context", f"Database={outputs['DatabaseName']}",
        "--query-string", "SELECT count(*) AS n FROM item_performance",
    )  # fmt: skip
    query_id = started["QueryExecutionId"]
    while aws("get-query-execution", "--query-execution-id", query_id)["QueryExecution"]["Status"][
        "State"
    ] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.2)
    rows = aws("get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"]
    assert rows[0]["Data"] == [{"VarCharValue": "n"}]
    assert int(rows[1]["Data"][0]["VarCharValue"]) > 0


def test_the_visitor_key_is_replaced_once_a_day(stack: LocalStack) -> None:
    functions, names = stack.client("lambda"), resources(stack)
    transform, visitor_key = names["TransformFunction"], names["VisitorKeyFunction"]

    def environment() -> dict[str, str]:
        return functions.get_function_configuration(FunctionName=transform)["Environment"]["Variables"]

    for _ in range(2):
        answer = functions.invoke(FunctionName=visitor_key, Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()
    key = environment()["VISITOR_KEY"]
    functions.invoke(FunctionName=visitor_key, Payload=b"{}")
    assert environment()["VISITOR_KEY"] == key  # the day's key stays for the day
    yesterday = environment() | {"VISITOR_KEY_DAY": "2026-01-01"}
    functions.update_function_configuration(FunctionName=transform, Environment={"Variables": yesterday})
    functions.invoke(FunctionName=visitor_key, Payload=b"{}")
    assert environment()["VISITOR_KEY"] != key
    assert environment()["TIME_ZONE"] == "Europe/Rome"


def test_no_address_and_no_user_agent_is_stored_or_logged(
    stack: LocalStack, api: Api, tmp_path: Path
) -> None:
    address, agent = "198.51.100.77", "Mozilla/5.0 (X11; Linux x86_64) PeculiarBrowser/7.7"
    visitor = {"X-Forwarded-For": address, "User-Agent": agent}
    assert api.post(EVENT | {"event_id": "from-a-visitor"}, **visitor).status == 202
    assert api.post(EVENT | {"event_id": "also-from-one", "note": "rejected"}, **visitor).status == 202
    eventually(stack, "SELECT 1 AS x FROM events WHERE event_id = 'from-a-visitor'", 1)
    eventually(stack, "SELECT 1 AS x FROM rejected_events WHERE event_id = 'also-from-one'", 1)
    stored = []
    s3 = stack.client("s3")
    for bucket in (entry["Name"] for entry in s3.list_buckets()["Buckets"]):
        if bucket.startswith("aws-sam-cli"):
            continue  # the packages that SAM uploads
        for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            if entry["Key"].endswith(".parquet"):
                (tmp_path / "object.parquet").write_bytes(body)
                relation = duckdb.sql(f"FROM '{tmp_path}/object.parquet'")
                assert relation is not None
                body = str(relation.fetchall()).encode()
            stored.append(body)
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        stored += [event["message"].encode() for event in events]
    everything = b"\n".join(stored)
    assert b"from-a-visitor" in everything
    assert b"CloudWatchMetrics" in everything
    assert address.encode() not in everything
    assert b"PeculiarBrowser" not in everything
    assert base64.b64encode(agent.encode()) not in everything  # as the record has it
