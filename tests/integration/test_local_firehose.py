"""The Firehose supplement, seen by a boto3 client: what is accepted, and what becomes of it in S3."""

import base64
import json
import re
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from tests.integration.local_emulator import ACCOUNT, REGION, Emulator, arn_of, role, running, until

TRANSFORM = """
import base64, json, os, time
def handler(event, context):
    with open(os.environ["CALLS"], "a") as calls:
        shape = {**event, "records": [sorted(record) for record in event["records"]]}
        calls.write(json.dumps(shape) + "\\n")
    answer = []
    for record in event["records"]:
        command = json.loads(base64.b64decode(record["data"]))
        result = {"recordId": record["recordId"], "result": command.get("result", "Ok")}
        lines = command.get("lines", [])
        result["data"] = base64.b64encode("".join(json.dumps(x) + "\\n" for x in lines).encode()).decode()
        match command.get("do"):
            case "raise": raise ValueError("told to")
            case "large": result["data"] = "x" * 7000000
            case "omit": continue
            case "twice": answer.append(result)
            case "garble": result["data"] = "*"
            case "raw": result["data"] = record["data"]
        answer.append(result)
    return {"records": answer}
"""
COLUMNS = {
    "event_id": "string",
    "event_time": "timestamp",
    "price": "decimal(38,10)",
    "quantity": "int",
    "ok": "boolean",
    "properties": "map<string,string>",
    "event_key": "bigint",
    "local_date": "date",
}


def stream(name: str, **configuration: Any) -> dict[str, Any]:
    destination = {
        "BucketARN": arn_of("Bucket"),
        "RoleARN": arn_of("Deliverer"),
        "Prefix": name + "/day=!{timestamp:yyyy-MM-dd}/",
        "ErrorOutputPrefix": name + "-errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
        "BufferingHints": {"IntervalInSeconds": "60", "SizeInMBs": 128},
        "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": "firehose", "LogStreamName": name},
        **configuration,
    }
    properties = {"DeliveryStreamName": name, "ExtendedS3DestinationConfiguration": destination}
    return {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": properties,
        "DependsOn": ["Table", "Group"],
    }


def processing(function: Any, **parameters: str) -> dict[str, Any]:
    named = {"LambdaArn": function, "NumberOfRetries": "1", **parameters}
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in named.items()]
    return {
        "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}
    }


def conversion(table: str) -> dict[str, Any]:
    schema = {"DatabaseName": "menu", "TableName": table, "RoleARN": arn_of("Deliverer"), "Region": REGION}
    return {
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            "SchemaConfiguration": schema,
        }
    }


def resources(calls: str) -> dict[str, Any]:
    columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()]
    logs = ("logs:*", "*")
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
        "Deliverer": role(
            "firehose", ("s3:*", "*"), ("glue:GetTable*", "*"), ("lambda:InvokeFunction", "*"), logs
        ),
        "Uninvoking": role("firehose", ("s3:*", "*"), logs),
        "Unwriting": role("firehose", logs),
        "Runner": role("lambda"),
        "Transform": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "transform",
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Role": arn_of("Runner"),
                "Code": {"ZipFile": TRANSFORM},
                "Environment": {"Variables": {"CALLS": calls}},
            },
        },
        "Database": {
            "Type": "AWS::Glue::Database",
            "Properties": {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": "menu"}},
        },
        "Table": {
            "Type": "AWS::Glue::Table",
            "DependsOn": "Database",
            "Properties": {
                "CatalogId": ACCOUNT,
                "DatabaseName": "menu",
                "TableInput": {"Name": "events", "StorageDescriptor": {"Columns": columns}},
            },
        },
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "firehose"}},
        "ErrorLog": {
            "Type": "AWS::Logs::LogStream",
            "DependsOn": "Group",
            "Properties": {"LogGroupName": "firehose", "LogStreamName": "parquet"},
        },
        "Plain": stream("plain", CustomTimeZone="Pacific/Kiritimati"),
        "Parquet": stream("parquet", **processing(arn_of("Transform")), **conversion("events")),
        "Tableless": stream("tableless", **conversion("absent")),
        "Powerless": stream("powerless", **processing(arn_of("Transform")), RoleARN=arn_of("Uninvoking")),
        "Readonly": stream("readonly", RoleARN=arn_of("Unwriting")),
        "Batched": stream("batched", **processing(arn_of("Transform"), BufferSizeInMBs="0.2")),
    }


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("emulator")
    with running(directory, LOCAL_BUFFER_SECONDS="0.5") as emulator:
        emulator.calls = directory / "calls"
        emulator.deploy("streams", resources(str(emulator.calls)))
        yield emulator


def put(emulator: Emulator, name: str, *records: Any) -> list[str]:
    data = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    answer = emulator.client("firehose").put_record_batch(
        DeliveryStreamName=name, Records=[{"Data": item} for item in data]
    )
    assert answer["FailedPutCount"] == 0
    return [response["RecordId"] for response in answer["RequestResponses"]]


def rows(emulator: Emulator, name: str, event_id: str) -> list[tuple[Any, ...]]:
    """Wait for the Parquet object that holds an event, and return all of its rows."""

    def find() -> list[tuple[Any, ...]] | None:
        for key, body in emulator.objects("data", f"{name}/").items():
            assert key.endswith(".parquet")
            path = emulator.calls.with_name("object.parquet")
            path.write_bytes(body)
            found = duckdb.read_parquet(str(path)).fetchall()
            if any(row[0] == event_id for row in found):
                return found
        return None

    return until(find)


def failures(emulator: Emulator, name: str, kind: str, raw: Any) -> dict[str, Any]:
    """Wait for the error line of a record."""
    wanted = base64.b64encode(raw if isinstance(raw, bytes) else json.dumps(raw).encode()).decode()

    def find() -> dict[str, Any] | None:
        found = emulator.objects("data", f"{name}-errors/{kind}/{time.strftime('%Y')}/")
        lines = [json.loads(line) for body in found.values() for line in body.splitlines()]
        return next((line for line in lines if line["rawData"] == wanted), None)

    return until(find)


def test_without_conversion_bytes_are_joined_under_the_zones_date(emulator: Emulator) -> None:
    client = emulator.client("firehose")
    pieces = [b"\x00\xff", '{"a": "ü"}\n'.encode(), b"tail"]
    ids = {client.put_record(DeliveryStreamName="plain", Record={"Data": p})["RecordId"] for p in pieces}
    assert len(ids) == 3
    ((key, body),) = until(lambda: emulator.objects("data", "plain/")).items()
    assert body == b"".join(pieces)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 14 * 3600))
    assert re.fullmatch(rf"plain/day={day}/plain-1-{day}-\d\d-\d\d-\d\d-[0-9a-f-]{{36}}", key)


def test_a_buffer_becomes_one_parquet_object_and_bad_records_stand_apart(emulator: Emulator) -> None:
    good = {
        "EVENT_ID": "one",
        "event_time": "2026-01-02T03:04:05.678901Z",
        "price": "1234567890.0123456789",
        "quantity": "3",
        "ok": True,
        "properties": {"a": "b", "n": 1},
        "event_key": -(2**63),
        "local_date": "2026-01-02",
        "unknown": 1,
    }
    other = {"event_id": "two", "event_time": "2026-01-02 03:04:05", "quantity": 4}
    bad = {"event_id": "three", "quantity": "four"}
    put(emulator, "parquet", {"lines": [good, other]}, {"lines": [bad]}, {"do": "raw", "event_id": "four"})
    found = {row[0]: row[1:] for row in rows(emulator, "parquet", "one")}
    assert set(found) == {"one", "two", "four"}
    event_time, price, *rest = found["one"]
    assert event_time.isoformat() == "2026-01-02T03:04:05.678901"
    assert str(price) == "1234567890.0123456789"
    assert rest == [3, True, {"a": "b", "n": "1"}, -(2**63), date(2026, 1, 2)]
    assert found["four"] == (None,) * 7
    line = failures(emulator, "parquet", "format-conversion-failed", json.dumps(bad).encode() + b"\n")
    assert line["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert line["dataCatalogTable"] == {
        "catalogId": ACCOUNT,
        "databaseName": "menu",
        "tableName": "events",
        "region": REGION,
        "versionId": "LATEST",
    }


def test_the_function_gets_the_event_that_aws_sends(emulator: Emulator) -> None:
    put(emulator, "parquet", {"lines": [{"event_id": "shape"}]})
    rows(emulator, "parquet", "shape")
    event = json.loads(emulator.calls.read_text().splitlines()[-1])
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
    emulator: Emulator, command: dict[str, str], code: str
) -> None:
    event_id = f"beside {command}"
    put(emulator, "parquet", command, {"lines": [{"event_id": event_id}]}, {"result": "Dropped"})
    line = failures(emulator, "parquet", "processing-failed", command)
    assert line["errorCode"] == code
    assert line["attemptsMade"] == 1
    assert line["lambdaARN"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transform"
    assert line["arrivalTimestamp"] <= line["attemptEndingTimestamp"]
    assert rows(emulator, "parquet", event_id)


@pytest.mark.parametrize("command", [{"do": "raise"}, {"do": "large"}])
def test_a_failing_invocation_is_repeated_then_fails_the_batch(
    emulator: Emulator, command: dict[str, str]
) -> None:
    beside = {"lines": [{"event_id": f"with {command}"}]}
    put(emulator, "parquet", command, beside)
    for record in (command, beside):
        line = failures(emulator, "parquet", "processing-failed", record)
        assert (line["errorCode"], line["attemptsMade"]) == ("Lambda.FunctionError", 2)


def test_errors_are_logged(emulator: Emulator) -> None:
    put(emulator, "parquet", {"result": "ProcessingFailed", "for": "the log"})
    logs = emulator.client("logs")

    def find() -> list[Any]:
        events = logs.get_log_events(logGroupName="firehose", logStreamName="parquet")["events"]
        return [event for event in events if "Lambda.ProcessingFailedStatus" in event["message"]]

    event = json.loads(until(find)[0]["message"])
    assert event["destination"] == "arn:aws:s3:::data"


def test_a_role_that_may_not_invoke_fails_the_batch(emulator: Emulator) -> None:
    put(emulator, "powerless", {"lines": []})
    line = failures(emulator, "powerless", "processing-failed", {"lines": []})
    assert line["errorCode"] == "Lambda.InvokeAccessDenied"


def test_a_missing_table_fails_all_records(emulator: Emulator) -> None:
    put(emulator, "tableless", {"event_id": "x"})
    line = failures(emulator, "tableless", "format-conversion-failed", {"event_id": "x"})
    assert line["lastErrorCode"] == "DataFormatConversion.EntityNotFound"


def test_what_cannot_be_written_waits_until_it_can(emulator: Emulator) -> None:
    put(emulator, "readonly", b"precious")
    time.sleep(2)
    assert not emulator.objects("data", "readonly/")
    iam = emulator.client("iam")
    name = next(r["RoleName"] for r in iam.list_roles()["Roles"] if "Unwriting" in r["RoleName"])
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="write", PolicyDocument=policy)
    assert list(until(lambda: emulator.objects("data", "readonly/")).values()) == [b"precious"]


def test_batches_for_the_function_keep_to_the_processors_buffer(emulator: Emulator) -> None:
    put(emulator, "batched", *[{"lines": [n], "fill": "x" * 50_000} for n in range(20)])
    until(lambda: b"".join(emulator.objects("data", "batched/").values()).count(b"\n") == 20)
    calls = [json.loads(line) for line in emulator.calls.read_text().splitlines()]
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
    emulator: Emulator, records: list[bytes], code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        put(emulator, "plain", *records)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_stream_is_not_found(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match=f"Firehose none under account {ACCOUNT} not found"):
        put(emulator, "none", b"x")


def test_what_a_deleted_stream_has_accepted_is_still_delivered(emulator: Emulator) -> None:
    client = emulator.client("firehose")
    role_arn = client.describe_delivery_stream(DeliveryStreamName="plain")["DeliveryStreamDescription"][
        "Destinations"
    ][0]["ExtendedS3DestinationDescription"]["RoleARN"]
    destination = {"BucketARN": "arn:aws:s3:::data", "RoleARN": role_arn, "Prefix": "brief/"}
    client.create_delivery_stream(DeliveryStreamName="brief", ExtendedS3DestinationConfiguration=destination)
    put(emulator, "brief", b"last words")
    client.delete_delivery_stream(DeliveryStreamName="brief")
    assert list(until(lambda: emulator.objects("data", "brief/")).values()) == [b"last words"]


def test_a_stop_of_the_process_delivers_first(tmp_path: Any) -> None:
    with running(tmp_path, LOCAL_BUFFER_SECONDS="60") as emulator:
        parts = resources("")
        kept = {name: parts[name] for name in ("Bucket", "Deliverer")}
        emulator.deploy("one", {**kept, "Plain": {**stream("plain"), "DependsOn": []}})
        put(emulator, "plain", b"before the stop")
    files = [path.read_bytes() for path in (tmp_path / "s3").rglob("plain-1-*") if path.is_file()]
    assert b"before the stop" in files
