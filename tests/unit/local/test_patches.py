"""The names of the emulator that local/ depends on: one table, which fits the code and the pinned version."""

import ast
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import version
from importlib.util import find_spec
from pkgutil import resolve_name

import pytest
from ministack.services import apigateway_v1, athena
from ministack.services.cloudformation import provisioners

from local import patches
from tests.support import ROOT


def test_the_installed_emulator_fits() -> None:
    patches.check()
    assert patches.pinned_version() == version("ministack")


def test_a_missing_name_is_reported_with_the_pinned_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(apigateway_v1, "_invoke_mock_v1")
    monkeypatch.delattr(athena, "_Cursor")
    monkeypatch.delitem(provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"], "delete")
    with pytest.raises(patches.EmulatorChangedError) as error:
        patches.check()
    assert str(error.value).splitlines() == [
        f"local/ does not fit ministack {version('ministack')}, which is installed;"
        f" pyproject.toml pins {version('ministack')}:",
        "ministack.services.apigateway_v1 lacks _invoke_mock_v1",
        "ministack.services.cloudformation.provisioners lacks _RESOURCE_HANDLERS.AWS::S3::Bucket.delete",
        "ministack.services.athena lacks _Cursor",
    ]


def test_a_type_of_resource_that_the_emulator_has_learned_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, "AWS::Budgets::Budget", {})
    with pytest.raises(patches.EmulatorChangedError, match="has _RESOURCE_HANDLERS"):
        patches.check()


def test_the_emulator_does_not_start_without_a_name() -> None:
    program = (
        "import runpy, ministack.services.apigateway_v1 as emulated;"
        "del emulated._handle_execute_in_scope;"
        "runpy.run_module('local.emulator', run_name='__main__')"
    )
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr.startswith("local/ does not fit ministack")
    assert "ministack.services.apigateway_v1 lacks _handle_execute_in_scope\n" in process.stderr
    assert "Traceback" not in process.stderr


def test_every_replacement_exists() -> None:
    for table in (patches.REPLACED, patches.ADDED):
        for names in table.values():
            for supplement in names.values():
                assert resolve_name(supplement)


def test_each_function_of_the_emulator_is_replaced_by_one() -> None:
    """Two wrappers around one function hide each other, and which of them runs first depends on an order."""
    replacements = defaultdict(set)
    for module, names in patches.REPLACED.items():
        for name, supplement in names.items():
            replacements[patches.find(module, name)].add(supplement)
    assert {function: names for function, names in replacements.items() if len(names) > 1} == {}


def test_the_tables_name_what_the_code_of_local_uses() -> None:
    used = defaultdict(set)
    for path in (ROOT / "local").rglob("*.py"):
        for module, name in names_of_the_emulator(ast.parse(path.read_text())):
            used[module].add(name)
    listed = {module: set(names) | set(patches.REPLACED.get(module, ())) for module, names in used.items()}
    assert {module: names - listed[module] for module, names in used.items() if names - listed[module]} == {}
    listed = {module: set(names) for module, names in patches.USED.items()}
    assert {module: names - used[module] for module, names in listed.items() if names - used[module]} == {}
    assert not [module for module, names in listed.items() if names & set(patches.REPLACED.get(module, ()))]


def test_nothing_else_in_local_replaces_a_name_of_the_emulator() -> None:
    for path in (ROOT / "local").rglob("*.py"):
        tree = ast.parse(path.read_text())
        aliases = modules_of_the_emulator(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                assert ast.unparse(node.value) not in aliases, f"{path}:{node.lineno}"
            assert not isinstance(node, ast.Name) or node.id != "setattr" or path.name == "patches.py"


def modules_of_the_emulator(tree: ast.Module) -> dict[str, str]:
    """Return the modules of the emulator that a file imports, by what it calls them."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
        for alias in node.names
        if is_module(f"{node.module}.{alias.name}")
    }


def names_of_the_emulator(tree: ast.Module) -> set[tuple[str, str]]:
    """Return the module and the name of what a file imports from the emulator or from its modules."""
    aliases = modules_of_the_emulator(tree)
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            names |= {
                (str(node.module), alias.name)
                for alias in node.names
                if alias.asname not in aliases and alias.name not in aliases
            }
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            names.add((aliases[node.value.id], node.attr))
    return names


def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
