"""Writes the shell of the owner's dashboard into the package of ReportFunction.

`make build` runs `python -m preview.shell PROJECT` on the folder of a project that `sam build` has built.
"""

import json
import sys
from pathlib import Path

from functions.report.shell import CURRENCY, DATA, DATA_SETS_FILE, SHELL_FILE, STACK, TODAY
from preview.page import Dashboard
from preview.rows import column_types, view_name

FOOTER = (
    "Written each night from the events that are stored, in the restaurant's time zone. The line above the"
    " tabs has the running day, which is not over. The page keeps its numbers to itself."
)


def main(project: Path) -> int:
    """Write the shell and the list of data sets; raise CompositionError for a definition that is wrong."""
    dashboard = Dashboard(
        _no_rows, stack=STACK, currency=CURRENCY, time_zone="UTC", definitions_in=project / "quicksight"
    )
    package = project / ".aws-sam" / "build" / "ReportFunction"
    (package / SHELL_FILE).write_text(dashboard.html(DATA, TODAY, FOOTER), encoding="utf-8")
    listed = {
        name: (view_name(data_set), column_types(data_set)) for name, data_set in dashboard.data_sets.items()
    }
    (package / DATA_SETS_FILE).write_text(json.dumps(listed))
    return 0


def _no_rows(_sql: str) -> list[dict[str, str]]:
    raise NotImplementedError("a shell has no rows")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
