"""A definition that notes which of its members were read, so that the page can name what it leaves out."""

from collections.abc import Iterator
from typing import Any


class UnrenderedError(Exception):
    """Something in a definition that the preview cannot show; the message names it."""


class Reader:
    """Reads the JSON value at `path` of a definition, member by member."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.path = path
        self._value = value
        self._members: dict[str | int, Reader] = {}
        self._read = False

    def __contains__(self, key: str) -> bool:
        return isinstance(self._value, dict) and key in self._value

    def __getitem__(self, key: str) -> "Reader":
        """Return a member that must be there; raise UnrenderedError if it is not."""
        if key not in self:
            raise UnrenderedError(f"{self.path}.{key} is missing")
        return self._member(key, self._value[key])

    def __iter__(self) -> Iterator["Reader"]:
        """Yield the items of a list."""
        for number, item in enumerate(self._value):
            yield self._member(number, item)

    def value(self) -> Any:
        """Return the whole value, which counts as read."""
        self._read = True
        return self._value

    def get(self, *keys: str, default: Any = None) -> Any:
        """Return the value of a member below, or `default` if a key on the way to it is not there."""
        member = self._below(keys)
        return default if member is None else member.value()

    def items(self, *keys: str) -> list["Reader"]:
        """Return the items of a list below; none if it is not there."""
        return list(self._below(keys) or ())

    def union(self) -> tuple[str, "Reader"]:
        """Return the name of the one member of a union, and the member."""
        if not isinstance(self._value, dict) or len(self._value) != 1:
            raise UnrenderedError(f"{self.path} should have one member")
        name = next(iter(self._value))
        return name, self[name]

    def unread(self) -> list[str]:
        """Return the paths that nobody asked for."""
        if self._read:
            return []
        if isinstance(self._value, dict):
            keys: list[str | int] = list(self._value)
        elif isinstance(self._value, list):
            keys = list(range(len(self._value)))
        else:
            return [self.path]
        return [
            path
            for key in keys
            for path in (self._members[key].unread() if key in self._members else [self._path(key)])
        ]

    def _below(self, keys: tuple[str, ...]) -> "Reader | None":
        reader = self
        for key in keys:
            if key not in reader:
                return None
            reader = reader[key]
        return reader

    def _member(self, key: str | int, value: Any) -> "Reader":
        return self._members.setdefault(key, Reader(value, self._path(key)))

    def _path(self, key: str | int) -> str:
        return f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}".lstrip(".")
