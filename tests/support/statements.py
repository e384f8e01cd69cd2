"""The statements of athena/, and the independent checkers that judge them."""

import re
from functools import cache
from pathlib import Path

import trino_query_parser
import trino_sql_validator
from sqlfluff.core import FluffConfig, Linter

from tests.support import DEFINITION_VALUES, ROOT, load_function


def files() -> list[Path]:
    """Return every file that becomes a statement."""
    return sorted(path for path in (ROOT / "athena").rglob("*") if path.suffix in (".sql", ".csv"))


def name_of(file: Path) -> str:
    """Return a file's name within athena/."""
    return str(file.relative_to(ROOT / "athena"))


def statements() -> dict[str, str]:
    """Return what Athena is given, by the file's name within athena/: placeholders are filled."""
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    folder = ROOT / "athena"
    texts = {d.file.removeprefix("athena/"): d.statement for d in definitions.load(folder, DEFINITION_VALUES)}
    return texts | {f"queries/{name}.sql": text for name, text in definitions.load_queries(folder).items()}


def is_hive(statement: str) -> bool:
    """Tell whether a statement is Hive's DDL; the rest is Trino's SQL."""
    return re.match(r"(\s|--.*\n)*CREATE EXTERNAL TABLE\b", statement) is not None


def trino_faults(statement: str) -> list[str]:
    """Return what two parsers of Trino's grammar, one of which knows its functions, have against it."""
    faults = []
    try:
        trino_query_parser.parse_statement(statement.strip())
    except trino_query_parser.TrinoSyntaxError as error:
        faults.append(f"grammar: {error}")
    result = trino_sql_validator.validate(statement, jinja="reject")
    if result.error:
        faults.append(f"validator: {result.error}")
    faults += [f"validator: {warning}" for warning in result.warnings]
    return faults


def hive_faults(statement: str) -> list[str]:
    """Return what sqlfluff's grammar of Hive has against it; it is milder than Hive itself."""
    return [str(fault) for fault in _hive().parse_string(statement).violations]


@cache
def _hive() -> Linter:
    return Linter(config=FluffConfig(overrides={"dialect": "hive"}))
