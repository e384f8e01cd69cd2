"""The execution of an analysed query: its tables are opened, and DuckDB answers.

Emulates: Athena engine 3, within what `trino` translates and `glue_tables` reads.

Not covered: plans, stages and memory. The bytes scanned are estimated; Athena counts the column chunks that
it reads, so its number is smaller for Parquet.

Reference: https://docs.aws.amazon.com/athena/latest/ug/select.html
"""

import re
from dataclasses import dataclass, field
from typing import Any

import duckdb

from local.athena import access, glue_tables
from local.athena.analysis import Analysis, quoted
from local.athena.files import location
from local.athena.partitions import is_projected
from local.trino import translation as trino
from local.trino.errors import translated


@dataclass
class Answer:
    """Columns with their DuckDB types, the rows, and the bytes that were read for them."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    scanned: int = 0


class ScanLimitExceeded(Exception):
    """The query would read more than its workgroup allows."""


def execute(analysis: Analysis, limit: int | None = None) -> Answer:
    """Run a query, unless it would read more bytes than the limit."""
    columns = analysis.columns()
    relations = {name: _open(table) for name, table in analysis.tables.items()}
    queries = {name: relation.query for name, relation in relations.items()} | analysis.views
    try:
        for name, query in queries.items():
            analysis.connection.execute(f"DROP TABLE {quoted(*name)}")
            analysis.connection.execute(f"CREATE VIEW {quoted(*name)} AS {query}")
        parts = [part for relation in relations.values() for part in relation.parts]
        scanned = _scanned(analysis, parts) if parts else 0
        if limit is not None and scanned > limit:
            raise ScanLimitExceeded
        return Answer(columns, analysis.connection.execute(analysis.sql).fetchall(), scanned)
    except duckdb.Error as error:
        raise translated(error, trino.parse(analysis.text)) from error


def _open(table: glue_tables.Table) -> glue_tables.Relation:
    """Return the relation of a table whose objects and partitions the caller may read."""
    access.read(*location(table))
    if table.get("PartitionKeys") and not is_projected(table):
        access.glue("GetPartitions", table["DatabaseName"], table["Name"])
    return glue_tables.relation(table)


def _scanned(analysis: Analysis, parts: list[glue_tables.Part]) -> int:
    """Estimate the bytes read: of each scan, the share of its files that DuckDB's plan does not prune.

    A plan tells a scan only by its number of files. Of scans with as many files, the largest share counts.
    """
    # That optimizer answers a count from the files' footers, and the plan then tells nothing.
    with trino.also_disabled(analysis.connection, "statistics_propagation"):
        plan = analysis.connection.execute(f"EXPLAIN (FORMAT json) {analysis.sql}").fetchall()
    shares: dict[int, float] = {}
    for files_read, files in re.findall(r'"Scanning Files": "(\d+)/(\d+)"', plan[0][1]):
        shares[int(files)] = max(shares.get(int(files), 0), int(files_read) / int(files))
    return round(sum(part.bytes * shares.get(part.files, 1) for part in parts))
