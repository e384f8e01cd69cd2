"""A request on its way through a REST API's integration.

Emulates: what mapping templates know of a request: its parameters, `$context` and the stage's variables.

Not covered: members of `$context` beyond those below. The last element of `X-Forwarded-For`, if there is
one, stands for the connection's peer. So traffic made on one machine can come from many addresses. AWS adds
the peer there.

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_request_client_ip, new_uuid

from local.apigateway.vtl import Input, render

Response = tuple[int, dict[str, str], bytes]
# The headers of the request that this task serves: the emulator does not hand them to a MOCK integration.
current_headers: ContextVar[dict[str, str]] = ContextVar("current_headers")


@dataclass(frozen=True)
class Request:
    """What the emulator passes to an integration, in its order."""

    api_id: str
    stage_name: str
    stage: dict[str, Any]
    resource: dict[str, Any]
    path: str
    method: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    path_parameters: dict[str, str]

    def parameters(self) -> dict[str, dict[str, str]]:
        """Return the parameters by where they come from; of a repeated one in the query string the last.

        Names of headers are in lower case, in which the emulator passes them on.
        """
        return {
            "path": dict(self.path_parameters or {}),
            "querystring": {name: values[-1] for name, values in self.query.items()},
            # API Gateway adds the connection's peer to this header, and writes its name so.
            "header": self.headers
            | {"X-Forwarded-For": self.headers.get("x-forwarded-for") or get_request_client_ip()},
        }

    def source_arn(self, owner: "Owner") -> str:
        """Return the ARN by which policies name the request."""
        return (
            f"arn:aws:execute-api:{owner.region}:{owner.account}:{self.api_id}/{self.stage_name}"
            f"/{self.method}{self.resource['path']}"
        )


@dataclass(frozen=True)
class Owner:
    """The account and the region of an API."""

    account: str
    region: str


class Call:
    """The call of an integration's service for a request."""

    def __init__(self, integration: dict[str, Any], request: Request, owner: Owner) -> None:
        self.integration = integration
        self.body = request.body.decode("utf-8", "replace")
        self.parameters = request.parameters()
        self.context = _context(request, owner)
        self._stage_variables = request.stage.get("variables") or {}
        self.source_arn = request.source_arn(owner)

    def render(self, template: str, body: str) -> str:
        """Render a template over a body, the request's or the service's."""
        return render(
            template,
            {
                "input": Input(body, self.parameters),
                "context": self.context,
                "stageVariables": self._stage_variables,
            },
        )


def _context(request: Request, owner: Owner) -> dict[str, Any]:
    """Return `$context`."""
    now = time.time()
    user_agent = request.headers.get("user-agent")
    return {
        "accountId": owner.account,
        "apiId": request.api_id,
        "httpMethod": request.method,
        "identity": {"sourceIp": _source_ip(request.headers), "userAgent": user_agent},
        "path": f"/{request.stage_name}{request.path}",
        "protocol": "HTTP/1.1",
        "requestId": new_uuid(),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": request.resource["id"],
        "resourcePath": request.resource["path"],
        "responseOverride": {"header": {}},
        "stage": request.stage_name,
    }


def _source_ip(headers: dict[str, str]) -> str:
    forwarded = headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    return forwarded or get_request_client_ip()
