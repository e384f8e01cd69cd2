import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from demo import traffic
from demo.simulation import Request
from demo.traffic import send, send_payloads

EVENT = {"element_clicked": "entree_1", "source_menu": "m", "created_at": "2022–09–11 23:00:00"}
HEADERS = {
    "User-Agent": "phone",
    "X-Forwarded-For": "203.0.113.9",
    "Content-Type": "text/plain;charset=UTF-8",
}


@dataclass
class Api:
    """A tiny API that answers what `status` returns for the attempt's number, from 1 on."""

    status: Callable[[int], int] = lambda attempt: 202
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without this the headers and the body are two packets, the second of which waits 40 ms.
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with api.lock:
                api.bodies.append(body)
                api.headers.append(dict(self.headers))
                api.connections.add(self.client_address)
                status = api.status(len(api.bodies))
            if not status:  # drop the connection
                self.close_connection = True
                return
            answer = json.dumps({"message": f"status {status}"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_port}/local/events/batch"
    yield api
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "RETRIES", traffic.RETRIES.new(backoff_factor=0, backoff_jitter=0))


def requests(count: int, events: int = 2) -> list[Request]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return [
        Request(
            {"events": [EVENT | {"event_id": f"event-{number}-{n}"} for n in range(events)]}, HEADERS, now
        )
        for number in range(count)
    ]


def test_each_request_arrives_once_and_as_it_is(api: Api) -> None:
    sent = requests(200)
    result = send(sent, api.url, progress=False)
    assert sorted(map(json.dumps, api.bodies)) == sorted(json.dumps(request.body) for request in sent)
    assert all(headers.items() >= HEADERS.items() for headers in api.headers)
    assert (result.accepted, result.events, result.failed) == (200, 400, 0)
    assert result.statuses == {202: 200}


def test_connections_are_kept_one_per_thread(api: Api) -> None:
    send(requests(100), api.url, concurrency=4, progress=False)
    assert 1 <= len(api.connections) <= 4


@pytest.mark.parametrize("trouble", [429, 500, 503, 0], ids=["429", "500", "503", "dropped"])
def test_a_request_in_passing_trouble_is_sent_again(api: Api, trouble: int) -> None:
    api.status = lambda attempt: trouble if attempt <= 3 else 202
    result = send(requests(1), api.url, progress=False)
    assert (result.accepted, result.failed, len(api.bodies)) == (1, 0, 4)
    assert all(body == api.bodies[0] for body in api.bodies)


def test_retries_are_bounded_and_the_failure_is_told(api: Api) -> None:
    api.status = lambda attempt: 503
    result = send(requests(1), api.url, progress=False)
    assert (result.accepted, result.events, result.failed, len(api.bodies)) == (0, 0, 1, 7)
    assert result.failures == ['503: {"message": "status 503"}']


@pytest.mark.parametrize("status", [200, 400, 403, 413, 415])
def test_any_other_answer_is_a_failure_at_once(api: Api, status: int) -> None:
    api.status = lambda attempt: status
    result = send(requests(8), api.url, progress=False)
    assert (result.accepted, result.failed, len(api.bodies)) == (0, 8, 8)
    assert result.statuses == {status: 8}
    assert len(result.failures) == traffic.SAMPLES


def test_no_answer_at_all_is_a_failure() -> None:
    unused = "http://127.0.0.1:9/local/events/batch"
    result = send(requests(1), unused, progress=False)
    assert (result.failed, result.statuses) == (1, {traffic.NO_ANSWER: 1})
    assert "refused" in result.failures[0]


def test_a_wrong_url_raises() -> None:
    with pytest.raises(urllib3.exceptions.HTTPError):
        send(requests(1), "nonsense://127.0.0.1", progress=False)


def test_outside_of_a_terminal_a_line_is_printed_before_and_one_after(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    send(requests(3), api.url)
    first, line = capsys.readouterr().out.splitlines()
    assert first == "Sending 3 requests of simulated visits"
    assert line.startswith("accepted 3 requests with 6 events in ")
    assert line.endswith("failed 0")


def test_in_a_terminal_a_bar_is_shown(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    send(requests(3), api.url)
    shown = capsys.readouterr().out
    assert "6/6" in shown
    assert "accepted" not in shown


def test_without_progress_nothing_is_printed(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    send(requests(1), api.url, progress=False)
    assert capsys.readouterr().out == ""


def test_payloads_are_sent_in_order_one_event_each(api: Api) -> None:
    events = [EVENT | {"time_spent": seconds} for seconds in range(5)]
    result = send_payloads(events, api.url)
    assert api.bodies == events
    assert (result.accepted, result.events) == (5, 5)
    assert {headers["Content-Type"] for headers in api.headers} == {"application/json"}
    assert not any("urllib3" in headers["User-Agent"] for headers in api.headers)
