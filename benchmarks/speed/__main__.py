"""`python -m benchmarks.speed`: measure all variants, interleaved, and print the tables."""

import json
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import simplejson
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import results, transform
from benchmarks.speed.cold_start import cold_starts, package_size
from benchmarks.speed.events import batches
from benchmarks.speed.variants import floor, newline, powertools, pydantic_models

VARIANTS: dict[str, Callable[[dict[str, Any], Any], dict[str, Any]]] = {
    "ours": transform.handler,
    "newline": newline.handler,
    "powertools": powertools.handler,
    "pydantic": pydantic_models.handler,
    "floor": floor.handler,
}
SHAPES = (1, 20, 100)  # events in a record
ROUNDS = 40
BATCHES = 3
CONTEXT = SimpleNamespace(
    function_name="transform",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:transform",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)
# As Lambda's Python 3.13 runtime decodes the event and encodes the answer.
decode = simplejson.loads
encode = simplejson.JSONEncoder(use_decimal=False, ensure_ascii=False, allow_nan=True).encode

type Times = dict[str, dict[int, dict[str, float]]]  # variant -> events in a record -> part -> µs an event


def measure() -> Times:
    """Return the median time of each variant, the rounds of all variants and shapes taken in turn."""
    payloads: dict[int, list[tuple[str, int]]] = {
        n: [(json.dumps(batch), n * len(batch["records"])) for batch in batches(n, n, BATCHES)]
        for n in SHAPES
    }
    samples: dict[tuple[str, int, str], list[float]] = {}
    for turn in track(range(ROUNDS), description="Measuring", transient=True):
        for n in SHAPES:
            text, count = payloads[n][turn % BATCHES]
            for name, handler in VARIANTS.items():
                start = time.perf_counter()
                event = decode(text)
                decoded = time.perf_counter()
                answer = handler(event, CONTEXT)
                handled = time.perf_counter()
                encode(answer)
                end = time.perf_counter()
                samples.setdefault((name, n, "handler"), []).append((handled - decoded) / count * 1e6)
                samples.setdefault((name, n, "total"), []).append((end - start) / count * 1e6)
    return {
        name: {
            n: {part: statistics.median(samples[name, n, part]) for part in ("handler", "total")}
            for n in SHAPES
        }
        for name in VARIANTS
    }


def ratios(times: Times) -> results.Aims:
    """Return what is aimed at: name -> (measured ratio, the most that it should be)."""

    def ratio(part: str, name: str, n: int, other: str, m: int) -> float:
        return times[name][n][part] / times[other][m][part]

    floors = {
        f"handler / floor, {n} a record": (ratio("handler", "ours", n, "floor", n), 1.9) for n in SHAPES
    }
    return floors | {
        "total / powertools, 1 a record": (ratio("total", "ours", 1, "powertools", 1), 0.27),
        "total / powertools, 20 a record": (ratio("total", "ours", 20, "powertools", 20), 0.35),
        "total at 20 / newline at 1": (ratio("total", "ours", 20, "newline", 1), 0.5),
        "total at 1 / newline at 1": (ratio("total", "ours", 1, "newline", 1), 1.3),
        "handler at 100 / at 20": (ratio("handler", "ours", 100, "ours", 20), 1.0),
    }


def main() -> None:
    """Print the tables and keep the numbers."""
    times = measure()
    starts = cold_starts()
    aims = ratios(times)
    aims["cold start / Logger and Metrics"] = (starts["ours"] / starts["Logger, Metrics"], 1.8)
    size = package_size() / 1e6
    aims["package, MB unzipped"] = (size, 6.0)
    console = Console(highlight=False)
    table = Table(
        "µs an event, median",
        *(f"{n} a record" for n in SHAPES),
        title="handler (total with the runtime's JSON)",
    )
    for name in VARIANTS:
        cells = [f"{times[name][n]['handler']:.2f} ({times[name][n]['total']:.2f})" for n in SHAPES]
        table.add_row(name, *cells)
    console.print(table)
    console.print(", ".join(f"{name} {ms:.0f} ms" for name, ms in starts.items()), "to import and initialise")
    results.show(console, aims)
    results.keep("speed", {"microseconds": times, "milliseconds": starts, "aims": aims})


if __name__ == "__main__":
    main()
