"""Turns each record of a Firehose batch into lines of rows, or keeps it with the reason why not."""

import os
from typing import Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from batch import Batch
from clock import Clock
from rejected import store

logger = Logger(service="transform")
metrics = Metrics(namespace=os.environ.get("METRICS_NAMESPACE", "MenuLens"), service="transform")
clock = Clock(ZoneInfo(os.environ["TIME_ZONE"]))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer each record of a Firehose batch under its recordId, exactly once.

    - `Ok`: rows as JSON lines.
    - `Dropped`: every event was rejected and is kept under `rejected/`.
    - `ProcessingFailed`: the record cannot be read, its rejected events could not be stored, or the answer
      would outgrow Lambda's limit. Firehose keeps the record under `errors/`.
    """
    batch = Batch(clock)
    for record in event["records"]:
        batch.add(record)
    if batch.rejected:
        _keep_rejected(batch, event["records"][0]["approximateArrivalTimestamp"])
    if batch.failed:
        logger.warning("records failed", extra={"errors": batch.failed})
    _count(batch)
    return {"records": batch.answers}


def _keep_rejected(batch: Batch, arrival: int) -> None:
    """Store rejected events by the arrival in the stream, as Firehose does: `received_at` may be older."""
    try:
        store(batch.rejected_lines(), clock.arrival(arrival).day, batch.rejected)
    except Exception:  # whatever S3 says: the records fail, and Firehose keeps them
        logger.exception("rejected events could not be stored")
        batch.fail_rejected()


def _count(batch: Batch) -> None:
    by_reason = batch.rejected_by_reason()
    for name, count in (
        ("Records", len(batch.answers)),
        ("RecordsFailed", batch.failed.total()),
        ("Events", batch.events),
        ("Bots", batch.bots),
        ("ClockAdjusted", batch.clocks_adjusted),
        ("Rejected", by_reason.total()),
    ):
        metrics.add_metric(name, MetricUnit.Count, count)
    if batch.guests:  # never a zero: those are put within opening hours only
        metrics.add_metric("VisitorEvents", MetricUnit.Count, batch.guests)
    metrics.add_metric("Delivered", MetricUnit.Bytes, batch.bytes)
    for code, count in by_reason.items():
        metrics.add_metric(f"Rejected{code.title().replace(' ', '')}", MetricUnit.Count, count)
