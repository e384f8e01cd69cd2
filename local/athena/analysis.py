"""The analysis of a query: the tables and views that it names, its translation, its columns.

Emulates: what Athena does before it reads data: it resolves names in the Glue catalog, and views from their
stored text. An analysis needs no right to read a table's objects.

Not covered: other catalogs than Glue's, and recursive views.

Reference: https://docs.aws.amazon.com/athena/latest/ug/considerations-limitations-views.html
"""

import duckdb
from ministack.services import glue
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from local.athena import access, glue_tables
from local.athena.views import CATALOG, VIRTUAL_VIEW, decode
from local.trino import translation as trino
from local.trino.errors import PermissionDenied, QueryFailed, position, translated
from local.trino.rewrites import UNNAMED

type Name = tuple[str, str]  # of a database, and of a table or view in it


class Analysis:
    """A query that is checked against tables without rows, which `connection` holds.

    `tables` has the Glue table of each table that the query reads, itself or through a view. `views` has the
    translated query of each view, those that a view reads before it.
    """

    def __init__(self, sql: str, database: str, parameters: list[str] | None = None):
        self.connection = trino.connect()
        self.tables: dict[Name, glue_tables.Table] = {}
        self.views: dict[Name, str] = {}
        self.tree = trino.parse(trino.bind(sql, parameters or []))
        self.sql = self._translated(self.tree, database)

    def columns(self) -> list[tuple[str, str]]:
        """Return the names and DuckDB types of the result."""
        try:
            described = self.connection.execute(f"DESCRIBE {self.sql}").fetchall()
        except duckdb.Error as error:
            raise translated(error, self.tree) from error
        return [
            (f"_col{i}" if row[0].startswith(UNNAMED) else row[0], row[1]) for i, row in enumerate(described)
        ]

    def _translated(self, tree: exp.Expr, database: str) -> str:
        for scope in traverse_scope(tree):
            for node, source in list(scope.selected_sources.values()):
                if isinstance(source, exp.Table) and isinstance(node, exp.Table):
                    self._resolve(node, database)
        return trino.translate(tree, self.connection)

    def _resolve(self, node: exp.Table, database: str) -> None:
        """Create the table that a query names, without rows, and name it in full in the query."""
        line_and_column = position(node)
        if node.catalog and node.catalog.lower() != CATALOG:
            raise QueryFailed(
                "CATALOG_NOT_FOUND", f"{line_and_column}Catalog '{node.catalog}' does not exist"
            )
        schema, name = key = (node.db or database).lower(), node.name.lower()
        if key not in self.tables and key not in self.views:
            table = find_table(schema, name, line_and_column)
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
            if table["TableType"] == VIRTUAL_VIEW:
                self._add_view(key, table)
            else:
                self._add_table(key, table)
        if not node.alias:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        node.set("this", exp.to_identifier(name, quoted=True))
        node.set("db", exp.to_identifier(schema, quoted=True))
        node.set("catalog", None)

    def _add_table(self, key: Name, table: glue_tables.Table) -> None:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in glue_tables.columns(table).items())
        self.connection.execute(f"CREATE TABLE {quoted(*key)} ({columns})")
        self.tables[key] = table

    def _add_view(self, key: Name, table: glue_tables.Table) -> None:
        view = decode(table["ViewOriginalText"])
        full_name = f"'{CATALOG}.{table['DatabaseName']}.{table['Name']}'"
        try:
            sql = self._translated(trino.parse(view["originalSql"]), view["schema"])
            self.connection.execute(f"CREATE TABLE {quoted(*key)} AS SELECT * FROM ({sql}) LIMIT 0")  # noqa: S608
            described = self.connection.execute(f"DESCRIBE {quoted(*key)}").fetchall()
        except PermissionDenied:
            raise
        except (QueryFailed, duckdb.Error) as error:
            reason = error if isinstance(error, QueryFailed) else translated(error)
            raise QueryFailed(
                "INVALID_VIEW", f"Failed analyzing stored view {full_name}: {reason}"
            ) from error
        if [row[0].lower() for row in described] != [column["name"].lower() for column in view["columns"]]:
            raise QueryFailed("VIEW_IS_STALE", f"View {full_name} is stale or in invalid state")
        self.views[key] = sql


def quoted(*name: str) -> str:
    """Return a name, of one part or more, as DuckDB's SQL writes it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)


def find_table(database: str, name: str, line_and_column: str = "") -> glue_tables.Table:
    """Return a table or view of the Glue catalog that the caller may see."""
    access.glue("GetTable", database, name)
    if database not in glue._databases:
        raise QueryFailed("SCHEMA_NOT_FOUND", f"{line_and_column}Schema '{database}' does not exist")
    table = glue._tables.get(f"{database}/{name}")
    if table is None:
        raise QueryFailed(
            "TABLE_NOT_FOUND", f"{line_and_column}Table '{CATALOG}.{database}.{name}' does not exist"
        )
    return table
