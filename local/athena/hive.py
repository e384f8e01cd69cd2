"""What Hive's grammar makes of a statement of Athena's DDL: its comments and its string literals.

Emulates: Hive's lexer, before the emulator's parser reads a statement. tests/contract/test_hive.py holds it
to Hive itself.

Not covered: Hive's grammar beyond comments and strings.

Reference: https://github.com/sqlfluff/sqlfluff/issues/4633 (comments before a statement)
"""

import re
from typing import Any

from ministack.services import athena as emulated

from local.trino.errors import QueryFailed

_NAME = r"`[^`]*`"
# Literals side by side are one, so the apostrophe of 'it''s' is lost.
_LITERAL = r"(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")+"
_PART = r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\""
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def check_comments(sql: str) -> None:
    """Refuse a comment in DDL, as Athena is reported to do; it takes what follows a `--` for the comment.

    Before a table: https://github.com/Tomme/dbt-athena/pull/64 and
    https://github.com/dbt-labs/dbt-external-tables/pull/203; within one, and said to be so in a view:
    https://github.com/sqlfluff/sqlfluff/issues/4633. Nobody reports it of SELECT, before which dbt puts one.
    """
    match = re.search(r"--|/\*", re.sub(rf"{_NAME}|{_LITERAL}", lambda m: "x" * len(m[0]), sql))
    if match:
        near = "'<EOF>' '<EOF>' '<EOF>'" if match[0] == "--" else "'/' '*'"
        message = f"line 1:{match.start()} cannot recognize input near {near}"
        raise QueryFailed("FAILED: ParseException", message)


def parse_table(sql: str) -> Any:
    """Return what the emulator's parser makes of CREATE TABLE or DROP TABLE, nothing if it cannot read it."""
    return emulated._parse_ddl(re.sub(rf"({_NAME})|{_LITERAL}", lambda m: m[1] or _rewritten(m[0]), sql))


def _rewritten(literal: str) -> str:
    """Return the emulator's literal of the same value: it doubles quotes, as well as reading backslashes."""
    parts = re.findall(_PART, literal, re.DOTALL)
    value = "".join(_value(single or double) for single, double in parts)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _value(text: str) -> str:
    """Undo Hive's escapes, as its BaseSemanticAnalyzer.unescapeSQLString does."""

    def character(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 1:
            return _ESCAPED.get(code, code)
        return chr(int(code[1:], 16) if code[0] == "u" else int(code, 8))

    return re.sub(r"\\(u[0-9a-fA-F]{4}|[0-1][0-7]{2}|.)", character, text, flags=re.DOTALL)
