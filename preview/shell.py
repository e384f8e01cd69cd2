"""Writes the shell of the owner's dashboard into the package of ReportFunction.

`make build` runs `python -m preview.shell PROJECT` on the folder of a project that `sam build` has built.
"""

import json
import sys
from pathlib import Path

from functions.report.shell import (
    CURRENCY,
    DATA,
    DATA_SETS_FILE,
    LANGUAGE,
    SHELL_FILE,
    STACK,
    TEXTS,
    TEXTS_FILE,
    TODAY,
)
from preview.page import Dashboard, script_json
from preview.rows import column_types, view_name
from preview.translation import LANGUAGES, OWNERS_PAGE, translations, untranslated


def main(project: Path) -> int:
    """Write the shell, its texts and the list of data sets; print the texts that lack a translation.

    Raise CompositionError for a definition that is wrong.
    """
    dashboard = Dashboard(
        _no_rows, stack=STACK, currency=CURRENCY, time_zone="UTC", definitions_in=project / "quicksight"
    )
    package = project / ".aws-sam" / "build" / "ReportFunction"
    page = dashboard.html(DATA, TODAY, OWNERS_PAGE, LANGUAGE, TEXTS)
    (package / SHELL_FILE).write_text(page, encoding="utf-8")
    texts = {language: script_json(translations(language)) for language in LANGUAGES}
    (package / TEXTS_FILE).write_text(json.dumps(texts), encoding="utf-8")
    for language in LANGUAGES:
        for text in untranslated(dashboard.plan, language):
            print(f"menulens: preview/texts/{language}.toml has no translation of {text!r}", file=sys.stderr)
    listed = {
        name: (view_name(data_set), column_types(data_set)) for name, data_set in dashboard.data_sets.items()
    }
    (package / DATA_SETS_FILE).write_text(json.dumps(listed))
    return 0


def _no_rows(_sql: str) -> list[dict[str, str]]:
    raise NotImplementedError("a shell has no rows")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
