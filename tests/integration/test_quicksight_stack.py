"""QuickSight's definitions through real deployments of the stack, with the stand-in for QuickSight."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import STACK_NAME, LocalStack
from tests.integration.deployment import free_port, rolls_back
from tests.quicksight.stand_in import StandIn

PRINCIPAL = "arn:aws:quicksight:eu-central-1:123456789012:user/default/owner"
DASHBOARD = f"{STACK_NAME}_menu_insights"
KINDS = ("data_sources", "data_sets", "themes", "dashboards")


@pytest.fixture(scope="module")
def quicksight() -> Iterator[StandIn]:
    with StandIn(pace=0) as quicksight:
        yield quicksight


@pytest.fixture(scope="module")
def stack(project: Path, quicksight: StandIn) -> Iterator[LocalStack]:
    """The stack, without a principal at first."""
    with LocalStack(free_port(), project, quicksight.url) as stack:
        stack.build()
        stack.deploy()
        yield stack


@pytest.fixture(scope="module")
def deployed(stack: LocalStack, quicksight: StandIn) -> LocalStack:
    """The stack, with the principal from now on; before, it must not have asked QuickSight anything."""
    assert quicksight.calls == []
    assert "DashboardUrl" not in stack.outputs()
    stack.deploy(QuickSightPrincipalArn=PRINCIPAL)
    return stack


def published(quicksight: StandIn) -> dict[str, Any]:
    state = quicksight.resources("dashboards")[DASHBOARD]
    content: dict[str, Any] = state["versions"][state["published"] - 1]["content"]
    return content


def change_title(project: Path, old: str, new: str) -> None:
    (path,) = (project / "quicksight" / "dashboards" / "menu_insights" / "sheets").glob("*_overview.json")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_deployment_puts_the_dashboards_up(deployed: LocalStack, quicksight: StandIn) -> None:
    url = deployed.outputs()["DashboardUrl"]
    assert url == f"https://eu-central-1.quicksight.aws.amazon.com/sn/dashboards/{DASHBOARD}"
    definitions = published(quicksight)["Definition"]
    data_sets = quicksight.resources("data_sets")
    declared = {one["DataSetArn"] for one in definitions["DataSetIdentifierDeclarations"]}
    assert declared == {state["arn"] for state in data_sets.values()}
    assert all(list(state["permissions"]) == [PRINCIPAL] for state in data_sets.values())
    (source,) = quicksight.resources("data_sources").values()
    parameters = source["versions"][0]["content"]["DataSourceParameters"]
    assert parameters["AthenaParameters"]["WorkGroup"] == deployed.outputs()["WorkGroupName"]


def test_a_changed_file_is_published(deployed: LocalStack, project: Path, quicksight: StandIn) -> None:
    change_title(project, "What does each day bring in?", "What did we earn?")
    deployed.build()
    deployed.deploy()
    assert "What did we earn?" in json.dumps(published(quicksight))


def test_a_refused_definition_rolls_the_deployment_back(
    deployed: LocalStack, project: Path, quicksight: StandIn
) -> None:
    before = published(quicksight)
    change_title(project, "What did we earn?", "What went wrong?")
    path = f"dashboard/{DASHBOARD}/sheet/overview/visual/revenue-by-day"
    quicksight.fail("UpdateDashboard", "Column revenue was not found", path=path)
    deployed.build()
    where = f'dashboards/menu_insights: visual "What went wrong?" ({path})'
    rolls_back(deployed, f"{where}: Column revenue was not found")
    assert published(quicksight) == before
    change_title(project, "What went wrong?", "What did we earn?")


def test_deletion_leaves_nothing_in_quicksight(deployed: LocalStack, quicksight: StandIn) -> None:
    deployed.delete()
    assert not any(quicksight.resources(kind) for kind in KINDS)
