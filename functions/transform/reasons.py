"""Why an event is rejected: a short code to count by, the field at fault, and the words."""

import re
from enum import StrEnum
from functools import lru_cache


class Reason(StrEnum):
    """The codes that begin the `reason` of `rejected_events`, by which rejected events are counted."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown field"
    TYPE = "type"
    LENGTH = "length"
    RANGE = "range"
    ENUM = "enum"
    DATE = "date"
    MALFORMED = "malformed"


# The patterns are those of msgspec's messages; the tests hold them to every rule of the schema.
_PATTERNS = (
    (re.compile(r"missing required field `(.+)`"), Reason.MISSING),
    (re.compile(r"unknown field `(.+)`"), Reason.UNKNOWN_FIELD),
    (re.compile(r"^Invalid enum value"), Reason.ENUM),
    (re.compile(r" of length "), Reason.LENGTH),
    (re.compile(r"^Expected `(?:int|float)` [<>]=|out of range"), Reason.RANGE),
    (re.compile(r"^JSON is malformed"), Reason.MALFORMED),
)
_COMPUTED = "Expected `Computed`"  # a page sends what only the transform sets, a field that it does not know
_PATH = re.compile(r"`\$\.(\w+)")


class RejectedError(Exception):
    """An event breaks a rule; carries the reason, the words, and the field, None for the whole event."""

    def __init__(self, reason: Reason, words: str, field: str | None) -> None:
        super().__init__(reason, words, field)
        self.reason = reason
        self.words = words
        self.field = field


@lru_cache(maxsize=1024)
def explain(message: str) -> RejectedError:
    """Return what the message of a msgspec error says of an event."""
    path = _PATH.search(message)
    field = path and path[1]
    if message.startswith(_COMPUTED):
        message = f"Object contains unknown field `{field}`"
    for pattern, reason in _PATTERNS:
        if match := pattern.search(message):
            return RejectedError(reason, message, match[1] if match.lastindex else field)
    return RejectedError(Reason.TYPE, message, field)
