"""Saved queries: what the emulator's Athena lacks of them.

Emulates: UpdateNamedQuery, the limits of the API, pages of a list, and permissions on the query's
workgroup.

Not covered: other operations on named queries, which are the emulator's own.

Reference: https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html
"""

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import athena as emulated

from local.trino.limits import STATEMENT_BYTES

Response = tuple[int, dict[str, str], bytes]
MAX_LENGTHS = {"Name": 128, "Description": 1024, "QueryString": STATEMENT_BYTES}
PAGE_SIZE = 50
_handle_request = emulated.handle_request
_tokens: dict[str, str] = {}  # ClientRequestToken -> NamedQueryId: a request sent twice saves one query


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any
) -> Response:
    """Serve UpdateNamedQuery, and leave the other actions to the emulator."""
    if headers.get("x-amz-target", "").endswith(".UpdateNamedQuery"):
        return update_named_query(json.loads(body or b"{}"))
    response: Response = await _handle_request(method, path, headers, body, query_params)
    return response


def create_named_query(data: dict[str, Any]) -> Response:
    """Save a query in a workgroup that exists."""
    group = data.get("WorkGroup") or "primary"
    if group not in emulated._workgroups:
        return _refused(f"WorkGroup {group} is not found.")
    if refusal := _too_long(data):
        return refusal
    token = data.get("ClientRequestToken") or new_uuid()
    if _tokens.get(token) not in emulated._named_queries:
        query_id = _tokens[token] = new_uuid()
        query = {name: data[name] for name in (*MAX_LENGTHS, "Database") if name in data}
        emulated._named_queries[query_id] = query | {"NamedQueryId": query_id, "WorkGroup": group}
    return json_response({"NamedQueryId": _tokens[token]})


def update_named_query(data: dict[str, Any]) -> Response:
    """Give a saved query another name, description and text; without a description it keeps its own."""
    query = emulated._named_queries.get(data.get("NamedQueryId"))
    if query is None:
        return _refused(f"NamedQuery {data.get('NamedQueryId')} was not found")
    if refusal := _too_long(data):
        return refusal
    query.update({name: data[name] for name in MAX_LENGTHS if name in data})
    return json_response({})


def list_named_queries(data: dict[str, Any]) -> Response:
    """List the ids of a workgroup's saved queries, a page at a time."""
    group = data.get("WorkGroup") or "primary"
    if group not in emulated._workgroups:
        return _refused(f"WorkGroup {group} is not found.")
    ids = [query_id for query_id, query in emulated._named_queries.items() if query["WorkGroup"] == group]
    start = int(data.get("NextToken") or 0)
    end = start + min(int(data.get("MaxResults") or PAGE_SIZE), PAGE_SIZE)
    return json_response(
        {"NamedQueryIds": ids[start:end]} | ({"NextToken": str(end)} if end < len(ids) else {})
    )


def _too_long(data: dict[str, Any]) -> Response | None:
    for name, max_length in MAX_LENGTHS.items():
        if len(data.get(name) or "") > max_length:
            member = name[0].lower() + name[1:]
            message = f"Value at '{member}' failed to satisfy constraint: Member must have length less than"
            return _refused(f"1 validation error detected: {message} or equal to {max_length}")
    return None


def _refused(message: str) -> Response:
    return error_response_json(
        "InvalidRequestException", message, 400, extra={"AthenaErrorCode": "INVALID_INPUT"}
    )
