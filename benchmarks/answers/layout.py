"""Writes a day's deliveries as Firehose does: one Parquet file for each, in the partition of its month.

pyarrow stands in for Firehose's Parquet writer: gzip, and timestamps as INT96, which carry no statistics.
"""

import re
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.answers.traffic import Delivery
from local.athena.glue_tables import duck_type
from local.stack import ROOT

TABLES = ROOT / "athena" / "tables"


def columns(table: str) -> dict[str, str]:
    """Return the columns that are stored of a table, with their DuckDB types."""
    statement = (TABLES / f"{table}.sql").read_text()
    stored = statement[statement.index("CREATE") : statement.index("PARTITIONED BY")]
    return {name: duck_type(kind) for name, kind in re.findall(r"^  `(\w+)` (\S+)", stored, re.MULTILINE)}


def write(folder: Path, day: date, deliveries: list[Delivery]) -> None:
    """Write a day's files under `events/` and `rejected/` of the folder."""
    events = folder / "events" / f"ingest_month={day:%Y-%m}"
    rejected = folder / "rejected" / f"ingest_month={day:%Y-%m}"
    for target in (events, rejected):
        target.mkdir(parents=True, exist_ok=True)
    for delivery, rows in _slices(deliveries):
        name = f"menulens-1-{delivery.start:%Y-%m-%d-%H-%M-%S}"
        if delivery.rows:
            _write(rows, events / f"{name}.parquet")
        if delivery.rejected:
            (rejected / f"{name}.json").write_bytes(delivery.rejected)


def _slices(deliveries: list[Delivery]) -> Iterator[tuple[Delivery, pa.Table]]:
    """Read all rows at once, which is much quicker than file by file, and hand out each delivery's."""
    with tempfile.NamedTemporaryFile(suffix=".json") as lines, duckdb.connect() as database:
        for delivery in deliveries:
            lines.write(delivery.lines)
        lines.flush()
        database.execute("SET threads = 1")
        database.execute("SET TimeZone = 'UTC'")
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns("events_raw").items())
        read = f"FROM read_json('{lines.name}', format = 'newline_delimited', columns = {{{types}}})"
        table = database.sql(read).to_arrow_table()
    start = 0
    for delivery in deliveries:
        yield delivery, table.slice(start, delivery.rows)
        start += delivery.rows
    if start != table.num_rows:
        raise RuntimeError(f"{start} rows were delivered, {table.num_rows} were read")


def _write(rows: pa.Table, file: Path) -> None:
    pq.write_table(
        rows,
        file,
        compression="gzip",
        compression_level=6,
        use_deprecated_int96_timestamps=True,
        store_schema=False,
        use_dictionary=["properties.key_value.key", "properties.key_value.value"]
        + [name for name in rows.column_names if _has_dictionary(rows[name])],
    )


def _has_dictionary(column: pa.ChunkedArray) -> bool:
    """Return whether parquet-mr keeps the dictionary of a column: if it makes the first page smaller.

    Booleans and decimals have none in its first version of pages, which Firehose writes by default.
    https://github.com/apache/parquet-java (FallbackValuesWriter, DefaultV1ValuesWriterFactory)
    """
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_decimal(kind) or pa.types.is_nested(kind):
        return False
    values = column.drop_null()
    distinct = values.unique()
    numbers = len(values) * max(len(distinct) - 1, 1).bit_length() / 8
    return _plain_bytes(distinct) + numbers < _plain_bytes(values)


def _plain_bytes(values: pa.Array | pa.ChunkedArray) -> int:
    if pa.types.is_string(values.type):
        return int(pc.sum(pc.binary_length(values)).as_py() or 0) + 4 * len(values)
    return len(values) * (12 if pa.types.is_timestamp(values.type) else values.type.bit_width // 8)
