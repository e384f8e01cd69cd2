"""The benchmark's account of bytes read, against sizes that pyarrow tells of small files."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.answers.plan import Metadata, Read, scans

DAYS = (date(2026, 9, 20), date(2026, 10, 21), date(2026, 11, 22))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a day in three months; the second holds an event of the first, which arrived late."""
    folder = tmp_path_factory.mktemp("events")
    for number, day in enumerate(DAYS):
        rows = pa.table(
            {
                "event_key": list(range(100)),
                "local_date": [DAYS[0] if number == 1 and n == 0 else day for n in range(100)],
                "local_time": [datetime(2026, 11, 20 + number, 12)] * 100,
                "source_menu": [f"menu {n % 3}" for n in range(100)],
                "is_bot": [n == 0 for n in range(100)],
            }
        )
        path = folder / "events" / f"ingest_month={day:%Y-%m}"
        path.mkdir(parents=True)
        pq.write_table(rows, path / "a.parquet", use_deprecated_int96_timestamps=True)
    return folder


@pytest.fixture(scope="module")
def database(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    hive = "hive_partitioning = true, hive_types = {'ingest_month': VARCHAR}"
    read = f"read_parquet('{folder}/events/*/*.parquet', {hive})"
    connection.execute(f"CREATE VIEW events_raw AS SELECT * FROM {read}")
    connection.execute("""
        CREATE VIEW events AS SELECT event_key, local_date, min(source_menu) AS source_menu,
          min(local_time) AS local_time FROM events_raw WHERE NOT is_bot GROUP BY local_date, event_key
    """)
    return connection


def size(folder: Path, days: tuple[date, ...], *columns: str) -> int:
    """Return the bytes of columns' chunks in the files of some days."""
    total = 0
    for day in days:
        metadata: Any = pq.read_metadata(folder / "events" / f"ingest_month={day:%Y-%m}" / "a.parquet")
        group = metadata.row_group(0)
        chunks = [group.column(n) for n in range(group.num_columns)]
        total += sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema in columns)
    return total


MERGED = ("event_key", "local_date", "is_bot")


@pytest.mark.parametrize(
    ("sql", "columns", "days", "opened"),
    [
        ("SELECT count(*) FROM events", MERGED, DAYS, 3),
        ("SELECT DISTINCT source_menu FROM events", (*MERGED, "source_menu"), DAYS, 3),
        ("SELECT count(*) FROM events WHERE local_date = DATE '2026-11-22'", MERGED, DAYS[2:], 3),
        ("SELECT count(*) FROM events WHERE local_date <= DATE '2026-09-20'", MERGED, DAYS[:2], 3),
        (
            "SELECT count(*) FROM events WHERE local_date BETWEEN DATE '2026-10-21' AND DATE '2026-11-25'",
            MERGED,
            DAYS[1:],
            3,
        ),
        # Timestamps have no statistics in Firehose's files: nothing is left out for them.
        (
            "SELECT count(*) FROM events_raw WHERE local_time > TIMESTAMP '2026-11-22 00:00:00'",
            ("local_time",),
            DAYS,
            3,
        ),
        # The files of other partitions are not even opened.
        (
            "SELECT count(DISTINCT source_menu) FROM events_raw WHERE ingest_month >= '2026-11'",
            ("source_menu",),
            DAYS[2:],
            1,
        ),
    ],
)
def test_what_a_query_reads(
    folder: Path,
    database: duckdb.DuckDBPyConnection,
    sql: str,
    columns: tuple[str, ...],
    days: tuple[date, ...],
    opened: int,
) -> None:
    found = Metadata(folder).read(scans(database, sql))
    assert found.chunks == size(folder, days, *columns)
    assert (found.files, found.opened) == (len(days), opened)


def test_of_a_sorted_file_only_the_groups_of_the_days_are_read(
    tmp_path: Path, database: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "events" / "ingest_month=2026-11" / "a.parquet"
    path.parent.mkdir(parents=True)
    days = [date(2026, 11, 1 + n // 100) for n in range(300)]
    columns = {"event_key": list(range(300)), "local_date": days, "is_bot": [False] * 300}
    pq.write_table(pa.table(columns), path, row_group_size=100)
    metadata: Any = pq.read_metadata(path)
    group = metadata.row_group(1)
    size = sum(group.column(n).total_compressed_size for n in range(group.num_columns))
    query = "SELECT count(*) FROM events WHERE local_date = DATE '2026-11-02'"
    assert Metadata(tmp_path).read(scans(database, query)).chunks == size


def test_what_is_named_twice_is_read_twice(folder: Path, database: duckdb.DuckDBPyConnection) -> None:
    once = "SELECT count(*) AS n FROM events"
    twice = f"WITH a AS NOT MATERIALIZED ({once}) SELECT * FROM a UNION ALL SELECT n + 1 FROM a"
    one, two = (Metadata(folder).read(scans(database, sql)) for sql in (once, twice))
    assert two == Read(*(2 * value for value in one))
