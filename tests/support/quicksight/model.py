"""Checks values against botocore's model of QuickSight, in everything that the model says.

botocore's own validator looks at types and required members only. This walk adds unknown members, enums,
patterns, lengths, ranges, and the unions that the model states in prose alone.
"""

import functools
from collections.abc import Callable
from typing import Any

import botocore.session
import regex
from botocore.model import ServiceModel, Shape

UNION = ("only one of the attributes", "but not both", "tagged-union")

type Problems = list[str]


@functools.cache
def service() -> ServiceModel:
    """Return the model of the service, as the installed botocore ships it."""
    return botocore.session.get_session().get_service_model("quicksight")


def problems(value: Any, shape: Shape | str, path: str = "") -> Problems:
    """Return what the model has against `value` as a `shape` (or the shape of that name), with the path."""
    if isinstance(shape, str):
        shape = service().shape_for(shape)
    expected = TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean"):
        return [f"{path}: expected a {shape.type_name}, got {value!r}"]
    inside = INSIDE.get(shape.type_name)
    faults = inside(value, shape, path) if inside else _scalar(value, shape, path)
    return faults + _size(value, shape, path)


TYPES: dict[str, Any] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float, str),
}


def _structure(value: dict[str, Any], shape: Any, path: str) -> Problems:
    faults = [f"{path}: {name} is missing" for name in shape.required_members if name not in value]
    if _is_union(shape) and len(value) != 1:
        faults.append(f"{path}: exactly one member is expected, got {sorted(value) or 'none'}")
    for name, item in value.items():
        if name in shape.members:
            faults += problems(item, shape.members[name], f"{path}.{name}")
        else:
            faults.append(f"{path}: {name} is not known to {shape.name}")
    return faults


def _list(value: list[Any], shape: Any, path: str) -> Problems:
    return [p for n, item in enumerate(value) for p in problems(item, shape.member, f"{path}[{n}]")]


def _map(value: dict[str, Any], shape: Any, path: str) -> Problems:
    return [
        problem
        for key, item in value.items()
        for problem in problems(key, shape.key, f"{path} key") + problems(item, shape.value, f"{path}.{key}")
    ]


INSIDE: dict[str, Callable[[Any, Any, str], Problems]] = {"structure": _structure, "list": _list, "map": _map}


def _scalar(value: Any, shape: Any, path: str) -> Problems:
    faults = []
    if getattr(shape, "enum", None) and value not in shape.enum:
        faults.append(f"{path}: {value!r} is none of {', '.join(shape.enum)}")
    pattern = shape.metadata.get("pattern")
    if pattern and not _pattern(pattern).fullmatch(value):
        faults.append(f"{path}: {value!r} does not match {pattern}")
    return faults


def _size(value: Any, shape: Shape, path: str) -> Problems:
    """Return what is wrong with a length, or with a number's value."""
    size = value if isinstance(value, int | float) else len(value)
    low, high = shape.metadata.get("min", size), shape.metadata.get("max", size)
    return [] if low <= size <= high else [f"{path}: {size} is not within {low} to {high}"]


@functools.cache
def _pattern(text: str) -> regex.Pattern[str]:
    return regex.compile(text.replace(r"\z", r"\Z"))  # Java's names for the end of text


def _is_union(shape: Any) -> bool:
    prose = " ".join(shape.documentation.split())
    return bool(shape.is_tagged_union) or any(phrase in prose for phrase in UNION)
