"""The deployed stack that is verified: its outputs, parameters and resources, and requests to its API."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

import boto3
import urllib3
from botocore.config import Config

from local.resources import stack_resources
from preview.queries import QueryError, query

# A phone's, because the user agent of a tool counts as a bot.
USER_AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
LAMBDA_SECONDS = 900  # that the longest of the stack's functions may take
# Seconds between two looks at what AWS does meanwhile.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8


class StepError(Exception):
    """What AWS answered differs from what must be; the message is the evidence."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API: status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: str

    def json(self) -> dict[str, Any]:
        """Return the body as an object; raise StepError if it holds none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise StepError(f"no JSON object: {self}")
        return document

    def __str__(self) -> str:
        return f"HTTP {self.status} {self.body[:500]}"


@dataclass
class Stack:
    """A deployed stack, and what a run sends to it; `address` maps an output's URL to where it is reached."""

    name: str
    address: Callable[[str], str] = str
    # The id of this run: session_id and source_menu of all that it sends.
    run_id: str = field(default_factory=lambda: f"verify-{uuid4().hex[:16]}")
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        description = client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        self.status: str = description["StackStatus"]
        self.outputs: dict[str, str] = {
            entry["OutputKey"]: entry["OutputValue"] for entry in description.get("Outputs", [])
        }
        self.parameters: dict[str, str] = {
            entry["ParameterKey"]: entry["ParameterValue"] for entry in description.get("Parameters", [])
        }
        resources = stack_resources(client("cloudformation"), self.name)
        self.resources = {name: resource.id for name, resource in resources.items()}
        self.types = {name: resource.type for name, resource in resources.items()}
        self.api_key = self._api_key()
        self._http = urllib3.PoolManager(retries=False, timeout=30)

    @property
    def origins(self) -> list[str]:
        """Return the origins that may read the API's answers."""
        return self.parameters["AllowedOrigin"].split(",")

    @property
    def origin(self) -> str:
        """Return an origin that a page could have and that is allowed."""
        first = self.origins[0]
        return "https://www.example.com" if first == "*" else first

    @property
    def delivery_seconds(self) -> int:
        """Return the seconds after which a row must be there: both buffers, and two minutes of grace."""
        return int(self.parameters["BufferSeconds"]) + 60 + 120

    def post(self, body: object, content_type: str = "application/json", path: str = "EventsUrl") -> Answer:
        """Post a body to the URL in output `path`, from an allowed origin, with the API key if needed."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": content_type, "Origin": self.origin}
        if self.api_key:
            headers["x-api-key"] = self.api_key
        return self.request("POST", self.outputs[path], data, headers)

    def request(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request; StepError if no answer comes."""
        try:
            answer = self._http.request(
                method, self.address(url), body=body, headers={"User-Agent": USER_AGENT} | (headers or {})
            )
        except urllib3.exceptions.HTTPError as error:
            raise StepError(f"{method} {url}: {error}") from error
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.data.decode(errors="replace"),
        )

    def ask(self, sql: str, parameters: Sequence[str] = ()) -> list[dict[str, str]]:
        """Ask Athena, with the texts of literals for the question marks; StepError with Athena's message."""
        database, work_group = self.outputs["DatabaseName"], self.outputs["WorkGroupName"]
        try:
            return query(client("athena"), sql, database, work_group, parameters)
        except QueryError as error:
            raise StepError(str(error)) from error

    def invoke(self, logical_id: str, event: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the stack and return its answer; StepError with its error."""
        answer = client("lambda").invoke(
            FunctionName=self.resources[logical_id], Payload=json.dumps(event).encode()
        )
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise StepError(f"{logical_id}: {payload[:1500]}")
        result: dict[str, Any] = json.loads(payload)
        return result

    def new_keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix of the data bucket that were written since this run began."""
        pages = client("s3").get_paginator("list_objects_v2")
        return [
            item["Key"]
            for page in pages.paginate(Bucket=self.outputs["DataBucketName"], Prefix=prefix)
            for item in page.get("Contents", [])
            if item["LastModified"] >= self.started.replace(microsecond=0)
        ]

    def _api_key(self) -> str:
        if "ApiKey" not in self.resources:
            return ""
        key = client("apigateway").get_api_key(apiKey=self.resources["ApiKey"], includeValue=True)
        return str(key["value"])


def poll(done: Callable[[], bool], seconds: float) -> bool:
    """Ask until something is done; return False if it is not after so many seconds.

    The pauses double, up to LONGEST_PAUSE: the local stack is done in a second, and AWS bills each query.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return True


@cache
def client(service: str) -> Any:
    """Return a client of an AWS service, with the credentials and the region of the environment."""
    connect: Any = boto3.client  # its types want to know the service when they are checked
    patient = Config(read_timeout=LAMBDA_SECONDS, retries={"mode": "standard", "total_max_attempts": 3})
    return connect(service, config=patient)
