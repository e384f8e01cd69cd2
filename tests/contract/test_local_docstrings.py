"""Each module of local/ says what it emulates, what it does not, and where AWS's behaviour is described."""

import ast
import re
from pathlib import Path

import pytest

from tests.support import ROOT

HEADINGS = ["Emulates", "Not covered", "Reference"]
MODULES = sorted((ROOT / "local").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_the_three_headings(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    summary, *paragraphs = docstring.split("\n\n")
    assert summary.endswith(".")
    sections = re.findall(rf"^({'|'.join(HEADINGS)}):\s+(\S+)", "\n\n".join(paragraphs), re.MULTILINE)
    assert [heading for heading, _ in sections] == HEADINGS
