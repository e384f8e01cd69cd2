"""The same events as the compaction leaves them, by its own code; the last day's files as delivered."""

import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from rich.progress import track

from benchmarks.answers.traffic import LAST_DAY, local_day
from local.stack import ROOT

sys.path.insert(0, str(ROOT / "functions" / "compaction"))

from merging import merge_lines, merge_parquet
from partition import Stored, batches

type Merge = tuple[list[Path], Path]  # files, and the one to write


def by_month(folder: Path) -> Path:
    """Return the folder with the files of each month merged, made now unless it is there."""
    return _compacted(folder, "compacted", "%Y-%m")


def by_day(folder: Path) -> Path:
    """Return the folder with daily partitions, of which each has one file: what months are compared with."""
    return _compacted(folder, "compacted-by-day", "%Y-%m-%d")


def delivered_at(file: Path) -> datetime:
    """Return when a file as delivered began, in UTC, by its name."""
    return datetime.strptime(file.stem, "menulens-1-%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)


def _compacted(folder: Path, name: str, partition: str) -> Path:
    target = folder / name
    if not (target / "done").exists():
        shutil.rmtree(target, ignore_errors=True)
        merges = [
            merge for kind in ("events", "rejected") for merge in _planned(folder, target, kind, partition)
        ]
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            list(track(pool.map(_merge, merges), description="Merging", total=len(merges), transient=True))
        (target / "done").touch()
    return target


def _planned(folder: Path, target: Path, kind: str, partition: str) -> Iterator[Merge]:
    """Yield what is to be merged, and link the rest."""
    partitions = defaultdict(list)
    for file in sorted((folder / kind).glob("*/*")):
        partitions[local_day(delivered_at(file)).strftime(partition)].append(file)
    for name, files in partitions.items():
        into = target / kind / f"ingest_month={name}"
        into.mkdir(parents=True)
        left = {str(file) for file in files}
        settled = [file for file in files if local_day(delivered_at(file)) < LAST_DAY]
        stored = [Stored(str(file), "", file.stat().st_size, datetime.now(UTC)) for file in settled]
        for number, batch in enumerate(batches(stored)):
            left -= {file.key for file in batch}
            yield [Path(file.key) for file in batch], into / f"merged-{number}{files[0].suffix}"
        for key in left:
            os.link(key, into / Path(key).name)


def _merge(merge: Merge) -> None:
    files, target = merge
    (merge_parquet if target.suffix == ".parquet" else merge_lines)(files, target)
