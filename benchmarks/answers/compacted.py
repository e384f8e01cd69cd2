"""The same events as the nightly compaction leaves them, by its own code: a file a day but for the last."""

import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.progress import track

from local.stack import ROOT

sys.path.insert(0, str(ROOT / "functions" / "compaction"))

from merging import merge_lines, merge_parquet


def compacted(folder: Path) -> Path:
    """Return the folder with the merged files, made now unless it is there."""
    target = folder / "compacted"
    if not (target / "done").exists():
        shutil.rmtree(target, ignore_errors=True)
        days = []
        for kind in ("events", "rejected"):
            *before, last = sorted((folder / kind).iterdir())
            shutil.copytree(last, target / last.relative_to(folder), copy_function=os.link)
            days += before
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            merged = pool.map(_merge, days, [target / day.relative_to(folder) for day in days])
            list(track(merged, description="Merging", total=len(days), transient=True))
        (target / "done").touch()
    return target


def _merge(day: Path, target: Path) -> None:
    target.mkdir(parents=True)
    files = sorted(day.iterdir())
    if files:
        merge = merge_parquet if files[0].suffix == ".parquet" else merge_lines
        merge(files, target / f"merged{files[0].suffix}")
