"""Firehose's S3 destination: one object per buffer, the error output and the error log.

Emulates: object names, prefixes and what is written to CloudWatch Logs when a delivery fails, all with the
credentials of the destination's role.

Not covered: compression, encryption, backup mode and dynamic partitioning.

Reference:
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

import json
import logging
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from time import struct_time
from typing import Any
from zoneinfo import ZoneInfo

from botocore.exceptions import ClientError
from ministack.core.responses import new_uuid
from ministack.services import firehose as emulated

from local import roles
from local.firehose import parquet
from local.firehose.records import Failure, Record, now_ms

PRINCIPAL = "firehose.amazonaws.com"
logger = logging.getLogger(__name__)


def conversion(config: dict[str, Any]) -> dict[str, Any] | None:
    """Return the destination's format conversion, or None when it has none."""
    configuration = config.get("DataFormatConversionConfiguration") or {}
    return configuration if configuration and configuration.get("Enabled", True) else None


def deliver(stream: dict[str, Any], records: list[Record]) -> list[Failure]:
    """Write records as one object, and return those that do not convert."""
    config, arrived = _config(stream), records[0].arrived
    format_conversion = conversion(config)
    failures: list[Failure] = []
    suffix = ""
    if format_conversion is None:
        body = b"".join(record.data for record in records)
    else:
        account, suffix = stream["arn"].split(":")[4], ".parquet"
        glue = _client(stream, "glue", format_conversion["SchemaConfiguration"]["RoleARN"])
        body, failures = parquet.convert(format_conversion, glue, account, records)
    if body:
        prefix = emulated._evaluate_prefix(config.get("Prefix"), _local_time(config, arrived))
        _put(stream, prefix, arrived, suffix, body)
    return failures


def deliver_failures(stream: dict[str, Any], failures: list[Failure]) -> None:
    """Write failed records under the error prefix, one object for each kind, and log them."""
    config, output_type_of = _config(stream), attrgetter("output_type")
    for output_type, group in groupby(sorted(failures, key=output_type_of), output_type_of):
        group_failures = list(group)
        arrived = group_failures[0].record.arrived
        template = config.get("ErrorOutputPrefix") or f"{config.get('Prefix', '')}{output_type}/"
        prefix = emulated._evaluate_prefix(template, _local_time(config, arrived), error_type=output_type)
        _put(stream, prefix, arrived, "", b"".join(failure.line() for failure in group_failures))
    for code, message in {failure.code: failure.message for failure in failures}.items():
        _log(stream, code, message)


def log_error(stream: dict[str, Any], error: Exception) -> None:
    """Log why a delivery failed as a whole."""
    if isinstance(error, ClientError):
        service = "S3" if error.operation_name == "PutObject" else "DataFormatConversion"
        _log(stream, f"{service}.{error.response['Error']['Code']}", str(error))
    else:
        _log(stream, type(error).__name__, str(error))


def _config(stream: dict[str, Any]) -> dict[str, Any]:
    return stream["destinations"][0]["config"]


def _client(stream: dict[str, Any], service: str, role_arn: str) -> Any:
    return roles.client(service, role_arn, PRINCIPAL, stream["arn"])


def _local_time(config: dict[str, Any], arrived: int) -> struct_time:
    """Return when the oldest record of an object arrived, which prefixes and names are made of."""
    zone = ZoneInfo(config.get("CustomTimeZone") or "UTC")
    return datetime.fromtimestamp(arrived / 1000, UTC).astimezone(zone).timetuple()


def _put(stream: dict[str, Any], prefix: str, arrived: int, suffix: str, body: bytes) -> None:
    config = _config(stream)
    timestamp = emulated._java_time("yyyy-MM-dd-HH-mm-ss", _local_time(config, arrived))
    key = f"{prefix}{stream['name']}-{stream['version']}-{timestamp}-{new_uuid()}{suffix}"
    bucket = emulated._s3_bucket_from_arn(config["BucketARN"])
    _client(stream, "s3", config["RoleARN"]).put_object(Bucket=bucket, Key=key, Body=body)


def _log(stream: dict[str, Any], code: str, message: str) -> None:
    """Write to the destination's error log; a log that cannot be written stops no delivery."""
    config = _config(stream)
    options = config.get("CloudWatchLoggingOptions") or {}
    if not options.get("Enabled"):
        return
    event = {
        "deliveryStreamARN": stream["arn"],
        "destination": config["BucketARN"],
        "deliveryStreamVersionId": stream["version"],
        "message": message,
        "errorCode": code,
    }
    try:
        _client(stream, "logs", config["RoleARN"]).put_log_events(
            logGroupName=options["LogGroupName"],
            logStreamName=options["LogStreamName"],
            logEvents=[{"timestamp": now_ms(), "message": json.dumps(event)}],
        )
    except (ClientError, roles.RoleNotAssumableError) as error:
        logger.warning("%s: error log not written: %s", stream["name"], error)
