"""The Firehose supplement, seen by a boto3 client: what is accepted, and what becomes of it in S3."""

import json
import re
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_emulator import ACCOUNT, REGION, Emulator, running, until
from tests.support.local_firehose import failures, put, resources, rows, stream


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("emulator")
    with running(directory, LOCAL_BUFFER_SECONDS="0.5") as emulator:
        emulator.calls = directory / "calls"
        emulator.deploy("streams", resources(str(emulator.calls)))
        yield emulator


def test_without_conversion_bytes_are_joined_under_the_zones_date(streams: Emulator) -> None:
    client = streams.client("firehose")
    pieces = [b"\x00\xff", '{"a": "ü"}\n'.encode(), b"tail"]
    ids = {client.put_record(DeliveryStreamName="plain", Record={"Data": p})["RecordId"] for p in pieces}
    assert len(ids) == 3
    ((key, body),) = until(lambda: streams.objects("data", "plain/")).items()
    assert body == b"".join(pieces)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 14 * 3600))
    assert re.fullmatch(rf"plain/day={day}/plain-1-{day}-\d\d-\d\d-\d\d-[0-9a-f-]{{36}}", key)


def test_a_buffer_becomes_one_parquet_object_and_bad_records_stand_apart(streams: Emulator) -> None:
    good = {
        "EVENT_ID": "one",
        "event_time": "2026-01-02T03:04:05.678901Z",
        "price": "1234567890.123",
        "quantity": "3",
        "ok": True,
        "properties": {"a": "b", "n": 1},
        "event_key": -(2**63),
        "local_date": "2026-01-02",
        "unknown": 1,
    }
    other = {"event_id": "two", "event_time": "2026-01-02 03:04:05", "quantity": 4}
    bad = {"event_id": "three", "quantity": "four"}
    put(streams, "parquet", {"lines": [good, other]}, {"lines": [bad]}, {"do": "raw", "event_id": "four"})
    by_id = {row[0]: row[1:] for row in rows(streams, "parquet", "one")}
    assert set(by_id) == {"one", "two", "four"}
    event_time, price, *rest = by_id["one"]
    assert event_time.isoformat() == "2026-01-02T03:04:05.678901"
    assert price == 1234567890.123
    assert rest == [3, True, {"a": "b", "n": "1"}, -(2**63), date(2026, 1, 2)]
    assert by_id["four"] == (None,) * 7
    line = failures(streams, "parquet", "format-conversion-failed", json.dumps(bad).encode() + b"\n")
    assert line["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert line["dataCatalogTable"] == {
        "catalogId": ACCOUNT,
        "databaseName": "menu",
        "tableName": "events",
        "region": REGION,
        "versionId": "LATEST",
    }


def test_keys_become_lower_case_by_default_and_may_not_meet(streams: Emulator) -> None:
    """By default keys that differ by case only are duplicates, inside maps too.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_OpenXJsonSerDe.html names the default,
    https://github.com/rcongiu/Hive-JSON-Serde/issues/104 has the error, and 236 is of keys in a map.
    """
    lowered = {"EVENT_ID": "lowered", "properties": {"Allergen": "nuts", "table": "7"}}
    clash = {"event_id": "clash", "properties": {"Allergen": "nuts", "allergen": "none"}}
    put(streams, "lowering", lowered, clash)
    ((_, *_, properties, _, _),) = rows(streams, "lowering", "lowered")
    assert properties == {"allergen": "nuts", "table": "7"}
    line = failures(streams, "lowering", "format-conversion-failed", clash)
    assert line["lastErrorCode"] == "DataFormatConversion.ParseError"


def test_keys_keep_their_case_where_it_counts(streams: Emulator) -> None:
    """With `CaseInsensitive` false a key matches the column of exactly its name, in lower case in Glue.

    https://github.com/awsdocs/amazon-athena-user-guide/pull/46 says so of the same SerDe in Athena.
    """
    properties = {"Allergen": "nuts", "allergen": "none"}
    put(streams, "cased", {"event_id": "cased", "Quantity": 3, "properties": properties})
    (row,) = rows(streams, "cased", "cased")
    assert row == ("cased", None, None, None, None, properties, None, None)
    empty = {"event_id": "empty", "properties": {}}
    put(streams, "cased", empty)
    assert failures(streams, "cased", "format-conversion-failed", empty)
    twice = b'{"event_id": "twice", "properties": {"a": "1", "a": "2"}}'
    put(streams, "cased", twice)
    assert failures(streams, "cased", "format-conversion-failed", twice)


@pytest.mark.parametrize("price", [14.5, 14, "14.50"])
def test_no_row_with_a_decimal_converts(streams: Emulator, price: Any) -> None:
    """The OpenX SerDe has no decimal type: `String cannot be cast to HiveDecimal`, of a number likewise.

    https://github.com/rcongiu/Hive-JSON-Serde/issues/54 shows it of the stock SerDe. Nobody reports whether
    AWS has corrected its copy.
    """
    priced, unpriced = {"event_id": f"priced {price!r}", "price": price}, {"event_id": f"unpriced {price!r}"}
    put(streams, "decimal", priced, unpriced)
    line = failures(streams, "decimal", "format-conversion-failed", priced)
    assert line["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert (unpriced["event_id"], None) in rows(streams, "decimal", unpriced["event_id"])


def test_the_function_gets_the_event_that_aws_sends(streams: Emulator) -> None:
    put(streams, "parquet", {"lines": [{"event_id": "shape"}]})
    rows(streams, "parquet", "shape")
    event = json.loads(streams.calls.read_text().splitlines()[-1])
    assert set(event) == {"invocationId", "deliveryStreamArn", "region", "records"}
    assert event["deliveryStreamArn"] == f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/parquet"
    assert event["region"] == REGION
    assert event["records"][0] == ["approximateArrivalTimestamp", "data", "recordId"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"result": "ProcessingFailed"}, "Lambda.ProcessingFailedStatus"),
        ({"result": "What"}, "Lambda.InvalidReturnFormat"),
        ({"do": "omit"}, "Lambda.MissingRecordId"),
        ({"do": "twice"}, "Lambda.DuplicatedRecordId"),
        ({"do": "garble"}, "Lambda.InvalidReturnFormat"),
    ],
)
def test_a_record_that_the_function_fails_goes_to_the_errors_alone(
    streams: Emulator, command: dict[str, str], code: str
) -> None:
    event_id = f"beside {command}"
    put(streams, "parquet", command, {"lines": [{"event_id": event_id}]}, {"result": "Dropped"})
    line = failures(streams, "parquet", "processing-failed", command)
    assert line["errorCode"] == code
    assert line["attemptsMade"] == 1
    assert line["lambdaARN"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transform"
    assert line["arrivalTimestamp"] <= line["attemptEndingTimestamp"]
    assert rows(streams, "parquet", event_id)


@pytest.mark.parametrize("command", [{"do": "raise"}, {"do": "large"}])
def test_a_failing_invocation_is_repeated_then_fails_the_batch(
    streams: Emulator, command: dict[str, str]
) -> None:
    beside = {"lines": [{"event_id": f"with {command}"}]}
    put(streams, "parquet", command, beside)
    for record in (command, beside):
        line = failures(streams, "parquet", "processing-failed", record)
        assert (line["errorCode"], line["attemptsMade"]) == ("Lambda.FunctionError", 2)


def test_errors_are_logged(streams: Emulator) -> None:
    put(streams, "parquet", {"result": "ProcessingFailed", "for": "the log"})
    logs = streams.client("logs")

    def find() -> list[Any]:
        events = logs.get_log_events(logGroupName="firehose", logStreamName="parquet")["events"]
        return [event for event in events if "Lambda.ProcessingFailedStatus" in event["message"]]

    event = json.loads(until(find)[0]["message"])
    assert event["destination"] == "arn:aws:s3:::data"


def test_a_role_that_may_not_invoke_fails_the_batch(streams: Emulator) -> None:
    put(streams, "powerless", {"lines": []})
    line = failures(streams, "powerless", "processing-failed", {"lines": []})
    assert line["errorCode"] == "Lambda.InvokeAccessDenied"


def test_a_missing_table_fails_all_records(streams: Emulator) -> None:
    put(streams, "tableless", {"event_id": "x"})
    line = failures(streams, "tableless", "format-conversion-failed", {"event_id": "x"})
    assert line["lastErrorCode"] == "DataFormatConversion.EntityNotFound"


def test_what_cannot_be_written_waits_until_it_can(streams: Emulator) -> None:
    put(streams, "readonly", b"precious")
    time.sleep(2)
    assert not streams.objects("data", "readonly/")
    iam = streams.client("iam")
    name = next(r["RoleName"] for r in iam.list_roles()["Roles"] if "Unwriting" in r["RoleName"])
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="write", PolicyDocument=policy)
    assert list(until(lambda: streams.objects("data", "readonly/")).values()) == [b"precious"]


def test_batches_for_the_function_keep_to_the_processors_buffer(streams: Emulator) -> None:
    put(streams, "batched", *[{"lines": [n], "fill": "x" * 50_000} for n in range(20)])
    until(lambda: b"".join(streams.objects("data", "batched/").values()).count(b"\n") == 20)
    calls = [json.loads(line) for line in streams.calls.read_text().splitlines()]
    sizes = [len(c["records"]) for c in calls if c["deliveryStreamArn"].endswith("batched")]
    assert sum(sizes) == 20
    assert max(sizes) == 4


@pytest.mark.parametrize(
    ("records", "code", "message"),
    [
        ([b"x" * (1000 * 1024 + 1)], "ValidationException", "less than or equal to 1024000"),
        ([], "ValidationException", "greater than or equal to 1"),
        ([b"x"] * 501, "ValidationException", "less than or equal to 500"),
        ([b"x" * 1000 * 1024] * 5, "InvalidArgumentException", "Records size exceeds 4 MB limit"),
    ],
)
def test_batches_beyond_the_limits_are_refused(
    streams: Emulator, records: list[bytes], code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        put(streams, "plain", *records)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_stream_is_not_found(streams: Emulator) -> None:
    with pytest.raises(ClientError, match=f"Firehose none under account {ACCOUNT} not found"):
        put(streams, "none", b"x")


def test_what_a_deleted_stream_has_accepted_is_still_delivered(streams: Emulator) -> None:
    client = streams.client("firehose")
    role_arn = client.describe_delivery_stream(DeliveryStreamName="plain")["DeliveryStreamDescription"][
        "Destinations"
    ][0]["ExtendedS3DestinationDescription"]["RoleARN"]
    destination = {"BucketARN": "arn:aws:s3:::data", "RoleARN": role_arn, "Prefix": "brief/"}
    client.create_delivery_stream(DeliveryStreamName="brief", ExtendedS3DestinationConfiguration=destination)
    put(streams, "brief", b"last words")
    client.delete_delivery_stream(DeliveryStreamName="brief")
    assert list(until(lambda: streams.objects("data", "brief/")).values()) == [b"last words"]


def test_a_stop_of_the_process_delivers_first(tmp_path: Any) -> None:
    with running(tmp_path, LOCAL_BUFFER_SECONDS="60") as streams:
        parts = resources("")
        unchanged = {name: parts[name] for name in ("Bucket", "Deliverer")}
        streams.deploy("one", {**unchanged, "Plain": {**stream("plain"), "DependsOn": []}})
        put(streams, "plain", b"before the stop")
    files = [path.read_bytes() for path in (tmp_path / "s3").rglob("plain-1-*") if path.is_file()]
    assert b"before the stop" in files
