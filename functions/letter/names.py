"""Makes one line of visible text of the names that pages send, whatever they hold."""

import unicodedata

LONGEST = 80  # characters shown of a name
# Format characters that some scripts and emoji are written with; the others only move or hide text.
JOINERS = {"\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"}
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"}  # general categories


def clean(name: str) -> str:
    """Return a name in one line of at most LONGEST characters, without control and direction characters.

    Line breaks, escape sequences and marks that turn the direction of what follows become a space. A name of
    nothing else is a dash.
    """
    visible = "".join(
        " " if unicodedata.category(character) in HIDDEN and character not in JOINERS else character
        for character in name
    )
    line = " ".join(visible.split())
    if len(line) > LONGEST:
        line = line[: LONGEST - 1].rstrip() + "…"
    return line if line.strip("".join(JOINERS) + " ") else "–"
