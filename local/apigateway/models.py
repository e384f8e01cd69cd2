"""API Gateway's request validation: a body against a model, in the words of AWS's validator.

Emulates: the Java json-schema-validator behind `$context.error.validationErrorString`. Keywords that API
Gateway ignores in a model are ignored here, so that nothing is rejected that AWS would take.

Not covered: the texts to the letter: those of keywords that `_TEXTS` does not list are the Python
library's.

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from ministack.services import apigateway_v1 as emulated
from referencing import Registry
from referencing.jsonschema import DRAFT4

IGNORED_KEYWORDS = (
    "additionalProperties",
    "allOf",
    "anyOf",
    "maxItems",
    "minItems",
    "oneOf",
    "pattern",
)
INVALID_JSON = "Invalid JSON"


def errors(schema: Any, body: bytes, model_at: Callable[[str], Any]) -> str | None:
    """Return why a body does not fit a model, or None when it does.

    `model_at` gives the schema of the model that an absolute `$ref` names.
    """
    try:
        document = json.loads(body, parse_constant=_reject)
    except (ValueError, RecursionError):
        return INVALID_JSON
    if emulated._json_depth(document) > emulated._MAX_BODY_DEPTH:  # a limit that the emulator knows of
        return INVALID_JSON
    registry = Registry(retrieve=lambda uri: DRAFT4.create_resource(model_at(uri)))  # type: ignore[call-arg]
    error_by_path = {
        _path(error): error for error in _Validator(schema, registry=registry).iter_errors(document)
    }
    # The Java validator does not look into a value that is wrong by itself.
    outermost_errors = [
        error for path, error in sorted(error_by_path.items()) if not _inside(path, error_by_path)
    ]
    return f"[{', '.join(map(_text, outermost_errors))}]" if outermost_errors else None


def _reject(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _path(error: ValidationError) -> tuple[str, ...]:
    return tuple(map(str, error.path))


def _inside(path: tuple[str, ...], error_by_path: dict[tuple[str, ...], ValidationError]) -> bool:
    return any(path[:length] in error_by_path for length in range(len(path)))


def _ignore(*_args: Any) -> None:
    """Accept whatever the keyword asks for."""


def _minimum(validator: Any, limit: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Apply `minimum` as if `exclusiveMinimum` were not there."""
    return Draft4Validator.VALIDATORS["minimum"](validator, limit, instance, {})


_Validator = extend(Draft4Validator, {**dict.fromkeys(IGNORED_KEYWORDS, _ignore), "minimum": _minimum})


def _text(error: ValidationError) -> str:
    write_text = _TEXTS.get(error.validator)
    return write_text(error.validator_value, error.instance) if write_text else error.message


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _type_name(value: Any) -> str:
    return next(name for name in _TYPES if Draft4Validator.TYPE_CHECKER.is_type(value, name))


_TYPES = ("object", "array", "string", "boolean", "null", "integer", "number")
_TEXTS: dict[str, Callable[[Any, Any], str]] = {
    "required": lambda names, value: (
        f"object has missing required properties ({_json(sorted(set(names) - set(value)))})"
    ),
    "type": lambda allowed, value: (
        f"instance type ({_type_name(value)}) does not match any allowed primitive type"
        f" (allowed: {_json(_allowed(allowed))})"
    ),
    "enum": lambda allowed, value: (
        f"instance value ({_json(value)}) not found in enum (possible values: {_json(allowed)})"
    ),
    "maximum": lambda limit, value: (
        f"numeric instance is greater than the required maximum (maximum: {limit}, found: {value})"
    ),
    "minimum": lambda limit, value: (
        f"numeric instance is lower than the required minimum (minimum: {limit}, found: {value})"
    ),
    "minLength": lambda limit, value: (
        f'string "{value}" is too short (length: {len(value)}, required minimum: {limit})'
    ),
    "maxLength": lambda limit, value: (
        f'string "{value}" is too long (length: {len(value)}, maximum allowed: {limit})'
    ),
}


def _allowed(types: str | list[str]) -> list[str]:
    """List the allowed types as the Java validator does: sorted, and every number may be an integer."""
    names = {types} if isinstance(types, str) else set(types)
    return sorted(names | {"integer"} if "number" in names else names)
