"""What a user can cause is one line that says what to do, in each command, and never a traceback."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.messages import explain
from tests.support import ROOT
from tests.support.deployment import free_port

ANSWER = """<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"""
DAYS = ("--from", "2026-11-20", "--to", "2026-11-22", "--session-id", "x")
EVENT = '{"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22"}\n'
# The commands that talk to AWS, and what the Makefile gives them.
COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "forget": lambda _: ["tools.forget", "--stack", "a-stack", *DAYS],
    "backfill": lambda history: ["tools.backfill", str(history), "--stack", "a-stack"],
    "verify": lambda _: ["tools.verify", "--stack", "a-stack"],
    "ask": lambda _: ["tools.ask", "--stack", "a-stack", "--", "SELECT 1"],
    "menulens": lambda _: ["preview"],  # make dashboard, which STACK tells the stack
}
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}


@pytest.fixture
def aws() -> Iterator[HTTPServer]:
    """A stand-in for AWS, which rejects each request with the `code` and `message` set on it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = ANSWER.format(**vars(self.server)["error"]).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def says(name: str, folder: Path, **environment: str) -> str:
    """Run a command that must fail, and return the one line that it prints."""
    history = folder / "history.jsonl"
    history.write_text(EVENT)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    clean |= {"HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
    process = subprocess.run(
        [sys.executable, "-m", *COMMANDS[name](history)],
        cwd=ROOT,
        env=clean | {"STACK": "a-stack"} | environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 2, process.stderr
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"{name}: ")
    return line


@pytest.mark.parametrize("name", COMMANDS)
def test_no_credentials(name: str, tmp_path: Path) -> None:
    assert "AWS needs credentials: log in again" in says(name, tmp_path, **REGION)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stack_that_is_not_there(name: str, aws: HTTPServer, tmp_path: Path) -> None:
    vars(aws)["error"] = {"code": "ValidationError", "message": "Stack with id a-stack does not exist"}
    line = says(name, tmp_path, AWS_ENDPOINT_URL=f"http://127.0.0.1:{aws.server_port}", **KEYS, **REGION)
    assert "Stack with id a-stack does not exist in this account and region" in line


def test_no_region(tmp_path: Path) -> None:
    assert "AWS needs a region: put, for example, AWS_DEFAULT_REGION" in says("ask", tmp_path, **KEYS)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    line = says("ask", tmp_path, AWS_PROFILE="owner", **REGION)
    assert "The config profile (owner) could not be found" in line


@pytest.mark.parametrize("name", ["ask", "backfill"])
def test_no_network(name: str, tmp_path: Path) -> None:
    line = says(name, tmp_path, HTTPS_PROXY=f"http://127.0.0.1:{free_port()}", **KEYS, **REGION)
    assert "check the network, the proxy and the region" in line


def test_no_local_stack(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    line = says("ask", tmp_path, AWS_ENDPOINT_URL=url, **KEYS, **REGION)
    assert f"nothing answers at {url}" in line
    assert "run make local in another terminal" in line


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ExpiredToken", "the credentials have expired: log in again"),
        ("InvalidClientTokenId", "AWS does not know the credentials: log in again"),
        ("AccessDenied", "(AccessDenied)"),
    ],
)
def test_what_aws_rejects(code: str, expected: str, aws: HTTPServer, tmp_path: Path) -> None:
    """The codes are those of https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html."""
    vars(aws)["error"] = {"code": code, "message": "The security token included in the request …"}
    url = f"http://127.0.0.1:{aws.server_port}"
    assert expected in says("ask", tmp_path, AWS_ENDPOINT_URL=url, **KEYS, **REGION)


def test_a_full_disk() -> None:
    with pytest.raises(OSError, match="No space") as error, Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")
    assert explain(error.value) == "the disk is full: free some space"


def test_a_folder_that_cannot_be_written() -> None:
    with pytest.raises(OSError, match=r"not permitted|denied|Read-only") as error:
        Path("/sys/menulens").mkdir()
    message = explain(error.value)
    assert message
    assert message.startswith("/sys/menulens cannot be written or read")


@pytest.mark.parametrize("fault", [ZeroDivisionError(), FileNotFoundError("x"), KeyError("x")])
def test_a_fault_of_the_program_is_not_hidden(fault: Exception) -> None:
    assert explain(fault) is None
