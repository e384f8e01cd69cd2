"""How a REST API's integration responses turn what an integration gives into the answer.

Emulates: the response that the service's status selects, with its template and headers; and
`$context.responseOverride`. It also renders the response template of a `MOCK` integration, which the emulator
does not.

Not covered: response parameters from elsewhere than a constant, a header, `context` or a path in the body.

Reference: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ministack.services import apigateway_v1 as emulated

from local.apigateway.content_types import JSON
from local.apigateway.request import Call, Response, current_headers
from local.apigateway.vtl import Input, parse_body, render, search

_mock_response = emulated._invoke_mock_v1


class ServiceAnswer(NamedTuple):
    """What a service answers to an integration."""

    status: int
    headers: Mapping[str, str]
    body: str


def map_answer(call: Call, answer: ServiceAnswer) -> Response:
    """Map the service's answer through the integration response that its status selects."""
    integration_response = emulated._select_service_integration_response(call.integration, answer.status)
    if integration_response is None:
        return 500, {"Content-Type": JSON}, b'{"message": "Internal server error"}'
    headers = {"Content-Type": JSON}
    for name, source in (integration_response.get("responseParameters") or {}).items():
        value = _parameter(source, call.context, answer)
        if value is not None:
            headers[name.removeprefix("method.response.header.")] = value
    template = (integration_response.get("responseTemplates") or {}).get(JSON)
    body = answer.body if template is None else call.render(template, answer.body)
    override = call.context["responseOverride"]
    headers.update({name: str(value) for name, value in override["header"].items()})
    return int(override.get("status") or integration_response["statusCode"]), headers, body.encode()


def _parameter(source: str, context: dict[str, Any], answer: ServiceAnswer) -> str | None:
    """Evaluate the source of a response parameter; None leaves the header out."""
    if source.startswith("'"):
        return source.strip("'")
    if source.startswith("integration.response.header."):
        return answer.headers.get(source.removeprefix("integration.response.header."))
    if source.startswith("context."):
        value = search(context, source.removeprefix("context"))
    else:
        value = search(parse_body(answer.body), source.removeprefix("integration.response.body"))
    return None if value is None else str(value)


def mock_response(integration: dict[str, Any]) -> Response:
    """Answer for a `MOCK` integration, its response template rendered; without one the body is empty."""
    status, headers, template = _mock_response(integration)
    if template == b"{}":
        return status, headers, b""
    context: dict[str, Any] = {"responseOverride": {"header": {}}}
    parameters = {"path": {}, "querystring": {}, "header": current_headers.get()}
    body = render(template.decode(), {"input": Input("", parameters), "context": context})
    override = context["responseOverride"]
    status = int(override.get("status") or status)
    return status, {**headers, **override["header"]}, b"" if status == 204 else body.encode()
