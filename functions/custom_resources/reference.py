"""The owner's reference data: `athena/reference/menu_items.csv` as a view that holds its lines.

A view over VALUES needs no object in S3: nothing more to permit, to keep in step and to delete, and
reading it costs nothing. One row is one dish of the owner's menu:
    source_menu   menu or restaurant; null for any
    element       element_clicked of its events
    display_name  its name
    category      part of the menu
    price         in the menu's currency
"""

import codecs
import csv
import io
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

COLUMNS = ("source_menu", "element", "display_name", "category", "price")
LONGEST = 128  # characters, as in events
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# Invisible characters of which names are made: they join emoji and letters, allow a hyphen, set the
# direction of a sign, and spell the regions whose flags are emoji.
JOINING = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\N{SOFT HYPHEN}"
MARKS = "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"
INVISIBLE = {*JOINING, *MARKS, *map(chr, range(0xE0020, 0xE0080))}
CONTROLS = {"\n": "a line break", "\r": "a line break", "\t": "a tab", "\0": "a null character"}
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
    before = 0  # the line with which the last row ended
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        for fields in reader:
            number, before = before + 1, reader.line_num
            row = [field.strip() for field in fields]
            if number == 1:
                _check_header(row)
            elif row:
                _check(row, number)
                _check_once(row, number, menus)
                rows.append(row)
    except csv.Error as error:
        raise ReferenceError(f"line {before + 1}: {error}") from error
    if before == 0:
        _check_header([])
    return rows


def _text(path: Path) -> str:
    """Return the text of the file, or raise ReferenceError with the encoding in which it seems to be."""
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:100]:
        raise ReferenceError("line 1: the file is in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        letter = data[error.start : error.start + 1].decode("cp1252", errors="replace")
        raise ReferenceError(
            f"line {line}: the file is not in UTF-8, but seems to be in Latin-1 or Windows-1252,"
            f" where this is a {letter}: save it as UTF-8 (in Excel: CSV UTF-8)"
        ) from error


def _check_header(row: list[str]) -> None:
    if tuple(row) == COLUMNS:
        return
    for separator, words in SEPARATORS.items():
        if tuple(name.strip() for name in ",".join(row).split(separator)) == COLUMNS:
            raise ReferenceError(f"line 1: the fields are separated by {words}: separate them by commas")
    raise ReferenceError(f"line 1: the header must be {','.join(COLUMNS)}")


def _check(row: list[str], number: int) -> None:
    if len(row) != len(COLUMNS):
        separators = [
            words for sign, words in SEPARATORS.items() if ",".join(row).count(sign) >= len(COLUMNS) - 1
        ]
        remedy = f": separate them by commas, not by {separators[0]}" if separators else ""
        raise ReferenceError(f"line {number}: {len(row)} fields instead of {len(COLUMNS)}{remedy}")
    for name, value in zip(COLUMNS, row, strict=True):
        if name in ("element", "display_name") and not value:
            raise ReferenceError(f"line {number}: {name} is empty")
        if len(value) > LONGEST:
            raise ReferenceError(f"line {number}: {name} is longer than {LONGEST} characters")
        if character := _refused(value):
            raise ReferenceError(f"line {number}: {name} holds {character}, which nobody sees: delete it")
    if row[4] and not PRICE.fullmatch(row[4]):
        raise ReferenceError(f"line {number}: price is {row[4]}, but must be a number such as 12.50")
    row[4] = row[4] and str(Decimal(row[4]).quantize(Decimal("0.001")))


def _refused(text: str) -> str | None:
    """Return in words the first invisible character of which no name is made, None if there is none.

    Spaces of every width, joined emoji and the marks of right-to-left scripts are fine. What turns the
    direction of the text after it is refused, because it would do so in reports and dashboards.
    """
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in INVISIBLE):
            name = CONTROLS.get(character) or unicodedata.name(character, "a control character")
            return f"{name} (U+{ord(character):04X})"
    return None


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
