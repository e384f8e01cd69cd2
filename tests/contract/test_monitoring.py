"""Alarms and monitoring dashboard name metrics that are emitted: by functions, run here, or by services."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import CONTEXT, EVENTS, ROOT, envelope, firehose_batch, load_function, source_template
from tests.support.template_text import sections as template_sections

NAMESPACE = "MenuLens/the-stack"
EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}
Metric = tuple[str, str, frozenset[str]]  # namespace, name, names of the dimensions

# What the services emit, from their documentation:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
# https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html
SERVICE_METRICS: dict[tuple[str, frozenset[str]], set[str]] = {
    ("AWS/ApiGateway", frozenset({"ApiName", "Stage"})): {
        "4XXError", "5XXError", "Count", "IntegrationLatency", "Latency",
    },
    ("AWS/Firehose", frozenset({"DeliveryStreamName"})): {
        "DeliveryToS3.Bytes", "DeliveryToS3.DataFreshness", "DeliveryToS3.Records", "DeliveryToS3.Success",
        "FailedConversion.Bytes", "FailedConversion.Records", "SucceedConversion.Bytes",
        "SucceedConversion.Records", "IncomingBytes", "IncomingRecords", "ThrottledRecords",
    },
    ("AWS/Lambda", frozenset({"FunctionName"})): {
        "ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles",
    },
    ("AWS/Athena", frozenset({"QueryState", "QueryType", "WorkGroup"})): {
        "EngineExecutionTime", "ProcessedBytes", "QueryPlanningTime", "QueryQueueTime",
        "ServiceProcessingTime", "TotalExecutionTime",
    },
}  # fmt: skip

# Which resource a dimension must name, by its type.
DIMENSION_TYPES = {
    "DeliveryStreamName": "AWS::KinesisFirehose::DeliveryStream",
    "FunctionName": "AWS::Serverless::Function",
    "WorkGroup": "AWS::Athena::WorkGroup",
}


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return source_template()["Resources"]


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def metrics_of(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "MetricName" in alarm:
        yield alarm
    for metric in alarm.get("Metrics", []):
        if "MetricStat" in metric:
            yield metric["MetricStat"]["Metric"]


def text(value: Any) -> str:
    """Return a value with the stack's name filled in, and a reference as in Fn::Sub."""
    if isinstance(value, dict):
        (value,) = [f"${{{name}}}" if kind == "Ref" else name for kind, name in value.items()]
    return str(value).replace("${AWS::StackName}", "the-stack")


def check(namespace: str, name: str, dimensions: dict[str, str], known: set[Metric], resources: Any) -> None:
    assert (namespace, name, frozenset(dimensions)) in known, f"nothing emits {namespace} {name} {dimensions}"
    for dimension, kind in DIMENSION_TYPES.items():
        if dimension in dimensions:
            logical_id = dimensions[dimension].removeprefix("${").removesuffix("}")
            assert resources[logical_id]["Type"] == kind
    api = resources["IngestApi"]["Properties"]
    for dimension, value in (("ApiName", text(api["Name"])), ("Stage", text(api["StageName"]))):
        assert dimensions.get(dimension, value) == value
    assert dimensions.get("service", "transform") == "transform"


@pytest.fixture
def emitted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], resources: Any
) -> set[Metric]:
    """What the transform's embedded metric format says, with the namespace that the template gives it."""
    variables = resources["TransformFunction"]["Properties"]["Environment"]["Variables"]
    monkeypatch.setenv("METRICS_NAMESPACE", text(variables["METRICS_NAMESPACE"]))
    monkeypatch.setenv("TIME_ZONE", "Europe/Rome")
    monkeypatch.setenv("DATA_BUCKET", "data")
    modules = load_function("transform")
    modules["app"].store = lambda *_: None
    capsys.readouterr()
    modules["app"].handler(firehose_batch(envelope(EVENT), envelope(EVENT | {"note": 1}), b"["), CONTEXT)
    metrics: set[Metric] = set()
    for line in capsys.readouterr().out.splitlines():
        for block in json.loads(line).get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in block["Dimensions"]:
                metrics |= {(block["Namespace"], m["Name"], frozenset(dimensions)) for m in block["Metrics"]}
    assert any(namespace == NAMESPACE for namespace, _, _ in metrics)
    return metrics


@pytest.fixture
def known(emitted: set[Metric], resources: Any) -> set[Metric]:
    services = {
        (namespace, name, dimensions)
        for (namespace, dimensions), names in SERVICE_METRICS.items()
        for name in names
    }
    filters = {
        (text(metric["MetricNamespace"]), metric["MetricName"], frozenset(metric.get("Dimensions", ())))
        for metric_filter in of_type(resources, "AWS::Logs::MetricFilter").values()
        for metric in metric_filter["MetricTransformations"]
    }
    return services | emitted | filters


def test_each_alarm_is_on_a_metric_that_is_emitted(resources: Any, known: set[Metric]) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    assert len(alarms) >= 12
    for alarm in alarms.values():
        for metric in metrics_of(alarm):
            dimensions = {pair["Name"]: text(pair["Value"]) for pair in metric.get("Dimensions", ())}
            check(text(metric["Namespace"]), metric["MetricName"], dimensions, known, resources)


def dashboard(resources: Any, *, on: bool = True) -> list[dict[str, Any]]:
    """Return the widgets, with those of the parts that parameters turn on, or without."""
    body, parts = resources["MonitoringDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, choice in parts.items():
        _, turned_on, turned_off = choice["Fn::If"]
        body = body.replace(f"${{{name}}}", turned_on["Fn::Sub"] if on else turned_off)
    return list(json.loads(body)["widgets"])


def test_the_dashboard_shows_the_errors_of_each_function(resources: Any) -> None:
    """Of a function that a parameter turns on, only then."""
    functions = {name for name, part in resources.items() if part["Type"] == "AWS::Serverless::Function"}
    optional = {name for name in functions if "Condition" in resources[name]}
    assert optional == {"ReportFunction", "DashboardFunction", "LetterFunction"}
    for on in (True, False):
        shown = json.dumps([widget["properties"] for widget in dashboard(resources, on=on)])
        missing = {name for name in functions if f'"Errors", "FunctionName", "${{{name}}}"' not in shown}
        assert missing - {"HooksFunction"} == (set() if on else optional), "its log says more: HookErrors"


def test_the_dashboard_shows_metrics_that_are_emitted(resources: Any, known: set[Metric]) -> None:
    widgets = [widget for widget in dashboard(resources) if widget["type"] == "metric"]
    for metric in (metric for widget in widgets for metric in widget["properties"]["metrics"]):
        namespace, name, *pairs = [text(part) for part in metric if not isinstance(part, dict)]
        check(namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)), known, resources)


def test_the_dashboard_has_the_order_of_the_template(resources: Any) -> None:
    widgets = dashboard(resources)
    headings = [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"]
    names = [heading.removeprefix("## ").partition(":")[0] for heading in headings]
    sections = list(template_sections())
    assert names == [section for section in sections if section in names]
    assert len(names) > 3
    places = [(widget["y"], widget["x"]) for widget in widgets]
    assert places == sorted(set(places))
    for widget in widgets:
        assert widget["x"] + widget["width"] <= 24


def test_each_alarm_says_what_to_do_and_has_a_place_in_the_runbook(resources: Any) -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text()
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        cause, remedy = alarm["AlarmDescription"].split(". ", 1)
        assert min(len(cause), len(remedy)) > 20, name
        assert alarm["AlarmActions"] == [{"Ref": "Alerts"}], name
        assert f"\n| `{name}` |" in runbook, f"{name} is missing in docs/operations.md"
    listed = set(re.findall(r"^\| `([A-Z]\w+)` \|", runbook, re.MULTILINE)) - {"Budget"}
    assert listed == alarms.keys(), "docs/operations.md, Monitoring"


def test_a_custom_resource_that_fails_writes_what_its_alarm_looks_for(
    resources: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda's runtime puts the level in brackets before each line of Python's logging."""
    metric_filter = resources["HookErrors"]["Properties"]
    log_group = resources["HooksFunction"]["Properties"]["LoggingConfig"]["LogGroup"]
    assert metric_filter["LogGroupName"] == log_group
    assert metric_filter["FilterPattern"] == '"[ERROR]"'
    app = load_function("custom_resources", "app")["app"]
    monkeypatch.setattr(app, "_send", lambda *_: None)
    event = json.loads((EVENTS / "custom_resources_create.json").read_text())

    def levels(serve: Any) -> set[int]:
        caplog.clear()
        monkeypatch.setattr(app, "_serve", serve)
        app.handler(event, CONTEXT)
        return {record.levelno for record in caplog.records}

    def fail(*_: Any) -> None:
        raise ValueError("no")

    assert logging.ERROR in levels(fail)
    assert logging.ERROR not in levels(lambda *_: None)
