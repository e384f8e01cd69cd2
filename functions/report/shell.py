"""The shell of the owner's page: marks stand where the rows, the stack's names and the language's texts go.

`make build` writes the shell, the texts of each language and the list of data sets into this function's
package (`preview/shell.py`). So the function needs neither the definitions of `quicksight/` nor a chart
library.
"""

import base64
import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

SHELL_FILE = "shell.html"
DATA_SETS_FILE = "data_sets.json"
TEXTS_FILE = "texts.json"  # by language; each the JSON that stands in the page
# Marks of the shell. Nothing else of the page has two percent signs before a name of ours.
STACK = "%%menulens-stack%%"
CURRENCY = "%%menulens-currency%%"
LANGUAGE = "%%menulens-language%%"
TEXTS = "%%menulens-texts%%"
DATA = "%%menulens-data%%"
# DashboardFunction puts the figures of the running day in the place of this one, whenever the page is opened.
TODAY = "%%menulens-today%%"


class DataSet(NamedTuple):
    """A data set of the dashboard: the view that it is read from, and QuickSight's types by column."""

    view: str
    types: dict[str, str]


class Shell:
    """The shell in `folder`, for a stack; raises FileNotFoundError, which says how the package is built."""

    def __init__(self, folder: Path, stack: str, currency: str, language: str) -> None:
        try:
            text = (folder / SHELL_FILE).read_text(encoding="utf-8")
            listed = json.loads((folder / DATA_SETS_FILE).read_text())
            texts = json.loads((folder / TEXTS_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{error.filename} is missing: build with make build") from error
        marks = {STACK: stack, CURRENCY: currency, LANGUAGE: language, TEXTS: texts[language]}
        for mark, value in marks.items():
            text = text.replace(mark, value)
        self._text = text
        self.data_sets = {name: DataSet(view, types) for name, (view, types) in listed.items()}

    def page(self, data: dict[str, Any]) -> str:
        """Return the page with `data` in it."""
        return self._text.replace(DATA, compressed(data))


def compressed(data: dict[str, Any]) -> str:
    """Return JSON in gzip in base64: a tenth of the JSON, in letters that end no element of HTML."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
