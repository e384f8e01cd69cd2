"""Imports go one way, so that a part can be read, and replaced, without those that build on it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

# Folder: what it may import besides itself and libraries. A function is a folder of its own.
ALLOWED = {
    "benchmarks": {"demo", "preview", "functions", "local"},
    "demo": {"preview", "functions", "local", "scripts.build_lock", "tools.dashboard_link"},
    "preview": {"functions", "local"},
    "tools": {"preview.queries", "functions", "local"},
    "local": set[str](),
    "scripts": set[str](),
    "tracker": set[str](),
}


def test_imports_go_one_way() -> None:
    assert forbidden(ROOT) == []


def test_no_module_of_a_function_has_the_name_of_a_root_folder() -> None:
    assert root_folders(ROOT) & {path.stem for path in modules(ROOT / "functions")} == set()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("local/stack.py", "from preview.queries import query"),
        ("preview/page.py", "def write():\n    import demo.menu"),
        ("preview/page.py", "from tools import verify"),
        ("demo/menu.py", "import benchmarks"),
        ("demo/menu.py", "import tests.support"),
        ("tools/forget.py", "from preview.page import Dashboard"),
        ("tools/forget.py", "from preview import page"),
        ("local/stack.py", "from functions.replay import app"),
        ("local/stack.py", "import batch"),
        ("scripts/package.py", "import local"),
        ("functions/replay/app.py", "from batch import Batch"),
        ("functions/replay/app.py", "from functions.transform.batch import Batch"),
        ("functions/transform/rows.py", "import local"),
    ],
)
def test_an_import_in_another_direction_is_found(tmp_path: Path, file: str, source: str) -> None:
    for folder in (*ALLOWED, "tests", "functions/replay", "functions/transform"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "functions" / "transform" / "batch.py").touch()
    (tmp_path / file).write_text(source)
    (message,) = forbidden(tmp_path)
    assert message.startswith(f"{file}:")


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("benchmarks/transform.py", "import batch, demo.menu\nfrom local.stack import ROOT\nimport json"),
        ("tools/backfill.py", "from preview.queries import query\nfrom batch import Batch"),
        ("tools/backfill.py", "from preview import queries"),
        ("functions/transform/app.py", "import json\nfrom batch import Batch"),
    ],
)
def test_an_import_in_the_right_direction_is_not(tmp_path: Path, file: str, source: str) -> None:
    for folder in (*ALLOWED, "tests", "functions/replay", "functions/transform"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "functions" / "transform" / "batch.py").touch()
    (tmp_path / file).write_text(source)
    assert forbidden(tmp_path) == []


def forbidden(root: Path) -> list[str]:
    """Return each import that ALLOWED does not have, as `file:line: module`."""
    folders = root_folders(root)
    of_functions = {path.stem for path in modules(root / "functions")}
    messages = []
    for folder in sorted(folders - {"functions", "tests"}):
        for path in modules(root / folder):
            for line, module in imported(path):
                name = f"functions.{module}" if module.partition(".")[0] in of_functions else module
                allowed = {folder} | ALLOWED[folder]
                if name.partition(".")[0] in folders and not any(is_in(name, part) for part in allowed):
                    messages.append(f"{path.relative_to(root)}:{line}: {module}")
    for function in filter(Path.is_dir, (root / "functions").iterdir()):
        own = {path.stem for path in modules(function)}
        for path in modules(function):
            for line, module in imported(path):
                name = module.partition(".")[0]
                if name in (folders | of_functions) - own:
                    messages.append(f"{path.relative_to(root)}:{line}: {module}")
    return messages


def root_folders(root: Path) -> set[str]:
    """Return the folders of the repository's first level; `build` is none, which nothing is imported from."""
    folders = {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")}
    return folders - {"build"}


def modules(folder: Path) -> list[Path]:
    """Return the Python files below a folder, but for those of an environment."""
    return sorted(path for path in folder.rglob("*.py") if ".venv" not in path.parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of everything that a module imports, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from preview import queries` imports a module; `from preview.queries import query`, a name
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_in(name: str, part: str) -> bool:
    """Say whether a dotted name is that of a part or of something in it."""
    return f"{name}.".startswith(f"{part}.")
