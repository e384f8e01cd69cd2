"""IAM policies under test: the template's with names filled in, and each without one of its actions."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

type Policy = dict[str, Any]


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """Return a part of the template with `Ref`, `Fn::GetAtt` and `Fn::Sub` replaced by what `names` says.

    An attribute is named as in Fn::Sub: `Resource.Attribute`.
    """
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((kind, of),) = value.items()
        if kind == "Ref":
            return names[of]
        if kind == "Fn::GetAtt":
            return names[of if isinstance(of, str) else ".".join(of)]
        if kind == "Fn::Sub":
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: names[found[1]], of)
    return {key: filled(each, names) for key, each in value.items()}


def without(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """Return each action of each statement of a policy, and the policy without it."""
    for number, statement in enumerate(policy["Statement"]):
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        for action in actions:
            changed = copy.deepcopy(policy)
            left = [each for each in actions if each != action]
            changed["Statement"][number]["Action"] = left
            if not left:
                del changed["Statement"][number]
            yield action, changed
