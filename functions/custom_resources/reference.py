"""The owner's reference data: `athena/reference/menu_items.csv` as a view that holds its lines.

A view over VALUES needs no object in S3: nothing more to permit, to keep in step and to delete, and
reading it costs nothing. One row is one dish of the owner's menu:
    source_menu   menu or restaurant; null for any
    element       element_clicked of its events
    display_name  its name
    category      part of the menu
    price         in the menu's currency
"""

import csv
import re
from decimal import Decimal
from pathlib import Path

COLUMNS = ("source_menu", "element", "display_name", "category", "price")
LONGEST = 128  # characters, as in events
PRICE = re.compile(r"\d{1,9}(\.\d{1,3})?")
STATEMENT_BYTES = 262_144  # Athena's limit
HEADING = """CREATE OR REPLACE VIEW menu_items AS
SELECT
  CAST(source_menu AS varchar) AS source_menu,
  CAST(element AS varchar) AS element,
  CAST(display_name AS varchar) AS display_name,
  CAST(category AS varchar) AS category,
  CAST(price AS decimal(12,3)) AS price
FROM (
  VALUES
"""
NO_LINES = "    (NULL, NULL, NULL, NULL, NULL)"


class ReferenceError(ValueError):
    """The file is not what it should be; the message names the line."""


def statement(path: Path) -> str:
    """Return the statement that creates the view `menu_items` from a CSV file with the header COLUMNS.

    Text is UTF-8, a quoted field may hold commas; category and price may be empty, and so may source_menu,
    for an element that means the same dish on every menu; an empty field is NULL. Raises ReferenceError with
    the line's number.
    """
    rows = _rows(path)
    lines = ",\n".join(f"    ({', '.join(map(_literal, row[:4]))}, {row[4] or 'NULL'})" for row in rows)
    where = "" if rows else "WHERE element IS NOT NULL\n"
    sql = f"{HEADING}{lines or NO_LINES}\n) AS lines ({', '.join(COLUMNS)})\n{where}"  # quoted
    if len(sql.encode()) > STATEMENT_BYTES:
        raise ReferenceError(f"{len(rows)} dishes are more than a statement of {STATEMENT_BYTES} bytes holds")
    return sql


def _rows(path: Path) -> list[list[str]]:
    rows: list[list[str]] = []
    menus: dict[str, dict[str, int]] = {}  # of each element, with the line that lists it
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for fields in reader:
                number = reader.line_num
                row = [field.strip() for field in fields]
                if number == 1:
                    _check_header(row)
                elif row:
                    _check(row, number)
                    _check_once(row, number, menus)
                    rows.append(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReferenceError(f"line {number + 1}: {error}") from error
    if number == 0:
        _check_header([])
    return rows


def _check_header(row: list[str]) -> None:
    if tuple(row) != COLUMNS:
        raise ReferenceError(f"line 1: the header must be {','.join(COLUMNS)}")


def _check(row: list[str], number: int) -> None:
    if len(row) != len(COLUMNS):
        raise ReferenceError(f"line {number}: {len(row)} fields instead of {len(COLUMNS)}")
    for name, value in zip(COLUMNS, row, strict=True):
        if name in ("element", "display_name") and not value:
            raise ReferenceError(f"line {number}: {name} is empty")
        if len(value) > LONGEST:
            raise ReferenceError(f"line {number}: {name} is longer than {LONGEST} characters")
        if not value.isprintable():
            raise ReferenceError(f"line {number}: {name} holds a line break or another control character")
    if row[4] and not PRICE.fullmatch(row[4]):
        raise ReferenceError(f"line {number}: price is {row[4]}, but must be a number such as 12.50")
    row[4] = row[4] and str(Decimal(row[4]).quantize(Decimal("0.001")))


def _check_once(row: list[str], number: int, menus: dict[str, dict[str, int]]) -> None:
    """Reject what would give a dish two names: one dish listed twice, or for any menu and for one."""
    menu, element = row[:2]
    lines = menus.setdefault(element, {})
    clash = lines.get(menu) or lines.get("") or (min(lines.values()) if lines and not menu else None)
    if clash:
        raise ReferenceError(f"line {number}: {element} is listed in line {clash} already")
    lines[menu] = number


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'" if text else "NULL"
