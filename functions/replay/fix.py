"""What is changed in an event before it is replayed."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fix:
    """Changes of an event's own fields, in the order in which they are made."""

    rename: dict[str, str] = field(default_factory=dict)  # old name -> new name
    drop: list[str] = field(default_factory=list)
    set: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rename or self.drop or self.set)

    def apply(self, event: Any) -> Any:
        """Return the event, changed; what is no object has no fields and stays as it is.

        A field is not renamed to one that the event has already: one of the two values would be lost.
        """
        if not isinstance(event, dict):
            return event
        fixed = dict(event)
        for old, new in self.rename.items():
            if old in fixed and fixed.get(new) is None:
                fixed[new] = fixed.pop(old)
        for name in self.drop:
            fixed.pop(name, None)
        return fixed | self.set
