"""docs/parameters.md lists the template's parameters with their defaults."""

import re

from tests.support import ROOT, source_template

PAGE = (ROOT / "docs" / "parameters.md").read_text()


def test_each_parameter_has_its_row_with_its_default() -> None:
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (`[^`]+`|empty) \| .+ \|$", PAGE))
    assert len(rows) == PAGE.count("\n| `")
    parameters = source_template()["Parameters"]
    defaults = {name: str(parameter["Default"]) for name, parameter in parameters.items()}
    assert rows == {name: f"`{default}`" if default else "empty" for name, default in defaults.items()}
