"""The data plane of Firehose for streams that deliver to S3, in place of the emulator's.

Emulates: PutRecord and PutRecordBatch, and through `delivery` all that follows. The emulator's own delivers
each record by itself while the caller waits, and loses records that the transformation fails. Its control
plane stays.

Not covered: throughput quotas and at-least-once duplicates. All of a process's records are lost when it is
killed.

Reference:
https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

import asyncio
import base64
import binascii
import json
import signal
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import firehose as emulated

from local.firehose import delivery
from local.firehose.records import Record, now_ms

MAX_RECORD_BYTES = 1000 * 1024
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_BATCH_RECORDS = 500
S3_DESTINATIONS = ("ExtendedS3", "S3")
Response = tuple[int, dict[str, str], bytes]

_put_record = emulated._put_record
_put_record_batch = emulated._put_record_batch
_delete_delivery_stream = emulated._delete_delivery_stream
_dispatch = emulated._handle_request_sync


async def stopped() -> None:
    """Wait until the process is asked to stop, then until all accepted records are delivered.

    The server's shutdown trigger: deliveries need the server that they would outlive.
    """
    stop_requested = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop_requested.set)
    await stop_requested.wait()
    await asyncio.to_thread(delivery.close_all)


def dispatch(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    """Handle a request, and reject one that is not a JSON object as AWS does."""
    try:
        is_object = isinstance(json.loads(body or b"{}"), dict)
    except ValueError:
        is_object = False
    if not is_object:
        return error_response_json("SerializationException", "", 400)
    return _dispatch(method, path, headers, body, query)


def put_record(request: dict[str, Any]) -> Response:
    """Accept one record."""
    stream = _stream(request)
    if stream is None:
        return _put_record(request)
    try:
        data = _data(request.get("Record"), "record")
        (record_id,) = _accept(stream, [data])
    except _RejectedError as error:
        return error.response()
    return json_response({"RecordId": record_id, "Encrypted": False})


def put_record_batch(request: dict[str, Any]) -> Response:
    """Accept up to 500 records."""
    stream = _stream(request)
    if stream is None:
        return _put_record_batch(request)
    records = request.get("Records", [])
    try:
        _check_length("records", len(records), 1, MAX_BATCH_RECORDS)
        data = [_data(record, f"records.{n}.member") for n, record in enumerate(records, start=1)]
        _check_size(data)
        ids = _accept(stream, data)
    except _RejectedError as error:
        return error.response()
    responses = [{"RecordId": record_id} for record_id in ids]
    return json_response({"FailedPutCount": 0, "Encrypted": False, "RequestResponses": responses})


def delete_delivery_stream(request: dict[str, Any]) -> Response:
    """Delete a stream; what it accepted is tried to be delivered once more, of which AWS promises nothing."""
    stream = emulated._streams.get(request.get("DeliveryStreamName", ""))
    response = _delete_delivery_stream(request)
    if stream is not None:
        delivery.close(stream["arn"])
    return response


class _RejectedError(Exception):
    """A request that is answered with an error: its code, its message, its status."""

    def response(self) -> Response:
        code, message, *status = self.args
        return error_response_json(code, message, *status or [400])


def _stream(request: dict[str, Any]) -> dict[str, Any] | None:
    """Return the stream if it is one of those handled here."""
    stream = emulated._streams.get(request.get("DeliveryStreamName", ""))
    destinations = stream["destinations"] if stream else []
    return stream if destinations and destinations[0]["type"] in S3_DESTINATIONS else None


def _data(record: Any, member: str) -> bytes:
    for value, name in ((record, member), ((record or {}).get("Data"), f"{member}.data")):
        if value is None:
            raise _invalid(f"Value null at '{name}'", "Member must not be null")
    try:
        data = base64.b64decode(record["Data"], validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _RejectedError("SerializationException", "") from error
    _check_length(f"{member}.data", len(data), 0, MAX_RECORD_BYTES)
    return data


def _check_length(member: str, length: int, minimum: int, maximum: int) -> None:
    limits = ((length < minimum, "greater", minimum), (length > maximum, "less", maximum))
    for is_exceeded, relation, limit in limits:
        if is_exceeded:
            constraint = f"Member must have length {relation} than or equal to {limit}"
            raise _invalid(f"Value at '{member}'", constraint)


def _check_size(data: list[bytes]) -> None:
    if sum(map(len, data)) > MAX_BATCH_BYTES:
        raise _RejectedError("InvalidArgumentException", "Records size exceeds 4 MB limit")


def _invalid(subject: str, constraint: str) -> _RejectedError:
    message = f"1 validation error detected: {subject} failed to satisfy constraint: {constraint}"
    return _RejectedError("ValidationException", message)


def _accept(stream: dict[str, Any], data: list[bytes]) -> list[str]:
    records = [Record(emulated._record_id(), now_ms(), record_data) for record_data in data]
    if not delivery.put(stream, records):
        raise _RejectedError("ServiceUnavailableException", "Service unavailable.", 503)
    return [record.id for record in records]
