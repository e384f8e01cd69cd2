"""Athena of the emulator, with the SQL that Athena understands.

Emulates: StartQueryExecution and GetQueryResults; the emulator's own answers the rest of the API.

Not covered: whether AWS accepts the project's statements, which are only shown to hang together. Queues and
time-outs.

Reference:
https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
"""

import asyncio
import time
from typing import Any
from urllib.parse import urlparse

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import athena as emulated
from ministack.services import s3

from local.athena import access, ddl, results
from local.athena.analysis import Analysis
from local.athena.query import Answer, ScanLimitExceeded, execute
from local.athena.statement import Statement
from local.trino import translation as trino
from local.trino.errors import QueryFailed
from local.trino.limits import STATEMENT_BYTES

Response = tuple[int, dict[str, str], bytes]
_update_workgroup = emulated._update_workgroup
_running: set[asyncio.Task[None]] = set()  # the event loop itself keeps only weak references


def _refused(message: str, code: str = "INVALID_INPUT") -> Response:
    return error_response_json("InvalidRequestException", message, 400, extra={"AthenaErrorCode": code})


def update_workgroup(data: dict[str, Any]) -> Response:
    """Update a workgroup, its state included, which the emulator forgets."""
    response = _update_workgroup(data)
    if response[0] < 300 and "State" in data:
        emulated._workgroups[data["WorkGroup"]]["State"] = data["State"]
    return response


def start_query_execution(data: dict[str, Any]) -> Response:
    """Take a statement in, or refuse it: Athena checks the syntax before it answers."""
    group = emulated._workgroups.get(data.get("WorkGroup") or "primary")
    if group is None:
        return _refused(f"WorkGroup {data.get('WorkGroup')} is not found.")
    if group.get("State") == "DISABLED":
        return _refused(f"WorkGroup {group['Name']} is disabled.")
    settings = group.get("Configuration") or {}
    location = _output_location(data, settings)
    if not location:
        return _refused(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    database = (data.get("QueryExecutionContext") or {}).get("Database") or "default"
    sql = data.get("QueryString") or ""
    if len(sql.encode()) > STATEMENT_BYTES:
        return _refused(
            "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must "
            f"have length less than or equal to {STATEMENT_BYTES}"
        )
    try:
        statement = ddl.parse(sql, database.lower())
        if statement is None:
            trino.parse(sql)
    except QueryFailed as error:
        return _refused(str(error).removeprefix("SYNTAX_ERROR: "), "MALFORMED_QUERY")
    execution = _new_execution(data, group["Name"], database, location, statement is None)
    emulated._executions[execution["QueryExecutionId"]] = execution
    limit = settings.get("BytesScannedCutoffPerQuery")
    parameters = data.get("ExecutionParameters")

    def query() -> Answer:
        with Analysis(sql, database.lower(), parameters) as analysis:
            return execute(analysis, limit)

    task = asyncio.create_task(_execute(execution, statement or query))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return json_response({"QueryExecutionId": execution["QueryExecutionId"]})


def _output_location(data: dict[str, Any], settings: dict[str, Any]) -> str | None:
    group_location = (settings.get("ResultConfiguration") or {}).get("OutputLocation")
    client_location = (data.get("ResultConfiguration") or {}).get("OutputLocation")
    # Settings are enforced unless a workgroup says otherwise.
    is_enforced = settings.get("EnforceWorkGroupConfiguration", bool(group_location))
    return group_location if is_enforced and group_location else client_location or group_location


def _new_execution(
    data: dict[str, Any], group: str, database: str, location: str, is_query: bool
) -> dict[str, Any]:
    query_id = new_uuid()
    version = "Athena engine version 3"
    kind = "DML" if is_query else emulated._detect_statement_type(data["QueryString"])
    parameters = (
        {"ExecutionParameters": data["ExecutionParameters"]} if data.get("ExecutionParameters") else {}
    )
    return {
        "QueryExecutionId": query_id,
        "Query": data["QueryString"].strip().removesuffix(";").rstrip(),
        "StatementType": kind,
        "ResultConfiguration": {
            "OutputLocation": f"{location.rstrip('/')}/{query_id}.{'csv' if is_query else 'txt'}"
        },
        "QueryExecutionContext": {"Database": database, "Catalog": "awsdatacatalog"},
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": {
            "EngineExecutionTimeInMillis": 0,
            "DataScannedInBytes": 0,
            "TotalExecutionTimeInMillis": 0,
            "QueryQueueTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
        },
        "WorkGroup": group,
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": version},
        **parameters,
    }


async def _execute(execution: dict[str, Any], work: Statement) -> None:
    """Carry a statement out in a thread of its own, with the permissions of the caller's context."""
    status, statistics = execution["Status"], execution["Statistics"]
    status["State"] = "RUNNING"
    started = time.monotonic()
    outcome: dict[str, Any] = {"State": "SUCCEEDED"}
    try:
        bucket, key = _target(execution)
        access.write(bucket, key)
        answer = await asyncio.to_thread(work)
        statistics["DataScannedInBytes"] = answer.scanned
        if status["State"] == "RUNNING":
            execution["_answer"] = answer
            _save(execution, answer, bucket, key)
    except ScanLimitExceeded:
        outcome = {"State": "CANCELLED", "StateChangeReason": "Bytes scanned limit was exceeded"}
    except QueryFailed as error:
        outcome = _failure(str(error), 2, 1000 if execution["StatementType"] == "DML" else 1003)
    except Exception as error:  # whatever it was, the query must come to an end
        emulated.logger.exception("query %s", execution["QueryExecutionId"])
        outcome = _failure(f"GENERIC_INTERNAL_ERROR: {error}", 1, 200)
    elapsed = int((time.monotonic() - started) * 1000)
    statistics["EngineExecutionTimeInMillis"] = statistics["TotalExecutionTimeInMillis"] = elapsed
    if status["State"] == "RUNNING":  # and not cancelled meanwhile
        status.update(outcome, CompletionDateTime=time.time())


def _failure(message: str, category: int, kind: int) -> dict[str, Any]:
    error = {"ErrorCategory": category, "ErrorType": kind, "Retryable": False, "ErrorMessage": message}
    return {"State": "FAILED", "StateChangeReason": message, "AthenaError": error}


def _target(execution: dict[str, Any]) -> tuple[str, str]:
    url = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    return url.netloc, url.path.lstrip("/")


def _save(execution: dict[str, Any], answer: Answer, bucket: str, key: str) -> None:
    rows = [[results.text(value) for value in row] for row in answer.rows]
    names = [name for name, _ in answer.columns]
    is_query = execution["StatementType"] == "DML"
    body = results.csv(names, rows) if is_query else results.lines(rows)
    for name, content in ((key, body), (f"{key}.metadata", b"")):
        response = s3._put_object(bucket, name, content, {"content-type": "application/octet-stream"})
        if response[0] >= 300:
            raise QueryFailed("INVALID_OUTPUT_LOCATION", f"Unable to verify/create output bucket {bucket}")


def get_query_results(data: dict[str, Any]) -> Response:
    """Answer a page of a result; the first row of a query's first page holds the column names."""
    execution = emulated._executions.get(data.get("QueryExecutionId"))
    if execution is None:
        return _refused(f"QueryExecution {data.get('QueryExecutionId')} was not found")
    state = execution["Status"]["State"]
    if state in ("QUEUED", "RUNNING"):
        return _refused(f"Query has not yet finished. Current state: {state}", "QUERY_NOT_READY")
    if state != "SUCCEEDED":
        return _refused(f"Query did not finish successfully. Final query state: {state}")
    answer: Answer = execution["_answer"]
    rows: list[tuple[Any, ...]] = answer.rows
    if execution["StatementType"] == "DML":
        rows = [tuple(name for name, _ in answer.columns), *rows]
    start = int(data.get("NextToken") or 0)
    end = start + min(int(data.get("MaxResults") or 1000), 1000)
    page = {
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in rows[start:end]],
            "ResultSetMetadata": {"ColumnInfo": [results.column_info(*column) for column in answer.columns]},
        },
        "UpdateCount": 0,
    }
    return json_response(page | ({"NextToken": str(end)} if end < len(rows) else {}))


def _datum(value: Any) -> dict[str, str]:
    text = results.text(value)
    return {} if text is None else {"VarCharValue": text}
