"""One command at a time builds in a clone, and what an interrupted build has left is not used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import build
from tests.support import ROOT

# As `sam build` does it: the result lies in the cache before it is noted of which source it is.
SAM = """#!/bin/sh
if [ -e .aws-sam/cache/transform ]; then cp .aws-sam/cache/transform .aws-sam/built; exit 0; fi
mkdir -p .aws-sam/cache .aws-sam/build
cp source .aws-sam/cache/transform
[ -e interrupt ] && exit 130
cp source .aws-sam/built
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    sam = tmp_path / "bin" / "sam"
    sam.write_text(SAM)
    sam.chmod(0o755)
    package = tmp_path / "package.py"
    package.write_text("")
    monkeypatch.setenv("PATH", f"{sam.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(build, "PACKAGE", package)
    (tmp_path / "preview").mkdir()
    (tmp_path / "preview" / "shell.py").touch()
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_an_interrupted_build_has_cached_is_not_used(project: Path) -> None:
    """Interrupted, then taken back: before, the source that was taken back is what was deployed."""
    (project / "source").write_text("changed")
    (project / "interrupt").touch()
    assert build.main([]) == 130
    (project / "source").write_text("as before")
    (project / "interrupt").unlink()
    assert build.main([]) == 0
    assert (project / ".aws-sam" / "built").read_text() == "as before"


def test_what_a_whole_build_has_cached_is_used(project: Path) -> None:
    (project / "source").write_text("built")
    assert build.main([]) == 0
    (project / "source").unlink()
    assert build.main([]) == 0


def test_a_failed_packaging_fails_the_build(project: Path) -> None:
    (project / "source").touch()
    (project / "package.py").write_text("raise SystemExit(1)")
    assert build.main([]) == 1


def test_two_commands_do_not_build_at_once(tmp_path: Path) -> None:
    """The second waits, and says so, until the first has ended with what it has started."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "build_lock.py").write_bytes((ROOT / "scripts" / "build_lock.py").read_bytes())
    lock = [sys.executable, "-m", "scripts.build_lock", "sh", "-c"]
    first = subprocess.Popen(
        [*lock, "touch first; (while [ ! -e go ]; do sleep 0.02; done; echo 1 >> order) &"], cwd=tmp_path
    )
    first.wait()
    second = subprocess.Popen([*lock, "echo 2 >> order"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert second.stderr
    assert "another command builds in this clone" in second.stderr.readline()
    (tmp_path / "go").touch()
    assert second.wait(20) == 0
    assert (tmp_path / "order").read_text().split() == ["1", "2"]


def test_a_folder_in_which_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "build_lock.py").write_bytes((ROOT / "scripts" / "build_lock.py").read_bytes())
    (tmp_path / "build").symlink_to("/sys")  # where not even root makes files
    command = [sys.executable, "-m", "scripts.build_lock", "true"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode != 0
    assert process.stderr.startswith("menulens: ")
    assert "build/lock" in process.stderr
