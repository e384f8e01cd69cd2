"""The files that GitHub and contributors use agree with `make lint` and with docs/."""

import re
import subprocess
import tomllib
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from scripts import site
from tests.support import ROOT

LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
VERSIONS = {package["name"]: package.get("version") for package in LOCK["package"]}
HOOKS = yaml_parse((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
SITE = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]


def test_hooks_have_the_versions_of_the_lock_file() -> None:
    pins = [pin for hook in HOOKS for pin in hook.get("additional_dependencies", ())]
    assert len(pins) > 5
    for pin in pins:
        name, version = pin.split("==")
        assert VERSIONS[name] == version, f".pre-commit-config.yaml: {pin}"


def test_a_commit_is_checked_by_the_linters_of_make_lint_and_a_push_by_all_of_it() -> None:
    recipe = subprocess.run(
        ["make", "--dry-run", "--assume-old=.venv/synced", "lint"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    for hook in HOOKS[:-1]:
        # Options that only leave out files which make does not name.
        entry = hook["entry"].replace(" --force-exclude", "")
        assert entry in recipe, hook["id"]
    assert HOOKS[-1]["entry"] == "make lint"
    assert HOOKS[-1]["stages"] == ["pre-push"]


def pages(entries: list[dict[str, Any]]) -> list[str]:
    """Return the pages of a navigation, those of its sections included."""
    values = [value for entry in entries for value in entry.values()]
    return [page for value in values for page in ([value] if isinstance(value, str) else pages(value))]


def test_the_navigation_has_every_page_once() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "docs/*.md"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    documents = {name.removeprefix("docs/") for name in listing.splitlines()} | set(site.FROM_ROOT.values())
    listed = pages(SITE["nav"])
    assert sorted(listed) == sorted(documents)


def test_each_decision_has_its_three_parts_and_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    pages_of_decisions = {path.name: path.read_text() for path in folder.glob("*.md")}
    listed = re.findall(r"- \[(.+)\]\(([\w-]+\.md)\)", pages_of_decisions.pop("index.md"))
    assert {name for _, name in listed} == pages_of_decisions.keys()
    for title, name in listed:
        headings = re.findall(r"(?m)^#+ .*$", pages_of_decisions[name])
        assert headings == [f"# {title}", "## Context", "## Decision", "## Consequence"], name


@pytest.fixture(scope="module")
def built_site() -> list[str]:
    """The pages of the site as it is built."""
    assert site.main() == 0
    return [path.read_text() for path in (ROOT / "build" / "site").glob("**/*.html")]


def test_the_site_loads_nothing_from_elsewhere(built_site: list[str]) -> None:
    """Neither fonts nor scripts nor pictures: only who serves the site knows its readers."""
    assert len(built_site) > 10
    for text in built_site:
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]* src=\"?([^\"\s>]+)", text)
        loaded += re.findall(r"<link[^>]* href=\"?([^\"\s>]+)[^>]*>", text)
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []


def test_the_site_has_lists_and_code_as_github_shows_them(built_site: list[str]) -> None:
    """A fenced block inside an item would be text, with its fences, without the four spaces."""
    for text in built_site:
        assert "```" not in re.sub(r"(?s)<pre.*?</pre>|<code.*?</code>", "", text)
