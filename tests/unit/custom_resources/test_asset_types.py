"""The table of QuickSight's asset types names what the service's model names; retry_until waits for it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import xform_name

from tests.support import load_function
from tests.support.quicksight.model import service

MODULES = load_function("custom_resources", "asset_types", "retry")
TYPES = MODULES["asset_types"].ASSET_TYPES
retry_until: Callable[..., Any] = MODULES["retry"].retry_until
# Any, because only an operation's model knows of which class each of its shapes is.
OPERATIONS: dict[str, Any] = {
    xform_name(name): service().operation_model(name) for name in service().operation_names
}


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_an_asset_type_names_what_the_service_names(kind: Any) -> None:
    for call in ("create", "describe", "update", "delete", "describe_permissions", "update_permissions"):
        operation = OPERATIONS[getattr(kind, call)]
        assert kind.id_key in operation.input_shape.required_members
        assert operation.name.startswith(call.partition("_")[0].title() + kind.name)
    assert kind.name in OPERATIONS[kind.describe].output_shape.members
    assert "Permissions" in OPERATIONS[kind.create].input_shape.members
    page = OPERATIONS[kind.list].output_shape.members[kind.summaries]
    assert kind.id_key in page.member.members
    described = OPERATIONS[kind.describe].output_shape.members[kind.name].members
    assert ("Version" in described) == kind.has_versions
    taken = OPERATIONS[kind.update].input_shape.members.keys()
    assert not kind.only_on_create & taken
    if kind.publish:
        assert {kind.id_key, "VersionNumber"} <= OPERATIONS[kind.publish].input_shape.members.keys()


def test_what_is_temporary_is_retried_until_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    own = SimpleNamespace(
        monotonic=lambda: clock[0], sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds)
    )
    monkeypatch.setattr(MODULES["retry"], "time", own)
    failures = [ValueError("one"), ValueError("two")]

    def attempt() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert retry_until(10, attempt, lambda error: isinstance(error, ValueError)) == "done"
    assert clock[0] == 4
    failures = [ValueError(str(n)) for n in range(9)]
    with pytest.raises(TimeoutError, match="not done in time: "):
        retry_until(10, attempt, lambda error: isinstance(error, ValueError))
    assert clock[0] == 10
    with pytest.raises(ValueError, match=r"\d"):
        retry_until(20, attempt, lambda error: False)
