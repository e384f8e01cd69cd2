"""What several tests need: the functions' modules, the template, the samples, and Firehose's event."""

import base64
import copy
import functools
import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import settings
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "data" / "samples"
EVENTS = ROOT / "events"

RECEIVED_AT = 1_795_457_400_000  # 2026-11-23T18:10:00Z
REQUEST_ID = "4c2fd1a8-3f0b-4f5e-9a3c-0d9c5c1d2e3f"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)

# What the custom resource fills into the statements of athena/.
DEFINITION_VALUES = {
    "database": "menulens",
    "bucket": "data",
    "time_zone": "Europe/Rome",
    "event_months": "26",
    "rejected_months": "5",
}

CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:function",
    aws_request_id="00000000-0000-0000-0000-000000000000",
    get_remaining_time_in_millis=lambda: 60_000,
)


def load_function(name: str, *only: str) -> dict[str, Any]:
    """Import a function's modules afresh, as Lambda does: its folder is the root of its imports."""
    folder = ROOT / "functions" / name
    modules = sorted(path.stem for path in folder.glob("*.py"))
    for module in modules:
        sys.modules.pop(module, None)
    sys.path.insert(0, str(folder))
    try:
        return {module: importlib.import_module(module) for module in only or modules}
    finally:
        sys.path.remove(str(folder))


def source_template() -> dict[str, Any]:
    """Return template.yaml as SAM parses it; each caller gets a copy."""
    return copy.deepcopy(_parsed_template())


@functools.cache
def _parsed_template() -> dict[str, Any]:
    return dict(yaml_parse((ROOT / "template.yaml").read_text()))


def examples(share: float) -> int:
    """Return the number of a property's examples: a share of what the Hypothesis profile says.

    The profile is chosen by --hypothesis-profile; `tests/conftest.py` defines those of this project.
    """
    assert settings.default is not None
    return max(1, round(share * settings.default.max_examples))


def samples(name: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a sample file."""
    return [json.loads(line) for line in (SAMPLES / f"{name}.jsonl").read_text().splitlines()]


def envelope(body: object, **changes: object) -> bytes:
    """Return the record that the API makes of a request body."""
    fields = {
        "body": body,
        "request_id": REQUEST_ID,
        "received_at": RECEIVED_AT,
        "ip": "203.0.113.7",
        "user_agent": base64.b64encode(PHONE.encode()).decode(),
    }
    return json.dumps(fields | changes, ensure_ascii=False).encode()


def record(data: bytes | str, number: int = 0) -> dict[str, Any]:
    """Return a record of a Firehose batch; text is taken for the finished base64."""
    return {
        "recordId": f"4954{number:052d}",
        "approximateArrivalTimestamp": RECEIVED_AT + 1000,
        "data": data if isinstance(data, str) else base64.b64encode(data).decode(),
    }


def firehose_batch(*data: bytes | str) -> dict[str, Any]:
    """Return the event with which Firehose calls the transform."""
    return {
        "invocationId": "7b1e0f3c-5d0a-4f6e-8d4b-2f3a1c9e8d7f",
        "deliveryStreamArn": "arn:aws:firehose:eu-central-1:000000000000:deliverystream/menulens",
        "region": "eu-central-1",
        "records": [record(body, number) for number, body in enumerate(data)],
    }


def rows(answer: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows in an answer to a record."""
    return [json.loads(line) for line in base64.b64decode(answer["data"]).splitlines()]
