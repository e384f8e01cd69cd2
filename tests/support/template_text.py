"""Reads what parsers of template.yaml drop: its text."""

import re

from tests.support import ROOT

TEXT = (ROOT / "template.yaml").read_text()


def sections() -> dict[str, str]:
    """Return the sections of the resources by their names, in order, each with its description."""
    return dict(re.findall(r"^  # ---- ([^:]+): (.+) ----$", TEXT, re.MULTILINE))
