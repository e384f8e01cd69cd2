"""Prepares a release: `python -m scripts.release` checks the tree, and writes what the release consists of.

It writes tests/data/released/VERSION.tar.gz, what is deployed and the columns of the views, with which later
versions are compared; and build/release.md, the text of the tag. It changes nothing else, and prints the
commands that follow.
"""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.contract import broken, contract

ROOT = Path(__file__).parent.parent
RELEASED = ROOT / "tests" / "data" / "released"
# What is deployed; and the columns of the views, as their tests have them.
PARTS = (
    "template.yaml", "samconfig.toml", ".python-version", "functions", "athena", "quicksight", "tracker",
    "tests/data/views/*/expected.csv",
)  # fmt: skip


def main() -> int:
    """Check, test, write, and return 0; print everything that is in the way and return 2."""
    version = project_version()
    problems = [
        *repository_problems(version),
        *changelog_problems(version, (ROOT / "CHANGELOG.md").read_text()),
    ]
    problems += contract_problems(version)
    if problems:
        print("\n  ".join([f"release: {version} cannot be released:", *problems]), file=sys.stderr)
        return 2
    archive = write_archive(RELEASED, version)  # which the tests look for
    for target in ("lint", "test"):
        print(f"make {target}", flush=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        if subprocess.run(["make", target], cwd=ROOT, env=environment).returncode:  # noqa: S603, S607  # our own
            archive.unlink()
            print(f"release: {version} cannot be released: make {target} failed", file=sys.stderr)
            return 2
    text = ROOT / "build" / "release.md"
    text.parent.mkdir(exist_ok=True)
    text.write_text(f"MenuLens {version}\n\n{changes(version, (ROOT / 'CHANGELOG.md').read_text())}\n")
    print(f"""
Wrote {archive.relative_to(ROOT)} and {text.relative_to(ROOT)}. Look at both, then release:

git add {archive.relative_to(ROOT)}
git commit --message "Release {version}"
git tag --annotate v{version} --file {text.relative_to(ROOT)} --cleanup=whitespace
git push --follow-tags""")
    return 0


def project_version() -> str:
    """Return the version that pyproject.toml has, the only place where it is written by hand."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's three numbers; raise ValueError for another form."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ValueError(f"{version} is no version of three numbers")
    return tuple(map(int, version.split(".")))


def releases(folder: Path = RELEASED) -> list[Path]:
    """Return the archives of the releases, the last one at the end."""
    return sorted(folder.glob("*.tar.gz"), key=lambda path: numbers(path.name.removesuffix(".tar.gz")))


def repository_problems(version: str) -> Iterator[str]:
    """Yield what git has against a release."""
    if _git("branch", "--show-current") != "main":
        yield "the branch is not main"
    if _git("status", "--porcelain"):
        yield "the tree is not clean: commit first"
    if _git("tag", "--list", f"v{version}"):
        yield f"the tag v{version} exists: raise the version in pyproject.toml"
    last = releases()
    if last and numbers(last[-1].name.removesuffix(".tar.gz")) >= numbers(version):
        yield f"{last[-1].name} is released: raise the version in pyproject.toml"


def changelog_problems(version: str, text: str) -> Iterator[str]:
    """Yield what the changelog lacks: a section of the version with its date, and nothing above it."""
    heading = re.search(rf"(?m)^## \[{re.escape(version)}\] - (\S+)$", text)
    if heading is None:
        yield f"CHANGELOG.md has no heading '## [{version}] - {date.today()}'"
        return
    try:
        day = date.fromisoformat(heading[1])
    except ValueError:
        yield f"CHANGELOG.md dates {version} {heading[1]}, which is no day"
    else:
        if day > date.today():
            yield f"CHANGELOG.md dates {version} {day}, which has not come yet"
    if not changes(version, text):
        yield f"CHANGELOG.md says nothing about {version}"
    if changes("Unreleased", text):
        yield f"CHANGELOG.md has changes under Unreleased: move them to {version}"


def contract_problems(version: str, folder: Path = RELEASED) -> Iterator[str]:
    """Yield what breaks the contract of the last release, unless the major version is another."""
    last = releases(folder)
    if not last or numbers(last[-1].name.removesuffix(".tar.gz"))[0] != numbers(version)[0]:
        return
    with TemporaryDirectory() as project:
        unpack(last[-1], Path(project))
        yield from broken(contract(Path(project)), contract(ROOT))


def changes(version: str, text: str) -> str:
    """Return what the changelog says of a version, without its heading."""
    section = re.search(rf"(?ms)^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)", text)
    return section[1].strip() if section else ""


def write_archive(folder: Path, version: str) -> Path:
    """Write the archive of PARTS, as they are in the tree without what git ignores, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in _git("ls-files", "--cached", "--others", "--exclude-standard", *PARTS).splitlines():
            if (ROOT / name).exists():  # what is deleted and not committed yet is listed too
                archive.add(ROOT / name, name)
    return path


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a release's archive into a folder."""
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # git of the PATH


if __name__ == "__main__":
    sys.exit(main())
