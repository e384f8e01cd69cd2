"""A stand-in QuickSight: the REST protocol over botocore's model, in front of the state in `store.py`.

It answers a real boto3 client (`AWS_ENDPOINT_URL_QUICKSIGHT`), checks each request against the whole model,
keeps every call, and fails on demand. It proves the order, the content and the handling of calls. It does not
prove what only AWS knows: whether a data source may read Athena, whether a definition that fits the model
also renders, signatures and IAM, quotas, and how long anything takes.
"""

import json
import re
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from botocore.model import OperationModel

from tests.support.quicksight.model import problems, service
from tests.support.quicksight.service_error import ServiceError
from tests.support.quicksight.store import Store

STATUS = {
    "AccessDeniedException": 401,
    "ConflictException": 409,
    "InternalFailureException": 500,
    "LimitExceededException": 409,
    "PreconditionNotMetException": 400,
    "ResourceExistsException": 409,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
    "UnsupportedUserEditionException": 403,
}  # of the model; the others answer 400
CRASH = "!crash"


class StandIn:
    """A QuickSight of its own on a free port of loopback, or on `port`.

    `faults` says by its number (from 0) which call fails: with the error code named, doing nothing; or, for
    "!crash", with InternalFailureException after having done what was asked. `pace` is the number of looks
    (Describe, or a rejected change) that a change stays in progress for.
    """

    def __init__(
        self, region: str = "eu-central-1", identity_region: str = "", pace: int = 1, port: int = 0
    ) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[int, str] = {}
        self._store = Store(region, identity_region or region, pace)
        self._lock = threading.Lock()
        self._routes = _routes()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()

    def fail(self, operation: str, message: str, *, path: str = "", times: int = 1) -> None:
        """Let what the next `times` calls of `operation` begin fail in the end, at `path` of a definition."""
        self._store.failures += [(operation, message, path)] * times

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """The state of everything: by kind, then by id."""
        return self._store.kinds

    @kinds.setter
    def kinds(self, kinds: dict[str, dict[str, Any]]) -> None:
        self._store.kinds = kinds

    @property
    def pace(self) -> int:
        """How many looks a change stays in progress for."""
        return self._store.pace

    @pace.setter
    def pace(self, pace: int) -> None:
        self._store.pace = pace

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        """What `fail` was told and has not happened yet."""
        return self._store.failures

    @property
    def edition(self) -> str | None:
        """What the account has subscribed to: ENTERPRISE, STANDARD or nothing."""
        return self._store.edition

    @edition.setter
    def edition(self, edition: str | None) -> None:
        self._store.edition = edition

    def resources(self, kind: str) -> dict[str, Any]:
        """Return the state of the `data_sources`, `data_sets`, `themes` or `dashboards`, by id."""
        return self._store.kinds[kind]

    def answer(
        self, method: str, target: str, body: bytes, region: str
    ) -> tuple[int, dict[str, Any], str | None]:
        """Return the status, the body and the error code with which the region's endpoint answers."""
        operation, params = self._parse(method, target, body)
        with self._lock:
            fault = self.faults.get(len(self.calls))
            self.calls.append((operation.name, params))
            if fault and fault != CRASH:
                return _error(fault, "injected")
            assert operation.input_shape is not None
            if faults := problems(params, operation.input_shape, operation.name):
                return _error("InvalidParameterValueException", "; ".join(faults[:5]))
            try:
                result = self._store.call(operation.name, params, region)
            except ServiceError as error:
                return _error(error.code, str(error))
            if fault == CRASH:
                return _error("InternalFailureException", "injected after the change")
        return 200, {"RequestId": f"request-{len(self.calls)}", "Status": 200} | result, None

    def _parse(self, method: str, target: str, body: bytes) -> tuple[OperationModel, dict[str, Any]]:
        url = urllib.parse.urlsplit(target)
        matches = ((pattern.fullmatch(url.path), operation) for pattern, operation in self._routes[method])
        match, operation = next((match, operation) for match, operation in matches if match)
        sent = json.loads(body) if body else {}
        query = dict(urllib.parse.parse_qsl(url.query))
        path = {name: urllib.parse.unquote(value) for name, value in match.groupdict().items()}
        assert operation.input_shape is not None
        for name, shape in operation.input_shape.members.items():
            location = shape.serialization.get("location", "")
            key = shape.serialization.get("name", name)
            source = {"uri": path, "querystring": query}.get(location, {})
            if key in source:
                sent[name] = int(source[key]) if shape.type_name in ("long", "integer") else source[key]
        return operation, sent


def _routes() -> dict[str, list[tuple[re.Pattern[str], OperationModel]]]:
    """Return the operations by method; a path with fewer placeholders is tried first."""
    routes: dict[str, list[tuple[re.Pattern[str], OperationModel]]] = {}
    operations = [service().operation_model(name) for name in service().operation_names]
    for operation in sorted(operations, key=lambda operation: operation.http["requestUri"].count("{")):
        pattern = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", operation.http["requestUri"].partition("?")[0])
        routes.setdefault(operation.http["method"], []).append((re.compile(pattern), operation))
    return routes


def _error(code: str, message: str) -> tuple[int, dict[str, Any], str]:
    return STATUS.get(code, 400), {"Message": message, "RequestId": "request"}, code


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: the kernel holds back the second of two

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            region = self.headers["Authorization"].split("/")[2]  # of the signature's scope
            status, result, code = stand_in.answer(self.command, self.path, body, region)
            text = json.dumps(result).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            if code:
                self.send_header("x-amzn-ErrorType", code)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # http.server's names

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


if __name__ == "__main__":
    StandIn(port=int(sys.argv[1])).serve()
