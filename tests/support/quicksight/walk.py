"""Walks through definitions, which are JSON."""

from collections.abc import Iterator
from typing import Any


def nodes(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk through every object in `value`, each with its path."""
    if isinstance(value, dict):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from nodes(item, f"{path}.{key}")


def members(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Walk through every text that is the member `name` of an object."""
    return ((path, node[name]) for path, node in nodes(value) if isinstance(node.get(name), str))


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Walk through every text that is a member of an object."""
    return (
        (f"{path}.{name}", text)
        for path, node in nodes(value)
        for name, text in node.items()
        if isinstance(text, str)
    )
