"""The hook of QuickSight's definitions through its life, against the stand-in, each call failing in turn.

Sleeping costs nothing here, but the clock goes on: waits end when they must.
"""

import copy
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from tests.policies import Policy, filled, without
from tests.quicksight.small import PAIRS, VISITS, dashboard, write
from tests.quicksight.stand_in import CRASH, StandIn
from tests.support import ROOT, load_function

USER = "arn:aws:quicksight:us-east-1:123456789012:user/default/owner"
GROUP = "arn:aws:quicksight:us-east-1:123456789012:group/default/owners"
REFUSED = "AccessDeniedException"  # an error that no client tries again
SECONDS = 600
ANSWERS = ("SUCCESS", "FAILED")
ROLE = "arn:aws:iam::123456789012:role/quicksight"

State = dict[str, Any]


class Hook:
    """The hook's entry point, called as CloudFormation calls it; `folder` is the layer it has."""

    def __init__(self, stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.quicksight = stand_in
        self.folder = folder
        modules = load_function("hooks", "app", "assets", "quicksight")
        self._handler: Callable[..., dict[str, Any]] = modules["app"].handler
        self._answers: list[dict[str, Any]] = []
        monkeypatch.setattr(modules["app"], "_send", lambda _url, answer: self._answers.append(answer))
        monkeypatch.setattr(modules["quicksight"], "folder_with", lambda *_: self.folder)

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


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    clock = SimpleNamespace(now=time.monotonic())

    def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with StandIn(identity_region="us-east-1") as stand_in:
        monkeypatch.setenv("AWS_ENDPOINT_URL_QUICKSIGHT", stand_in.url)
        folder = write(tmp_path / "first", {"visits": VISITS, "pairs": PAIRS}, {"insights": dashboard()})
        yield Hook(stand_in, folder, monkeypatch)
    for module in ("app", "assets", "quicksight", "composition"):
        sys.modules.pop(module, None)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another version of the folder: a title changed, a data set gone, refreshed otherwise."""
    visits = {key: value for key, value in VISITS.items() if key != "RefreshProperties"}
    visits["RefreshSchedules"] = PAIRS["RefreshSchedules"]
    return write(tmp_path / "second", {"visits": visits}, {"insights": dashboard("All visits")})


def title(state: State) -> str:
    (sheet,) = state["dashboards/menulens_insights"]["content"]["Definition"]["Sheets"]
    return str(sheet["Visuals"][0]["KPIVisual"]["Title"]["FormatText"]["PlainText"])


def test_create_puts_everything_up_for_the_principal(hook: Hook) -> None:
    answer = hook("Create")
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {"DashboardId": "menulens_insights"}
    state = hook.state()
    assert sorted(state) == [
        "dashboards/menulens_insights",
        "data_sets/menulens_pairs",
        "data_sets/menulens_visits",
        "data_sources/menulens_athena",
        "themes/menulens_theme",
    ]
    assert all(list(one["permissions"]) == [USER] for one in state.values())
    source = state["data_sources/menulens_athena"]["content"]
    assert source["DataSourceParameters"] == {
        "AthenaParameters": {
            "WorkGroup": "menulens",
            "RoleArn": ROLE,
        }
    }
    properties, schedules = state["data_sets/menulens_visits"]["refresh"]
    assert properties == VISITS["RefreshProperties"]
    assert sorted(schedules) == ["daily", "weekly"]


def test_update_changes_publishes_and_removes(hook: Hook, second: Path) -> None:
    hook("Create")
    hook.folder = second
    assert hook("Update")["Status"] == "SUCCESS"
    state = hook.state()
    assert title(state) == "All visits"
    assert "data_sets/menulens_pairs" not in state
    assert state["data_sets/menulens_visits"]["refresh"][0] is None
    assert list(state["data_sets/menulens_visits"]["refresh"][1]) == ["daily"]


def test_another_principal_takes_over_and_guests_stay(hook: Hook) -> None:
    hook("Create")
    guest = USER.replace("owner", "guest")
    shared = hook.quicksight.resources("dashboards")["menulens_insights"]["permissions"]
    shared[guest] = {"quicksight:DescribeDashboard"}
    assert hook("Update", GROUP, old=USER)["Status"] == "SUCCESS"
    state = hook.state()
    assert sorted(state["dashboards/menulens_insights"]["permissions"]) == [GROUP, guest]
    assert list(state["data_sets/menulens_visits"]["permissions"]) == [GROUP]


def test_a_failing_update_names_the_visual_and_leaves_what_is_published(hook: Hook, second: Path) -> None:
    hook("Create")
    before = hook.state()
    first, hook.folder = hook.folder, second
    path = "dashboard/menulens_insights/sheet/overview/visual/visits"
    hook.quicksight.fail("UpdateDashboard", "Column day was not found", path=path)
    answer = hook("Update")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        f'quicksight/dashboards/insights: visual "All visits" ({path}): '
        "Column day was not found (INTERNAL_FAILURE)"
    )
    assert title(hook.state()) == "Visits"
    hook.folder = first  # CloudFormation's way back: an update with what was there before
    assert hook("Update")["Status"] == "SUCCESS"
    assert hook.state() == before


def test_a_failing_creation_leaves_no_dashboard(hook: Hook) -> None:
    hook.quicksight.fail("CreateDashboard", "Column day was not found")
    assert hook("Create")["Status"] == "FAILED"
    assert not hook.quicksight.resources("dashboards")
    assert hook("Delete")["Status"] == "SUCCESS"
    assert hook.state() == {}


def test_a_role_that_cannot_be_assumed_yet_is_waited_for(hook: Hook) -> None:
    hook.quicksight.fail("CreateDataSource", "Unable to assume role", times=20)
    assert hook("Create")["Status"] == "SUCCESS"
    hook("Delete")
    hook.quicksight.fail("CreateDataSource", "Unable to assume role", times=100)
    answer = hook("Create")
    assert answer["Status"] == "FAILED"
    assert "Unable to assume role" in answer["Reason"]
    calls = len(hook.quicksight.calls)
    hook.quicksight.failures.clear()
    hook.quicksight.fail("CreateDataSource", "The work group does not exist")
    assert hook("Create")["Status"] == "FAILED"
    assert len(hook.quicksight.calls) < calls + 10  # what time does not mend is not waited for


def test_a_principal_that_is_none_is_named_before_anything_is_made(hook: Hook) -> None:
    nobody = USER.replace("owner", "nobody")
    answer = hook("Create", nobody)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"QuickSightPrincipalArn {nobody}: ")
    assert [operation for operation, _ in hook.quicksight.calls] == ["DescribeUser"]


def test_what_never_ends_fails_in_time(hook: Hook) -> None:
    hook.quicksight.pace = 1000
    answer = hook("Create")
    assert answer["Status"] == "FAILED"
    assert "is still CREATION_IN_PROGRESS" in answer["Reason"]


def test_delete_is_fine_with_what_is_gone_and_leaves_other_stacks_alone(hook: Hook) -> None:
    hook("Create")
    for kind in ("data_sources", "data_sets", "themes", "dashboards"):
        resources = hook.quicksight.resources(kind)
        resources |= {name.replace("menulens", "menulens-dev"): one for name, one in resources.items()}
    del hook.quicksight.resources("data_sets")["menulens_visits"]
    assert hook("Delete")["Status"] == "SUCCESS"
    assert hook("Delete")["Status"] == "SUCCESS"
    assert len(hook.state()) == 5
    assert all("/menulens-dev_" in name for name in hook.state())


@pytest.mark.parametrize("fault", [REFUSED, CRASH])
@pytest.mark.parametrize("request_type", ["Create", "Update", "Principal", "Delete"])
def test_any_call_may_fail(hook: Hook, second: Path, request_type: str, fault: str) -> None:
    """Whichever it is, the request is answered, and what CloudFormation does next leaves all in order."""
    first = hook.folder
    if request_type != "Create":
        hook("Create")
    before, back = hook.state(), hook.keep()

    def run() -> str:
        if request_type == "Update":
            hook.folder = second
        if request_type == "Principal":
            return str(hook("Update", GROUP, old=USER)["Status"])
        return str(hook(request_type)["Status"])

    hook.quicksight.calls.clear()
    assert run() == "SUCCESS"
    after, calls = hook.state(), len(hook.quicksight.calls)
    assert calls > 5
    for number in range(calls):
        back()
        hook.folder = first
        hook.quicksight.faults = {number: fault}
        status = run()
        assert status in ANSWERS
        if fault == REFUSED:
            assert status == "FAILED" or hook.state() == after, number
        # Either the same request comes again, or CloudFormation goes back to what was before.
        again = hook.keep()
        assert run() == "SUCCESS", number
        assert hook.state() == after, number
        again()
        hook.folder = first
        if request_type == "Create":
            assert hook("Delete")["Status"] == "SUCCESS", number
            assert hook.state() == {}, number
        elif request_type != "Delete":
            old = GROUP if request_type == "Principal" else USER
            assert hook("Update", USER, old=old)["Status"] == "SUCCESS", number
            assert hook.state() == before, number


@cache
def template() -> dict[str, Any]:
    return dict(yaml_parse((ROOT / "template.yaml").read_text())["Resources"])


def policy_for(principal: str, stack: str = "menulens", role: str = ROLE) -> Policy:
    """Return the policy that the template gives the hook."""
    policy = template()["QuickSightPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "HooksRole"}]
    names = {
        "AWS::Partition": "aws",
        "AWS::Region": "eu-central-1",
        "AWS::AccountId": "123456789012",
        "AWS::StackName": stack,
        "QuickSightPrincipalArn": principal,
        "QuickSightRole.Arn": role,
    }
    return dict(filled(policy["PolicyDocument"], names))


def life(hook: Hook, second: Path, change: Callable[[Policy], Policy]) -> bool:
    """Live through everything with the policy changed; return whether all of it worked."""
    first = hook.folder

    def step(request: str, principal: str, old: str | None = None, folder: Path = first) -> bool:
        # The policy is updated before the definitions.
        hook.quicksight.policy, hook.folder = change(policy_for(principal)), folder
        return str(hook(request, principal, old)["Status"]) == "SUCCESS"

    try:
        return (
            step("Create", USER)
            and step("Update", USER, folder=second)
            and step("Update", GROUP, USER)
            and step("Delete", GROUP)
            and not any(hook.quicksight.kinds.values())
        )
    finally:
        hook.quicksight.policy, hook.folder = None, first
        for assets in hook.quicksight.kinds.values():
            assets.clear()


def test_the_policy_allows_what_the_hook_does_and_no_action_of_it_is_idle(hook: Hook, second: Path) -> None:
    assert life(hook, second, lambda policy: policy)
    actions = [action for action, _ in without(policy_for(USER))]
    idle = [
        action
        for number, action in enumerate(actions)
        if life(hook, second, lambda policy, n=number: list(without(policy))[n][1])
    ]
    assert not idle


@pytest.mark.parametrize(
    ("principal", "stack", "role", "denied"),
    [
        (USER.replace("owner", "other"), "menulens", ROLE, "quicksight:DescribeUser"),
        (USER, "menulens-dev", ROLE, "quicksight:CreateDataSource"),
        (USER, "menulens", ROLE.replace("quicksight", "admin"), "iam:PassRole"),
    ],
)
def test_the_policy_of_another_stack_does_not_do(
    hook: Hook, principal: str, stack: str, role: str, denied: str
) -> None:
    hook.quicksight.policy = policy_for(principal, stack, role)
    answer = hook("Create")
    assert answer["Status"] == "FAILED"
    assert f"not authorized to perform: {denied} on" in answer["Reason"]
