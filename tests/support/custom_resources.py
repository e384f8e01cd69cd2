"""The stack's custom resources, called as CloudFormation calls them, but without a deployment."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from local.stack import TIME_ZONE, LocalStack
from tests.support.deployment import resources


@contextmanager
def answers() -> Iterator[str]:
    """Return the address that takes the custom resources' answers, as CloudFormation's does."""

    class Taker(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class CustomResources:
    """Calls the function of a stack's custom resources."""

    def __init__(self, stack: LocalStack, answer_url: str) -> None:
        self._functions = stack.client("lambda")
        self._answer_url = answer_url
        self._resources = resources(stack)
        outputs = stack.outputs()
        self.athena_properties = {
            "Database": outputs["DatabaseName"],
            "WorkGroup": outputs["WorkGroupName"],
            "DataBucket": outputs["DataBucketName"],
            "QueryResultsBucket": self._resources["QueryResultsBucket"],
            "TimeZone": TIME_ZONE,
            "EventRetentionDays": "730",
            "RejectedRetentionDays": "90",
        }

    def call(
        self, request_type: str, properties: dict[str, str], name: str = "AthenaDefinitions"
    ) -> dict[str, Any] | None:
        """Return the answer of the custom resource `name`; None if the function ended in an error."""
        event = {
            "RequestType": request_type,
            "ResourceType": f"Custom::{name}",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": name,
            "PhysicalResourceId": name,
            "ResponseURL": self._answer_url,
            "ResourceProperties": properties,
        }
        answer = self._functions.invoke(
            FunctionName=self._resources["HooksFunction"], Payload=json.dumps(event).encode()
        )
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return None if "FunctionError" in answer else result

    def update_athena(self, folder: Path) -> dict[str, Any]:
        """Update the custom resource `AthenaDefinitions` with the definitions in `folder`; return its answer.

        The function gets them in a layer, as from a deployment.
        """
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as package:
            for path in folder.rglob("*.*"):
                package.write(path, Path("python") / path.relative_to(folder))
        layer = self._functions.publish_layer_version(
            LayerName="changed-definitions", Content={"ZipFile": content.getvalue()}
        )
        name = self._resources["HooksFunction"]
        configuration = self._functions.get_function_configuration(FunctionName=name)
        layers = [attached["Arn"] for attached in configuration["Layers"]]
        changed_layers = [layer["LayerVersionArn"] if "AthenaLayer" in arn else arn for arn in layers]
        self._functions.update_function_configuration(FunctionName=name, Layers=changed_layers)
        try:
            answer = self.call("Update", self.athena_properties)
        finally:
            self._functions.update_function_configuration(FunctionName=name, Layers=layers)
            self._functions.delete_layer_version(
                LayerName="changed-definitions", VersionNumber=layer["Version"]
            )
        assert answer is not None
        return answer
