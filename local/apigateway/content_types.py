"""API Gateway's choice by content type: of a template, of a model, or 415.

Emulates: a request without the header counts as `application/json`. An empty header is a content type that
has no template, which `NEVER` answers with 415, as AWS's table says of every other.

Not covered: whether a content type with parameters (`text/plain;charset=UTF-8`) finds the key that has
none, which AWS does not document. Types are compared to the letter here, unless the emulator runs with
CONTENT_TYPE_PARAMETERS=ignored.

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
"""

import os
from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway_v1 as emulated

JSON = "application/json"
PARAMETERS_IGNORED = os.environ.get("CONTENT_TYPE_PARAMETERS") == "ignored"


def choose[T](
    values: Mapping[str, T] | None, headers: Mapping[str, str], ignored: bool = PARAMETERS_IGNORED
) -> T | None:
    """Return the value of the request's content type; `headers` have lower-case names."""
    content_type = headers.get("content-type", JSON)
    if not ignored:
        return (values or {}).get(content_type)
    by_bare_type = {_without_parameters(key): value for key, value in (values or {}).items()}
    return by_bare_type.get(_without_parameters(content_type))


def _without_parameters(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def check_passthrough(integration: dict[str, Any], headers: Mapping[str, str]) -> Any:
    """Return the gateway error of a content type without a template, or None where the body may pass.

    The emulator's own check ignores parameters, and takes an empty header for a missing one.
    """
    templates = integration.get("requestTemplates")
    rejecting_behaviors = {"NEVER", "WHEN_NO_TEMPLATES"} if templates else {"NEVER"}
    behavior = (integration.get("passthroughBehavior") or "WHEN_NO_MATCH").upper()
    if behavior not in rejecting_behaviors or choose(templates, headers) is not None:
        return None
    message = emulated._GATEWAY_ERROR_MESSAGES["UNSUPPORTED_MEDIA_TYPE"]
    return emulated._gw_error("UNSUPPORTED_MEDIA_TYPE", message)
