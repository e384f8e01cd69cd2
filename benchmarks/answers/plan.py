"""Bytes that a query reads: the columns of DuckDB's plan, the row groups that statistics do not exclude.

Only statistics that Firehose's files have count: of dates and partitions, not of timestamps (INT96). Athena
plans for itself; what a plan reads follows from the query nearly alone, since a filter on what rows are
grouped by passes the grouping in both.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import sqlglot
from sqlglot import exp

from local.trino import translation as trino

DATES = ("local_date", "business_date", "received_date", "ingest_month")
# These would read at once what the query names twice.
MERGING = "common_subplan,statistics_propagation"


class Scan(NamedTuple):
    """One reading of the table: its columns, and the first and last day of each filtered column of dates."""

    columns: frozenset[str]
    days: dict[str, tuple[str, str]]


class Read(NamedTuple):
    """What a query reads."""

    chunks: int  # bytes of the columns' chunks
    files: int  # that hold such chunks
    whole: int  # bytes of these files
    footers: int  # bytes of the footers that are read to find the chunks
    opened: int  # files with such footers


NOTHING = Read(0, 0, 0, 0, 0)


def scans(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Scan]:
    """Return the readings of the table in DuckDB's plan of a query."""
    return [scan for root in json.loads(_plan(connection, sql)) for scan in _scans(root, [])]


def json_readings(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Return how often DuckDB's plan of a query reads a table of JSON, which is read whole."""
    return len(re.findall(r'"name": *"READ_JSON', _plan(connection, sql)))


def _plan(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    with trino.also_disabled(connection, MERGING):
        text: str = connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()[0][1]
    return text


def _scans(node: dict[str, Any], filters: list[str]) -> Iterator[Scan]:
    info = node["extra_info"]
    if node["name"].strip() == "READ_PARQUET":
        conditions = filters + _texts(info, "Filters") + _texts(info, "File Filters")
        named = {name for text in conditions for name in re.findall(r"[a-z_]+", text)}
        columns = frozenset(_texts(info, "Projections")) | named
        yield Scan(columns, _days(conditions))
        return
    # What a filter right above a scan asks, the scan can use.
    below = filters + _texts(info, "Expression") if node["name"].strip() == "FILTER" else []
    for child in node["children"]:
        yield from _scans(child, below)


def _texts(info: dict[str, Any], name: str) -> list[str]:
    value = info.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _days(conditions: list[str]) -> dict[str, tuple[str, str]]:
    """Return the range that the conditions leave of each column of dates."""
    ranges: dict[str, tuple[str, str]] = {}
    for text in conditions:
        tree = sqlglot.parse_one(text, dialect="duckdb").unnest()
        for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
            column = part.find(exp.Column)
            days = re.findall(r"\d{4}-\d\d(?:-\d\d)?", part.sql())
            if column is None or column.name not in DATES or not days:
                continue
            first, last = ranges.get(column.name, ("0000-00-00", "9999-99-99"))
            part = part.unnest()
            if isinstance(part, exp.Between) and len(days) == 2:
                first, last = max(first, days[0]), min(last, days[1])
            elif isinstance(part, exp.EQ):
                first, last = max(first, days[0]), min(last, days[0])
            elif isinstance(part, exp.GTE | exp.GT):
                first = max(first, days[0])
            elif isinstance(part, exp.LTE | exp.LT):
                last = min(last, days[0])
            ranges[column.name] = (first, last)
    return ranges


class Total(NamedTuple):
    """All files of a layout."""

    files: int
    bytes: int
    footers: int  # bytes of them


class Metadata:
    """The sizes and statistics in the files' footers."""

    def __init__(self, folder: Path) -> None:
        self._database = duckdb.connect()
        for name, query in _COLLECTED.items():
            kept = folder / f"{name}.parquet"
            if not kept.exists():
                source = f"{folder}/events/*/*.parquet"
                self._database.execute(f"COPY ({query.format(source=source)}) TO '{kept}'")
            self._database.execute(f"CREATE TABLE {name} AS FROM '{kept}'")

    def total(self) -> Total:
        """Return the number of files, their bytes, and those of their footers."""
        query = "SELECT count(*), sum(bytes), sum(footer) FROM files"
        return Total(*map(int, self._database.execute(query).fetchone() or ()))

    def read(self, readings: list[Scan]) -> Read:
        """Return what the scans read, together."""
        parts = [self._read(scan) for scan in readings]
        return Read(*(sum(column) for column in zip(*parts, strict=True)))

    def _read(self, scan: Scan) -> Read:
        first, last = scan.days.get("ingest_month", ("0000-00-00", "9999-99-99"))
        groups = "SELECT DISTINCT file, row_group FROM chunks WHERE file IN (SELECT file FROM opened)"
        for name, (low, high) in scan.days.items():
            if name != "ingest_month":
                groups += f" INTERSECT SELECT file, row_group FROM chunks WHERE name = '{name}'"  # noqa: S608
                groups += f" AND (low IS NULL OR low <= '{high}' AND high >= '{low}')"
        names = ", ".join(f"'{name}'" for name in scan.columns)
        query = f"""
            WITH opened AS (SELECT * FROM files WHERE ingest_month BETWEEN '{first}' AND '{last}'),
              groups AS ({groups}),
              needed AS (SELECT * FROM files WHERE file IN (SELECT file FROM groups))
            SELECT
              (SELECT sum(bytes) FROM chunks SEMI JOIN groups USING (file, row_group)
                WHERE name IN ({names})),
              (SELECT count(*) FROM needed), (SELECT sum(bytes) FROM needed),
              (SELECT sum(footer) FROM opened), (SELECT count(*) FROM opened)
        """  # noqa: S608
        sums = self._database.execute(query).fetchone() or ()
        return Read(*(int(value or 0) for value in sums))


_COLLECTED = {
    "files": """
        SELECT row_number() OVER (ORDER BY file_name) AS file, file_name,
          regexp_extract(file_name, 'ingest_month=([0-9-]+)', 1) AS ingest_month,
          file_size_bytes AS bytes, footer_size AS footer, num_rows AS rows
        FROM parquet_file_metadata('{source}')
    """,
    "chunks": """
        SELECT files.file, row_group_id AS row_group, split_part(path_in_schema, ',', 1) AS name,
          sum(total_compressed_size) AS bytes,
          min(CASE WHEN type = 'INT32' THEN stats_min_value END) AS low,
          max(CASE WHEN type = 'INT32' THEN stats_max_value END) AS high
        FROM parquet_metadata('{source}') AS metadata JOIN files ON files.file_name = metadata.file_name
        GROUP BY ALL
    """,
}
