"""`make demo`, `make local` and `make redeploy` in a terminal: stopped, killed and used at any moment.

Each ends with nothing left running. A copy of the project has its own commands, build and environment.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from local.stack import ROOT, STACK_NAME, LocalStack
from tests.support import PHONE
from tests.support.deployment import EVENT, copy_build, eventually, free_port

CTRL_C = b"\x03"
# Makes the terminal that is its input the one that controls it, as a login does, and turns into the command.
LOGIN = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".aws-sam", "build", "__pycache__", ".*_cache", ".hypothesis"
)
MOMENTS = 20


class Terminal:
    """A command in a terminal of its own, and what it has written there."""

    def __init__(self, clone: Path, port: int, *command: str) -> None:
        self._terminal, inside = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOGIN, *command],
            cwd=clone,
            env=os.environ | {"PORT": str(port), "TERM": "xterm"},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # the terminal is closed by its last process
            while data := os.read(self._terminal, 65536):
                self.text += data.decode(errors="replace")

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def until(self, text: str) -> None:
        """Wait until the command has written a text."""
        deadline = time.monotonic() + 180
        while text not in self.text:
            assert self.process.poll() is None or text in self.text, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def ends(self, seconds: float = 60) -> int:
        """Wait until the command ends, and return its exit code."""
        status = self.process.wait(seconds)
        self._reader.join(10)
        os.close(self._terminal)
        return status


@pytest.fixture(scope="module")
def clone(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole project with an environment, built."""
    folder = tmp_path_factory.mktemp("clones") / "clone"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    copy_build(folder, built_project)
    return folder


@pytest.fixture
def port() -> int:
    return free_port()


def processes(clone: Path) -> dict[int, str]:
    """Return the command lines of the processes that run in a clone, or name it in arguments or variables."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            texts = (command, (entry / "environ").read_bytes(), bytes((entry / "cwd").readlink()))
            if command and any(bytes(clone) in text for text in texts):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    found.pop(os.getpid(), None)
    return found


def assert_nothing_is_left(clone: Path, port: int) -> None:
    deadline = time.monotonic() + 5  # the kernel takes a moment to end a process
    while (left := processes(clone)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == {}
    for number in (port, port + 1):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", number)) != 0
    state = clone / "build" / "local"
    assert [path.name for path in state.glob("tmp-*")] == []


def stopping(text: str) -> str:
    """Return what the command says of what it stops; empty if it was not there yet."""
    said = re.search(r"menulens: stopping (.*)", text)
    return said[1].strip() if said else ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "times", "stopped"),
    [
        ("Starting the emulator", 1, "the emulator with its stack"),
        ("Deploying the template", 2, "the emulator with its stack and sam deploy"),
        ("sending", 2, "the emulator with its stack"),
    ],
)
def test_ctrl_c_leaves_nothing(clone: Path, port: int, moment: str, times: int, stopped: str) -> None:
    """While the events were sent, the command could hang for ever: the exception came inside a lock."""
    terminal = Terminal(clone, port, "make", "demo")
    terminal.until(moment)
    while not any("local.emulator" in command for command in processes(clone).values()):
        time.sleep(0.02)  # it is being started
    for _ in range(times):
        terminal.type(CTRL_C)
    assert terminal.ends() != 0
    assert stopping(terminal.text).startswith(stopped)
    assert "Traceback" not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.mark.slow
def test_ctrl_c_ends_make_local_in_order(clone: Path, port: int) -> None:
    """The end that it is meant to have is no error, which make would print."""
    terminal = Terminal(clone, port, "make", "local")
    terminal.until("Starting the emulator")
    terminal.type(CTRL_C)
    terminal.ends()
    assert stopping(terminal.text)
    assert "Error" not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.fixture(scope="module")
def seconds(clone: Path) -> float:
    """How long a whole run of the demo takes, from the build's cache."""
    port, started = free_port(), time.monotonic()
    terminal = Terminal(clone, port, "make", "demo")
    assert terminal.ends(600) == 0, terminal.text
    assert_nothing_is_left(clone, port)
    return time.monotonic() - started


@pytest.mark.soak
@pytest.mark.parametrize("number", range(MOMENTS))
def test_ctrl_c_at_twenty_moments_leaves_nothing(clone: Path, port: int, seconds: float, number: int) -> None:
    """The moments are spread over a whole run, from its first tenth of a second to its last."""
    if number % 4 == 0:  # build anew, not from the cache
        shutil.rmtree(clone / ".aws-sam", ignore_errors=True)
    terminal = Terminal(clone, port, "make", "demo")
    time.sleep(0.1 + (seconds - 0.5) * number / MOMENTS)
    for _ in range(1 + number % 2):
        terminal.type(CTRL_C)
    terminal.ends()
    # Python may say where it was interrupted while it started itself, before any line of the project has run.
    assert f'File "{clone}' not in terminal.text
    assert_nothing_is_left(clone, port)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["-m demo", pytest.param("make demo", marks=pytest.mark.soak)])
def test_the_kill_of_a_command_leaves_nothing_and_the_next_start_recovers(
    clone: Path, port: int, victim: str
) -> None:
    terminal = Terminal(clone, port, "make", "demo")
    terminal.until("Deploying the template")
    time.sleep(1)
    (process,) = [number for number, command in processes(clone).items() if victim in command]
    os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while (left := processes(clone)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == {}
    terminal.process.wait(10)
    again = Terminal(clone, port, "make", "demo")
    again.until("Building")
    again.type(CTRL_C)
    again.ends()
    assert_nothing_is_left(clone, port)


@pytest.fixture(scope="module")
def local(clone: Path) -> Iterator[tuple[Terminal, LocalStack]]:
    """`make local`, up, and the stack that it runs, with few visits: the tests ask for none."""
    fill = clone / "demo" / "fill.py"
    text = fill.read_text()
    assert "VISITS_PER_DAY = 120" in text
    fill.write_text(text.replace("VISITS_PER_DAY = 120", "VISITS_PER_DAY = 5"))
    port = free_port()
    terminal = Terminal(clone, port, "make", "local")
    try:
        terminal.until("The stack is up until Ctrl-C")
        fill.write_text(text)
        yield terminal, LocalStack(port, clone)
    finally:
        with suppress(OSError, subprocess.TimeoutExpired):
            terminal.type(CTRL_C)
            terminal.process.wait(30)


def run(clone: Path, stack: LocalStack, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PORT": str(stack.port)}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)


def post(stack: LocalStack, event: dict[str, str]) -> int:
    """Post an event to the address that `make local` has printed, and return the status."""
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json", "User-Agent": PHONE}
    return urllib3.request(
        "POST", stack.local_url(stack.outputs()["EventsUrl"]), body=body, headers=headers
    ).status


@pytest.mark.slow
def test_the_owners_link_opens_the_page(local: tuple[Terminal, LocalStack]) -> None:
    terminal, _ = local
    link = re.search(r"(http\S+)#key=(\S+)", terminal.text)
    assert link, terminal.text
    assert urllib3.request("GET", link[1]).status == 403
    session = urllib3.request("POST", f"{link[1]}/session", json={"key": link[2]})
    cookie = session.headers["Set-Cookie"].partition(";")[0]
    page = urllib3.request("GET", link[1], headers={"Cookie": cookie})
    assert page.status == 200
    assert b"menulens-local" in page.data


@pytest.mark.slow
def test_a_redeployment_is_served_at_the_same_addresses(
    clone: Path, local: tuple[Terminal, LocalStack]
) -> None:
    """Before, `make deploy CONFIG=local` built for another processor: 202, and nothing was stored."""
    terminal, stack = local
    template = clone / "template.yaml"
    limit = "element_clicked: {type: string, minLength: 1, maxLength: %d}"
    assert limit % 128 in template.read_text()
    template.write_text(template.read_text().replace(limit % 128, limit % 100))
    sam = (clone / ".venv" / "bin" / "sam", "deploy", "--config-env", "local", "--parameter-overrides")
    own = f"Architecture={stack.parameters()['Architecture']} TimeZone=Asia/Tokyo"
    own += " Currency=JPY OpeningDays=MON,TUE"
    subprocess.run((*sam, own), cwd=clone, env=stack.environment(), check=True, capture_output=True)
    addresses = stack.outputs()
    process = run(clone, stack, "make", "redeploy")
    assert process.returncode == 0, process.stdout + process.stderr
    assert f"redeployed to port {stack.port}; its addresses are the same" in process.stdout
    assert {name: stack.outputs()[name] for name in addresses} == addresses
    parameters = stack.parameters()
    assert [parameters[name] for name in ("TimeZone", "Currency", "OpeningDays")] == [
        "Asia/Tokyo", "JPY", "MON,TUE",
    ]  # fmt: skip
    assert addresses["EventsUrl"].split("//")[1].split(".")[0] in terminal.text
    assert post(stack, EVENT | {"element_clicked": "x" * 101}) == 400
    assert post(stack, EVENT | {"event_id": "after-redeploy"}) == 202
    eventually(stack, "SELECT event_id FROM events WHERE event_id = 'after-redeploy'", 1)
    process = run(clone, stack, "make", "deploy", "CONFIG=local")
    assert process.returncode == 0, process.stdout + process.stderr
    assert post(stack, EVENT | {"event_id": "after-deploy"}) == 202
    eventually(stack, "SELECT event_id FROM events WHERE event_id = 'after-deploy'", 1)


@pytest.mark.slow
def test_a_package_for_another_processor_is_refused_by_name(
    clone: Path, local: tuple[Terminal, LocalStack]
) -> None:
    _, stack = local
    package = clone / ".aws-sam" / "build" / "TransformFunction"
    library = next((package / "msgspec").glob("*.so"))
    header = bytearray(library.read_bytes())
    header[18:20] = (243).to_bytes(2, "little")  # EM_RISCV
    library.write_bytes(header)
    command = ("sam", "deploy", "--config-env", "local")
    process = subprocess.run(command, cwd=clone, env=stack.environment(), capture_output=True, text=True)
    assert process.returncode != 0
    said = " ".join((process.stdout + process.stderr).split())
    assert "TransformFunction" in said
    (reason, *_) = [
        event["ResourceStatusReason"]
        for event in stack.client("cloudformation").describe_stack_events(StackName=STACK_NAME)["StackEvents"]
        if event["ResourceStatus"] == "UPDATE_FAILED"
    ]
    assert f"built for processor 243 (msgspec/{library.name})" in reason
    assert "make redeploy builds it for this machine" in reason
    assert post(stack, EVENT | {"event_id": "after-refusal"}) == 202
    eventually(stack, "SELECT event_id FROM events WHERE event_id = 'after-refusal'", 1)


@pytest.mark.slow
def test_a_question_is_answered_as_a_table(clone: Path, local: tuple[Terminal, LocalStack]) -> None:
    _, stack = local
    sql = """SQL=SELECT 'it''s [$.bold]' AS "a b", 7 AS n, CAST(NULL AS varchar) AS nothing"""
    process = run(clone, stack, "make", "ask", sql)
    assert (process.returncode, process.stderr) == (0, "")
    lines = [line.split() for line in process.stdout.splitlines() if line.strip()]
    assert lines[0] == ["a", "b", "n", "nothing"]
    assert lines[2:] == [["it's", "[$.bold]", "7", "–"], ["1", "row"]]
    process = run(clone, stack, "make", "ask", "SQL=SHOW TABLES")
    assert "events_raw" in process.stdout
    process = run(clone, stack, "make", "ask", "SQL=-- a comment\nSELECT no_such_column FROM events")
    assert "ask: COLUMN_NOT_FOUND" in process.stderr
    assert "Traceback" not in process.stderr
    process = run(clone, stack, "make", "ask")
    assert "there is no question: make ask SQL=" in process.stderr


@pytest.mark.slow
def test_a_second_start_says_whose_the_port_is(clone: Path, local: tuple[Terminal, LocalStack]) -> None:
    _, stack = local
    (command,) = [number for number, text in processes(clone).items() if "-m demo serve" in text]
    process = run(clone, stack, "make", "demo")
    assert process.returncode == 2
    expected = f"port {stack.port} is in use by the local stack of process {command}, which runs in {clone}"
    assert expected in process.stderr
    assert post(stack, EVENT) == 202


@pytest.mark.slow
def test_the_end_of_the_emulator_is_noticed(clone: Path, local: tuple[Terminal, LocalStack]) -> None:
    terminal, stack = local
    (emulator,) = [
        number
        for number, text in processes(clone).items()
        if "-m local.emulator" in text and "child.py" not in text
    ]
    os.kill(emulator, signal.SIGKILL)
    assert terminal.ends() == 2
    assert "menulens: the emulator has ended by itself, with exit code 137" in terminal.text
    assert_nothing_is_left(clone, stack.port)


@pytest.mark.soak
def test_two_runs_at_once_do_not_disturb_each_other(clone: Path) -> None:
    shutil.rmtree(clone / ".aws-sam", ignore_errors=True)
    ports = [free_port(), free_port()]
    terminals = [Terminal(clone, port, "make", "demo") for port in ports]
    for terminal in terminals:
        assert terminal.ends(600) == 0, terminal.text
        assert "lost 0" in terminal.text
    assert any("another command builds in this clone" in terminal.text for terminal in terminals)
    for port in ports:
        assert_nothing_is_left(clone, port)
