"""A definition that notes which of its members were read, so that the page can name what it leaves out."""

from collections.abc import Iterator
from typing import Any


class UnrenderedError(Exception):
    """Something in a definition that the preview cannot show; the message names it."""


class Reading:
    """A JSON value at `path` of a definition, to be read member by member."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.path = path
        self._value = value
        self._members: dict[str | int, Reading] = {}
        self._read = False

    def __contains__(self, key: str) -> bool:
        return isinstance(self._value, dict) and key in self._value

    def __getitem__(self, key: str) -> "Reading":
        """Return a member that must be there; raise UnrenderedError if it is not."""
        if key not in self:
            raise UnrenderedError(f"{self.path}.{key} is missing")
        return self._member(key, self._value[key])

    def __iter__(self) -> Iterator["Reading"]:
        """Yield the items of a list."""
        for number, item in enumerate(self._value):
            yield self._member(number, item)

    def value(self) -> Any:
        """Return the whole value, which counts as read."""
        self._read = True
        return self._value

    def get(self, *keys: str, default: Any = None) -> Any:
        """Return the value of a member below, or `default` if a key on the way to it is not there."""
        here = self
        for key in keys:
            if key not in here:
                return default
            here = here[key]
        return here.value()

    def each(self, *keys: str) -> list["Reading"]:
        """Return the items of a list below; none if it is not there."""
        here = self
        for key in keys:
            if key not in here:
                return []
            here = here[key]
        return list(here)

    def only(self) -> tuple[str, "Reading"]:
        """Return the one member of a union, and its name."""
        if not isinstance(self._value, dict) or len(self._value) != 1:
            raise UnrenderedError(f"{self.path} should have one member")
        name = next(iter(self._value))
        return name, self[name]

    def unread(self) -> list[str]:
        """Return the paths that nobody asked for."""
        if self._read:
            return []
        if isinstance(self._value, dict):
            pairs = [(key, self._members.get(key), f"{self.path}.{key}") for key in self._value]
        elif isinstance(self._value, list):
            pairs = [
                (number, self._members.get(number), f"{self.path}[{number}]")
                for number in range(len(self._value))
            ]
        else:
            return [self.path]
        return [path for _, member, name in pairs for path in (member.unread() if member else [name])]

    def _member(self, key: str | int, value: Any) -> "Reading":
        path = f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}".lstrip(".")
        return self._members.setdefault(key, Reading(value, path))
