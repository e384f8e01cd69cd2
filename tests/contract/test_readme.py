"""README says what other files say, and stays a front page."""

import re
import tomllib

import pytest

from tests.support import ROOT
from tools.cost import lines, options

README = (ROOT / "README.md").read_text()


def test_it_is_a_front_page() -> None:
    """The snippet of the tracker stands before the first picture of the dashboard."""
    assert len(README.splitlines()) < 150
    assert README.index("make demo") < README.index("<script") < README.index("![The dashboard")


def test_the_snippet_is_that_of_the_trackers_page() -> None:
    """tests/integration/test_tracker_docs.py runs the page's snippet in a browser."""
    page = re.sub(r"(?m)^ {3}", "", (ROOT / "docs" / "tracker.md").read_text())
    (snippet,) = re.findall(r"(?s)```html\n(.*?)```", README)
    elements = snippet.strip().split("\n\n")
    assert len(elements) == 2
    assert [element for element in elements if element not in page] == []


def test_the_badges_are_true() -> None:
    pictures = re.findall(r"\[!\[([^\]]+)\]\(([^)]+)\)", README)
    badges = {name: (ROOT / path).read_text() for name, path in pictures}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == "==3.13.*"
    assert "<title>Python: 3.13</title>" in badges["Python 3.13"]
    assert f"<title>licence: {project['license']}</title>" in badges["Apache License 2.0"]
    assert (ROOT / "LICENSE").read_text().split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "Transform: AWS::Serverless-2016-10-31" in (ROOT / "template.yaml").read_text()
    assert "<title>AWS: SAM</title>" in badges["AWS SAM"]
    size = re.search(r"\*\*MenuLens\*\* \| \*\*([\d,]+)\*\*", (ROOT / "docs" / "tracker.md").read_text())
    assert size  # tests/unit/tracker/test_build.py holds it to the script
    kilobytes = f"{int(size[1].replace(',', '')) / 1000:.1f} KB"
    assert f"<title>tracker: {kilobytes} gzip</title>" in badges[f"Tracker: {kilobytes} compressed"]


@pytest.mark.parametrize(("column", "events", "visits"), [(0, 88_000, 6_150), (1, 3_420_000, 228_000)])
def test_the_costs_are_those_of_make_cost(column: int, events: int, visits: int) -> None:
    rows = dict(re.findall(r"(?m)^\| ([^|]+) \| (\$[^|]+ \| \$[^|]+) \|$", README))
    together = sum(line.dollars for line in lines(events, visits))
    dollars = {line.name: line.dollars for line in options(events, visits)}
    expected = {
        "the stack, with 20 questions a day": together,
        "with the owner's page and the letter": together
        + dollars["Owner's page"]
        + dollars["Owner's letter (OwnerEmail)"],
        "with QuickSight for one author instead": together + dollars["QuickSight, an author"],
    }
    assert {name: cells.split(" | ")[column] for name, cells in rows.items()} == {
        name: f"${amount:.2f}" for name, amount in expected.items()
    }
