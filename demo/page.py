"""The demo restaurant's menu page, served on loopback with the tracker of a deployed stack.

Under a strict Content-Security-Policy, so that the page shows what one must allow for the tracker.
"""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from string import Template
from urllib.parse import urlsplit

from local.stack import ROOT

FOLDER = ROOT / "tracker" / "demo"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@contextmanager
def demo_page(outputs: dict[str, str], dashboard: str, port: int = 0) -> Iterator[str]:
    """Serve the page until the context ends, and give its address; `port` 0 is any free one.

    `outputs` are the stack's, their addresses such as a browser on this machine can reach; `dashboard` is the
    address of its dashboard, to which the page links.
    """
    files = {f"/{path.name}": path for path in FOLDER.iterdir()}
    files["/"] = files["/index.html"]
    policy = _policy(outputs)

    class Page(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = files.get(urlsplit(self.path).path)
            if path is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = path.read_bytes()
            if path.suffix == ".html":
                body = Template(body.decode()).substitute(outputs, DashboardPage=dashboard).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", MEDIA_TYPES[path.suffix])
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def _policy(outputs: dict[str, str]) -> str:
    """Allow the page's own files, and of the stack's addresses the two that the tracker needs."""
    return (
        "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        f"script-src 'self' {outputs['TrackerUrl']}; connect-src {outputs['EventsBatchUrl']}"
    )
