"""The custom resource QuickSightDefinitions, called as CloudFormation calls it, against the stand-in."""

import copy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import load_function
from tests.support.quicksight.stand_in import StandIn

USER = "arn:aws:quicksight:us-east-1:123456789012:user/default/owner"
GROUP = "arn:aws:quicksight:us-east-1:123456789012:group/default/owners"
ROLE = "arn:aws:iam::123456789012:role/quicksight"
SECONDS = 600

State = dict[str, Any]


class CustomResource:
    """The entry point of custom resources, called as CloudFormation does; `folder` is the layer it has."""

    def __init__(self, stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.quicksight = stand_in
        self.folder = folder
        modules = load_function("custom_resources", "app", "assets", "quicksight_definitions")
        self._handler: Callable[..., dict[str, Any]] = modules["app"].handler
        self._answers: list[dict[str, Any]] = []
        monkeypatch.setattr(modules["app"], "_send", lambda _url, answer: self._answers.append(answer))
        monkeypatch.setattr(modules["quicksight_definitions"], "folder_with", lambda *_: self.folder)

    def __call__(self, request: str, principal: str = USER, old: str | None = None) -> dict[str, Any]:
        """Return the answer; there is one, and only one, whatever happens."""
        properties = {
            "Name": "menulens",
            "AccountId": "123456789012",
            "Principal": principal,
            "Database": "menulens",
            "WorkGroup": "menulens",
            "RoleArn": ROLE,
            "TimeZone": "Europe/Rome",
            "Currency": "EUR",
        }
        event = {
            "RequestType": request,
            "ResourceType": "Custom::QuickSightDefinitions",
            "LogicalResourceId": "QuickSightDefinitions",
            "StackId": "stack",
            "RequestId": "request",
            "ResponseURL": "http://none",
            "ResourceProperties": properties,
        }
        if request == "Update":
            event["OldResourceProperties"] = properties | {"Principal": old or principal}
        self._answers.clear()
        self._handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: SECONDS * 1000))
        (answer,) = self._answers
        return answer

    def state(self) -> State:
        """Return what a user of QuickSight would see, without how often it was made."""
        seen = {
            f"{kind}/{name}": {
                "content": state["versions"][state["published"] - 1]["content"],
                "permissions": {who: sorted(what) for who, what in state["permissions"].items()},
                "refresh": (state.get("refresh_properties"), state.get("schedules")),
            }
            for kind in ("data_sources", "data_sets", "themes", "dashboards")
            for name, state in self.quicksight.resources(kind).items()
        }
        return copy.deepcopy(seen)

    def keep(self) -> Callable[[], None]:
        """Return what brings QuickSight back to how it is now, without a fault in wait."""
        kept = copy.deepcopy(self.quicksight.kinds)

        def back() -> None:
            self.quicksight.kinds = copy.deepcopy(kept)
            self.quicksight.calls.clear()
            self.quicksight.faults.clear()

        return back
