"""Several files into one with the same rows: of Parquet, sorted by day, and of JSON lines."""

import shutil
from pathlib import Path

import duckdb

# By the days that questions ask for. The statistics of a row group have its first and last day, so a question
# for one day reads the groups of that day.
ORDER = "business_date, local_date, received_at"
ROWS_PER_GROUP = 20_480  # a multiple of the 2,048 rows of DuckDB's vectors


class MergeError(Exception):
    """The merged file does not have the rows of the others."""


def merge_parquet(files: list[Path], target: Path) -> None:
    """Write all rows of Parquet files to one, in the order of ORDER.

    Columns are matched by name: those that a file does not have yet are null in its rows. Times, which the
    stream writes as INT96, become INT64 in microseconds, which have statistics. Zstandard, which the stream
    does not have, takes less room and half the time of gzip. Raises duckdb.Error and MergeError.
    """
    paths = [str(file) for file in files]
    with duckdb.connect(config={"threads": 1, "temp_directory": str(target.parent)}) as database:
        rows = database.read_parquet(paths, union_by_name=True, hive_partitioning=False)
        rows.order(ORDER).write_parquet(str(target), compression="zstd", row_group_size=ROWS_PER_GROUP)
        expected, written = _rows(database, paths), _rows(database, [str(target)])
    if expected != written:
        raise MergeError(f"{written} rows were written of {expected}")


def _rows(database: duckdb.DuckDBPyConnection, files: list[str]) -> int:
    total = database.execute("SELECT sum(num_rows) FROM parquet_file_metadata($1)", [files]).fetchone()
    return int(total[0]) if total else 0


def merge_lines(files: list[Path], target: Path) -> None:
    """Write all lines of files to one; each file ends with the end of a line."""
    with target.open("wb") as all_lines:
        for file in files:
            with file.open("rb") as lines:
                shutil.copyfileobj(lines, all_lines)
