"""What axe-core finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def faults(page: Page) -> dict[str, list[str]]:
    """Return the faults of a page, whatever their impact: by rule, the elements with what to do."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return {
        fault["id"]: [f"{' '.join(node['target'])}: {node['failureSummary']}" for node in fault["nodes"]]
        for fault in violations
    }
