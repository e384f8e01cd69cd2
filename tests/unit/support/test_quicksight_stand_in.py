"""The stand-in QuickSight has the traps of the real one, and a real client falls into them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.quicksight.stand_in import CRASH, StandIn

ACCOUNT = "123456789012"
OWNER = f"arn:aws:quicksight:eu-west-1:{ACCOUNT}:user/default/owner"
DATA_SET = {
    "Name": "visits",
    "ImportMode": "SPICE",
    "PhysicalTableMap": {
        "view": {
            "RelationalTable": {
                "DataSourceArn": f"arn:aws:quicksight:eu-central-1:{ACCOUNT}:datasource/source",
                "Name": "visits",
                "InputColumns": [{"Name": "day", "Type": "DATETIME"}],
            }
        }
    },
}
INCREMENTAL = {
    "ScheduleId": "every-day",
    "RefreshType": "INCREMENTAL_REFRESH",
    "ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": "05:00"},
}
VIEWER = [
    "quicksight:DescribeDataSource",
    "quicksight:DescribeDataSourcePermissions",
    "quicksight:PassDataSource",
]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(identity_region="eu-west-1") as stand_in:
        yield stand_in


@pytest.fixture
def client(stand_in: StandIn) -> Any:
    return boto3.client(
        "quicksight",
        endpoint_url=stand_in.url,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(AwsAccountId=ACCOUNT, **params)
    return str(caught.value.response["Error"]["Code"])


def dashboard(data_set: str = "visits") -> dict[str, Any]:
    arn = f"arn:aws:quicksight:eu-central-1:{ACCOUNT}:dataset/{data_set}"
    definition = {"DataSetIdentifierDeclarations": [{"Identifier": "visits", "DataSetArn": arn}]}
    return {"DashboardId": "insights", "Name": "Insights", "Definition": definition}


def version(client: Any, **params: Any) -> dict[str, Any]:
    return client.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId="insights", **params)["Dashboard"][
        "Version"
    ]


def test_a_new_data_set_cannot_be_found_at_once(client: Any) -> None:
    client.create_data_set(AwsAccountId=ACCOUNT, DataSetId="visits", **DATA_SET)
    assert code_of(client.describe_data_set, DataSetId="visits") == "ResourceNotFoundException"
    data_set = client.describe_data_set(AwsAccountId=ACCOUNT, DataSetId="visits")["DataSet"]
    assert data_set["Name"] == "visits"


def test_a_request_is_held_to_the_whole_model(client: Any) -> None:
    source = {"DataSourceId": "source", "Name": "source"}
    create = client.create_data_source
    assert code_of(create, **source, Type="ATHEN") == "InvalidParameterValueException"
    too_long = {"AthenaParameters": {"WorkGroup": "w" * 129}}
    assert code_of(create, **source, Type="ATHENA", DataSourceParameters=too_long) == (
        "InvalidParameterValueException"
    )


def test_principals_are_of_the_identity_region(client: Any) -> None:
    source = {"DataSourceId": "source", "Name": "source", "Type": "ATHENA"}
    elsewhere = {
        "Principal": OWNER.replace("eu-west-1", "eu-central-1"),
        "Actions": VIEWER,
    }
    assert (
        code_of(client.create_data_source, **source, Permissions=[elsewhere])
        == "InvalidParameterValueException"
    )
    client.create_data_source(AwsAccountId=ACCOUNT, **source, Permissions=[elsewhere | {"Principal": OWNER}])
    held = client.describe_data_source_permissions(AwsAccountId=ACCOUNT, DataSourceId="source")
    assert held["Permissions"] == [{"Principal": OWNER, "Actions": VIEWER}]


def test_a_failed_version_stays_hidden_behind_the_published_one(stand_in: StandIn, client: Any) -> None:
    stand_in.pace = 2  # looks; the rejected update is one
    client.create_data_set(AwsAccountId=ACCOUNT, DataSetId="visits", **DATA_SET)
    client.create_dashboard(AwsAccountId=ACCOUNT, **dashboard())
    assert code_of(client.update_dashboard, **dashboard()) == "ConflictException"
    stand_in.pace = 1
    assert version(client)["Status"] == "CREATION_IN_PROGRESS"
    assert version(client)["Status"] == "CREATION_SUCCESSFUL"
    stand_in.fail("UpdateDashboard", "there is no column", path="Sheets/overview/Visuals/visits")
    client.update_dashboard(AwsAccountId=ACCOUNT, **dashboard())
    assert version(client, VersionNumber=2)["Status"] == "CREATION_IN_PROGRESS"
    failed = version(client, VersionNumber=2)
    assert failed["Status"] == "CREATION_FAILED"
    assert failed["Errors"][0]["ViolatedEntities"] == [{"Path": "Sheets/overview/Visuals/visits"}]
    assert version(client) | {"Errors": []} == version(client, VersionNumber=1) | {"Errors": []}
    publish = client.update_dashboard_published_version
    assert code_of(publish, DashboardId="insights", VersionNumber=2) == "ConflictException"
    assert stand_in.resources("dashboards")["insights"]["published"] == 1


def test_a_dashboard_over_no_data_set_fails(client: Any) -> None:
    client.create_dashboard(AwsAccountId=ACCOUNT, **dashboard("gone"))
    version(client)
    assert version(client)["Errors"][0]["Type"] == "DATA_SET_NOT_FOUND"


def test_an_incremental_refresh_needs_properties_and_keeps_them(client: Any) -> None:
    visits = {"DataSetId": "visits"}
    client.create_data_set(AwsAccountId=ACCOUNT, **visits, **DATA_SET)
    assert code_of(client.describe_data_set, **visits) == "ResourceNotFoundException"
    create = client.create_refresh_schedule
    assert code_of(create, **visits, Schedule=INCREMENTAL) == "PreconditionNotMetException"
    window = {"ColumnName": "day", "Size": 7, "SizeUnit": "DAY"}
    properties = {"RefreshConfiguration": {"IncrementalRefresh": {"LookbackWindow": window}}}
    client.put_data_set_refresh_properties(
        AwsAccountId=ACCOUNT, **visits, DataSetRefreshProperties=properties
    )
    create(AwsAccountId=ACCOUNT, **visits, Schedule=INCREMENTAL)
    assert code_of(create, **visits, Schedule=INCREMENTAL) == "ResourceExistsException"
    assert code_of(client.delete_data_set_refresh_properties, **visits) == "ConflictException"


def test_refresh_properties_are_neither_put_nor_deleted_twice(stand_in: StandIn, client: Any) -> None:
    stand_in.pace = 0
    visits = {"DataSetId": "visits"}
    client.create_data_set(AwsAccountId=ACCOUNT, **visits, **DATA_SET)

    def put(column: str) -> Any:
        window = {"ColumnName": column, "Size": 7, "SizeUnit": "DAY"}
        return {"RefreshConfiguration": {"IncrementalRefresh": {"LookbackWindow": window}}}

    def message(call: Any, **params: Any) -> str:
        with pytest.raises(client.exceptions.InvalidParameterValueException) as caught:
            call(AwsAccountId=ACCOUNT, **visits, **params)
        return str(caught.value)

    delete = client.delete_data_set_refresh_properties
    assert "does not have lookback window configuration present for deletion" in message(delete)
    properties = client.put_data_set_refresh_properties
    assert "is no column of type DATETIME" in message(properties, DataSetRefreshProperties=put("visits"))
    properties(AwsAccountId=ACCOUNT, **visits, DataSetRefreshProperties=put("day"))
    assert "same as the existing configuration" in message(properties, DataSetRefreshProperties=put("day"))
    delete(AwsAccountId=ACCOUNT, **visits)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"StartAfterDateTime": 1_600_000_000}, "InvalidParameterValueException"),
        ({"ScheduleFrequency": {"Interval": "DAILY"}}, "InvalidParameterValueException"),
        (
            {"ScheduleFrequency": {"Interval": "WEEKLY", "TimeOfTheDay": "03:00"}},
            "InvalidParameterValueException",
        ),
        ({"ScheduleId": "sixth"}, "LimitExceededException"),
    ],
)
def test_schedules_have_limits(stand_in: StandIn, client: Any, changes: dict[str, Any], code: str) -> None:
    stand_in.pace = 0
    visits = {"DataSetId": "visits"}
    client.create_data_set(AwsAccountId=ACCOUNT, **visits, **DATA_SET)
    full = INCREMENTAL | {"RefreshType": "FULL_REFRESH"}
    for number in range(5 if code == "LimitExceededException" else 4):
        schedule = full | {"ScheduleId": f"{number}"}
        client.create_refresh_schedule(AwsAccountId=ACCOUNT, **visits, Schedule=schedule)
    assert code_of(client.create_refresh_schedule, **visits, Schedule=full | changes) == code


@pytest.mark.parametrize(("colors", "accepted"), [(7, False), (8, True), (20, True), (21, False)])
def test_a_theme_has_eight_to_twenty_data_colours(client: Any, colors: int, accepted: bool) -> None:
    theme = {
        "ThemeId": "theme",
        "Name": "theme",
        "BaseThemeId": "CLASSIC",
        "Configuration": {"DataColorPalette": {"Colors": ["#000000"] * colors}},
    }
    if accepted:
        client.create_theme(AwsAccountId=ACCOUNT, **theme)
    else:
        assert code_of(client.create_theme, **theme) == "InvalidParameterValueException"


def test_actions_are_granted_and_taken_in_sets(client: Any) -> None:
    source = {"DataSourceId": "source", "Name": "source", "Type": "ATHENA"}
    some = {"Principal": OWNER, "Actions": VIEWER[:1]}
    assert (
        code_of(client.create_data_source, **source, Permissions=[some]) == "InvalidParameterValueException"
    )
    client.create_data_source(AwsAccountId=ACCOUNT, **source, Permissions=[some | {"Actions": VIEWER}])
    update = client.update_data_source_permissions
    assert (
        code_of(update, DataSourceId="source", RevokePermissions=[some]) == "InvalidParameterValueException"
    )


def test_calls_fail_by_their_number_before_or_after_the_change(stand_in: StandIn, client: Any) -> None:
    stand_in.faults = {0: "ThrottlingException", 1: CRASH}
    source = {"DataSourceId": "source", "Name": "source", "Type": "ATHENA"}
    assert code_of(client.create_data_source, **source) == "ThrottlingException"
    assert not stand_in.resources("data_sources")
    assert code_of(client.create_data_source, **source) == "InternalFailureException"
    assert list(stand_in.resources("data_sources")) == ["source"]
    assert [operation for operation, _ in stand_in.calls] == ["CreateDataSource"] * 2


def test_lists_come_in_pages(client: Any) -> None:
    for name in ("a", "b", "c"):
        client.create_data_source(AwsAccountId=ACCOUNT, DataSourceId=name, Name=name, Type="ATHENA")
    assert len(client.list_data_sources(AwsAccountId=ACCOUNT)["DataSources"]) == 2
    pages = client.get_paginator("list_data_sources").paginate(AwsAccountId=ACCOUNT)
    assert [source["DataSourceId"] for page in pages for source in page["DataSources"]] == ["a", "b", "c"]
