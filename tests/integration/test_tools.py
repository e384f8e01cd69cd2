"""What an operator runs beside the stack: a history comes in through the stream, a visitor's data goes."""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from local.stack import ROOT, STACK_NAME, TIME_ZONE, LocalStack
from tests.support.deployment import EVENT, Api, ask, eventually

LINES = 6000  # more than one call of the stream holds


def backfill(stack: LocalStack | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    return tool("backfill", stack, *arguments)


def tool(name: str, stack: LocalStack | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"tools.{name}", *arguments]
    environment = stack.environment() if stack else dict(os.environ)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["dish", "when", "quantity", "unit_price", "event_type", "properties"])
        for n in range(LINES):
            row = [f"dish_{n}", f"2024-02-{n % 28 + 1:02d} 12:30:00", n % 3 + 1, 9.5, "order", ""]
            rows.writerow(row)
        rows.writerow(["bad", "yesterday", "", "", "", ""])
        rows.writerow(["pizza, large", "2024-03-01 12:30:00", "", "", "", '{"table": "7"}'])
    return path


ARGUMENTS = (
    "--rename",
    "dish=element_clicked",
    "--rename",
    "when=created_at",
    "--set",
    "source_menu=history",
)


def test_a_dry_run_says_what_would_be_rejected(history: Path) -> None:
    process = backfill(None, str(history), *ARGUMENTS, "--dry-run", "--time-zone", "Europe/Rome")
    assert (process.returncode, process.stderr) == (1, "")
    assert f"would be stored {LINES + 1:,}, would be rejected 1" in process.stdout
    assert f"first in line {LINES + 2}: created_at 'yesterday'" in process.stdout


def test_a_history_is_imported_once(stack: LocalStack, history: Path) -> None:
    call = (str(history), *ARGUMENTS, "--stack", STACK_NAME)
    process = backfill(stack, *call)
    assert (process.returncode, process.stderr) == (1, "")
    assert f"stored {LINES + 1:,}, rejected 1" in process.stdout
    count = "SELECT 1 AS x FROM events WHERE source_menu = 'history'"
    eventually(stack, f"SELECT 1 AS x FROM ({count}) HAVING count(*) = {LINES + 1}", 1)
    assert ask(stack, "SELECT field FROM rejected_events WHERE raw LIKE '%yesterday%'") == []  # not sent
    assert "created_at,yesterday" in history.with_name("history.csv.rejected.csv").read_text()
    (first,) = ask(stack, "SELECT * FROM events WHERE element_clicked = 'dish_0'")
    assert (first["local_time"], first["revenue"]) == ("2024-02-01 12:30:00.000", "9.500")

    assert "sent 0 events" in backfill(stack, *call).stdout  # the progress is kept beside the file
    progress = history.with_name(history.name + ".progress")
    note = json.loads(progress.read_text())
    assert note["line"] == LINES + 3
    progress.write_text(json.dumps(note | {"line": 5001}) + "\n")  # as if it had been stopped there
    assert f"sent {LINES - 4999:,} events, 5,000 before" in backfill(stack, *call).stdout
    raw = "SELECT 1 AS x FROM events_raw WHERE source_menu = 'history'"
    eventually(stack, f"SELECT 1 AS x FROM ({raw}) HAVING count(*) = {2 * LINES - 4999 + 1}", 1)
    eventually(stack, f"SELECT 1 AS x FROM ({count}) HAVING count(*) = {LINES + 1}", 1)  # merged


def test_lines_that_are_no_events_are_named(stack: LocalStack, tmp_path: Path) -> None:
    path = tmp_path / "more.jsonl"
    event = {"element_clicked": "json", "source_menu": "lines", "created_at": "2024-03-01T12:00:00Z"}
    path.write_text(f"{json.dumps(event)}\n[1]\n\n{{broken\n")
    process = backfill(stack, str(path), "--stack", STACK_NAME)
    assert process.returncode == 1
    assert "stored 1, rejected 2" in process.stdout
    assert "2 × no JSON object, first in line 2" in process.stdout
    eventually(stack, "SELECT 1 AS x FROM events WHERE source_menu = 'lines'", 1)


def test_a_wrong_call_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").touch()
    process = backfill(None, str(tmp_path / "x.xlsx"), "--dry-run")
    assert (process.returncode, "must end in" in process.stderr) == (2, True)
    assert backfill(None, str(tmp_path / "none.csv"), "--dry-run").returncode == 2


def test_one_visitors_data_is_deleted_and_nothing_else(stack: LocalStack, api: Api) -> None:
    for n in range(4):
        for session in ("forget-me", "keep-me"):
            event = EVENT | {
                "session_id": session,
                "element_clicked": f"dish {n}",
                "properties": {"n": str(n)},
            }
            assert api.post({"events": [event, event | {"note": "rejected"}]}, "batch").status == 202
    assert api.post(EVENT | {"session_id": "forget-me", "source_menu": "alone"}).status == 202
    session_ids = "SELECT session_id, count(*) AS n FROM {} GROUP BY 1 ORDER BY 1"
    stored = session_ids.format("events_raw WHERE session_id LIKE '%-me'")
    eventually(stack, "SELECT 1 AS x FROM events_raw WHERE session_id LIKE '%-me'", 9)
    rejected = "SELECT 1 AS x FROM rejected_events WHERE raw LIKE '%keep-me%'"
    forgotten = "SELECT 1 AS x FROM rejected_events WHERE raw LIKE '%forget-me%'"
    eventually(stack, forgotten, 4)
    rows = ask(stack, "SELECT * FROM events_raw WHERE session_id = 'keep-me' ORDER BY event_id")

    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    days = ("--from", str(today - timedelta(days=1)), "--to", str(today))
    call = ("--stack", STACK_NAME, *days, "--session-id", "forget-me")
    assert "would delete 5 rows and 4 rejected events" in tool("forget", stack, *call, "--dry-run").stdout
    assert len(ask(stack, stored)) == 2
    process = tool("forget", stack, *call)
    assert (process.returncode, process.stderr) == (0, "")
    assert "deleted 5 rows and 4 rejected events" in process.stdout
    assert ask(stack, stored) == [{"session_id": "keep-me", "n": "4"}]
    assert ask(stack, "SELECT * FROM events_raw WHERE session_id = 'keep-me' ORDER BY event_id") == rows
    assert ask(stack, forgotten) == []
    assert len(ask(stack, rejected)) == 4

    outputs = stack.outputs()
    line = json.dumps({"rawData": "eyJzZXNzaW9uX2lkIjogImZvcmdldC1tZSJ9"})  # {"session_id": "forget-me"}
    key = "errors/processing-failed/ingest_month=2026-11/1"
    stack.client("s3").put_object(Bucket=outputs["DataBucketName"], Key=key, Body=line.encode())
    again = tool("forget", stack, *call)
    assert (again.returncode, key in again.stdout) == (1, True)
