"""The custom resource of QuickSight's definitions through its life, against the stand-in.

Each call fails in turn. Sleeping costs nothing here, but the clock goes on: waits end when they must.
"""

from pathlib import Path

import pytest

from tests.support.quicksight.custom_resource import GROUP, USER, CustomResource, State
from tests.support.quicksight.small import VISITS
from tests.support.quicksight.stand_in import CRASH

REFUSED = "AccessDeniedException"  # an error that no client tries again
ANSWERS = ("SUCCESS", "FAILED")


def title(state: State) -> str:
    (sheet,) = state["dashboards/menulens_insights"]["content"]["Definition"]["Sheets"]
    return str(sheet["Visuals"][0]["KPIVisual"]["Title"]["FormatText"]["PlainText"])


def test_create_puts_everything_up_for_the_principal(custom_resource: CustomResource) -> None:
    answer = custom_resource("Create")
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {"DashboardId": "menulens_insights"}
    state = custom_resource.state()
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


def test_update_changes_publishes_and_removes(custom_resource: CustomResource, second: Path) -> None:
    custom_resource("Create")
    custom_resource.folder = second
    assert custom_resource("Update")["Status"] == "SUCCESS"
    state = custom_resource.state()
    assert title(state) == "All visits"
    assert "data_sets/menulens_pairs" not in state
    assert state["data_sets/menulens_visits"]["refresh"][0] is None
    assert list(state["data_sets/menulens_visits"]["refresh"][1]) == ["daily"]


def test_an_unchanged_update_changes_nothing(custom_resource: CustomResource) -> None:
    """A rollback sends one, too. QuickSight rejects refresh properties that are there already."""
    custom_resource("Create")
    before = custom_resource.state()
    assert custom_resource("Update")["Status"] == "SUCCESS"
    assert custom_resource.state() == before


def test_schedules_make_room_for_others(custom_resource: CustomResource) -> None:
    """A data set has at most five schedules (the model of CreateRefreshSchedule)."""
    custom_resource("Create")
    daily = custom_resource.quicksight.resources("data_sets")["menulens_visits"]["schedules"]["daily"]
    custom_resource.quicksight.resources("data_sets")["menulens_visits"]["schedules"] = {
        f"old-{number}": daily | {"ScheduleId": f"old-{number}"} for number in range(5)
    }
    assert custom_resource("Update")["Status"] == "SUCCESS"
    schedules = custom_resource.state()["data_sets/menulens_visits"]["refresh"][1]
    assert sorted(schedules) == ["daily", "weekly"]


def test_a_full_spice_is_named(custom_resource: CustomResource) -> None:
    custom_resource("Create")
    number = [operation for operation, _ in custom_resource.quicksight.calls].index("CreateDataSet")
    custom_resource("Delete")
    custom_resource.quicksight.calls.clear()
    custom_resource.quicksight.faults = {number: "LimitExceededException"}
    answer = custom_resource("Create")
    assert answer["Reason"].startswith("quicksight/data_sets/pairs.json: ")
    assert "Manage QuickSight, SPICE capacity" in answer["Reason"]


def test_another_principal_takes_over_and_guests_stay(custom_resource: CustomResource) -> None:
    custom_resource("Create")
    guest = USER.replace("owner", "guest")
    shared = custom_resource.quicksight.resources("dashboards")["menulens_insights"]["permissions"]
    shared[guest] = {"quicksight:DescribeDashboard"}
    assert custom_resource("Update", GROUP, old=USER)["Status"] == "SUCCESS"
    state = custom_resource.state()
    assert sorted(state["dashboards/menulens_insights"]["permissions"]) == [GROUP, guest]
    assert list(state["data_sets/menulens_visits"]["permissions"]) == [GROUP]


def test_a_failing_update_names_the_visual_and_leaves_what_is_published(
    custom_resource: CustomResource, second: Path
) -> None:
    custom_resource("Create")
    before = custom_resource.state()
    first, custom_resource.folder = custom_resource.folder, second
    path = "dashboard/menulens_insights/sheet/overview/visual/visits"
    custom_resource.quicksight.fail("UpdateDashboard", "Column day was not found", path=path)
    answer = custom_resource("Update")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        f'quicksight/dashboards/insights: visual "All visits" ({path}): '
        "Column day was not found (INTERNAL_FAILURE)"
    )
    assert title(custom_resource.state()) == "Visits"
    custom_resource.folder = first  # CloudFormation's way back: an update with what was there before
    assert custom_resource("Update")["Status"] == "SUCCESS"
    assert custom_resource.state() == before


def test_a_failing_creation_leaves_no_dashboard(custom_resource: CustomResource) -> None:
    custom_resource.quicksight.fail("CreateDashboard", "Column day was not found")
    assert custom_resource("Create")["Status"] == "FAILED"
    assert not custom_resource.quicksight.resources("dashboards")
    assert custom_resource("Delete")["Status"] == "SUCCESS"
    assert custom_resource.state() == {}


def test_a_role_that_cannot_be_assumed_yet_is_waited_for(custom_resource: CustomResource) -> None:
    custom_resource.quicksight.fail("CreateDataSource", "Unable to assume role", times=20)
    assert custom_resource("Create")["Status"] == "SUCCESS"
    custom_resource("Delete")
    custom_resource.quicksight.fail("CreateDataSource", "Unable to assume role", times=100)
    answer = custom_resource("Create")
    assert answer["Status"] == "FAILED"
    assert "Unable to assume role" in answer["Reason"]
    calls = len(custom_resource.quicksight.calls)
    custom_resource.quicksight.failures.clear()
    custom_resource.quicksight.fail("CreateDataSource", "The workgroup does not exist")
    assert custom_resource("Create")["Status"] == "FAILED"
    assert len(custom_resource.quicksight.calls) < calls + 10  # what time does not repair is not waited for


def test_a_principal_that_is_none_is_named_before_anything_is_made(custom_resource: CustomResource) -> None:
    nobody = USER.replace("owner", "nobody")
    answer = custom_resource("Create", nobody)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"QuickSightPrincipalArn {nobody}: ")
    assert [operation for operation, _ in custom_resource.quicksight.calls] == [
        "ListDashboards",
        "DescribeUser",
    ]


def test_what_never_ends_fails_in_time(custom_resource: CustomResource) -> None:
    custom_resource.quicksight.pace = 1000
    answer = custom_resource("Create")
    assert answer["Status"] == "FAILED"
    assert "is still CREATION_IN_PROGRESS" in answer["Reason"]


def test_delete_is_fine_with_what_is_gone_and_leaves_other_stacks_alone(
    custom_resource: CustomResource,
) -> None:
    custom_resource("Create")
    for kind in ("data_sources", "data_sets", "themes", "dashboards"):
        resources = custom_resource.quicksight.resources(kind)
        resources |= {name.replace("menulens", "menulens-dev"): asset for name, asset in resources.items()}
    del custom_resource.quicksight.resources("data_sets")["menulens_visits"]
    assert custom_resource("Delete")["Status"] == "SUCCESS"
    assert custom_resource("Delete")["Status"] == "SUCCESS"
    assert len(custom_resource.state()) == 5
    assert all("/menulens-dev_" in name for name in custom_resource.state())


@pytest.mark.slow
@pytest.mark.parametrize("fault", [REFUSED, CRASH])
@pytest.mark.parametrize("request_type", ["Create", "Update", "Principal", "Delete"])
def test_any_call_may_fail(
    custom_resource: CustomResource, second: Path, request_type: str, fault: str
) -> None:
    """Whichever it is, the request is answered, and what CloudFormation does next leaves all in order."""
    first = custom_resource.folder
    if request_type != "Create":
        custom_resource("Create")
    before, back = custom_resource.state(), custom_resource.keep()

    def run() -> str:
        if request_type == "Update":
            custom_resource.folder = second
        if request_type == "Principal":
            return str(custom_resource("Update", GROUP, old=USER)["Status"])
        return str(custom_resource(request_type)["Status"])

    custom_resource.quicksight.calls.clear()
    assert run() == "SUCCESS"
    after, calls = custom_resource.state(), len(custom_resource.quicksight.calls)
    assert calls > 5
    for number in range(calls):
        back()
        custom_resource.folder = first
        custom_resource.quicksight.faults = {number: fault}
        status = run()
        assert status in ANSWERS
        if fault == REFUSED:
            assert status == "FAILED" or custom_resource.state() == after, number
        # Either the same request comes again, or CloudFormation goes back to what was before.
        again = custom_resource.keep()
        assert run() == "SUCCESS", number
        assert custom_resource.state() == after, number
        again()
        custom_resource.folder = first
        if request_type == "Create":
            assert custom_resource("Delete")["Status"] == "SUCCESS", number
            assert custom_resource.state() == {}, number
        elif request_type != "Delete":
            old = GROUP if request_type == "Principal" else USER
            assert custom_resource("Update", USER, old=old)["Status"] == "SUCCESS", number
            assert custom_resource.state() == before, number
