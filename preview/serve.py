"""Serves the page on loopback, with data that follow the stack's."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from functions.custom_resources.composition import CompositionError
from preview.definition_reader import UnrenderedError
from preview.page import Dashboard
from preview.queries import QueryError

CHECK_SECONDS = 2  # between two checks for new events


class Feed:
    """The newest data of a dashboard.

    They are asked for again when what `stored` returns of the events changes, and when a day begins.
    `open_dashboard` is called for each page anew, so that a reload shows a definition that was changed.
    """

    def __init__(self, open_dashboard: Callable[[], Dashboard], stored: Callable[[], Any]) -> None:
        self._open_dashboard = open_dashboard
        self._stored = stored
        self._lock = threading.Lock()
        self._checked_at = 0.0
        self._last_seen: Any = None  # what was stored, on which day
        self._data: dict[str, Any] = {}
        self._dashboard: Dashboard | None = None

    def data(self) -> dict[str, Any]:
        """Return the data, at most CHECK_SECONDS old if nothing goes wrong."""
        with self._lock:
            if time.monotonic() - self._checked_at >= CHECK_SECONDS:
                stored = self._stored()
                if not self._dashboard or (stored, self._dashboard.today()) != self._last_seen:
                    self._dashboard = self._open_dashboard()
                    self._last_seen = (stored, self._dashboard.today())
                    self._data = self._dashboard.data()
                self._checked_at = time.monotonic()
            return self._data

    def page(self) -> str:
        """Return the page as it is now."""
        dashboard = self._open_dashboard()
        with self._lock:
            self._dashboard = None  # a changed data set has other columns
            self._checked_at = 0.0
        return dashboard.page(self.data())


@contextmanager
def serve(feed: Feed, port: int = 0) -> Iterator[str]:
    """Serve the page until the context ends, and give its address; any free port, if `port` is taken or 0."""

    class Handler(BaseHTTPRequestHandler):
        """GET / is the page; GET /data.json?seen=<version> its data, or 204 if that version is the newest."""

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            host = self.headers.get("Host", "").rpartition(":")[0]
            if host not in ("127.0.0.1", "localhost"):  # another site's name that leads here
                self._send(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", "not the name of this server")
                return
            try:
                if address.path == "/":
                    self._send(HTTPStatus.OK, "text/html", feed.page())
                elif address.path == "/data.json":
                    data = feed.data()
                    if parse_qs(address.query).get("seen") == [data["version"]]:
                        self._send(HTTPStatus.NO_CONTENT, "application/json", "")
                    else:
                        self._send(HTTPStatus.OK, "application/json", json.dumps(data))
                else:
                    self._send(HTTPStatus.NOT_FOUND, "text/plain", "only / is here")
            except (BotoCoreError, ClientError, CompositionError, QueryError, UnrenderedError) as error:
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", f"{error}")

        def _send(self, status: HTTPStatus, content_type: str, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing of requests that went well."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
