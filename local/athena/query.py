"""One query over the Glue catalog: views and tables are resolved, the SQL is translated, DuckDB answers.

Emulates: Athena engine 3, within what `trino` translates and `glue_tables` reads.

Not covered: plans, stages and memory. The bytes scanned are estimated; Athena's number is smaller for
Parquet.

Reference: https://docs.aws.amazon.com/athena/latest/ug/select.html
"""

import re
from dataclasses import dataclass, field
from typing import Any

import duckdb
from ministack.services import glue
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from local.athena import access, glue_tables
from local.athena.files import location
from local.athena.partitions import is_projected
from local.athena.views import CATALOG, VIRTUAL_VIEW, decode
from local.trino import translation as trino
from local.trino.errors import PermissionDenied, QueryFailed, position, translated
from local.trino.rewrites import UNNAMED


@dataclass
class Answer:
    """Columns with their DuckDB types, the rows, and what was read for them."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    scanned: int = 0


class ScanLimitExceeded(Exception):
    """The query would read more than its workgroup allows."""


class Query:
    """A query and all it refers to: first as tables without rows, to check it, then as views of the data."""

    def __init__(self, sql: str, database: str, parameters: list[str] | None = None):
        self._database = trino.connect()
        self._definitions: dict[str, str] = {}
        self._tables: dict[str, glue_tables.Table] = {}
        self._tree = trino.parse(trino.bind(sql, parameters or []))
        self._sql = self._translated(self._tree, database)

    def columns(self) -> list[tuple[str, str]]:
        """Return the names and DuckDB types of the result."""
        try:
            described = self._database.execute(f"DESCRIBE {self._sql}").fetchall()
        except duckdb.Error as error:
            raise translated(error, self._tree) from error
        return [
            (f"_col{i}" if row[0].startswith(UNNAMED) else row[0], row[1]) for i, row in enumerate(described)
        ]

    def answer(self, limit: int | None = None) -> Answer:
        """Run the query, unless it would read more bytes than the limit."""
        columns = self.columns()
        relations = [self._open(name, table) for name, table in self._tables.items()]
        try:
            for name, body in self._definitions.items():
                self._database.execute(f"DROP TABLE {name}")
                self._database.execute(f"CREATE VIEW {name} AS {body}")
            scanned = self._scanned(relations)
            if limit is not None and scanned > limit:
                raise ScanLimitExceeded
            return Answer(columns, self._database.execute(self._sql).fetchall(), scanned)
        except duckdb.Error as error:
            raise translated(error, self._tree) from error

    def _scanned(self, relations: list[glue_tables.Relation]) -> int:
        """Estimate the bytes read: of each table, the share of its files that DuckDB's plan does not prune.

        Athena counts the column chunks that it reads, so its number is smaller for Parquet.
        """
        parts = [part for relation in relations for part in relation.parts]
        if not parts:
            return 0
        # That optimizer answers a count from the files' footers, and the plan then tells nothing.
        with trino.also_disabled(self._database, "statistics_propagation"):
            plan = self._database.execute(f"EXPLAIN (FORMAT json) {self._sql}").fetchall()[0][1]
        shares: dict[
            int, float
        ] = {}  # by a scan's number of files, the only thing that a plan tells about it
        for read, files in re.findall(r'"Scanning Files": "(\d+)/(\d+)"', plan):
            shares[int(files)] = max(shares.get(int(files), 0), int(read) / int(files))
        return round(sum(part.bytes * shares.get(part.files, 1) for part in parts))

    def _translated(self, tree: exp.Expr, database: str) -> str:
        for scope in traverse_scope(tree):
            for node, source in list(scope.selected_sources.values()):
                if isinstance(source, exp.Table) and isinstance(node, exp.Table):
                    self._resolve(node, database)
        return trino.translate(tree, self._database)

    def _resolve(self, node: exp.Table, database: str) -> None:
        """Define the table that a query names, and name it in full there."""
        where = position(node)
        if node.catalog and node.catalog.lower() != CATALOG:
            raise QueryFailed("CATALOG_NOT_FOUND", f"{where}Catalog '{node.catalog}' does not exist")
        schema, name = (node.db or database).lower(), node.name.lower()
        quoted = f'"{schema}"."{name}"'
        if quoted not in self._definitions:
            table = find_table(schema, name, where)
            self._database.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            if table["TableType"] == VIRTUAL_VIEW:
                self._define_view(quoted, table)
            else:
                self._define_table(quoted, table)
        if not node.alias:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        node.set("this", exp.to_identifier(name, quoted=True))
        node.set("db", exp.to_identifier(schema, quoted=True))
        node.set("catalog", None)

    def _define_table(self, quoted: str, table: glue_tables.Table) -> None:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in glue_tables.columns(table).items())
        self._database.execute(f"CREATE TABLE {quoted} ({columns})")
        self._tables[quoted] = table
        self._definitions[quoted] = ""  # its place among the views; `_open` fills it

    def _open(self, quoted: str, table: glue_tables.Table) -> glue_tables.Relation:
        """Find a table's files, which only an answer needs: a view needs no right to read the data."""
        access.read(*location(table))
        if table.get("PartitionKeys") and not is_projected(table):
            access.glue("GetPartitions", table["DatabaseName"], table["Name"])
        relation = glue_tables.relation(table)
        self._definitions[quoted] = relation.query
        return relation

    def _define_view(self, quoted: str, table: glue_tables.Table) -> None:
        view = decode(table["ViewOriginalText"])
        full_name = f"'{CATALOG}.{table['DatabaseName']}.{table['Name']}'"
        try:
            sql = self._translated(trino.parse(view["originalSql"]), view["schema"])
            self._database.execute(f"CREATE TABLE {quoted} AS SELECT * FROM ({sql}) LIMIT 0")  # noqa: S608
            found = self._database.execute(f"DESCRIBE {quoted}").fetchall()
        except PermissionDenied:
            raise
        except (QueryFailed, duckdb.Error) as error:
            reason = error if isinstance(error, QueryFailed) else translated(error)
            raise QueryFailed(
                "INVALID_VIEW", f"Failed analyzing stored view {full_name}: {reason}"
            ) from error
        if [row[0].lower() for row in found] != [column["name"].lower() for column in view["columns"]]:
            raise QueryFailed("VIEW_IS_STALE", f"View {full_name} is stale or in invalid state")
        self._definitions[quoted] = sql


def find_table(database: str, name: str, where: str = "") -> glue_tables.Table:
    """Return a table or view of the Glue catalog that the caller may see."""
    access.glue("GetTable", database, name)
    if database not in glue._databases:
        raise QueryFailed("SCHEMA_NOT_FOUND", f"{where}Schema '{database}' does not exist")
    table = glue._tables.get(f"{database}/{name}")
    if table is None:
        raise QueryFailed("TABLE_NOT_FOUND", f"{where}Table '{CATALOG}.{database}.{name}' does not exist")
    return table
