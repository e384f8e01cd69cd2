"""Composes the files of `quicksight/` into what QuickSight's API takes.

A part is a file of `quicksight/parts/` that other files use as `{"part": "<its name>", "<argument>": ...}`.
Its content takes the object's place, each `@{<argument>}` in its text replaced. A string that is nothing but
`@{<argument>}` becomes the argument's value, of whatever type; a part that is a list, used in a list, adds
its items to it. QuickSight's own names start with a capital, so that `part` is none of them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

ARGUMENT = re.compile(r"@\{(\w+)\}")

# Files beside a dashboard's dashboard.json, and the member of its Definition that each of them holds.
MEMBERS = {
    "calculated_fields": "CalculatedFields",
    "column_configurations": "ColumnConfigurations",
    "filter_groups": "FilterGroups",
    "parameters": "ParameterDeclarations",
}


class CompositionError(Exception):
    """A file of `quicksight/` cannot be composed or filled; the message names it and says why."""


@dataclass(frozen=True)
class Definitions:
    """All of `quicksight/`, composed, its placeholders not yet filled; the keys are the files' stems."""

    data_sets: dict[str, dict[str, Any]]  # DataSet, RefreshProperties (optional), RefreshSchedules
    theme: dict[str, Any]  # of CreateTheme: Name, BaseThemeId, Configuration
    dashboards: dict[str, dict[str, Any]]  # of CreateDashboard: Name, Definition, ThemeArn and options


def load(root: Path) -> Definitions:
    """Return the definitions in the folder `root`; raise CompositionError if they cannot be composed."""
    parts = {path.stem: _read(path) for path in sorted((root / "parts").glob("*.json"))}

    def compose(path: Path) -> Any:
        try:
            return _expand(_read(path), parts, ())
        except CompositionError as error:
            raise CompositionError(f"{path.relative_to(root)}: {error}") from error

    return Definitions(
        data_sets={path.stem: compose(path) for path in sorted((root / "data_sets").glob("*.json"))},
        theme=compose(root / "themes" / "menulens.json"),
        dashboards={
            path.parent.name: _dashboard(path.parent, compose)
            for path in sorted((root / "dashboards").glob("*/dashboard.json"))
        },
    )


def fill(value: Any, values: dict[str, str]) -> Any:
    """Return `value` with each `${name}` in its strings replaced from `values`; `$$` stands for a dollar.

    Raise CompositionError for a name that is not in `values`, and for a dollar that starts no name.
    """
    if isinstance(value, dict):
        return {key: fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return Template(value).substitute(values)
    except (KeyError, ValueError) as error:
        raise CompositionError(f"the placeholders of {value!r} cannot be filled: {error}") from error


def _dashboard(folder: Path, compose: Any) -> dict[str, Any]:
    dashboard: dict[str, Any] = compose(folder / "dashboard.json")
    members = {
        member: compose(folder / f"{stem}.json")
        for stem, member in MEMBERS.items()
        if (folder / f"{stem}.json").exists()
    }
    sheets = [compose(path) for path in sorted((folder / "sheets").glob("*.json"))]
    return dashboard | {"Definition": dashboard["Definition"] | members | {"Sheets": sheets}}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CompositionError(f"{path.name}: {error}") from error


def _expand(value: Any, parts: dict[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        items: list[Any] = []
        for item in value:
            expanded = _expand(item, parts, within)
            is_part = isinstance(item, dict) and "part" in item
            items += expanded if is_part and isinstance(expanded, list) else [expanded]
        return items
    if not isinstance(value, dict):
        return value
    expanded = {key: _expand(item, parts, within) for key, item in value.items()}
    name = expanded.pop("part", None)
    if name is None:
        return expanded
    if name not in parts:
        raise CompositionError(f"there is no part {name!r}")
    if name in within:
        raise CompositionError(f"part {name!r} uses itself")
    unused = expanded.keys() - set(ARGUMENT.findall(json.dumps(parts[name])))
    if unused:
        raise CompositionError(f"part {name!r} takes no {', '.join(sorted(unused))}")
    return _expand(_insert(parts[name], name, expanded), parts, (*within, name))


def _insert(value: Any, name: str, arguments: dict[str, Any]) -> Any:
    """Return the content of part `name` with the arguments in their places."""
    if isinstance(value, dict):
        return {key: _insert(item, name, arguments) for key, item in value.items()}
    if isinstance(value, list):
        return [_insert(item, name, arguments) for item in value]
    if not isinstance(value, str):
        return value
    try:
        if whole := ARGUMENT.fullmatch(value):
            return arguments[whole[1]]
        return ARGUMENT.sub(lambda match: str(arguments[match[1]]), value)
    except KeyError as error:
        raise CompositionError(f"part {name!r} needs {error}") from error
