"""QuickSight's definitions through real deployments of the stack, with the stand-in for QuickSight."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack import REGION, STACK_NAME, LocalStack
from preview.queries import QueryError, query
from tests.support.asked_by_aws import asked_by_aws
from tests.support.deployment import (
    EVENT,
    Api,
    DeployedStack,
    eventually,
    free_port,
    resources,
    rolls_back,
    without,
)
from tests.support.quicksight.stand_in import StandIn

PRINCIPAL = "arn:aws:quicksight:eu-central-1:000000000000:user/default/owner"  # of the emulator
DASHBOARD = f"{STACK_NAME}_menu_insights"
KINDS = ("data_sources", "data_sets", "themes", "dashboards")


@pytest.fixture(scope="module")
def quicksight() -> Iterator[StandIn]:
    with StandIn(pace=0) as quicksight:
        yield quicksight


@pytest.fixture(scope="module")
def project(packed_copy: Path) -> Path:
    return packed_copy


@pytest.fixture(scope="module")
def stack(project: Path, quicksight: StandIn) -> Iterator[DeployedStack]:
    """The stack, without a principal at first; so it must not have asked QuickSight anything."""
    with DeployedStack(free_port(), project, quicksight.url) as stack:
        stack.deploy()
        assert quicksight.calls == []
        assert "DashboardUrl" not in stack.outputs()
        yield stack


@pytest.fixture(scope="module")
def deployed(stack: DeployedStack, quicksight: StandIn) -> DeployedStack:
    """The stack, with the principal from now on."""
    stack.deploy(QuickSightPrincipalArn=PRINCIPAL)
    return stack


def published(quicksight: StandIn) -> dict[str, Any]:
    state = quicksight.resources("dashboards")[DASHBOARD]
    content: dict[str, Any] = state["versions"][state["published"] - 1]["content"]
    return content


def change_title(project: Path, new: str) -> None:
    """Give the first visual of the first sheet another title."""
    path = min((project / "quicksight" / "dashboards" / "menu_insights" / "sheets").glob("*.json"))
    sheet = json.loads(path.read_text())
    visual = sheet["Visuals"][0]
    if "part" in visual:
        visual["title"] = new
    else:
        next(iter(visual.values()))["Title"] = {"part": "text", "text": new}
    path.write_text(json.dumps(sheet))


def test_an_account_or_a_principal_that_does_not_fit_rolls_the_deployment_back(
    stack: LocalStack, quicksight: StandIn
) -> None:
    """The custom resource's deletion, which the rollback asks for, succeeds without a subscription, too."""
    quicksight.edition = None
    rolls_back(stack, "Subscribe at https://quicksight.aws.amazon.com", QuickSightPrincipalArn=PRINCIPAL)
    quicksight.edition = "ENTERPRISE"
    reader = PRINCIPAL.replace("owner", "reader")
    rolls_back(stack, f"Arn {reader}: the user is a READER", QuickSightPrincipalArn=reader)
    assert not any(quicksight.resources(kind) for kind in KINDS)


def test_a_deployment_puts_the_dashboards_up(deployed: LocalStack, quicksight: StandIn) -> None:
    url = deployed.outputs()["DashboardUrl"]
    assert url == f"https://eu-central-1.quicksight.aws.amazon.com/sn/dashboards/{DASHBOARD}"
    definitions = published(quicksight)["Definition"]
    data_sets = quicksight.resources("data_sets")
    declared = {declaration["DataSetArn"] for declaration in definitions["DataSetIdentifierDeclarations"]}
    assert declared == {state["arn"] for state in data_sets.values()}
    assert all(list(state["permissions"]) == [PRINCIPAL] for state in data_sets.values())
    (source,) = quicksight.resources("data_sources").values()
    parameters = source["versions"][0]["content"]["DataSourceParameters"]
    assert parameters["AthenaParameters"]["WorkGroup"] == deployed.outputs()["WorkGroupName"]


def test_a_changed_file_is_published(deployed: DeployedStack, project: Path, quicksight: StandIn) -> None:
    change_title(project, "What did we earn?")
    deployed.build_layer("QuickSightLayer", "quicksight")
    deployed.deploy()
    assert "What did we earn?" in json.dumps(published(quicksight))


def test_a_refused_definition_rolls_the_deployment_back(
    deployed: DeployedStack, project: Path, quicksight: StandIn
) -> None:
    before = published(quicksight)
    change_title(project, "What went wrong?")
    sheet = before["Definition"]["Sheets"][0]
    (visual,) = sheet["Visuals"][0].values()
    path = f"dashboard/{DASHBOARD}/sheet/{sheet['SheetId']}/visual/{visual['VisualId']}"
    quicksight.fail("UpdateDashboard", "Column revenue was not found", path=path)
    deployed.build_layer("QuickSightLayer", "quicksight")
    where = f'dashboards/menu_insights: visual "What went wrong?" ({path})'
    rolls_back(deployed, f"{where}: Column revenue was not found")
    assert published(quicksight) == before
    change_title(project, "What did we earn?")


def queries(quicksight: StandIn) -> set[str]:
    """Return what a refresh of each data set asks Athena."""
    tables = [
        table["RelationalTable"]
        for state in quicksight.resources("data_sets").values()
        for table in state["versions"][-1]["content"]["PhysicalTableMap"].values()
    ]
    return {f'SELECT * FROM "{table["Schema"]}"."{table["Name"]}" LIMIT 1' for table in tables}


def look_around(athena: Any, database: str, group: str) -> None:
    """Make the calls by which QuickSight finds tables, and those by which it follows and stops queries."""
    catalog = {"CatalogName": "AwsDataCatalog"}
    athena.get_data_catalog(Name=catalog["CatalogName"])
    athena.list_databases(**catalog)
    athena.get_database(**catalog, DatabaseName=database)
    athena.list_table_metadata(**catalog, DatabaseName=database)
    athena.get_table_metadata(**catalog, DatabaseName=database, TableName="events")
    athena.get_work_group(WorkGroup=group)
    started = athena.start_query_execution(QueryString="SELECT 1", WorkGroup=group)["QueryExecutionId"]
    athena.batch_get_query_execution(QueryExecutionIds=[started])
    athena.stop_query_execution(QueryExecutionId=started)


@pytest.mark.soak
def test_quicksights_role_can_refresh_the_data_sets_and_needs_its_rights(
    deployed: LocalStack, quicksight: StandIn
) -> None:
    for fields in ({}, {"note": "rejected"}):
        assert Api(deployed).post(EVENT | fields).status == 202
    eventually(deployed, "SELECT 1 FROM events_raw CROSS JOIN rejected_events", 1)
    name = resources(deployed)["QuickSightRole"]
    iam, outputs = deployed.client("iam"), deployed.outputs()
    arn = iam.get_role(RoleName=name)["Role"]["Arn"]

    def refresh() -> bool:
        key = deployed.client("sts").assume_role(RoleArn=arn, RoleSessionName="quicksight")["Credentials"]
        athena = boto3.client(
            "athena",
            endpoint_url=deployed.endpoint,
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
        )
        try:
            look_around(athena, outputs["DatabaseName"], outputs["WorkGroupName"])
            for sql in queries(quicksight):
                query(athena, sql, outputs["DatabaseName"], outputs["WorkGroupName"])
        except (ClientError, QueryError):
            return False
        return True

    assert refresh()
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    idle = []
    for action, changed in without(document):
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(changed))
        if refresh():
            idle.append(action)
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    assert sorted(idle) == asked_by_aws("QuickSightRole")


def test_deletion_leaves_nothing_in_quicksight(deployed: LocalStack, quicksight: StandIn) -> None:
    deployed.delete()
    assert not any(quicksight.resources(kind) for kind in KINDS)
