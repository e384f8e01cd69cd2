"""CloudFormation's conditions and imports of a template.

Emulates: the functions and pseudo parameters within a condition. The emulator takes `Fn::Join` and
`Fn::Split` as constants there, and knows neither the region nor the name of the stack. An import of an
export that does not exist is rejected before anything is created, as reported of AWS
(aws-cloudformation/aws-cloudformation-templates#263).

Not covered: whether AWS takes these functions in a condition; its documentation names fewer than it
evaluates.

Reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine

Template = dict[str, Any]
# Of the stack that a request names; tasks that the request starts inherit it.
_stack_name: ContextVar[str] = ContextVar("stack_name", default="")
_validate = changesets.validate_template_support


def note_stack_name(body: bytes, query_params: dict[str, list[str]]) -> None:
    """Remember the stack that a request names, by its name or its ARN, for its conditions."""
    parameters = query_params | parse_qs(body.decode(errors="replace"))
    name = parameters.get("StackName", [""])[0]
    _stack_name.set(name.split("/")[1] if name.startswith("arn:") else name)


def validate(template: Template, conditions: dict[str, bool], params: Any = None) -> None:
    """Check a template as the emulator does; ValueError also for an import without an export."""
    _validate(template, conditions, params=params)
    for resource in template.get("Resources", {}).values():
        if conditions.get(resource.get("Condition"), True):
            for name in _imports(resource.get("Properties"), conditions):
                if name not in cloudformation._exports:
                    raise ValueError(f"No export named {name} found. Rollback requested by user.")


def _imports(value: Any, conditions: dict[str, bool]) -> Iterator[str]:
    if isinstance(value, dict):
        if "Fn::If" in value:
            condition, if_true, if_false = value["Fn::If"]
            yield from _imports(if_true if conditions[condition] else if_false, conditions)
        elif "Fn::ImportValue" in value:
            yield value["Fn::ImportValue"]
        else:
            yield from _imports(list(value.values()), conditions)
    elif isinstance(value, list):
        for element in value:
            yield from _imports(element, conditions)


def evaluate(template: Template, params: dict[str, dict[str, Any]]) -> dict[str, bool]:
    """Return whether each condition of a template holds; KeyError for an unknown name in one."""
    return Conditions(template, {name: parameter["Value"] for name, parameter in params.items()}).all()


class Conditions:
    """The conditions of a template for the `values` of its parameters."""

    def __init__(self, template: Template, values: dict[str, Any]) -> None:
        self._definitions = template.get("Conditions", {})
        self._parameters = template.get("Parameters", {})
        self._values = {"AWS::Region": engine.get_region(), "AWS::StackName": _stack_name.get()} | values

    def all(self) -> dict[str, bool]:
        """Return whether each of them holds."""
        return {name: self._holds(definition) for name, definition in self._definitions.items()}

    def _holds(self, condition: dict[str, Any]) -> bool:
        ((function, argument),) = condition.items()
        match function:
            case "Condition":
                return self._holds(self._definitions[argument])
            case "Fn::Equals":
                left, right = map(self._value, argument)
                return bool(left == right)
            case "Fn::Not":
                return not self._holds(argument[0])
            case "Fn::And" | "Fn::Or":
                if not 2 <= len(argument) <= 10:
                    raise ValueError(
                        f"Template error: every {function} object requires a list of 2 to 10 parameters."
                    )
                return (all if function == "Fn::And" else any)(map(self._holds, argument))
        raise ValueError(f"Template error: {function} is not a condition")

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(element) for element in value]
        if not isinstance(value, dict):
            return str(value)
        ((function, argument),) = value.items()
        match function:
            case "Ref":
                text = str(self._values[argument])
                is_list = self._parameters.get(argument, {}).get("Type") == "CommaDelimitedList"
                return [element.strip() for element in text.split(",")] if is_list else text
            case "Fn::Join":
                return argument[0].join(self._value(argument[1]))
            case "Fn::Split":
                return self._value(argument[1]).split(argument[0])
            case "Fn::Select":
                return self._value(argument[1])[int(argument[0])]
        raise ValueError(f"Template error: {function} is not evaluated in a condition")
