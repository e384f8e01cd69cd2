"""Several Parquet files into one, by DuckDB: the same rows in the same order."""

import json
from pathlib import Path

import duckdb

SOURCES = "menulens.sources"  # what a merged file was made of, in its footer, which queries do not look at


class MergeError(Exception):
    """The merged file does not have the rows of the others."""


def merge(files: list[Path], names: list[str], folder: Path) -> Path:
    """Write a file of all rows of `files` to the folder; it keeps `names` as those of its sources.

    Columns are matched by name: those that a file does not have yet are null in its rows. Times, which the
    stream writes as INT96, become INT64 in microseconds, which have statistics. Raises duckdb.Error and
    MergeError.
    """
    target = folder / "merged.parquet"
    given = [str(file) for file in files]
    with duckdb.connect(config={"threads": 1, "temp_directory": str(folder)}) as database:
        rows = database.read_parquet(given, union_by_name=True, hive_partitioning=False)
        database.execute("SET VARIABLE sources = $1", [json.dumps(names)])
        rows.create_view("merged")
        database.execute(
            f"COPY merged TO '{target}' (FORMAT parquet, COMPRESSION gzip,"
            f" KV_METADATA {{'{SOURCES}': getvariable('sources')}})"
        )
        expected, written = _rows(database, given), _rows(database, [str(target)])
    if expected != written:
        raise MergeError(f"{written} rows were written of {expected}")
    return target


def _rows(database: duckdb.DuckDBPyConnection, files: list[str]) -> int:
    found = database.execute("SELECT sum(num_rows) FROM parquet_file_metadata($1)", [files]).fetchone()
    return int(found[0]) if found else 0


def sources(file: Path) -> list[str]:
    """Return the names of what a file was merged from; an empty list if it does not say."""
    with duckdb.connect() as database:
        query = "SELECT decode(value) FROM parquet_kv_metadata($1) WHERE decode(key) = $2"
        found = database.execute(query, [str(file), SOURCES]).fetchone()
    return list(json.loads(found[0])) if found else []
