"""The whole stack on the emulator, in use: its definitions changed and broken, all of it deleted.

What the custom resource does with changed definitions is tried by calling it. That a deployment calls it, and
is rolled back when it fails, one test shows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import STACK_NAME, LocalStack
from tests.support.cases import cases, check
from tests.support.custom_resources import CustomResources, answers
from tests.support.deployment import EVENT, Api, DeployedStack, ask, eventually, rolls_back


@pytest.fixture(scope="module")
def project(packed_copy: Path) -> Path:
    return packed_copy


@pytest.fixture(scope="module", autouse=True)
def in_use(stack: LocalStack, api: Api) -> None:
    assert api.post(EVENT).status == 202
    eventually(stack, "SELECT 1 AS x FROM events", 1)


@pytest.fixture(scope="module")
def custom_resources(stack: LocalStack) -> Iterator[CustomResources]:
    with answers() as answer_url:
        yield CustomResources(stack, answer_url)


def entries(stack: LocalStack) -> dict[str, Any]:
    tables = stack.client("glue").get_tables(DatabaseName=stack.outputs()["DatabaseName"])["TableList"]
    return {table["Name"]: table for table in tables}


def test_a_statement_that_fails_rolls_the_deployment_back(stack: DeployedStack, project: Path) -> None:
    before = {name: table.get("Parameters") for name, table in entries(stack).items()}
    broken = project / "athena" / "views" / "broken.sql"
    broken.write_text("CREATE OR REPLACE VIEW broken AS SELECT no_such_column FROM item_performance")
    stack.build_layer("AthenaLayer", "athena")
    rolls_back(stack, "athena/views/broken.sql", "no_such_column")
    assert {name: table.get("Parameters") for name, table in entries(stack).items()} == before
    broken.unlink()
    stack.build_layer("AthenaLayer", "athena")
    stack.deploy()


def test_only_a_definition_that_changed_is_applied_again(
    stack: LocalStack, project: Path, custom_resources: CustomResources
) -> None:
    before = entries(stack)
    view = project / "athena" / "views" / "item_performance.sql"
    view.write_text(view.read_text().replace("source_menu,\n", "upper(source_menu) AS source_menu,\n", 1))
    (project / "athena" / "views" / "menus.sql").write_text(
        "CREATE OR REPLACE VIEW menus AS SELECT DISTINCT source_menu FROM item_performance"
    )
    assert custom_resources.update_athena(project / "athena")["Status"] == "SUCCESS"
    after = entries(stack)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed >= {"item_performance", "menus"}
    assert changed.isdisjoint({"events_raw", "events", "visits", "menu_items"})
    assert {"source_menu": "M"} in ask(stack, "SELECT * FROM menus")


def test_a_changed_menu_names_its_dishes_and_touches_nothing_else(
    stack: LocalStack, api: Api, project: Path, custom_resources: CustomResources
) -> None:
    case = cases("dish")["empty-category"]
    for event in case.sent:
        assert api.post(event).status == 202
    before = entries(stack)
    menu = project / "athena" / "reference" / "menu_items.csv"
    dishes = 'source_menu,element,display_name,category,price\n,a,"A, the first",Starters,1.50\n'
    dishes += ",dish,Dish A,,1\n"
    menu.write_text(dishes)
    assert custom_resources.update_athena(project / "athena")["Status"] == "SUCCESS"
    after = entries(stack)
    assert {name for name in after if before.get(name) != after[name]} == {"menu_items"}
    sql = "SELECT DISTINCT item, category FROM item_performance WHERE element_clicked = 'a'"
    assert {"item": "A, the first", "category": "Starters"} in ask(stack, sql)
    check(stack, case)
    menu.write_text(f"{dishes}m,b\n")
    answer = custom_resources.update_athena(project / "athena")
    assert answer["Status"] == "FAILED"
    assert "athena/reference/menu_items.csv, line 4: 2 fields instead of 5" in answer["Reason"]
    assert entries(stack) == after
    menu.write_text(dishes)


def test_a_table_gets_new_columns_without_ever_being_missing(
    stack: LocalStack, project: Path, custom_resources: CustomResources
) -> None:
    rows = ask(stack, "SELECT count(*) AS n FROM events_raw")
    table = project / "athena" / "tables" / "events_raw.sql"
    table.write_text(
        table.read_text().replace("\n)\nPARTITIONED BY", ",\n  `more` string\n)\nPARTITIONED BY")
    )
    assert custom_resources.update_athena(project / "athena")["Status"] == "SUCCESS"
    assert [column["Name"] for column in entries(stack)["events_raw"]["StorageDescriptor"]["Columns"]][
        -1
    ] == "more"
    assert "events_raw_next" not in entries(stack)
    assert ask(stack, "SELECT count(*) AS n FROM events_raw WHERE more IS NULL") == rows


def test_deletion_leaves_nothing(stack: LocalStack) -> None:
    s3 = stack.client("s3")
    bucket = stack.outputs()["DataBucketName"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for n in range(1100):  # more than one page, with versions and a delete marker
        s3.put_object(Bucket=bucket, Key=f"more/{n % 550}", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="more/0")
    api = Api(stack)
    for _ in range(20):
        assert api.post({"events": [EVENT] * 100}, "batch").status == 202
    cloudformation = stack.client("cloudformation")
    stack_id = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["StackId"]
    stack.delete()  # with records still in the stream's buffers
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    events = [event for page in pages for event in page["StackEvents"]]
    deleted = [event["LogicalResourceId"] for event in events if event["ResourceStatus"] == "DELETE_COMPLETE"]
    order = ["DeliveryStream", "AthenaDefinitions", "DataBucketPolicy", "DataRemoval"]
    assert sorted(order, key=deleted[::-1].index) == order
    assert "DELETE_FAILED" not in {event["ResourceStatus"] for event in events}
    left = {
        "stacks": [
            description["StackName"]
            for description in stack.client("cloudformation").describe_stacks()["Stacks"]
            if description["StackName"] == STACK_NAME
        ],
        "buckets": [
            bucket["Name"]
            for bucket in s3.list_buckets()["Buckets"]
            if not bucket["Name"].startswith("aws-sam-cli")
        ],
        "databases": [
            database["Name"]
            for database in stack.client("glue").get_databases()["DatabaseList"]
            if database["Name"] != "default"
        ],
        "workgroups": [
            workgroup["Name"]
            for workgroup in stack.client("athena").list_work_groups()["WorkGroups"]
            if workgroup["Name"] != "primary"
        ],
        "streams": stack.client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        "functions": stack.client("lambda").list_functions()["Functions"],
        "layers": stack.client("lambda").list_layers()["Layers"],
        "APIs": stack.client("apigateway").get_rest_apis()["items"],
        "roles": [role["RoleName"] for role in stack.client("iam").list_roles()["Roles"]],
        "log groups": [
            group["logGroupName"] for group in stack.client("logs").describe_log_groups()["logGroups"]
        ],
        "schedules": stack.client("scheduler").list_schedules()["Schedules"],
    }
    assert {kind: remaining for kind, remaining in left.items() if remaining} == {}
