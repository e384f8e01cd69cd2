"""The analysis of a query: the tables and views that it names, its translation, its columns.

Emulates: what Athena does before it reads data: it resolves names in the Glue catalog, and views from their
stored text. An analysis needs no right to read a table's objects.

Not covered: other catalogs than Glue's, and recursive views.

Reference: https://docs.aws.amazon.com/athena/latest/ug/considerations-limitations-views.html
"""

from typing import Self

import duckdb
from ministack.services import glue
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from local.athena import access, glue_tables, translations
from local.athena.translations import Columns, Name, Translation
from local.athena.views import CATALOG, VIRTUAL_VIEW, decode
from local.trino import translation as trino
from local.trino.errors import PermissionDenied, QueryFailed, position, translated
from local.trino.probe import UNTYPED
from local.trino.rewrites import UNNAMED

_idle: list[duckdb.DuckDBPyConnection] = []  # to begin one takes longer than most queries


class Analysis:
    """A query that is checked against tables without rows, which `connection` holds.

    `tables` has the Glue table of each table that the query reads, itself or through a view. `views` has the
    translated query of each view, those that a view reads before it. A query that is a definition, of a view
    or to be saved, is analysed once for all emulators.
    """

    def __init__(
        self, sql: str, database: str, parameters: list[str] | None = None, is_definition: bool = False
    ):
        try:
            self.connection = _idle.pop()
        except IndexError:
            self.connection = trino.connect()
        self.tables: dict[Name, glue_tables.Table] = {}
        self.views: dict[Name, str] = {}
        self._columns: dict[Name, Columns] = {}  # of the tables and views that `connection` holds
        self.text = trino.bind(sql, parameters or [])
        self._translation = self._translate(self.text, database, is_definition)
        self.sql = self._translation.sql

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Empty the connection for another query; Trino's functions lie in `main` and stay."""
        schemas = {quoted(schema) for schema, _ in self._columns}
        if '"main"' not in schemas:
            for schema in schemas:
                self.connection.execute(f"DROP SCHEMA {schema} CASCADE")
            _idle.append(self.connection)

    def columns(self) -> Columns:
        """Return the names and DuckDB types of the result."""
        return [
            (f"_col{i}" if name.startswith(UNNAMED) else name, kind)
            for i, (name, kind) in enumerate(self._translation.columns)
        ]

    def _translate(self, sql: str, database: str, is_definition: bool) -> Translation:
        known = translations.read(sql, database)
        if known is None or not self._holds(known):
            known = self._translate_anew(sql, database)
            translations.write(sql, database, known, is_definition)
        return known

    def _holds(self, known: Translation) -> bool:
        try:
            for name, _ in known.sources:
                self._require(name)
        except QueryFailed:  # to translate anew says where
            return False
        return all(self._columns[name] == columns for name, columns in known.sources)

    def _translate_anew(self, sql: str, database: str) -> Translation:
        tree = trino.parse(sql)
        names = [
            self._resolve(node, database)
            for scope in traverse_scope(tree)
            for node, source in list(scope.selected_sources.values())
            if isinstance(source, exp.Table) and isinstance(node, exp.Table)
        ]
        translated_sql = trino.translate(tree, self.connection)
        try:
            described = self.connection.execute(f"DESCRIBE {translated_sql}").fetchall()
        except duckdb.Error as error:
            raise translated(error, trino.parse(sql)) from error
        columns = [(name, kind) for name, kind, *_ in described]
        return Translation(translated_sql, columns, [(name, self._columns[name]) for name in names])

    def _resolve(self, node: exp.Table, database: str) -> Name:
        """Create the table that a query names, without rows, and name it in full in the query."""
        line_and_column = position(node)
        if node.catalog and node.catalog.lower() != CATALOG:
            raise QueryFailed(
                "CATALOG_NOT_FOUND", f"{line_and_column}Catalog '{node.catalog}' does not exist"
            )
        schema, name = full_name = (node.db or database).lower(), node.name.lower()
        self._require(full_name, line_and_column)
        if not node.alias:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        node.set("this", exp.to_identifier(name, quoted=True))
        node.set("db", exp.to_identifier(schema, quoted=True))
        node.set("catalog", None)
        return full_name

    def _require(self, name: Name, line_and_column: str = "") -> None:
        """Create a table or view, without rows, unless it is there already."""
        if name in self._columns:
            return
        table = find_table(*name, line_and_column)
        if table["TableType"] == VIRTUAL_VIEW:
            columns = self._view(name, table)
        else:
            columns = list(glue_tables.columns(table).items())
            self.tables[name] = table
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name[0])}")
        definitions = ", ".join(
            f"{quoted(column)} {'INTEGER' if kind == UNTYPED else kind}" for column, kind in columns
        )
        self.connection.execute(f"CREATE TABLE {quoted(*name)} ({definitions})")
        self._columns[name] = columns

    def _view(self, name: Name, table: glue_tables.Table) -> Columns:
        """Translate the query of a view, and return its columns."""
        view = decode(table["ViewOriginalText"])
        full_name = f"'{CATALOG}.{table['DatabaseName']}.{table['Name']}'"
        try:
            translation = self._translate(view["originalSql"], view["schema"], is_definition=True)
        except PermissionDenied:
            raise
        except QueryFailed as reason:
            raise QueryFailed(
                "INVALID_VIEW", f"Failed analyzing stored view {full_name}: {reason}"
            ) from reason
        stored = [column["name"].lower() for column in view["columns"]]
        if [column.lower() for column, _ in translation.columns] != stored:
            raise QueryFailed("VIEW_IS_STALE", f"View {full_name} is stale or in invalid state")
        self.views[name] = translation.sql
        return translation.columns


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
