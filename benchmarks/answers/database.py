"""The views of athena/ over stored events in DuckDB: the statements themselves, translated."""

import re
from pathlib import Path

import duckdb
from sqlglot import exp

from benchmarks.answers.layout import columns
from benchmarks.custom_resources import athena_definitions
from local.athena import hive
from local.athena.partitions import partitions
from local.stack import ROOT, TIME_ZONE
from local.trino import translation as trino

ATHENA = ROOT / "athena"
VALUES = {
    "database": "menulens",
    "bucket": "data",
    "time_zone": TIME_ZONE,
    "event_months": str(athena_definitions.months(730)),  # the template's default of EventRetentionDays
    "rejected_months": str(athena_definitions.months(90)),
}
READERS = {
    "events_raw": "read_parquet('{folder}/events/*/*.parquet', {hive})",
    "rejected_events": "read_json('{folder}/rejected/*/*.json', columns = {columns}, {hive})",
}
HIVE = "hive_partitioning = true, hive_types = {'ingest_month': 'VARCHAR'}"


def prefixes(table: str = "events_raw") -> int:
    """Return how many prefixes of a table Athena lists for a question that names no month, empty ones too."""
    (statement,) = [
        definition.statement
        for definition in athena_definitions.load(ATHENA, VALUES)
        if definition.name == table
    ]
    ddl = hive.parse_table(statement)
    return len(
        partitions({"PartitionKeys": ddl.partition_keys, "Parameters": ddl.table_properties}, "data", "")
    )


class Database:
    """The tables and views, and translations of Athena's queries of them."""

    def __init__(self, folder: Path) -> None:
        self.connection = trino.connect()
        # Translating asks for the types of many parts of a query: of tables without rows, it is quick.
        self._empty = trino.connect()
        self.views: list[str] = []
        for definition in athena_definitions.load(ATHENA, VALUES):
            if definition.file.startswith("athena/tables/"):
                self._add_table(definition.name, folder)
            else:
                self._add_view(definition.name, definition.statement)

    def translate(self, sql: str, *days: str) -> str:
        """Return DuckDB's form of a query, with days in the place of its parameters.

        A common table expression is read each time that it is named, as Trino does.
        """
        tree = trino.parse(trino.bind(sql, [f"'{day}'" for day in days]))
        for expression in tree.find_all(exp.CTE):
            expression.set("materialized", False)
        return trino.translate(tree, self._empty)

    def _add_table(self, name: str, folder: Path) -> None:
        stored = columns(name)
        listed = ", ".join(f"{column} {kind}" for column, kind in stored.items())
        self._empty.execute(f"CREATE TABLE {name} ({listed}, ingest_month VARCHAR)")
        types = "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in stored.items()) + "}"
        reader = READERS[name].format(folder=folder, columns=types, hive=HIVE)
        self.connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {reader}")  # noqa: S608

    def _add_view(self, name: str, statement: str) -> None:
        query = re.split(rf"\bVIEW {name} AS\b", statement, maxsplit=1)[1]
        sql = self.translate(query)
        self.connection.execute(f"CREATE VIEW {name} AS {sql}")
        self._empty.execute(f"CREATE TABLE {name} AS SELECT * FROM ({sql}) LIMIT 0")  # noqa: S608
        self.views.append(name)


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Run a query to its end, without the time that it takes to hand rows over to Python."""
    connection.execute(f"EXPLAIN ANALYZE {sql}").fetchall()
