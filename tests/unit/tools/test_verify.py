"""The order of the steps, what becomes of an error, and what the command prints and returns."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from tools.verify import __main__ as command
from tools.verify import removal
from tools.verify.plan import ARRIVALS, STEPS
from tools.verify.sent import events, months
from tools.verify.stack import Answer, StepError
from tools.verify.steps import NotAskedForError, Result, Step, run

STACK: Any = SimpleNamespace(
    name="menulens-dev",
    run_id="verify-0123456789abcdef",
    started=datetime(2026, 11, 30, 23, 30, 0, 999_999, UTC),
    delivery_seconds=480,
)


def fails(error: Exception) -> Callable[[Any], str]:
    def check(_: Any) -> str:
        raise error

    return check


def seen(_: Any) -> str:
    return "seen"


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no lambda:InvokeFunction"}}, "Invoke")


def states(steps: list[Step]) -> list[tuple[str, str]]:
    results = run(steps, STACK, lambda step: None, lambda result: None)
    return [(result.state, result.text) for result in results]


def test_a_failed_step_ends_only_what_needs_it() -> None:
    steps = [
        Step("a", fails(StepError("HTTP 500")), "fix it"),
        Step("b", seen, "", needs="a"),
        Step("c", fails(NotAskedForError("AlarmEmail is empty")), ""),
        Step("d", seen, "", needs="c"),
        Step("e", fails(DENIED), ""),
        Step("f", seen, ""),
    ]
    assert [state for state, _ in states(steps)] == [
        "failed", "skipped", "skipped", "skipped", "failed", "passed",
    ]  # fmt: skip
    assert "no lambda:InvokeFunction" in states(steps)[4][1]


def test_an_error_of_the_command_itself_is_no_failed_step() -> None:
    with pytest.raises(ZeroDivisionError):
        states([Step("a", fails(ZeroDivisionError()), "")])


def test_each_step_has_a_name_of_its_own_and_says_what_to_do() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    assert all(step.remedy for step in STEPS)
    assert set(names) >= ARRIVALS
    assert {step.needs for step in STEPS} - {""} <= set(names)


def test_what_is_sent_is_of_the_run_alone() -> None:
    for expected in events(STACK).values():
        assert expected.event["session_id"] == expected.event["source_menu"] == STACK.run_id
        assert 8 <= len(expected.event["event_id"]) <= 64
        assert expected.event["created_at"] == "2026-11-30T23:29:00.789Z"
    ids = [expected.event["event_id"] for expected in events(STACK).values()]
    assert len(set(ids)) == len(ids)


def test_objects_are_looked_for_in_every_month_that_they_can_be_filed_under() -> None:
    assert months(STACK)[0] == "2026-11"
    first_of_month = SimpleNamespace(started=datetime(2026, 12, 1, 0, 10, tzinfo=UTC))
    assert months(first_of_month)[0] == "2026-11"  # type: ignore[arg-type]


def test_an_answer_that_is_no_object_is_evidence() -> None:
    for body in ("", "[]", "<html>"):
        with pytest.raises(StepError, match="HTTP 502"):
            Answer(502, {}, body).json()


def verified(
    monkeypatch: pytest.MonkeyPatch, steps: list[Step], remove: Callable[[Any], str] = seen
) -> tuple[int, str]:
    """Return the exit code and what is printed."""
    monkeypatch.setattr(command, "STEPS", steps)
    monkeypatch.setattr(removal, "remove", remove)
    output = io.StringIO()
    code = command.Verification(STACK, Console(file=output, soft_wrap=True)).run()
    return code, output.getvalue()


ALL_ARRIVED = [Step(name, seen, "") for name in sorted(ARRIVALS)]


def test_it_returns_0_when_every_step_passed_or_was_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = Step("alarms", fails(NotAskedForError("AlarmEmail is empty")), "")
    code, output = verified(monkeypatch, [*ALL_ARRIVED, skipped])
    assert code == 0
    assert "2 passed, 0 failed, 1 not asked for or not reached" in output
    assert "– alarms  AlarmEmail is empty" in output
    assert "Removed what was sent: seen" in output
    assert "tools.forget" not in output


def test_it_prints_the_evidence_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Step("rows", fails(StepError("first [line]\nsecond")), "Read /menulens/STACK/delivery")
    code, output = verified(monkeypatch, [*ALL_ARRIVED, broken])
    assert code == 1
    assert (
        "✗ rows\n    first [line]\n    second\n    To do: Read /menulens/menulens-dev/delivery.\n" in output
    )


def test_it_says_how_to_remove_what_may_still_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    _, output = verified(monkeypatch, [Step(name, fails(StepError("late")), "") for name in ARRIVALS])
    assert "python -m tools.forget --stack menulens-dev" in output
    assert f"--session-id {STACK.run_id}" in output


def test_an_interrupt_removes_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = verified(monkeypatch, [Step("a", fails(KeyboardInterrupt()), "")])  # type: ignore[arg-type]
    assert code == 1
    assert "Removed what was sent" in output


def test_what_could_not_be_removed_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = verified(monkeypatch, ALL_ARRIVED, fails(DENIED))
    assert code == 1
    assert "Not removed: " in output
    assert "To do: python -m tools.forget" in output


def test_results_are_told_one_by_one() -> None:
    told: list[str] = []

    def end(result: Result) -> None:
        told.append(f"{result.step.name} {result.state}")

    run([Step("a", seen, "")], STACK, lambda step: told.append(step.name), end)
    assert told == ["a", "a passed"]
