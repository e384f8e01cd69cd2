"""API Gateway's checks of a request before its integration, and the gateway responses to what fails them.

Emulates: the limit of a body's size, the choice of a model by content type, and the text of
`$context.error.validationErrorString` in a gateway response.

Not covered: the texts of `models`; what else the emulator checks is its own.

Reference: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
import re
from typing import Any

from ministack.services import apigateway_v1 as emulated

from local.apigateway import content_types, models
from local.apigateway.compression import MAX_BODY_BYTES
from local.apigateway.request import Response, current_headers

_VALIDATION_ERROR = re.compile(
    r"\$context\.error\.validationErrorString|\$\{context\.error\.validationErrorString\}"
)
_check_request = emulated._check_request_validation
_error_response = emulated._gateway_error_response


def check_request(
    method: dict[str, Any],
    api_id: str,
    request: dict[str, Any],
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
) -> Any:
    """Return the gateway error of a request that is too large or invalid, or None."""
    current_headers.set(headers)
    if len(body or b"") > MAX_BODY_BYTES:
        message = f"HTTP content length exceeded {MAX_BODY_BYTES} bytes."
        return emulated._gw_error("REQUEST_TOO_LARGE", message)
    error = _check_request({**method, "requestModels": {}}, api_id, request, headers, body, query)
    if error:
        return error
    validator = emulated._request_validators.get(api_id, {}).get(method.get("requestValidatorId")) or {}
    model = content_types.choose(method.get("requestModels"), headers)
    if not model or not validator.get("validateRequestBody"):
        return None
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
