"""The set-up of a fresh clone: which uv it takes, and what it says when it cannot go on."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT

# Stand-ins for the programs: each notes its arguments. The environment's Python "installs" a new uv.
PYTHON = """#!/bin/sh
echo "python $*" >> {log}
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin; cp {folder}/venv-python .venv/bin/python;;
esac
"""
VENV_PYTHON = """#!/bin/sh
echo "pip $*" >> {log}
[ -e {folder}/offline ] && exit 1
cp {folder}/new-uv .venv/bin/uv
"""
NEW_UV = """#!/bin/sh
echo "$0 $1" >> {log}
"""
OLD_UV = """#!/bin/sh
echo "old $1" >> {log}
[ "$1" = --version ] && echo "uv 0.4.0" && exit 0
echo "error: unrecognized subcommand 'export'" >&2
exit 2
"""


class Machine:
    """A folder with the programs that a machine has, and one to set up."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "programs"
        self.clone = folder / "clone"
        self.log = folder / "log"
        self.folder = folder
        for directory in (self.programs, self.clone):
            directory.mkdir()
        self.log.touch()
        self.write("venv-python", VENV_PYTHON, folder)
        self.write("new-uv", NEW_UV, folder)
        self.write("python3.13", PYTHON, self.programs)
        for name in ("sh", "touch", "rm", "mkdir", "cp", "uname"):
            (self.programs / name).symlink_to(f"/bin/{name}")

    def write(self, name: str, text: str, folder: Path) -> None:
        path = folder / name
        path.write_text(text.format(log=self.log, folder=self.folder))
        path.chmod(0o755)

    def set_up(self, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(ROOT / "scripts" / "setup.sh")],
            cwd=folder or self.clone,
            env={"PATH": str(self.programs)},
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_machines_uv_is_used(machine: Machine) -> None:
    machine.write("uv", NEW_UV, machine.programs)
    process = machine.set_up()
    assert (process.returncode, process.stderr) == (0, "")
    assert machine.log.read_text().splitlines()[-2:] == [
        f"{machine.programs}/uv export",
        f"{machine.programs}/uv sync",
    ]
    assert list(machine.clone.iterdir()) == []


@pytest.mark.parametrize("has_old", [True, False])
def test_without_a_uv_that_reads_the_lock_one_goes_into_the_environment(
    machine: Machine, has_old: bool
) -> None:
    if has_old:
        machine.write("uv", OLD_UV, machine.programs)
    process = machine.set_up()
    assert (process.returncode, process.stderr) == (0, "")
    assert machine.log.read_text().splitlines()[-1] == ".venv/bin/uv sync"
    assert "old sync" not in machine.log.read_text()
    assert ("too old for uv.lock (uv 0.4.0)" in process.stdout) == has_old


def test_the_uv_of_this_environment_reads_the_lock() -> None:
    """Held to the real one: what the set-up asks of it must be right."""
    text = (ROOT / "scripts" / "setup.sh").read_text()
    (groups,) = [line.split('"')[1] for line in text.splitlines() if line.startswith("groups=")]
    command = ["uv", "export", "--quiet", "--frozen", "--offline", *groups.split()]
    environment = os.environ | {"PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert "boto3==" in process.stdout


def test_a_network_that_fails_is_one_line(machine: Machine) -> None:
    (machine.folder / "offline").touch()
    process = machine.set_up()
    assert process.returncode == 2
    assert process.stderr.startswith("menulens: uv could not be downloaded: check the network")


def test_a_read_only_folder_is_one_line(machine: Machine) -> None:
    process = machine.set_up(Path("/sys"))
    assert process.returncode == 2
    assert process.stderr == (
        "menulens: /sys cannot be written, or its disk is full: copy the project to a folder of your own\n"
    )


def test_a_machine_without_python_3_13_is_one_line(machine: Machine) -> None:
    (machine.programs / "python3.13").unlink()
    process = machine.set_up()
    assert process.returncode == 2
    assert process.stderr.startswith("menulens: Python 3.13 is needed")


# What functions share, by the target of each link.
LINKS = {
    str(path.relative_to(ROOT)): str(path.readlink())
    for path in sorted((ROOT / "functions").glob("*/*.py"))
    if path.is_symlink()
}


@pytest.mark.parametrize("name", LINKS)
def test_a_clone_without_symbolic_links_is_told_how_to_get_them(machine: Machine, name: str) -> None:
    """Git for Windows sets core.symlinks=false: ReplayFunction was built with a path in place of the schema.

    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coresymlinks
    """
    target = LINKS[name]
    link = machine.clone / name
    link.parent.mkdir(parents=True)
    module = link.parent / target
    module.parent.resolve().mkdir()
    module.write_text("schema\n")
    link.symlink_to(target)
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.com")
    for command in (("init", "--quiet"), ("add", "."), (*identity, "commit", "--quiet", "--message=m")):
        subprocess.run(("git", *command), cwd=machine.clone, check=True)
    machine.write("uv", NEW_UV, machine.programs)
    assert machine.set_up().returncode == 0
    link.unlink()
    for arguments in ("config core.symlinks false", f"checkout {name}"):
        subprocess.run(("git", *arguments.split()), cwd=machine.clone, check=True)
    assert link.read_text() == target
    process = machine.set_up()
    assert process.returncode == 2
    assert process.stderr.startswith(f"menulens: {name} is not the symbolic link")
    remedy = process.stderr.split("run '")[1].split("'")[0]
    subprocess.run(("/bin/sh", "-c", remedy), cwd=machine.clone, check=True)
    assert machine.set_up().returncode == 0
    assert link.read_text() == "schema\n"
