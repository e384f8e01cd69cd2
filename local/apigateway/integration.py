"""REST APIs' non-proxy `AWS` integrations with services other than Lambda.

Emulates: an integration with an action of a service that speaks JSON
(`arn:aws:apigateway:<region>:firehose:action/PutRecord`). The request template is rendered, the service is
called over HTTP with the credentials of the integration's role, and its answer is mapped back. Likewise it
reads from S3 by path (`arn:aws:apigateway:<region>:s3:path/<bucket>/{name}`).

Not covered: integration request parameters other than the path's, content handling, caching and WAF. Neither
latency nor quotas nor what the edge does to headers.

Reference: https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html
"""

import logging
import urllib.parse
from functools import cache
from typing import Any, NamedTuple

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from ministack.core.concurrency import run_reentrant
from ministack.services import apigateway_v1 as emulated

from local import roles
from local.apigateway import content_types
from local.apigateway.compression import MAX_BODY_BYTES
from local.apigateway.request import Call, Owner, Request
from local.apigateway.responses import ServiceAnswer, map_answer

PRINCIPAL = "apigateway.amazonaws.com"

logger = logging.getLogger(__name__)
_invoke_lambda = emulated._invoke_lambda_custom_v1
_http = URLLib3Session(max_pool_connections=32, timeout=29)


class Target(NamedTuple):
    """What an integration's URI names: of a service an action, or a path."""

    region: str
    service: str
    kind: str
    name: str

    @classmethod
    def of(cls, integration: dict[str, Any]) -> "Target | None":
        """Return the target of an integration that is served here; None of another."""
        parts = emulated._parse_service_integration_uri(integration["uri"])
        if parts is None:
            return None
        target = cls(*parts)
        is_action = target.kind == "action" and target.service != "lambda"
        return target if is_action or (target.service, target.kind) == ("s3", "path") else None


async def invoke(integration: dict[str, Any], *arguments: Any, **options: Any) -> Any:
    """Answer a request whose integration is of type `AWS`; one with Lambda is the emulator's.

    `arguments` are the members of `Request`, `options` what the emulator passes by name.
    """
    target = Target.of(integration)
    if target is None:
        return await _invoke_lambda(integration, *arguments, **options)
    owner = Owner(options["owner_account_id"], options["owner_region"])
    # A thread of its own, since the call comes back to this server (ministack.core.concurrency).
    return await run_reentrant(_integrate, Call(integration, Request(*arguments), owner), target)


def _integrate(call: Call, target: Target) -> Any:
    try:
        answer = _read_object(call, target) if target.kind == "path" else _call_action(call, target)
        status, headers, body = map_answer(call, answer)
    except Exception:
        # AWS says no more than this to the caller; the details are in its execution log.
        logger.exception("Execution failed due to configuration error")
        return emulated._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    return status, {**headers, "x-amzn-requestid": call.context["requestId"]}, body


def _read_object(call: Call, target: Target) -> ServiceAnswer:
    """Get an object as the integration's role, its name taken from the request's path."""
    path = target.name
    prefix = "integration.request.path."
    for name, source in (call.integration.get("requestParameters") or {}).items():
        value = call.parameters["path"][source.removeprefix("method.request.path.")]
        path = path.replace(f"{{{name.removeprefix(prefix)}}}", urllib.parse.quote(value, safe=""))
    request = AWSRequest("GET", f"{roles.endpoint()}/{path}")
    credentials = roles.credentials(call.integration["credentials"], PRINCIPAL, call.source_arn)
    S3SigV4Auth(credentials.get_frozen_credentials(), "s3", roles.region()).add_auth(request)
    response = _http.send(request.prepare())
    body = response.content.decode("utf-8", "replace")
    return ServiceAnswer(response.status_code, response.headers, body)


def _call_action(call: Call, target: Target) -> ServiceAnswer:
    """Call the action as the integration's role, or without a signature when it names none."""
    payload = _payload(call)
    metadata = _service_metadata(target.service)
    headers = {
        "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        "X-Amz-Target": f"{metadata['targetPrefix']}.{target.name}",
    }
    request = AWSRequest("POST", f"{roles.endpoint()}/", headers=headers, data=payload)
    role_arn = call.integration.get("credentials")
    if role_arn:
        credentials = roles.credentials(role_arn, PRINCIPAL, call.source_arn).get_frozen_credentials()
        signing_name = metadata.get("signingName", target.service)
        SigV4Auth(credentials, signing_name, roles.region()).add_auth(request)
    response = _http.send(request.prepare())
    return ServiceAnswer(response.status_code, response.headers, response.text)


def _payload(call: Call) -> bytes:
    """Return what the service is sent; ValueError when it is too large."""
    template = content_types.choose(call.integration.get("requestTemplates"), call.parameters["header"])
    rendered = call.body if template is None else call.render(template, call.body)
    payload = rendered.encode("utf-8", "replace")
    if len(payload) > MAX_BODY_BYTES:  # AWS documents the limit; that it answers 500 is inferred
        raise ValueError(f"the integration's request has {len(payload)} bytes")
    return payload


@cache
def _service_metadata(service: str) -> dict[str, str]:
    return Session().get_service_model(service).metadata
