"""Writes the letter's content as plain text, for readers and programs that show no HTML."""

import textwrap
from collections.abc import Iterator

from content import Content, Row, Section

WIDTH = 68  # characters of a line


def render(content: Content) -> str:
    """Return the text part; each line ends with a line feed."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Content) -> Iterator[str]:
    yield f"{content.title}, {content.days}"
    if content.cards:
        yield ""
        longest = max(len(label) for label, _ in content.cards)
        for label, figures in content.cards:
            for number, figure in enumerate(figures):
                yield f"{'' if number else label:<{longest}}  {figure}"
    for note in content.notes:
        yield ""
        yield from _wrap(note)
    for section in content.sections:
        yield ""
        yield from _section(section)
    if content.link:
        yield ""
        yield f"{content.link_text}: {content.link}"
    yield ""
    yield "-- "  # what stands before a signature
    yield from _wrap(content.footer)


def _section(section: Section) -> Iterator[str]:
    yield section.title.upper()
    for row in section.rows:
        yield from _wrap(_row(row), "  ")
    if section.advice:
        yield from _wrap(section.advice)


def _row(row: Row) -> str:
    """Return what a row says in one line: its value after its label, what explains it after a dash."""
    line = f"{row.label}: {row.value}" if row.value else row.label
    return f"{line} – {row.detail}" if row.detail else line


def _wrap(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " * bool(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
