"""The owner's dashboard and letter come with their parameters, and nothing of them is left without."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import STACK_NAME, LocalStack
from tests.support.deployment import DeployedStack, free_port, resources
from tests.support.owner_dashboard import OwnerDashboard
from tests.support.remains import left

OWNER = "owner@example.com"
ON = {
    "AlarmEmail": "deployer@example.com",
    "OwnerDashboard": "true",
    "OwnerEmail": OWNER,
    "OwnerLanguage": "de",
}
OFF = {"AlarmEmail": "deployer@example.com", "OwnerDashboard": "false", "OwnerEmail": ""}
PARTS = ("Report", "Today", "Letter", "Owner", "Dashboard", "reportbucket")  # of names


@pytest.fixture(scope="module")
def stack(built_project: Path) -> Iterator[DeployedStack]:
    """A stack that is not deployed yet."""
    with DeployedStack(free_port(), built_project) as stack:
        yield stack


def use(stack: LocalStack) -> None:
    """Write and open the dashboard, in German, and send a letter."""
    dashboard = OwnerDashboard(stack)
    assert '<html lang="de">' in dashboard.get().data.decode()
    assert "written" in dashboard.write()
    page = dashboard.get(dashboard.cookie(dashboard.link()))
    assert page.status == 200
    assert '<html lang="de">' in page.data.decode()
    stack.client("ses").verify_email_identity(EmailAddress=OWNER)
    name = resources(stack)["LetterFunction"]
    answer = stack.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    letter = json.loads(answer["Payload"].read())
    assert letter["language"] == "de", letter
    assert letter["message_id"]


def of_owner(stack: LocalStack) -> set[str]:
    """Return what there is of the dashboard and the letter; the dashboard of CloudWatch is none of it."""
    client = stack.client
    names = [
        *resources(stack),
        *(bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        *(schedule["Name"] for schedule in client("scheduler").list_schedules()["Schedules"]),
        *(rule["Name"] for rule in client("events").list_rules()["Rules"]),
        *(alarm["AlarmName"] for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]),
    ]
    groups = [group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]]
    ses = client("sesv2")
    return {
        *(name for name in names if any(part in name for part in PARTS) and name != "MonitoringDashboard"),
        *(group for group in groups if group.endswith(("/report", "/dashboard", "/letter"))),
        *(identity["IdentityName"] for identity in ses.list_email_identities()["EmailIdentities"]),
        *ses.list_configuration_sets()["ConfigurationSets"],
    }


def test_an_update_turns_both_on_and_off_and_leaves_nothing(stack: LocalStack) -> None:
    """The bucket is full when it goes, and S3 deletes no such bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html (BucketNotEmpty)
    """
    stack.deploy(**OFF)
    assert of_owner(stack) == set()
    stack.deploy(**ON)
    use(stack)
    assert len(of_owner(stack)) > 20
    stack.deploy(**OFF)
    assert of_owner(stack) == set()
    outputs = stack.outputs()
    assert not {"OwnerDashboardUrl", "ReportBucketName"} & outputs.keys()
    events = stack.client("cloudformation").describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    assert [event for event in events if "FAILED" in event["ResourceStatus"]] == []


def test_deleting_the_stack_leaves_nothing_of_both(stack: LocalStack) -> None:
    """Without AlarmEmail too, which has the letter's bounces told."""
    stack.deploy(**ON | {"AlarmEmail": ""})
    use(stack)
    stack.delete()
    assert left(stack) == {}
