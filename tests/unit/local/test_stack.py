"""The process of the emulator, as the stack on one machine starts it."""

import sys
from pathlib import Path

import pytest

from local import stack
from tests.support.deployment import free_port


def test_the_reason_why_the_emulator_does_not_start_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ministack lacks a name' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(stack, "STATE", tmp_path)
    with pytest.raises(stack.LocalStackError, match="did not start:\nministack lacks a name"):
        stack.LocalStack(free_port()).start()
