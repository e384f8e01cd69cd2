"""The hook of QuickSight's definitions through its life, against the stand-in, each call failing in turn.

Sleeping costs nothing here, but the clock goes on: waits end when they must.
"""

from pathlib import Path

import pytest

from tests.support.quicksight.custom_resource import GROUP, USER, Hook, State
from tests.support.quicksight.small import VISITS
from tests.support.quicksight.stand_in import CRASH

REFUSED = "AccessDeniedException"  # an error that no client tries again
ANSWERS = ("SUCCESS", "FAILED")


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
    assert all(list(asset["permissions"]) == [USER] for asset in state.values())
    source = state["data_sources/menulens_athena"]["content"]
    assert source["DataSourceParameters"] == {
        "AthenaParameters": {
            "WorkGroup": "menulens",
            "RoleArn": "arn:aws:iam::123456789012:role/quicksight",
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


def test_an_unchanged_update_changes_nothing(hook: Hook) -> None:
    """A rollback sends one, too. QuickSight rejects refresh properties that are there already."""
    hook("Create")
    before = hook.state()
    assert hook("Update")["Status"] == "SUCCESS"
    assert hook.state() == before


def test_schedules_make_room_for_others(hook: Hook) -> None:
    """A data set has at most five schedules (the model of CreateRefreshSchedule)."""
    hook("Create")
    daily = hook.quicksight.resources("data_sets")["menulens_visits"]["schedules"]["daily"]
    hook.quicksight.resources("data_sets")["menulens_visits"]["schedules"] = {
        f"old-{number}": daily | {"ScheduleId": f"old-{number}"} for number in range(5)
    }
    assert hook("Update")["Status"] == "SUCCESS"
    schedules = hook.state()["data_sets/menulens_visits"]["refresh"][1]
    assert sorted(schedules) == ["daily", "weekly"]


def test_a_full_spice_is_named(hook: Hook) -> None:
    hook("Create")
    number = [operation for operation, _ in hook.quicksight.calls].index("CreateDataSet")
    hook("Delete")
    hook.quicksight.calls.clear()
    hook.quicksight.faults = {number: "LimitExceededException"}
    answer = hook("Create")
    assert answer["Reason"].startswith("quicksight/data_sets/pairs.json: ")
    assert "Manage QuickSight, SPICE capacity" in answer["Reason"]


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
    hook.quicksight.fail("CreateDataSource", "The workgroup does not exist")
    assert hook("Create")["Status"] == "FAILED"
    assert len(hook.quicksight.calls) < calls + 10  # what time does not mend is not waited for


def test_a_principal_that_is_none_is_named_before_anything_is_made(hook: Hook) -> None:
    nobody = USER.replace("owner", "nobody")
    answer = hook("Create", nobody)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"QuickSightPrincipalArn {nobody}: ")
    assert [operation for operation, _ in hook.quicksight.calls] == ["ListDashboards", "DescribeUser"]


def test_what_never_ends_fails_in_time(hook: Hook) -> None:
    hook.quicksight.pace = 1000
    answer = hook("Create")
    assert answer["Status"] == "FAILED"
    assert "is still CREATION_IN_PROGRESS" in answer["Reason"]


def test_delete_is_fine_with_what_is_gone_and_leaves_other_stacks_alone(hook: Hook) -> None:
    hook("Create")
    for kind in ("data_sources", "data_sets", "themes", "dashboards"):
        resources = hook.quicksight.resources(kind)
        resources |= {name.replace("menulens", "menulens-dev"): asset for name, asset in resources.items()}
    del hook.quicksight.resources("data_sets")["menulens_visits"]
    assert hook("Delete")["Status"] == "SUCCESS"
    assert hook("Delete")["Status"] == "SUCCESS"
    assert len(hook.state()) == 5
    assert all("/menulens-dev_" in name for name in hook.state())


@pytest.mark.slow
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
