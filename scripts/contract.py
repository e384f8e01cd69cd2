"""The public interface of a version: columns, logical ids, parameters and outputs; and what breaks it.

docs/releases.md says what a version number promises; `tests/contract/test_release.py` compares with the last
release.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import sqlglot
from samcli.yamlhelper import yaml_parse
from sqlglot import exp


class Contract(NamedTuple):
    """What others depend on; each by its name."""

    tables: dict[str, dict[str, str]]  # columns in their order, and their types
    views: dict[str, list[str]]  # columns
    resources: dict[str, str]  # types by logical ids
    parameters: dict[str, dict[str, Any]]
    outputs: list[str]


def contract(folder: Path) -> Contract:
    """Return the interface of a project's files, or of a release's."""
    template = yaml_parse((folder / "template.yaml").read_text())
    return Contract(
        {path.stem: _columns(path) for path in sorted((folder / "athena" / "tables").glob("*.sql"))},
        {
            path.parent.name: _header(path)
            for path in (folder / "tests" / "data" / "views").glob("*/expected.csv")
        },
        {name: resource["Type"] for name, resource in template["Resources"].items()},
        template["Parameters"],
        list(template["Outputs"]),
    )


def broken(before: Contract, after: Contract) -> Iterator[str]:
    """Yield a sentence for each promise of `before` that `after` does not keep."""
    for name, columns in before.tables.items():
        first = list(after.tables.get(name, {}).items())[: len(columns)]
        if first != list(columns.items()):
            yield f"table {name} does not begin with its columns and types of before"
    for name, header in before.views.items():
        for column in [column for column in header if column not in after.views.get(name, [])]:
            yield f"view {name} lacks the column {column}"
    for name, kind in before.resources.items():
        if after.resources.get(name) != kind:
            yield f"the resource {name} is no {kind}"
    for name, parameter in before.parameters.items():
        if name not in after.parameters:
            yield f"the parameter {name} is not there"
        else:
            yield from _narrowed(name, parameter, after.parameters[name])
    for name in after.parameters.keys() - before.parameters.keys():
        if "Default" not in after.parameters[name]:
            yield f"the parameter {name} is new and has no default"
    for name in before.outputs:
        if name not in after.outputs:
            yield f"the output {name} is not there"


def _narrowed(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what a stack with the parameter of before, given or not, would notice."""
    if before["Type"] != after["Type"]:
        yield f"the parameter {name} is of another type"
    if "Default" in before and before["Default"] != after.get("Default"):
        yield f"the parameter {name} has another default"
    if "AllowedValues" in after:
        taken = set(map(str, after["AllowedValues"]))
        allowed = before.get("AllowedValues")
        if allowed is None or not taken >= set(map(str, allowed)):
            yield f"the parameter {name} does not allow what it did"
    for limit, keeps in (("MinValue", int.__le__), ("MaxValue", int.__ge__)):
        if limit in after and (limit not in before or not keeps(int(after[limit]), int(before[limit]))):
            yield f"the parameter {name} has a narrower {limit}"
    if after.get("AllowedPattern") != before.get("AllowedPattern"):
        yield f"the parameter {name} has another pattern, which may take less"


def _columns(path: Path) -> dict[str, str]:
    statement = sqlglot.parse_one(path.read_text().replace("${", "_").replace("}", ""), dialect="athena")
    schema = statement.find(exp.Schema)
    if schema is None:
        raise ValueError(f"{path} has no columns")
    return {column.name: column.args["kind"].sql(dialect="hive") for column in schema.find_all(exp.ColumnDef)}


def _header(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return next(csv.reader(file))
