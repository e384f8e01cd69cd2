"""Where a benchmark leaves its numbers, and how it shows what it aims at."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from local.stack import ROOT

FILE = ROOT / "build" / "bench.json"

type Aims = dict[str, tuple[float, float]]  # name -> (measured, at most)


def show(console: Console, aims: Aims) -> None:
    """Print what is aimed at beside what was measured."""
    table = Table("aim", "measured", "at most")
    for name, (value, limit) in aims.items():
        table.add_row(name, f"[{'green' if value <= limit else 'red'}]{value:.2f}", f"{limit:.2f}")
    console.print(table)


def keep(benchmark: str, results: dict[str, Any]) -> None:
    """Write a benchmark's results into build/bench.json, beside those of the others."""
    FILE.parent.mkdir(exist_ok=True)
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps(kept | {benchmark: results}, indent=2) + "\n")
