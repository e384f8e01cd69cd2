"""The owner's dashboard of a deployed stack: its requests, its function, its link."""

import json
from typing import Any

import urllib3

from local.stack import LocalStack
from tests.support.deployment import resources
from tools.dashboard_link import new_link


class OwnerDashboard:
    """Asks for the dashboard as a program without a browser does: no cookie is kept."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.outputs = stack.outputs()
        self.url = stack.local_url(self.outputs["OwnerDashboardUrl"])
        self.bucket = self.outputs["ReportBucketName"]
        self._http = urllib3.PoolManager(retries=False)

    def link(self) -> str:
        """Make a new link."""
        return new_link(self.stack.client("s3"), self.outputs, self.stack.local_url)

    def write(self, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call ReportFunction; return its answer, or its error under `errorMessage`."""
        answer = self.stack.client("lambda").invoke(
            FunctionName=resources(self.stack)["ReportFunction"], Payload=json.dumps(event or {}).encode()
        )
        return dict(json.loads(answer["Payload"].read()))

    def get(self, cookie: str = "", **headers: str) -> urllib3.BaseHTTPResponse:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.request("GET", self.url, headers=headers | ({"Cookie": cookie} if cookie else {}))

    def post(self, body: bytes | dict[str, Any]) -> urllib3.BaseHTTPResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self._http.request("POST", f"{self.url}/session", body=data, headers=headers)

    def cookie(self, link: str) -> str:
        """Exchange the link's key for a cookie, and return what a browser sends back."""
        response = self.post({"key": link.partition("#key=")[2]})
        assert response.status == 204, response.data
        return response.headers["Set-Cookie"].partition(";")[0]
