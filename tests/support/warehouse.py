"""The views in DuckDB, as the local Athena runs them, over tables that a test fills."""

import base64
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from ministack.services import athena as emulated

from local.athena import hive
from local.athena.glue_tables import duck_type
from local.firehose.parquet import convert
from local.firehose.records import Record
from local.trino import translation as trino
from tests.support import CONTEXT, DEFINITION_VALUES, ROOT, firehose_batch, load_function


def definitions() -> list[Any]:
    """Return what the custom resource makes of athena/, in its order."""
    module = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    loaded: list[Any] = module.load(ROOT / "athena", DEFINITION_VALUES)
    return loaded


def warehouse() -> duckdb.DuckDBPyConnection:
    """Return a database with the project's tables, empty, and its views."""
    database = trino.connect()
    for statement in _statements():
        database.execute(statement)
    return database


@cache
def _statements() -> tuple[str, ...]:
    """Return DuckDB's statements for athena/; translating them takes more time than a test's own queries."""
    statements = []
    shapes = trino.connect()  # views are translated over what they read, as tables
    for definition in definitions():
        ddl = hive.parse_table(definition.statement)
        if ddl is not None:
            table = emulated._create_table_input(ddl)
            columns = ", ".join(
                f'"{column["Name"]}" {duck_type(column["Type"])}'
                for column in table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]
            )
            statements.append(f"CREATE TABLE {definition.name} ({columns})")
            shapes.execute(statements[-1])
            continue
        query = re.sub(r"CREATE OR REPLACE VIEW \w+ AS\n", "", definition.statement, count=1)
        translated = trino.translate(trino.parse(query), shapes)
        shapes.execute(f"CREATE TABLE {definition.name} AS SELECT * FROM ({translated}) LIMIT 0")
        statements.append(f"CREATE VIEW {definition.name} AS {translated}")
    return tuple(statements)


def store(
    database: duckdb.DuckDBPyConnection, transform: Any, glue: Any, folder: Path, record: bytes, arrival: date
) -> None:
    """Store the events of a record by way of the transform and Parquet; a file is in `folder` on its way."""
    (answer,) = transform["app"].handler(firehose_batch(record), CONTEXT)["records"]
    conversion = {"SchemaConfiguration": {"DatabaseName": "menulens", "TableName": "events_raw"}}
    parquet, failures = convert(conversion, glue, "", [Record("", 0, base64.b64decode(answer["data"]))])
    assert not failures
    (folder / "rows.parquet").write_bytes(parquet)
    database.execute(
        "INSERT INTO events_raw BY NAME SELECT *, ? AS ingest_month FROM read_parquet(?)",
        [f"{arrival:%Y-%m}", str(folder / "rows.parquet")],
    )
