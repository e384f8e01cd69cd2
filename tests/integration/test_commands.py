"""`make local`, `make redeploy` and the commands beside them, as their users type them."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from local.stack import STACK_NAME, LocalStack
from tests.support import PHONE
from tests.support.deployment import EVENT, eventually, free_port
from tests.support.terminal import CTRL_C, Terminal, assert_nothing_is_left, processes


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
    targets = (("redeploy",), ("deploy", "CONFIG=local"))
    # Both are the same command; the second is run.
    redeployment, deployment = (run(clone, stack, "make", "--dry-run", *target).stdout for target in targets)
    assert redeployment == deployment
    process = run(clone, stack, "make", *targets[1])
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
