"""Takes comments out of the SQL that AthenaDefinitions sends to Athena; they are for readers of the files."""

import re

_COMMENT = r"--[^\n]*|/\*.*?\*/"
# What holds no comment, whatever it looks like. Hive escapes with a backslash, Trino doubles the quote.
_QUOTED = {
    True: r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`",
    False: r"'[^']*'|\"[^\"]*\"",
}


def without_comments(statement: str, *, hive: bool) -> str:
    """Return the statement without its comments and without the lines that held nothing else.

    `hive` tells whether Athena reads it by Hive's grammar, as it does CREATE EXTERNAL TABLE, or by Trino's.
    Athena's DDL is reported to fail on `/*`, and to take all that follows a `--` for the comment:
    https://github.com/Tomme/dbt-athena/pull/64, https://github.com/sqlfluff/sqlfluff/issues/4633,
    https://github.com/dbt-labs/dbt-external-tables/pull/203
    """
    code = re.sub(
        rf"({_QUOTED[hive]})|{_COMMENT}", lambda match: match[1] or "\0", statement, flags=re.DOTALL
    )
    lines = (line for line in code.split("\n") if line.strip(" \0") or "\0" not in line)
    return "\n".join(line.replace("\0", "").rstrip() if "\0" in line else line for line in lines)
