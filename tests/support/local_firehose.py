"""Streams of an emulator with the Firehose supplement, what is put into them and what comes out."""

import base64
import json
import time
from typing import Any

import duckdb

from tests.support.local_emulator import ACCOUNT, REGION, Emulator, arn_of, role, until

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
    "price": "double",
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
        "DependsOn": ["Table", "Priced", "Group"],
    }


def processing(function: Any, **parameters: str) -> dict[str, Any]:
    named = {"LambdaArn": function, "NumberOfRetries": "1", **parameters}
    listed = [{"ParameterName": name, "ParameterValue": value} for name, value in named.items()]
    return {
        "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}
    }


def conversion(table: str, **openx: bool) -> dict[str, Any]:
    schema = {"DatabaseName": "menu", "TableName": table, "RoleARN": arn_of("Deliverer"), "Region": REGION}
    return {
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": openx}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            "SchemaConfiguration": schema,
        }
    }


def resources(calls: str) -> dict[str, Any]:
    columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()]
    priced = [{"Name": "event_id", "Type": "string"}, {"Name": "price", "Type": "decimal(12,2)"}]
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
        "Priced": {
            "Type": "AWS::Glue::Table",
            "DependsOn": "Database",
            "Properties": {
                "CatalogId": ACCOUNT,
                "DatabaseName": "menu",
                "TableInput": {"Name": "priced", "StorageDescriptor": {"Columns": priced}},
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
        "Cased": stream("cased", **conversion("events", CaseInsensitive=False)),
        "Lowering": stream("lowering", **conversion("events")),
        "Decimal": stream("decimal", **conversion("priced")),
        "Tableless": stream("tableless", **conversion("absent")),
        "Powerless": stream("powerless", **processing(arn_of("Transform")), RoleARN=arn_of("Uninvoking")),
        "Readonly": stream("readonly", RoleARN=arn_of("Unwriting")),
        "Batched": stream("batched", **processing(arn_of("Transform"), BufferSizeInMBs="0.2")),
    }


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
            rows = duckdb.read_parquet(str(path)).fetchall()
            if any(row[0] == event_id for row in rows):
                return rows
        return None

    return until(find)


def failures(emulator: Emulator, name: str, kind: str, raw: Any) -> dict[str, Any]:
    """Wait for the error line of a record."""
    raw_data = base64.b64encode(raw if isinstance(raw, bytes) else json.dumps(raw).encode()).decode()

    def find() -> dict[str, Any] | None:
        objects = emulator.objects("data", f"{name}-errors/{kind}/{time.strftime('%Y')}/")
        lines = [json.loads(line) for body in objects.values() for line in body.splitlines()]
        return next((line for line in lines if line["rawData"] == raw_data), None)

    return until(find)
