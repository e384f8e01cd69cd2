"""Tells how a file of text is written: its encoding, what separates its cells, its numbers and dates."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

import charset_normalizer
import clevercsv

SAMPLE_BYTES = 1 << 18
SAMPLE_LINES = 1000
MOST_WORDS = 3
DELIMITERS = ",;\t|"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the one of UTF-16 does
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CODE_PAGES = ["cp1250", "cp1251", "cp1252", "cp1253", "utf_16_le", "utf_16_be"]  # what Windows saves
# The bytes of letters that the other of the two code pages does not have, or has as a sign or a rarer letter.
CENTRAL_EUROPEAN = "ąęłńśźżŁŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰ".encode("cp1250")
WESTERN_EUROPEAN = "àèêëìîïòôõùûñãåæçœÀÈÊËÌÎÏÒÔÙÛÑÅÆÇŒ".encode("cp1252")
# What Excel writes as the first line, so that it reads the file itself in every country: "sep=;".
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)
_DAYS = (
    "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H.%M", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_COMMA = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d+,\d+")
_POINT = re.compile(r"-?\d{1,3}(,\d{3})+\.\d+|-?\d+\.\d+")
_EITHER = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}")  # a thousand and more, or three decimals


def encoding_of(path: Path) -> str:
    """Return the encoding of a file: by its byte order mark, UTF-8 if all of it is, else the likeliest.

    Of the code pages in which Windows saves text, that of Western Europe is taken in doubt.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" not in head and _is_utf8(path):
        return "utf-8"
    best = charset_normalizer.from_bytes(head, cp_isolation=CODE_PAGES).best()
    if best is None or (best.encoding == "cp1250" and not _is_central_european(head)):
        return "cp1252"
    return best.encoding


def _is_central_european(head: bytes) -> bool:
    """Return whether more letters of a text are of Central Europe, in cp1250, than of the West, in cp1252.

    In doubt, `crème` is more likely than `crčme`: a few names are too short a text for statistics.
    """
    letters = Counter(letter for letter in head if letter >= 0x80)
    central = sum(count for letter, count in letters.items() if bytes([letter]) in CENTRAL_EUROPEAN)
    western = sum(count for letter, count in letters.items() if bytes([letter]) in WESTERN_EUROPEAN)
    return central > western


def accented_words(path: Path, encoding: str) -> str:
    """Return up to three words with other letters than ASCII, by which a person sees a wrong encoding."""
    letters: set[str] = set()
    words: list[str] = []
    with path.open(encoding=encoding, errors="replace") as file:
        for word in (word for line in islice(file, SAMPLE_LINES) for word in re.findall(r"\w+", line)):
            if new := {letter for letter in word if not letter.isascii()} - letters:
                letters |= new
                words.append(word)
            if len(words) == MOST_WORDS:
                break
    return ", ".join(words)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def separator_line(line: str) -> str | None:
    """Return the delimiter that a line such as `sep=;` names, None for another line."""
    match = _SEPARATOR.fullmatch(line)
    return match[1] if match else None


def delimiter_of(path: Path, encoding: str) -> str:
    """Return what separates the cells of a CSV file, a comma where nothing does."""
    with path.open(encoding=encoding, newline="") as file:
        if delimiter := separator_line(file.readline()):
            return delimiter
        file.seek(0)
        sample = "".join(islice(file, 100))
    try:
        dialect = clevercsv.Sniffer().sniff(sample, delimiters=DELIMITERS)
    except clevercsv.Error:
        dialect = None
    delimiter = (dialect.delimiter if dialect else "") or ""
    header = next(csv.reader(io.StringIO(sample, newline="")), [])
    return delimiter or next((text for text in DELIMITERS if any(text in cell for cell in header)), ",")


def decimal_of(cells: Iterable[str]) -> str:
    """Return the decimal sign of numbers, a point unless all that have a sign have a comma.

    Raises ValueError where each number with a sign, such as 1,200, may have thousands or decimals.
    """
    signed = [text for text in cells if _COMMA.fullmatch(text) or _POINT.fullmatch(text)]
    certain = [text for text in signed if not _EITHER.fullmatch(text)]
    if signed and not certain:
        raise ValueError(f"{signed[0]} can be two numbers: name the decimal sign, --decimal , or --decimal .")
    commas = any(_COMMA.fullmatch(text) for text in certain)
    return "," if commas and not any(_POINT.fullmatch(text) for text in certain) else "."


def date_format_of(cells: Iterable[str]) -> str | None:
    """Return the format, as strptime has it, in which most times are, None for ISO 8601 or one not known.

    Raises ValueError where the day may be the month.
    """
    texts = [text for cell in cells if (text := cell.strip()) and not _is_iso(text)]
    forms = {day: {text: _formats(text, day) for text in texts} for day in _DAYS}
    reads = {day: sum(map(bool, forms[day].values())) for day in _DAYS}
    most = max(reads.values())
    if not most:
        return None
    best = [day for day in _DAYS if reads[day] == most]
    for text in texts:
        days = {datetime.strptime(text, form).date(): form for day in best for form in forms[day][text]}
        if len(days) > 1:
            first, second = list(days.values())[:2]
            raise ValueError(
                f"{text} can be of two days: name its format, as --date-format '{first}' or '{second}'"
            )
    return Counter(form for day in best for text in texts for form in forms[day][text]).most_common(1)[0][0]


def _formats(text: str, day: str) -> list[str]:
    return [day + time for time in _TIMES if _is_in(text, day + time)]


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("\N{EN DASH}", "-"))
    except ValueError:
        return False
    return True


def _is_in(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # the stack's time zone is put to it later
    except ValueError:
        return False
    return True
