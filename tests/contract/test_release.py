"""From 1.0.0 on, columns, logical ids, parameters and outputs are a contract.

`test_nothing_promised_is_broken` compares the tree with the archive of the last release. Made-up releases,
which differ from the tree in one thing, show what it finds.
"""

import copy
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scripts import release
from scripts.contract import Contract, broken, contract
from tests.support import ROOT, source_template

NOW = contract(ROOT)
VERSION = release.project_version()
ARCHIVES = release.RELEASED.relative_to(ROOT)


def test_nothing_promised_is_broken() -> None:
    assert list(release.contract_problems(VERSION)) == []


def test_there_is_an_archive_of_a_release_from_1_0_0_on() -> None:
    """A version of 1.0.0 or later without an archive would be compared with nothing for ever."""
    released = [release.numbers(path.name.removesuffix(".tar.gz")) for path in release.releases()]
    assert bool(released) == (release.numbers(VERSION) >= (1, 0, 0))
    assert all(version <= release.numbers(VERSION) for version in released)


def test_the_template_tells_the_version() -> None:
    """CloudFormation shows the description of a stack, so an operator sees what is deployed."""
    assert source_template()["Description"].startswith(f"MenuLens {VERSION}: ")


def test_the_tree_keeps_its_own_contract() -> None:
    assert list(broken(NOW, NOW)) == []
    assert NOW.tables["events_raw"]["event_key"] == "BIGINT"
    assert {"IngestApi", "HooksFunction"} <= NOW.resources.keys()


def changed(**parts: Any) -> Contract:
    """Return a release's contract that has more in some parts than the tree."""
    before = copy.deepcopy(NOW)
    for name, more in parts.items():
        part = getattr(before, name)
        if isinstance(part, dict):
            part.update(more)
        else:
            part.extend(more)
    return before


PARAMETER = NOW.parameters["ThrottleRate"]


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (changed(tables={"events_raw": {**NOW.tables["events_raw"], "gone": "INT"}}), "table events_raw"),
        (changed(tables={"events_raw": {**NOW.tables["events_raw"], "device": "INT"}}), "table events_raw"),
        (
            changed(tables={"events_raw": dict(reversed(NOW.tables["events_raw"].items()))}),
            "table events_raw",
        ),
        (changed(tables={"gone": {"a": "INT"}}), "table gone"),
        (changed(views={"visits": [*NOW.views["visits"], "gone"]}), "view visits lacks the column gone"),
        (changed(views={"gone": ["a"]}), "view gone"),
        (changed(resources={"Gone": "AWS::S3::Bucket"}), "the resource Gone"),
        (changed(resources={"IngestApi": "AWS::S3::Bucket"}), "the resource IngestApi"),
        (changed(parameters={"Gone": {"Type": "String"}}), "the parameter Gone is not there"),
        (changed(parameters={"ThrottleRate": {**PARAMETER, "Type": "String"}}), "another type"),
        (changed(parameters={"ThrottleRate": {**PARAMETER, "Default": 1}}), "another default"),
        (
            changed(parameters={"ThrottleRate": {**PARAMETER, "MinValue": 0}}),
            "the parameter ThrottleRate has a narrower MinValue",
        ),
        (
            changed(
                parameters={"Architecture": {**NOW.parameters["Architecture"], "AllowedValues": ["mips"]}}
            ),
            "does not allow what it did",
        ),
        (
            changed(parameters={"TimeZone": {**NOW.parameters["TimeZone"], "AllowedPattern": ".*"}}),
            "the parameter TimeZone has another pattern",
        ),
        (changed(outputs=["Gone"]), "the output Gone is not there"),
    ],
)
def test_what_breaks_a_made_up_release_is_named(before: Contract, sentence: str) -> None:
    (problem,) = broken(before, NOW)
    assert sentence in problem


def test_a_new_parameter_without_a_default_stops_updates() -> None:
    before = copy.deepcopy(NOW)
    after = changed(parameters={"New": {"Type": "String"}})
    assert list(broken(before, after)) == ["the parameter New is new and has no default"]


def test_what_is_added_breaks_nothing() -> None:
    columns = {**NOW.tables["events_raw"], "more": "INT"}
    after = changed(
        tables={"events_raw": columns, "more": {"a": "INT"}},
        views={"visits": [*NOW.views["visits"], "more"]},
        resources={"More": "AWS::S3::Bucket"},
        parameters={"More": {"Type": "String", "Default": ""}},
        outputs=["More"],
    )
    assert list(broken(NOW, after)) == []


def test_an_archive_has_the_contract_of_its_tree(tmp_path: Path) -> None:
    """Only a new major version may break it; the archive is written as `make release` does."""
    archive = release.write_archive(tmp_path / "released", "1.2.3")
    release.unpack(archive, tmp_path / "project")
    assert contract(tmp_path / "project") == NOW
    assert list(release.contract_problems("1.3.0", tmp_path / "released")) == []


def test_only_another_major_version_may_break_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release.write_archive(tmp_path, "1.2.3")
    monkeypatch.setattr(
        release, "contract", lambda folder: NOW if folder == ROOT else changed(outputs=["Gone"])
    )
    assert list(release.contract_problems("1.3.0", tmp_path)) == ["the output Gone is not there"]
    assert list(release.contract_problems("2.0.0", tmp_path)) == []


CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-11-01\n\n### Added\n\n- All.\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CHANGELOG, None),
        (CHANGELOG.replace("1.0.0", "0.9.0"), "no heading"),
        (CHANGELOG.replace("2026-11-01", "2026-13-01"), "no day"),
        (CHANGELOG.replace("2026-11-01", "2999-01-01"), "has not come yet"),
        (CHANGELOG.replace("### Added\n\n- All.\n", ""), "says nothing"),
        (CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- More.\n"), "under Unreleased"),
    ],
)
def test_the_changelog_must_have_the_version_and_its_date(text: str, problem: str | None) -> None:
    problems = list(release.changelog_problems("1.0.0", text))
    assert len(problems) == bool(problem)
    assert all(problem and problem in found for found in problems)


def test_the_projects_changelog_has_a_place_for_changes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"(?m)^## \[Unreleased\]$", text)
    assert release.changes("Unreleased", text) or release.changes(VERSION, text)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, None),
        ({"branch": "feature"}, "not main"),
        ({"status": " M Makefile"}, "not clean"),
        ({"tag": "v1.0.0"}, "the tag v1.0.0 exists"),
    ],
)
def test_git_must_have_nothing_against_it(
    answers: dict[str, str], problem: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"branch": "main", "status": "", "tag": ""} | answers
    monkeypatch.setattr(release, "_git", lambda command, *_: said[command])
    monkeypatch.setattr(release, "releases", list)  # none, also where there are some
    problems = list(release.repository_problems("1.0.0"))
    assert len(problems) == bool(problem)
    assert all(problem and problem in found for found in problems)


def test_a_version_is_released_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "_git", lambda command, *_: {"branch": "main"}.get(command, ""))
    for name in ("1.0.0", "1.10.0", "1.9.0"):
        (tmp_path / f"{name}.tar.gz").touch()
    monkeypatch.setattr(release, "releases", lambda: sorted(tmp_path.iterdir(), key=_of_archive))
    assert list(release.repository_problems("1.9.1")) == [
        "1.10.0.tar.gz is released: raise the version in pyproject.toml"
    ]
    assert list(release.repository_problems("1.11.0")) == []


def _of_archive(path: Path) -> tuple[int, ...]:
    return release.numbers(path.name.removesuffix(".tar.gz"))


@pytest.mark.slow
def test_a_release_by_the_steps_of_the_docs(tmp_path: Path) -> None:
    """In a copy whose `make lint` and `make test` do nothing; its tests then hold the next version to it."""
    clone = tmp_path / "clone"
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in (name for name in listing.stdout.splitlines() if (ROOT / name).exists()):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    major, minor, _ = release.numbers(VERSION)
    version, today = f"{major}.{minor + 1}.0" if major else "1.0.0", date.today()
    for name, before, after in (
        ("pyproject.toml", f'version = "{VERSION}"', f'version = "{version}"'),
        ("template.yaml", f"MenuLens {VERSION}: ", f"MenuLens {version}: "),
        ("CHANGELOG.md", "## [Unreleased]\n", f"## [Unreleased]\n\n## [{version}] - {today}\n\n- New.\n"),
        # The tests run with the archive there, for which one of them looks.
        ("Makefile", "\nlint: ", f"\nlint test:\n\t@ls {ARCHIVES}/{version}.tar.gz\n\nlint-of-before: "),
        ("Makefile", "\ntest: ", "\ntest-of-before: "),
    ):
        text = (clone / name).read_text()
        assert before in text
        (clone / name).write_text(text.replace(before, after, 1))

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = (command[0], *author, *command[1:]) if command[0] == "git" else command
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)

    run("git", "init", "--quiet", "--initial-branch=main")
    release_command = (sys.executable, "-m", "scripts.release")
    assert "the tree is not clean" in run(*release_command).stderr
    assert not (clone / ARCHIVES / f"{version}.tar.gz").exists()
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message", "Set the version")
    done = run(*release_command)
    assert done.returncode == 0, done.stderr
    assert (clone / "build" / "release.md").read_text().startswith(f"MenuLens {version}\n\n")
    for line in done.stdout.splitlines():
        if line.startswith("git ") and "push" not in line:
            assert run(*shlex.split(line)).returncode == 0, line
    assert run("git", "status", "--porcelain").stdout == ""
    assert "- " in run("git", "tag", "--list", "--format=%(contents)", f"v{version}").stdout
    assert f"v{version} exists" in run(*release_command).stderr
    tests = (sys.executable, "-m", "pytest", "--numprocesses=0", "tests/contract/test_release.py", "-k")
    assert run(*tests, "promised or archive_of").returncode == 0
    template = clone / "template.yaml"
    template.write_text(template.read_text().replace("\n  DeliveryStreamName:\n", "\n  StreamName:\n"))
    assert "the output DeliveryStreamName is not there" in run(*tests, "promised").stdout
