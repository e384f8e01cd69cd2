"""An answer of Athena as a table: text is text, whatever it holds."""

import io

from rich.console import Console

from preview.queries import Answer, answer
from tools.ask import show

QUERY = "1f6d5f0c-0000-0000-0000-000000000000"


def shown(result: Answer, *, terminal: bool = False, width: int = 80) -> str:
    file = io.StringIO()
    show(result, Console(file=file, force_terminal=terminal, color_system=None, width=width))
    return file.getvalue()


def test_text_that_looks_like_markup_or_controls_a_terminal_is_shown_as_text() -> None:
    """Before such a table, a dish could be named `[/vegan]`, which is an error in the library's markup."""
    rows: list[list[str | None]] = [["Soup [/vegan]"], ["Pizza [large]"], ["\x1b[31mred\x07"], ["two\nlines"]]
    text = shown(Answer([("[item]", "varchar")], rows))
    assert "[item]" in text
    assert "Soup [/vegan]" in text
    assert "Pizza [large]" in text
    assert "�[31mred�" in text
    assert "two�lines" in text
    assert "\x1b" not in text


def test_a_null_is_a_dash_and_numbers_are_on_the_right() -> None:
    lines = shown(Answer([("item", "varchar"), ("amount", "bigint")], [["a", None], ["b", "7"]])).splitlines()
    assert [line.rstrip()[-1:] for line in lines if line.strip()[:1] in ("a", "b")] == ["–", "7"]
    assert lines[-1] == "2 rows"


def test_a_row_is_one_line_where_no_terminal_is() -> None:
    text = shown(Answer([("item", "varchar")], [["x" * 500]]))
    assert "x" * 500 in text
    assert text.splitlines()[-1] == "1 row"


def test_a_terminal_shows_the_whole_of_a_long_text() -> None:
    assert shown(Answer([("item", "varchar")], [["x" * 500]]), terminal=True).count("x") == 500


class Athena:
    """A stand-in for Athena, which answers at once with the rows of one result."""

    def __init__(self, statement_type: str, columns: list[str], rows: list[list[str]]) -> None:
        self._type, self._columns, self._rows = statement_type, columns, rows

    def start_query_execution(self, **_: object) -> dict[str, str]:
        return {"QueryExecutionId": QUERY}

    def get_query_execution(self, **_: object) -> dict[str, object]:
        return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "StatementType": self._type}}

    def get_paginator(self, _: str) -> "Athena":
        return self

    def paginate(self, **_: object) -> list[dict[str, object]]:
        columns = [{"Name": name, "Type": "varchar"} for name in self._columns]
        rows = [{"Data": [{"VarCharValue": value} for value in row]} for row in self._rows]
        return [{"ResultSet": {"ResultSetMetadata": {"ColumnInfo": columns}, "Rows": rows}}]


def test_the_header_of_a_select_is_no_row() -> None:
    athena = Athena("DML", ["item"], [["item"], ["item"]])
    assert answer(athena, "SELECT item FROM items", "d", "w").rows == [["item"]]


def test_the_first_row_of_another_statement_is_one() -> None:
    """On AWS, only the result of a SELECT has a row of names (lishenxydlgzs/aws-athena-mcp#5)."""
    athena = Athena("UTILITY", ["tab_name"], [["events"], ["orders"]])
    assert answer(athena, "SHOW TABLES", "d", "w").rows == [["events"], ["orders"]]
