"""REST APIs' proxy integrations with Lambda.

Emulates: API Gateway calls a function only if the function's policy lets it, for the method and the path
that the policy names. An answer of more than 6 MB is an error of the function (502).

Not covered: roles of an integration (`credentials`) in the place of a policy, and API Gateway's own limit of
10 MB, which Lambda's hides.

Reference:
https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
import logging
from fnmatch import fnmatchcase
from typing import Any

from ministack.services import apigateway_v1 as emulated
from ministack.services import lambda_svc

from local.apigateway.request import Owner, Request

PRINCIPAL = "apigateway.amazonaws.com"
LARGEST_ANSWER = 6_291_556  # bytes of JSON, as Lambda names them in its error

logger = logging.getLogger(__name__)
_invoke = emulated._invoke_lambda_proxy_v1


async def invoke(integration: dict[str, Any], *arguments: Any, **options: Any) -> Any:
    """Answer a request whose integration is of type `AWS_PROXY`.

    `arguments` are the members of `Request`, `options` what the emulator passes by name.
    """
    request = Request(*arguments)
    owner = Owner(options["owner_account_id"], options["owner_region"])
    function = emulated._extract_lambda_ref_from_integration_uri(integration["uri"])
    if not _may_call(function, request.source_arn(owner)):
        # The caller learns no more on AWS; the execution log says "Invalid permissions on Lambda function".
        logger.error("%s lets API Gateway not call it for %s", function, request.source_arn(owner))
        return emulated._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    status, headers, body = await _invoke(integration, *arguments, **options)
    answer = {"statusCode": status, "headers": headers, "body": body.decode("utf-8", "replace")}
    if len(json.dumps(answer)) > LARGEST_ANSWER:
        logger.error("%s: Response payload size exceeded maximum allowed payload size", function)
        return 502, {"Content-Type": "application/json"}, b'{"message": "Internal server error"}'
    return status, headers, body


def _may_call(function: str, source_arn: str) -> bool:
    """Say whether a statement of the function's policy names API Gateway, and the request by its ARN."""
    found = lambda_svc.function_policy_for_arn(function)
    statements = found[0]["Statement"] if found else []
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] == "lambda:InvokeFunction"
        and statement["Principal"].get("Service") == PRINCIPAL
        and all(
            fnmatchcase(source_arn, pattern)
            for condition in statement.get("Condition", {}).values()
            for name, pattern in condition.items()
            if name == "AWS:SourceArn"
        )
        for statement in statements
    )
