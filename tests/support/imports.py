"""What tests of the import need: files, what was rejected of them, and a stack that takes the events."""

import csv
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

HEADER = "element_clicked,source_menu,created_at,unit_price,currency,quantity,event_type\n"
GOOD = "pizza,m,2026-11-22 19:04:00,10.5,EUR,1,order\n"


class Stack:
    """Stands in for CloudFormation and Firehose behind boto3: keeps the events that are put."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.id = "arn:aws:cloudformation:eu-central-1:000000000000:stack/menulens/1"
        self.events: list[dict[str, Any]] = []
        monkeypatch.setattr(boto3, "client", lambda name: self)
        monkeypatch.setattr("time.sleep", lambda seconds: None)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        outputs = [{"OutputKey": "DeliveryStreamName", "OutputValue": "stream"}]
        parameters = [{"ParameterKey": "TimeZone", "ParameterValue": "Europe/Rome"}]
        return {"Stacks": [{"StackId": self.id, "Outputs": outputs, "Parameters": parameters}]}

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        for record in Records:
            self.events += json.loads(record["Data"])["events"]
        return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"} for _ in Records]}


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def rejected(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
