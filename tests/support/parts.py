"""The parts of the tests that CI runs in jobs beside each other: `pytest --part NAME`."""

from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent.parent
PARTS = ("unit", "integration-1", "integration-2", "browsers", "docker")
BROWSERS = "from tests.support.browser import"


@cache
def part(module: Path) -> str:
    """Return the part of a module of tests: by its folder, and of the integration tests every other one."""
    folder = module.relative_to(TESTS).parts[0]
    if folder != "integration":
        return {"unit": "unit", "contract": "unit", "e2e": "docker"}[folder]
    if BROWSERS in module.read_text():
        return "browsers"
    modules = sorted(path for path in module.parent.glob("test_*.py") if BROWSERS not in path.read_text())
    return f"integration-{modules.index(module) % 2 + 1}"
