"""What the emulator's API Gateway lacks: service integrations, OpenAPI import, validation texts, compression.

Stands in for REST APIs' non-proxy `AWS` integration with an action of an AWS service that speaks JSON
(`arn:aws:apigateway:<region>:firehose:action/PutRecord`): the request template is rendered, the service is
called over HTTP with the credentials of the integration's role, and the answer is mapped back. Likewise for
reading from S3 by path (`arn:aws:apigateway:<region>:s3:path/<bucket>/{name}`); of integration request
parameters, those of the path are known.
https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html

The visitor's address is the last element of `X-Forwarded-For` when there is one, so that traffic made on one
machine can come from many; AWS takes the connection's peer. Other request parameters, content handling,
caching and WAF are not there. Does not prove latency, quotas or what the edge does to headers.
"""

import json
import logging
import re
import time
import urllib.parse
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_request_client_ip, new_uuid
from ministack.services import apigateway_v1 as emulated

from local import roles
from local.apigateway import compression, content_types, models, openapi
from local.apigateway.compression import MAX_BODY_BYTES
from local.apigateway.content_types import JSON
from local.apigateway.vtl import Input, parse_body, render, search

PRINCIPAL = "apigateway.amazonaws.com"
Response = tuple[int, dict[str, str], bytes]
_VALIDATION_ERROR = re.compile(
    r"\$context\.error\.validationErrorString|\$\{context\.error\.validationErrorString\}"
)

logger = logging.getLogger(__name__)
# Of the request that this task serves: the emulator does not hand them to a MOCK integration.
_request_headers: ContextVar[dict[str, str]] = ContextVar("request_headers")
_invoke_lambda = emulated._invoke_lambda_custom_v1
_invoke_mock = emulated._invoke_mock_v1
_check_request = emulated._check_request_validation
_error_response = emulated._gateway_error_response
_http = URLLib3Session(max_pool_connections=32, timeout=29)


def install() -> None:
    """Patch the emulator's API Gateway."""
    emulated._invoke_lambda_custom_v1 = invoke
    emulated._invoke_mock_v1 = mock
    emulated._check_request_validation = check_request
    emulated._gateway_error_response = error_response
    for part in (compression, content_types, openapi):
        part.install()


@dataclass(frozen=True)
class Call:
    """A request on its way through an integration."""

    integration: dict[str, Any]
    body: str
    params: dict[str, dict[str, str]]
    context: dict[str, Any]
    stage_variables: dict[str, str]
    source_arn: str

    def render(self, template: str, body: str) -> str:
        """Render a template over a body, the request's or the service's."""
        variables = {"input": Input(body, self.params), "context": self.context}
        return render(template, {**variables, "stageVariables": self.stage_variables})


async def invoke(
    integration: dict[str, Any],
    api_id: str,
    stage_name: str,
    stage: dict[str, Any],
    resource: dict[str, Any],
    path: str,
    method: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
    path_params: dict[str, str],
    **owner: Any,
) -> Any:
    """Answer a request whose integration is of type `AWS`."""
    target = emulated._parse_service_integration_uri(integration["uri"])
    if (
        target is None
        or not (target[2] == "action" or target[1:3] == ("s3", "path"))
        or target[1] == "lambda"
    ):
        arguments = (integration, api_id, stage_name, stage, resource, path, method)
        return await _invoke_lambda(*arguments, headers, body, query, path_params, **owner)
    address = f"{api_id}/{stage_name}/{method}{resource['path']}"
    call = Call(
        integration=integration,
        body=body.decode("utf-8", "replace"),
        params={
            "path": dict(path_params or {}),
            "querystring": {name: values[-1] for name, values in query.items()},
            "header": headers,
        },
        context={
            "accountId": owner["owner_account_id"],
            "apiId": api_id,
            "httpMethod": method,
            "path": f"/{stage_name}{path}",
            "resourceId": resource["id"],
            "resourcePath": resource["path"],
            "stage": stage_name,
            **_request_context(headers),
        },
        stage_variables=stage.get("variables") or {},
        source_arn=f"arn:aws:execute-api:{owner['owner_region']}:{owner['owner_account_id']}:{address}",
    )
    # A thread of its own, since the call comes back to this server (ministack.core.concurrency).
    return await run_reentrant(_integrate, call, target)


def _request_context(headers: dict[str, str]) -> dict[str, Any]:
    """Return the part of `$context` that differs from request to request."""
    now = time.time()
    return {
        "identity": {"sourceIp": _source_ip(headers), "userAgent": headers.get("user-agent")},
        "protocol": "HTTP/1.1",
        "requestId": new_uuid(),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "responseOverride": {"header": {}},
    }


def _source_ip(headers: dict[str, str]) -> str:
    forwarded = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    return forwarded or get_request_client_ip()


def _integrate(call: Call, target: tuple[str, str, str, str]) -> Any:
    _, service, kind, name = target
    try:
        answer = _read_object(call, name) if kind == "path" else _call_service(call, service, name)
        status, headers, body = _map_response(call, *answer)
    except Exception:
        # AWS says no more than this to the caller; the details are in its execution log.
        logger.exception("Execution failed due to configuration error")
        return emulated._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    return status, {**headers, "x-amzn-requestid": call.context["requestId"]}, body


def _read_object(call: Call, path: str) -> tuple[int, Any, str]:
    """Get an object as the integration's role, its name taken from the request's path."""
    prefix = "integration.request.path."
    for name, source in (call.integration.get("requestParameters") or {}).items():
        value = call.params["path"][source.removeprefix("method.request.path.")]
        path = path.replace(f"{{{name.removeprefix(prefix)}}}", urllib.parse.quote(value, safe=""))
    request = AWSRequest("GET", f"{roles.endpoint()}/{path}")
    credentials = roles.credentials(call.integration["credentials"], PRINCIPAL, call.source_arn)
    S3SigV4Auth(credentials.get_frozen_credentials(), "s3", roles.region()).add_auth(request)
    response = _http.send(request.prepare())
    return response.status_code, response.headers, response.content.decode("utf-8", "replace")


def _call_service(call: Call, service: str, action: str) -> tuple[int, Any, str]:
    """Call the action as the integration's role, or without a signature when it names none."""
    template = content_types.choose(call.integration.get("requestTemplates"), call.params["header"])
    payload = (call.body if template is None else call.render(template, call.body)).encode("utf-8", "replace")
    if len(payload) > MAX_BODY_BYTES:  # AWS documents the limit; that it answers 500 is inferred
        raise ValueError(f"the integration's request has {len(payload)} bytes")
    metadata = _service_metadata(service)
    headers = {
        "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        "X-Amz-Target": f"{metadata['targetPrefix']}.{action}",
    }
    request = AWSRequest("POST", f"{roles.endpoint()}/", headers=headers, data=payload)
    role = call.integration.get("credentials")
    if role:
        credentials = roles.credentials(role, PRINCIPAL, call.source_arn).get_frozen_credentials()
        SigV4Auth(credentials, metadata.get("signingName", service), roles.region()).add_auth(request)
    response = _http.send(request.prepare())
    return response.status_code, response.headers, response.text


@cache
def _service_metadata(service: str) -> dict[str, str]:
    return Session().get_service_model(service).metadata


def _map_response(call: Call, status: int, headers: Any, body: str) -> Response:
    """Map the service's answer through the integration response that its status selects."""
    selected = emulated._select_service_integration_response(call.integration, status)
    if selected is None:
        return 500, {"Content-Type": JSON}, b'{"message": "Internal server error"}'
    template = (selected.get("responseTemplates") or {}).get(JSON)
    mapped = {"Content-Type": JSON}
    for name, source in (selected.get("responseParameters") or {}).items():
        value = _parameter(source, call.context, headers, body)
        if value is not None:
            mapped[name.removeprefix("method.response.header.")] = value
    rendered = body if template is None else call.render(template, body)
    override = call.context["responseOverride"]
    mapped.update({name: str(value) for name, value in override["header"].items()})
    return int(override.get("status") or selected["statusCode"]), mapped, rendered.encode()


def _parameter(source: str, context: dict[str, Any], headers: Any, body: str) -> str | None:
    """Evaluate the source of a response parameter; None leaves the header out."""
    if source.startswith("'"):
        return source.strip("'")
    if source.startswith("integration.response.header."):
        return headers.get(source.removeprefix("integration.response.header."))
    if source.startswith("context."):
        value = search(context, source.removeprefix("context"))
    else:
        value = search(parse_body(body), source.removeprefix("integration.response.body"))
    return None if value is None else str(value)


def mock(integration: dict[str, Any]) -> Response:
    """Answer for a `MOCK` integration, its response template rendered; without one the body is empty."""
    status, headers, body = _invoke_mock(integration)
    if body == b"{}":
        return status, headers, b""
    context: dict[str, Any] = {"responseOverride": {"header": {}}}
    params = {"path": {}, "querystring": {}, "header": _request_headers.get()}
    text = render(body.decode(), {"input": Input("", params), "context": context})
    override = context["responseOverride"]
    status = int(override.get("status") or status)
    return status, {**headers, **override["header"]}, b"" if status == 204 else text.encode()


def check_request(
    method: dict[str, Any],
    api_id: str,
    request: dict[str, Any],
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
) -> Any:
    """Return the gateway error of a request that is too large or invalid, or None."""
    _request_headers.set(headers)
    if len(body or b"") > MAX_BODY_BYTES:
        message = f"HTTP content length exceeded {MAX_BODY_BYTES} bytes."
        return emulated._gw_error("REQUEST_TOO_LARGE", message)
    validator = emulated._request_validators.get(api_id, {}).get(method.get("requestValidatorId")) or {}
    model = content_types.choose(method.get("requestModels"), headers)
    error = _check_request({**method, "requestModels": {}}, api_id, request, headers, body, query)
    if error or not model or not validator.get("validateRequestBody"):
        return error
    text = models.errors(emulated._model_schema(api_id, model), body, _model_at)
    if text is None:
        return None
    error = emulated._gw_error("BAD_REQUEST_BODY", emulated._GATEWAY_ERROR_MESSAGES["BAD_REQUEST_BODY"])
    error.validation_error = text
    return error


def _model_at(uri: str) -> Any:
    return emulated._resolve_schema_ref(uri, None)[0]


def error_response(error: Any, request: dict[str, Any]) -> Response:
    """Render a gateway response, and in it `$context.error.validationErrorString`, escaped for JSON."""
    status, headers, body = _error_response(error, request)
    text = json.dumps(getattr(error, "validation_error", ""))[1:-1]
    # The emulator leaves variables that it does not know as they stand in the template.
    rendered = _VALIDATION_ERROR.sub(lambda _match: text, body.decode())
    return status, headers, rendered.encode()
