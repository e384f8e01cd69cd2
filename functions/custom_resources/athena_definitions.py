"""The custom resource `AthenaDefinitions`: the folder `athena/` applied to the stack's database."""

import re
import time
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from string import Template

import reference
from athena_client import Athena, StatementError, digest
from comments import without_comments
from layer import folder_with
from named_queries import NamedQueries, check
from storage import empty

FOLDERS = {"tables": "*.sql", "views": "*.sql", "reference": "menu_items.csv"}


@dataclass(frozen=True)
class Definition:
    """One file of `athena/`, as the statement that it becomes."""

    file: str  # its path in the project
    name: str  # of the file and of what its statement creates
    statement: str  # without comments

    def reads(self) -> set[str]:
        """Return the names of the tables and views that the statement reads."""
        code = re.sub(r"'[^']*'", "", self.statement)
        return set(re.findall(r"\b(?:from|join)\s+(\w+)", code, re.IGNORECASE))


def load(root: Path, values: dict[str, str]) -> list[Definition]:
    """Return the definitions under `root`, each after those that it reads; StatementError for a bad CSV."""
    definitions = {}
    for folder, pattern in FOLDERS.items():
        for path in sorted((root / folder).glob(pattern)):
            file = f"athena/{folder}/{path.name}"
            definitions[path.stem] = Definition(file, path.stem, _statement(path, file, values))
    needs = {name: definition.reads() & definitions.keys() for name, definition in definitions.items()}
    return [definitions[name] for name in TopologicalSorter(needs).static_order()]


def load_queries(root: Path) -> dict[str, str]:
    """Return the text of each saved query by its name, as it is in its file: people paste it, too."""
    return {path.stem: path.read_text() for path in sorted((root / "queries").glob("*.sql"))}


def months(days: int) -> int:
    """Return how many months before NOW the first partition lies that may hold rows of the last `days`.

    One more than they cover: a row of just after midnight may lie in the month before. NOW is in UTC, and the
    partitions are in the stack's time zone, so a month can begin up to a day earlier or later.
    """
    return (days + 3) * 12 // 365 + 2


def _statement(path: Path, file: str, values: dict[str, str]) -> str:
    if path.suffix == ".sql":
        statement = Template(path.read_text()).substitute(values)
        return without_comments(statement, hive=path.parent.name == "tables")
    try:
        return reference.statement(path)
    except reference.ReferenceError as error:
        raise StatementError(f"{file}, {error}") from error


class AthenaDefinitions:
    """Serves one request; `properties` are those of the resource, `seconds` is the time there is."""

    def __init__(self, properties: dict[str, str], seconds: float) -> None:
        self._properties = properties
        self._deadline = time.monotonic() + seconds
        self._athena = Athena(properties["Database"], properties["WorkGroup"], self._deadline)
        self._named_queries = NamedQueries(properties["Database"], properties["WorkGroup"])

    def serve(self, request_type: str) -> None:
        """Apply the definitions on Create and Update; remove them, and the query results, on Delete."""
        if request_type == "Delete":
            self._remove()
        else:
            self._apply()

    def _apply(self) -> None:
        """Run what has changed since the entry of its name was made, and what reads that; drop the rest."""
        database = self._properties["Database"]
        values = {
            "database": database,
            "bucket": self._properties["DataBucket"],
            "time_zone": self._properties["TimeZone"],
            "event_months": str(months(int(self._properties["EventRetentionDays"]))),
            "rejected_months": str(months(int(self._properties["RejectedRetentionDays"]))),
        }
        root = folder_with(*FOLDERS)
        definitions = load(root, values)
        entries = self._athena.entries()
        renewed: set[str] = set()
        for definition in definitions:
            unchanged = entries.get(definition.name) == digest(definition.statement)
            if unchanged and not definition.reads() & renewed:
                continue
            self._put(definition, exists=definition.name in entries)
            if not definition.file.startswith("athena/reference/"):  # its lines change, but not its columns
                renewed.add(definition.name)
        for name in entries.keys() - {definition.name for definition in definitions}:
            if entries[name]:  # what carries no mark was made by somebody else
                self._athena.drop(name)
        self._save_queries(load_queries(root))

    def _save_queries(self, queries: dict[str, str]) -> None:
        """Save the queries once Athena has checked each of them against the tables and views there are."""
        for name, statement in queries.items():
            try:
                self._athena.run(check(statement))
            except StatementError as error:
                raise StatementError(f"athena/queries/{name}.sql: {error}") from error
        self._named_queries.apply(queries)

    def _put(self, definition: Definition, *, exists: bool) -> None:
        name, statement = definition.name, definition.statement
        try:
            if definition.file.startswith("athena/tables/") and exists:
                # Hive has no "or replace", and a table that is missing for a second costs events.
                source = f"{name}_next"
                self._athena.drop(source)
                self._athena.run(statement.replace(f"`{name}`", f"`{source}`", 1))
                self._athena.replace(name, source)
            else:
                self._athena.run(statement)
        except StatementError as error:
            raise StatementError(f"{definition.file}: {error}") from error
        self._athena.mark(name, statement)

    def _remove(self) -> None:
        self._named_queries.remove()
        for name in self._athena.entries():
            self._athena.drop(name)
        empty(self._properties["QueryResultsBucket"], self._deadline)
