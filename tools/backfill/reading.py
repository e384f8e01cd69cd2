"""Reads a file, CSV or JSON lines, as events: a line each, or why there is none."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from unicodedata import category

from rows import BUSINESS_DATE_ENDS
from tools.backfill.guess import (
    SAMPLE_LINES,
    date_format_of,
    decimal_of,
    delimiter_of,
    encoding_of,
    separator_line,
)

NUMBERS = ("time_spent", "unit_price", "quantity")
ORDER = {"event_type": "order", "channel": "till"}
BUSINESS_DATE_BEGINS = f"{BUSINESS_DATE_ENDS:02}:00:00"


class Line(NamedTuple):
    """One event of the file, or why there is none."""

    number: int  # of the line where it begins, from 1, as an editor counts
    event: dict[str, Any] | None
    error: str = ""


@dataclass
class Format:
    """How a file is written, as far as its reader is told; what is None is guessed."""

    encoding: str = ""  # guessed, where it is empty
    delimiter: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    names: dict[str, str] = field(default_factory=dict)  # column, or columns with a + between: field
    constants: dict[str, str] = field(default_factory=dict)  # of fields that are missing
    dropped: list[str] = field(default_factory=list)  # columns
    orders: bool = False  # each line is a dish of an order

    def completed(self, path: Path) -> "Format":
        """Return the format with what is guessed from the file; raise ValueError where it cannot be.

        Raises ValueError too for a header that names no `element_clicked` or no time, or a name twice.
        """
        if path.suffix not in (".csv", ".tsv", ".txt", ".jsonl", ".ndjson"):
            raise ValueError(f"{path}: must end in .csv, .tsv, .txt, .jsonl or .ndjson; export it as CSV")
        if not path.is_file():
            raise ValueError(f"{path}: there is no such file")
        if not path.stat().st_size:
            raise ValueError(f"{path}: the file is empty")
        encoding = self.encoding or encoding_of(path)
        try:
            return self._guessed(path, encoding)
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path}: no text in {encoding}: export it as CSV, or name the right --encoding"
            ) from error

    def _guessed(self, path: Path, encoding: str) -> "Format":
        constants = (ORDER if self.orders else {}) | self.constants
        base = Format(encoding, "", ".", None, self.names, constants, self.dropped, self.orders)
        if path.suffix in (".jsonl", ".ndjson"):
            base.date_format = self.date_format
            return base
        base.delimiter = self.delimiter or delimiter_of(path, encoding)
        header = base.check_header(path)
        sample = [cells for _, cells in islice(_cells(path, base), SAMPLE_LINES) if len(cells) == len(header)]
        columns = [base.event_of(dict(zip(header, cells, strict=True)), plain=True) for cells in sample]
        numbers = [_plain(event[name]) for event in columns for name in NUMBERS if name in event]
        base.decimal = self.decimal or decimal_of(numbers)
        times = [event[name] for event in columns for name in ("created_at", "createdAt") if name in event]
        base.date_format = self.date_format or date_format_of(times)
        return base

    def check_header(self, path: Path) -> list[str]:
        """Return the names of a CSV file's columns, or raise ValueError."""
        with path.open(encoding=self.encoding, newline="") as file:
            skip_separator_line(file)
            header = next(csv.reader(file, delimiter=self.delimiter or ","), [])
        header = [name.strip().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}") for name in header]
        shown = f"the columns, by {self.delimiter!r}, are {', '.join(header) or 'none'}"
        if repeated := {name for name in header if header.count(name) > 1}:
            raise ValueError(f"{path}: line 1 has a column twice, {', '.join(sorted(repeated))}; {shown}")
        named = [part for names in self.names for part in names.split("+")] + self.dropped
        if unknown := [name for name in named if name not in header]:
            raise ValueError(f"{path}: no column is {', '.join(unknown)}; {shown}")
        fields = self.event_of(dict.fromkeys(header, "x"), plain=True).keys()
        for name in ("element_clicked", "source_menu", "created_at"):
            if name not in fields and not (name == "created_at" and "createdAt" in fields):
                remedy = f"--rename COLUMN={name}" + (", or --set source_menu=NAME" * (name == "source_menu"))
                raise ValueError(f"{path}: no column is {name}: add {remedy}; {shown}")
        return header

    def event_of(self, cells: dict[str, Any], *, plain: bool = False) -> dict[str, Any]:
        """Return the event of a line by its columns; `plain` leaves every value the text that it is."""
        values = {name: value for name, value in cells.items() if name not in self.dropped}
        event: dict[str, Any] = {}
        joined = {part for names in self.names for part in names.split("+") if "+" in names}
        for names, name in self.names.items():
            parts = [values[part] for part in names.split("+") if values.get(part) not in (None, "")]
            if parts and (len(parts) == 1 or all(isinstance(part, str) for part in parts)):
                event[name] = " ".join(parts) if len(parts) > 1 else parts[0]
        event = {
            name: value for name, value in values.items() if name not in self.names and name not in joined
        } | event
        event = self.constants | event
        if plain:
            return event
        wrong = {"unit_price"} if _is_in_another_currency(event) else set()  # the transform says why
        return {name: value if name in wrong else self._value(name, value) for name, value in event.items()}

    def _value(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if name in ("created_at", "createdAt"):
            return _time(value.strip(), self.date_format)
        try:
            if name == "properties" and self.delimiter:
                return json.loads(value)
            if name in NUMBERS and self.delimiter:
                return _number(name, _plain(value), self.decimal or ".")
        except ValueError:
            pass  # the transform says what is wrong with the text
        return value

    def __str__(self) -> str:
        """Say in words how the file is read."""
        words = [f"encoding {self.encoding}"]
        if self.delimiter:
            words += [f"delimiter {self.delimiter!r}", f"decimal {self.decimal!r}"]
        return ", ".join([*words, f"dates {self.date_format or 'ISO 8601'}"])


def read(path: Path, form: Format) -> Iterator[Line]:
    """Yield the lines of a file in a format that is completed.

    In CSV, the header names the fields, an empty cell is no field, `properties` is a JSON object, and numbers
    are read as such; what does not read is left to the transform to reject. Raises csv.Error and ValueError
    with the line.
    """
    number = 0
    try:
        for line in _read_csv(path, form) if form.delimiter else _read_json_lines(path, form):
            number = line.number
            yield line
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: after line {number}: no text in {form.encoding}: name the right --encoding"
        ) from error


def _read_csv(path: Path, form: Format) -> Iterator[Line]:
    header = form.check_header(path)
    for number, cells in _cells(path, form):
        if len(cells) > len(header):
            yield Line(number, None, f"{len(cells)} cells, but the header names {len(header)}")
        elif any(cells):
            named = zip(header, cells, strict=False)
            yield Line(number, form.event_of({name: text for name, text in named if text}))


def _cells(path: Path, form: Format) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines after the header with the number of the line where each begins."""
    with path.open(encoding=form.encoding, newline="") as file:
        skipped = skip_separator_line(file)
        reader = csv.reader(file, delimiter=form.delimiter or ",", strict=True)
        before = 0
        try:
            next(reader, None)
            before = reader.line_num
            for cells in reader:
                yield skipped + before + 1, cells
                before = reader.line_num
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                opened = f"{path}: line {skipped + before + 1}"
                raise ValueError(f"{opened}: a quote opens here, and the file ends within it") from error
            raise ValueError(f"{path}: line {skipped + reader.line_num}: {error}") from error


def skip_separator_line(file: TextIO) -> int:
    """Read over a first line that names the delimiter, and return the number of lines skipped, 0 or 1."""
    if separator_line(file.readline()):
        return 1
    file.seek(0)
    return 0


def _read_json_lines(path: Path, form: Format) -> Iterator[Line]:
    with path.open(encoding=form.encoding) as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                event = json.loads(text)
            except (ValueError, RecursionError):
                event = None
            if isinstance(event, dict):
                yield Line(number, form.event_of(event))
            else:
                yield Line(number, None, "no JSON object")


def _time(text: str, form: str | None) -> str:
    """Return a time in ISO 8601, local as the transform takes it; a day alone begins its business date."""
    if form is None:
        return f"{text} {BUSINESS_DATE_BEGINS}" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
    try:
        time = datetime.strptime(text, form)
    except ValueError:
        return text
    return time.isoformat(" ") if re.search("%[HI]", form) else f"{time.date()} {BUSINESS_DATE_BEGINS}"


def _is_in_another_currency(event: dict[str, Any]) -> bool:
    """Return whether a price has the sign of the euro beside another currency, or another sign beside EUR."""
    signs = {character for character in str(event.get("unit_price")) if category(character) == "Sc"}
    return bool(signs) and "currency" in event and ("€" in signs) != (event["currency"] == "EUR")


def _plain(text: str) -> str:
    """Return a number without a currency's sign, and without spaces or apostrophes between thousands."""
    text = "".join(character for character in text if category(character) != "Sc").strip()
    return re.sub(r"(?<=\d)[\s'’](?=\d{3})", "", text)


def _number(name: str, text: str, decimal: str) -> float | int:
    """Return a number; raise ValueError for what is none or another, such as 1,5 where the sign is a point.

    Before three digits the other sign is one of thousands, but not in a quantity: tills write 1.000 for one.
    """
    other = "." if decimal == "," else ","
    if name != "quantity" and re.fullmatch(rf"-?\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d+)?", text):
        text = text.replace(other, "")
    if not re.fullmatch(rf"-?\d+(\{decimal}\d+)?", text, re.ASCII):
        raise ValueError(text)
    value = float(text.replace(decimal, "."))
    return int(value) if name == "quantity" and value.is_integer() else value
