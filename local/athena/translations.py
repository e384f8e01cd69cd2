"""Translations of queries. Each holds for as long as what it names, tables and views, has the same columns.

Emulates: nothing by itself. Each emulator translates the same views and saved queries when the stack is
deployed to it, which takes more of its time than all else. So theirs are kept in `build/` for the next one.

Not covered: ad-hoc queries are kept in memory alone, and there are too many of them for files.

Reference: `local.trino` and `local.athena.analysis`, whose source is a part of each file's name.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import duckdb
from sqlglot._version import __version__ as sqlglot_version

type Name = tuple[str, str]  # of a database, and of a table or view in it
type Columns = list[tuple[str, str]]  # names, and DuckDB types

_LOCAL = Path(__file__).parents[1]
_FOLDER = _LOCAL.parent / "build" / "local" / "translations"
_MOST = 500


@dataclass(frozen=True)
class Translation:
    """A query in DuckDB's SQL, the columns of its result, and those of the tables and views that it names."""

    sql: str
    columns: Columns
    sources: list[tuple[Name, Columns]]


_memory: dict[tuple[str, str], Translation] = {}


def read(sql: str, database: str) -> Translation | None:
    """Return the translation that was written for a query and the database in which it is asked."""
    if (sql, database) not in _memory:
        try:
            stored = json.loads(_path(sql, database).read_bytes())
        except FileNotFoundError:
            return None
        sources = [((name[0], name[1]), _columns(columns)) for name, columns in stored["sources"]]
        _remember(sql, database, Translation(stored["sql"], _columns(stored["columns"]), sources))
    return _memory[sql, database]


def write(sql: str, database: str, translation: Translation, is_definition: bool) -> None:
    """Keep a translation; that of a definition, which the next emulator will have too, as a file."""
    _remember(sql, database, translation)
    if is_definition:
        path = _path(sql, database)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(asdict(translation), file)
        Path(file.name).replace(path)


def _remember(sql: str, database: str, translation: Translation) -> None:
    if len(_memory) >= _MOST:
        _memory.clear()
    _memory[sql, database] = translation


def _columns(stored: list[list[str]]) -> Columns:
    return [(name, kind) for name, kind in stored]


def _path(sql: str, database: str) -> Path:
    digest = hashlib.sha256("\0".join((_code(), database, sql)).encode()).hexdigest()
    return _FOLDER / f"{digest}.json"


@cache
def _code() -> str:
    """Return a digest of what a translation is made by."""
    digest = hashlib.sha256(f"{duckdb.__version__} {sqlglot_version}".encode())
    for path in (*sorted((_LOCAL / "trino").iterdir()), _LOCAL / "athena" / "analysis.py"):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
