"""Why an event was refused: a short code to count by, the field at fault, and the words."""

import re
from functools import lru_cache

# Codes begin the `reason` of `rejected_events`, so that refusals can be counted by kind.
# The patterns are those of msgspec's messages; the tests hold them to every rule of the schema.
_KINDS = (
    (re.compile(r"missing required field `(.+)`"), "missing"),
    (re.compile(r"unknown field `(.+)`"), "unknown field"),
    (re.compile(r"^Expected `Computed`"), "unknown field"),
    (re.compile(r"^Invalid enum value"), "enum"),
    (re.compile(r" of length "), "length"),
    (re.compile(r"^Expected `(?:int|float)` [<>]=|out of range"), "range"),
    (re.compile(r"^JSON is malformed"), "malformed"),
)
_PATH = re.compile(r"`\$\.(\w+)")


class RefusedError(Exception):
    """An event breaks a rule that its type cannot say; carries the reason and the field."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field


@lru_cache(maxsize=1024)
def explain(message: str) -> tuple[str, str | None]:
    """Return (reason, field) for the message of a msgspec error; the field is None for the whole event."""
    path = _PATH.search(message)
    for pattern, code in _KINDS:
        if found := pattern.search(message):
            field = found[1] if found.lastindex else path and path[1]
            return f"{code}: {message}", field
    return f"type: {message}", path and path[1]
