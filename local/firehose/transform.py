"""Firehose's transformation of a batch of records by a Lambda function.

Emulates: the Lambda processor: the event, the retries, and what becomes of each record. An answer that the
function returned is final however malformed; only an invocation that failed is repeated.

Not covered: concurrency: a stream's batches are invoked one after another.

Reference:
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

import base64
import binascii
import json
from collections import Counter
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import new_uuid

from local import roles
from local.firehose.records import Failure, Record

PRINCIPAL = "firehose.amazonaws.com"
MAX_RESPONSE_BYTES = 6 * 1024 * 1024
DEFAULT_RETRIES = 3
MESSAGES = {
    "AssumeRoleAccessDenied": "Access was denied. Ensure that the trust policy for the provided IAM role"
    " allows Amazon Data Firehose to assume the role.",
    "DuplicatedRecordId": "Multiple records were returned with the same record Id. Ensure that the Lambda"
    " function returns a unique record Id for each record.",
    "FunctionError": "The Lambda function was successfully invoked but it returned an error result.",
    "FunctionTimedOut": "The Lambda function invocation timed out. Increase the Timeout setting in the"
    " Lambda function.",
    "InvalidReturnFormat": "The result must be Ok, Dropped or ProcessingFailed, and the data base64.",
    "InvokeAccessDenied": "Access was denied. Ensure that the access policy allows access to the Lambda"
    " function.",
    "InvokeLimitExceeded": "The Lambda function invocation limit was exceeded.",
    "MissingRecordId": "One or more record Ids were not returned. Ensure that the Lambda function returns"
    " all received record Ids.",
    "ProcessingFailedStatus": "ProcessingFailed status set for record",
    "ResourceNotFound": "The specified Lambda function doesn't exist. Use a different function that does"
    " exist.",
}
_SERVICE_ERRORS = {
    "AccessDeniedException": "InvokeAccessDenied",
    "ResourceNotFoundException": "ResourceNotFound",
    "TooManyRequestsException": "InvokeLimitExceeded",
}


class _InvocationError(Exception):
    """The function gave no answer; the argument is the code."""


def processor(config: dict[str, Any]) -> dict[str, str] | None:
    """Return the parameters of a destination's Lambda processor, or None when it has none."""
    configuration = config.get("ProcessingConfiguration") or {}
    for candidate in configuration.get("Processors") or []:
        if configuration.get("Enabled") and candidate["Type"] == "Lambda":
            return {
                parameter["ParameterName"]: parameter["ParameterValue"]
                for parameter in candidate["Parameters"]
            }
    return None


def transform(stream: dict[str, Any], records: list[Record]) -> tuple[list[Record], list[Failure]]:
    """Send a batch through the stream's function, if it has one, and sort what comes back."""
    config = stream["destinations"][0]["config"]
    parameters = processor(config)
    if parameters is None:
        return records, []
    arn, role_arn = parameters["LambdaArn"], parameters.get("RoleArn", config["RoleARN"])
    payload, code = _event(stream["arn"], records), ""
    attempts = 1 + int(parameters.get("NumberOfRetries", DEFAULT_RETRIES))
    for attempt in range(1, attempts + 1):
        try:
            results = _invoke(arn, role_arn, stream["arn"], payload)
        except _InvocationError as error:
            code = str(error)
        else:
            return _sort(records, results, arn, attempt)
    return [], [_failure(record, code, arn, attempts) for record in records]


def _event(stream_arn: str, records: list[Record]) -> bytes:
    """Write the event that the function gets."""
    event = {
        "invocationId": new_uuid(),
        "deliveryStreamArn": stream_arn,
        "region": roles.region(),
        "records": [
            {
                "recordId": record.id,
                "approximateArrivalTimestamp": record.arrived,
                "data": base64.b64encode(record.data).decode(),
            }
            for record in records
        ],
    }
    return json.dumps(event).encode()


def _invoke(arn: str, role_arn: str, stream_arn: str, payload: bytes) -> list[dict[str, Any]]:
    """Invoke the function once and return the records of its answer."""
    try:
        client = roles.client("lambda", role_arn, PRINCIPAL, stream_arn)
        response = client.invoke(FunctionName=arn, InvocationType="RequestResponse", Payload=payload)
        body = response["Payload"].read()
    except roles.RoleNotAssumableError as error:
        raise _InvocationError("AssumeRoleAccessDenied") from error
    except ClientError as error:
        raise _InvocationError(
            _SERVICE_ERRORS.get(error.response["Error"]["Code"], "FunctionError")
        ) from error
    except BotoCoreError as error:
        raise _InvocationError("FunctionTimedOut") from error
    if "FunctionError" in response or len(body) > MAX_RESPONSE_BYTES:
        raise _InvocationError("FunctionTimedOut" if b"Task timed out" in body else "FunctionError")
    return _records(body)


def _records(body: bytes) -> list[dict[str, Any]]:
    try:
        records = json.loads(body)["records"]
        return [record for record in records if isinstance(record, dict)]
    except (ValueError, KeyError, TypeError):
        return []


def _sort(
    records: list[Record], results: list[dict[str, Any]], arn: str, attempts: int
) -> tuple[list[Record], list[Failure]]:
    times_returned = Counter(str(result.get("recordId")) for result in results)
    result_by_id = {str(result.get("recordId")): result for result in results}
    transformed, failures = [], []
    for record in records:
        result = result_by_id.get(record.id, {})
        code = _error_code(result, times_returned[record.id])
        if code:
            failures.append(_failure(record, code, arn, attempts))
        elif result["result"] == "Ok":
            transformed.append(replace(record, data=base64.b64decode(result["data"])))
    return transformed, failures


def _error_code(result: dict[str, Any], times_returned: int) -> str | None:
    if times_returned != 1:
        return "DuplicatedRecordId" if times_returned else "MissingRecordId"
    match result.get("result"):
        case "Ok":
            return None if _is_base64(result.get("data")) else "InvalidReturnFormat"
        case "Dropped":
            return None
        case "ProcessingFailed":
            return "ProcessingFailedStatus"
    return "InvalidReturnFormat"


def _is_base64(data: Any) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return False
    return True


def _failure(record: Record, code: str, arn: str, attempts: int) -> Failure:
    return Failure(record, "processing-failed", f"Lambda.{code}", MESSAGES[code], attempts, lambda_arn=arn)
