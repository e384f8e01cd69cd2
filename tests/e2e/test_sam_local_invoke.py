"""Each function in Lambda's container, on each of its event files, as `sam local invoke` runs it.

Needs a Docker engine with the Lambda image, which `make test` does not demand: set MENULENS_DOCKER=1 where
there is one. The functions find no AWS in the container, so what needs S3 or Glue shows how it fails.
"""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from local.stack import LocalStack
from tests.support import EVENTS, rows
from tests.support.deployment import copy_project

pytestmark = pytest.mark.skipif(os.environ.get("MENULENS_DOCKER") != "1", reason="MENULENS_DOCKER is not 1")

ENVIRONMENT = LocalStack(0).environment()
NO_BUCKET = "bucket DataBucket cannot be listed: Could not connect to the endpoint URL"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project(tmp_path_factory.mktemp("project"))
    subprocess.run(["sam", "build"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return folder


@pytest.fixture
def cloudformation() -> Iterator[list[dict[str, Any]]]:
    """Listen where the event files send answers: on the host's side of Docker's bridge."""
    answers: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer((gateway(), 8321), Listener) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield answers
        server.shutdown()


def gateway() -> str:
    """Return the host's address on Docker's bridge: the first of its network."""
    command = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}"]
    subnet = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return str(ip_network(subnet)[1])


def invoke(project: Path, function: str, event: Path) -> Any:
    command = ["sam", "local", "invoke", function, "--event", str(event), "--skip-pull-image"]
    command += ["--add-host", f"host.docker.internal:{gateway()}"]  # as Docker Desktop has it
    done = subprocess.run(command, cwd=project, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("event", sorted(EVENTS.glob("transform_*.json")), ids=lambda path: path.stem)
def test_transform(project: Path, event: Path) -> None:
    sent = json.loads(event.read_text())["records"]
    answers = invoke(project, "TransformFunction", event)["records"]
    assert [answer["recordId"] for answer in answers] == [record["recordId"] for record in sent]
    results = [answer["result"] for answer in answers]
    if event.stem == "transform_bad":  # without S3, the record with rejected events fails too
        assert results == ["Ok", *["ProcessingFailed"] * 4, "Ok"]
    else:
        assert set(results) == {"Ok"}
    for answer in answers:
        if answer["result"] == "Ok":
            assert all(row["event_id"] and row["event_time"] for row in rows(answer))


@pytest.mark.parametrize("event", sorted(EVENTS.glob("replay_*.json")), ids=lambda path: path.stem)
def test_replay(project: Path, event: Path) -> None:
    answer = invoke(project, "ReplayFunction", event)
    assert answer["errorType"] == "BucketError"
    assert answer["errorMessage"].startswith(NO_BUCKET)


@pytest.mark.parametrize("event", sorted(EVENTS.glob("compaction_*.json")), ids=lambda path: path.stem)
def test_compaction(project: Path, event: Path) -> None:
    answer = invoke(project, "CompactionFunction", event)
    assert answer["errorType"] == "CompactionError"
    assert answer["errorMessage"].startswith("not merged: events/ingest_month=20")
    assert f": {NO_BUCKET}" in answer["errorMessage"]


@pytest.mark.parametrize("event", sorted(EVENTS.glob("custom_resources_*.json")), ids=lambda path: path.stem)
def test_hooks(project: Path, event: Path, cloudformation: list[dict[str, Any]]) -> None:
    request = json.loads(event.read_text())
    answer = invoke(project, "HooksFunction", event)
    assert cloudformation == [answer]
    assert answer["Status"] == "FAILED"
    assert "Could not connect to the endpoint URL" in answer["Reason"]
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert answer[name] == request[name]
    assert answer["PhysicalResourceId"] == request["LogicalResourceId"]
