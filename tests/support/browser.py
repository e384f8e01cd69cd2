"""What tests of pages need: Chromium, a site with pages, and a proxy between the pages and the API."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support import PHONE, ROOT

SCRIPT = ROOT / "tracker" / "dist" / "menulens.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
ARGUMENTS = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP plain-http.test 127.0.0.1",
    # Headless Chromium's own name counts as a bot, and what a page sends when it goes away has the browser's.
    f"--user-agent={PHONE}",
    # A driven browser counts as a bot too: https://www.w3.org/TR/webdriver2/#interface
    "--disable-blink-features=AutomationControlled",
)
# Told after a frame of the page has been laid out: the script's own observers are told with it.
NEXT_FRAME = """() => new Promise((resolve) => {
  new IntersectionObserver((_, observer) => resolve(observer.disconnect())).observe(document.documentElement);
})"""
# Resolves once no request is under way, of which the script's lock tells. On plain http there are no locks.
ANSWERED = """async () => {
  const { held } = await (navigator.locks?.query() ?? { held: [] });
  for (const { name } of held) await navigator.locks.request(name, () => {});
}"""
DISH = (
    '<div style="height: 300px" data-ml-item="{0}" data-ml-category="pizza" data-ml-price="10.50">{0}</div>'
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def visitor(browser: Browser, **options: Any) -> BrowserContext:
    """Return a new visitor with a phone and nothing stored."""
    return browser.new_context(viewport={"width": 400, "height": 800}, **options)


def stored(page: Page) -> dict[str, str]:
    """Return what a page's browser has stored."""
    return page.evaluate("() => ({...localStorage, ...sessionStorage})")


def pause(page: Page) -> None:
    """Stop the clock of all pages that `page` will show: it goes on in `pass_time` alone, on any machine.

    Requests have no time limit there: by this clock it would end those that a slow machine has not answered.
    """
    page.clock.install()
    page.context.add_init_script("Object.defineProperty(AbortSignal, 'timeout', { value: undefined })")
    page.clock.pause_at(time.time() + 60)  # an earlier time than the page has by then is an error


def pass_time(page: Page, milliseconds: int) -> None:
    """Let time pass on a page whose clock is paused, with what is in view now in view all the while."""
    page.evaluate(NEXT_FRAME)
    page.clock.run_for(milliseconds)
    page.evaluate(NEXT_FRAME)


def send(page: Page) -> None:
    """Have the script send what it has now, as it does once its browser is online again."""
    page.evaluate(ANSWERED)  # else it would come back to it in a minute
    page.evaluate("dispatchEvent(new Event('online'))")


def leave(page: Page) -> None:
    """Go away from the page, which keeps its visitor's tab, with nothing under way that would come again."""
    page.evaluate(ANSWERED)
    page.goto("about:blank")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *args: Any) -> None:
        # Else its thread would go on polling the number of a closed socket, which other sockets get.
        self.shutdown()
        super().__exit__(*args)

    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that hangs up, as it may."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Site(_Server):
    """A restaurant's site: pages by path, and a copy of the tracker."""

    def __init__(self) -> None:
        super().__init__(_Page)
        self.pages: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.url = f"http://127.0.0.1:{self.server_port}"

    def menu(self, path: str, body: str, endpoint: str, menu: str, head: str = "", **options: Any) -> str:
        """Add a page with the tracker and return its address; `options` are headers, or data attributes."""
        headers = {name: value for name, value in options.items() if name[0].isupper()}
        data = "".join(f' data-{name}="{value}"' for name, value in options.items() if name not in headers)
        data = f'data-endpoint="{endpoint}" data-menu="{menu}"{data}'
        script = f'<script defer src="/menulens.min.js" {data}></script>'
        html = f'<!doctype html><meta charset="utf-8">{head or script}<link rel="icon" href="data:,">{body}'
        self.pages[path] = html.encode(), headers
        return self.url + path


class _Page(_Handler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/menulens.min.js":
            self.answer(200, SCRIPT.read_bytes(), "text/javascript")
        elif path in self.server.pages:
            body, headers = self.server.pages[path]
            self.answer(200, body, "text/html", **headers)
        else:
            self.answer(404, b"", "text/plain")


class IngestEndpoint(_Server):
    """Stands between pages and the API, so that tests see each request, and can make it fail.

    `behaviour` decides on each request by its events: "pass" it on, answer a status instead, "drop" it before
    the API has it, "lose" the API's answer or "hang", saying nothing on an open connection. Without a
    `target` what passes is answered as the API does.
    """

    def __init__(self, target: str | None = None) -> None:
        super().__init__(_Request)
        self.target = target
        self.behaviour: Callable[[list[dict[str, Any]]], str | int] = lambda _events: "pass"
        self.requests: list[dict[str, Any]] = []  # those that came in, with what became of them
        self.url = f"http://127.0.0.1:{self.server_port}/events/batch"
        self.http = urllib3.PoolManager(retries=False, maxsize=16)
        self.closed = threading.Event()

    def __exit__(self, *args: Any) -> None:
        self.closed.set()
        super().__exit__(*args)

    def events(self, **fields: Any) -> list[dict[str, Any]]:
        """Return the events that passed, repeats included, whose `fields` have these values."""
        passed = [
            event
            for request in self.requests
            if request["result"] in ("pass", "lose")
            for event in request["events"]
        ]
        return [event for event in passed if fields.items() <= event.items()]


class _Request(_Handler):
    server: IngestEndpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        events = json.loads(body)["events"]
        result = self.server.behaviour(events)
        content_type = self.headers["Content-Type"]
        request = {"bytes": len(body), "content_type": content_type, "events": events, "result": result}
        status, answer = 202, b'{"record_id": "1"}'
        if result in ("pass", "lose") and self.server.target:
            headers = {name: self.headers[name] for name in ("Content-Type", "User-Agent")}
            response = self.server.http.request("POST", self.server.target, body=body, headers=headers)
            status, answer = response.status, response.data
        request["status"] = status
        self.server.requests.append(request)
        if result == "hang":
            self.server.closed.wait()
        if result in ("drop", "lose", "hang"):
            self.close_connection = True
            return
        if isinstance(result, int):
            # A reason has only what the API itself rejects for its content.
            reason = {"reason": "as the test wants"} if result == 400 else {}
            status, answer = result, json.dumps({"message": "Invalid", **reason}).encode()
        self.answer(status, answer, "application/json", Access_Control_Allow_Origin="*")


def item_views(endpoint: IngestEndpoint, count: int) -> list[dict[str, Any]]:
    """Return the item views that passed, once there are `count` of them."""
    views = endpoint.events(event_type="item_view")
    return views if len(views) >= count else []
