"""Makes the events that are measured, on all cores, and keeps them for the next time."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from itertools import batched
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from benchmarks.answers.layout import write
from benchmarks.answers.traffic import LAST_DAY, Traffic, deliveries
from local.stack import ROOT

FOLDER = ROOT / "build" / "bench"
CHUNK = 6  # days that a process makes at a time; the day before each is simulated for its late arrivals
SOURCES = (
    "athena/tables/events_raw.sql",
    "functions/compaction",
    "functions/transform",
    "demo",
    "benchmarks/answers/layout.py",
    "benchmarks/answers/traffic.py",
)


class Stored(NamedTuple):
    """The folder that the events are in, and what they amount to."""

    folder: Path
    rows: int
    sent_bytes: int  # of the same events as JSON lines


def stored(traffic: Traffic) -> Stored:
    """Return the events of `traffic`, made now unless they are there.

    What makes them is part of the folder's name.
    """
    folder = FOLDER / f"{traffic.name}-{traffic.events}-{_digest()}"
    counts = folder / "counts.json"
    if not counts.exists():
        shutil.rmtree(folder, ignore_errors=True)
        counts.write_text(json.dumps(_make(folder, traffic)))
    days = json.loads(counts.read_text())
    return Stored(
        folder,
        sum(day["rows"] for day in days.values()),
        sum(day["sent_bytes"] for day in days.values()),
    )


def _digest() -> str:
    digest = hashlib.sha256()
    for name in SOURCES:
        path = ROOT / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _make(folder: Path, traffic: Traffic) -> dict[str, dict[str, int]]:
    days = [LAST_DAY - timedelta(days=number) for number in reversed(range(traffic.days))]
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    counts: dict[str, dict[str, int]] = {}
    # Forked processes would inherit the threads of libraries; spawned ones start afresh.
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
    with pool, Progress(*columns, transient=True) as progress:
        bar = progress.add_task(
            f"Making {traffic.events:,} events of {traffic.days} days", total=traffic.days
        )
        chunks = [pool.submit(_work, folder, traffic, part) for part in batched(days, CHUNK, strict=False)]
        for chunk in as_completed(chunks):
            counts |= chunk.result()
            progress.update(bar, completed=len(counts))
    return dict(sorted(counts.items()))


def _work(folder: Path, traffic: Traffic, days: Sequence[date]) -> dict[str, dict[str, int]]:
    counts = {}
    for day, delivered in deliveries(traffic, min(days), len(days)):
        write(folder, day, delivered)
        counts[day.isoformat()] = {
            "rows": sum(delivery.rows for delivery in delivered),
            "sent_bytes": sum(delivery.sent_bytes for delivery in delivered),
        }
    return counts
