"""The same events as the nightly compaction leaves them, by its own code: a file a day but for the last."""

import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.progress import track

from local.stack import ROOT

sys.path.insert(0, str(ROOT / "functions" / "compaction"))

from merging import merge


def compacted(folder: Path) -> Path:
    """Return the folder with the merged files, made now unless it is there."""
    target = folder / "compacted"
    if not (target / "done").exists():
        shutil.rmtree(target, ignore_errors=True)
        *days, last = sorted((folder / "events").iterdir())
        # Refused events and today's files stay as they are.
        for each in (folder / "rejected", last):
            shutil.copytree(each, target / each.relative_to(folder), copy_function=os.link)
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            merged = pool.map(_merge, days, [target / day.relative_to(folder) for day in days])
            list(track(merged, description="Merging", total=len(days), transient=True))
        (target / "done").touch()
    return target


def _merge(day: Path, target: Path) -> None:
    files = sorted(day.iterdir())
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.move(merge(files, [file.name for file in files], Path(folder)), target / "merged.parquet")
