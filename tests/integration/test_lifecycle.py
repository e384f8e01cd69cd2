"""A stack's life: half made, updated under traffic, beside another one, deleted without its data."""

import json
import re
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import ROOT, STACK_NAME, LocalStack, LocalStackError
from preview.queries import query
from tests.support.deployment import (
    EVENT,
    EXPANDED,
    Api,
    DeployedStack,
    ask,
    copy_files,
    eventually,
    expand,
    free_port,
)
from tests.support.remains import left

LONGEST = "second-" + "x" * 121  # as long as CloudFormation lets the name of a stack be


class Traffic(threading.Thread):
    """Posts an event every 20 ms or so until stopped, each until it is accepted."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api
        self._stopped = threading.Event()
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        while not self._stopped.wait(0.02) or self.statuses[202] < 50:
            response = self._api.post(EVENT | {"event_id": f"during-{self.statuses[202]:06d}"})
            self.statuses[response.status] += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def make_older(stack: DeployedStack) -> None:
    """Turn what is built into a version of before: with other code, functions and stream."""
    build = stack.project / ".aws-sam" / "build"
    for package in build.glob("*Function.zip"):
        with zipfile.ZipFile(package, "a") as archive:
            archive.writestr("of_before.py", "")
    template = build / "template.yaml"
    for now, before in (
        ('"MemorySize": 512', '"MemorySize": 256'),
        ('"NumberOfRetries", "ParameterValue": "3"', '"NumberOfRetries", "ParameterValue": "2"'),
    ):
        assert now in template.read_text()
        template.write_text(template.read_text().replace(now, before))
    expand(build)


def add_column(project: Path) -> None:
    table = project / "athena" / "tables" / "events_raw.sql"
    columns, end, rest = table.read_text().partition("\n)\n")
    assert end
    table.write_text(f"{columns},\n  `more` string{end}{rest}")


@pytest.fixture(scope="module")
def project(packed_copy: Path) -> Path:
    return packed_copy


@pytest.fixture(scope="module")
def stack(project: Path) -> Iterator[DeployedStack]:
    """The stack, not deployed."""
    with DeployedStack(free_port(), project) as stack:
        yield stack


@pytest.fixture(scope="module")
def deployer(stack: LocalStack) -> dict[str, str]:
    """The environment of somebody who may do what docs/deployer-policy*.json allow, and nothing else."""
    values = {"ACCOUNT": "000000000000", "REGION": "eu-central-1", "STACK": LONGEST}
    iam = stack.client("iam")
    iam.create_user(UserName="deployer")
    for path in (ROOT / "docs").glob("deployer-policy*.json"):
        policy = path.read_text()
        for name, value in (values | {"DATABASE": LONGEST.replace("-", "_")}).items():
            policy = policy.replace(name, value)
        iam.put_user_policy(UserName="deployer", PolicyName=path.stem, PolicyDocument=policy)
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def sam(stack: LocalStack, user: dict[str, str], *arguments: str) -> None:
    command = ("sam", *arguments, "--config-env", "local")
    process = subprocess.run(
        command, cwd=stack.project, env=stack.environment() | user, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-3000:]


def test_a_name_with_capitals_is_rejected_before_anything_is_made(stack: LocalStack) -> None:
    """CloudFormation looks exports up first (aws-cloudformation/aws-cloudformation-templates#263)."""
    command = ("sam", "deploy", "--config-env", "local", "--stack-name", "MenuLens")
    process = subprocess.run(
        command, cwd=stack.project, env=stack.environment(), capture_output=True, text=True
    )
    assert process.returncode != 0
    assert "No export named a-stack-name-must-be-in-lower-case" in process.stdout + process.stderr
    assert left(stack) == {}
    stacks = stack.client("cloudformation").describe_stacks()["Stacks"]
    assert "MenuLens" not in {entry["StackName"] for entry in stacks}


@pytest.fixture(scope="module")
def broken_stack(stack: DeployedStack, project: Path) -> DeployedStack:
    """The stack, not deployed, built with a view that Athena rejects."""
    broken = project / "athena" / "views" / "broken.sql"
    broken.write_text("CREATE OR REPLACE VIEW broken AS SELECT no_such_column FROM events_raw")
    stack.build_layer("AthenaLayer", "athena")
    broken.unlink()
    return stack


@pytest.mark.parametrize("retain", ["false", "true"])  # there is nothing yet to keep
def test_a_half_made_stack_takes_its_bucket_with_it(broken_stack: DeployedStack, retain: str) -> None:
    """Rolling back deletes the bucket, by the custom resource or CloudFormation; then the stack can go."""
    stack = broken_stack
    with pytest.raises(LocalStackError):
        stack.deploy(RetainData=retain)
    events = stack.client("cloudformation").describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    assert any("no_such_column" in event.get("ResourceStatusReason", "") for event in events)
    assert [event for event in events if event["ResourceStatus"] == "DELETE_FAILED"] == []
    assert left(stack) == {}
    stack.delete()
    assert left(stack) == {}


def test_an_update_under_traffic_loses_nothing(
    stack: DeployedStack, project: Path, built_project: Path
) -> None:
    built, build = (folder / ".aws-sam" / "build" for folder in (built_project, project))
    copy_files(built, build)
    make_older(stack)
    stack.deploy()
    api = Api(stack)
    for n in range(50):
        assert api.post(EVENT | {"event_id": f"before-{n:06d}"}).status == 202
    bucket = stack.outputs()["DataBucketName"]
    copy_files(built, build)
    add_column(project)
    stack.build_layer("AthenaLayer", "athena")
    traffic = Traffic(api)
    traffic.start()
    try:
        stack.deploy()
        time.sleep(1)
    finally:
        traffic.stop()
    assert stack.outputs()["DataBucketName"] == bucket
    assert set(traffic.statuses) == {202}
    eventually(stack, "SELECT event_id FROM events WHERE event_id LIKE 'before-%'", 50)
    during = "SELECT event_id FROM events WHERE event_id LIKE 'during-%'"
    eventually(stack, during, traffic.statuses[202])
    assert ask(stack, "SELECT event_id FROM rejected_events") == []
    assert ask(stack, "SELECT 1 AS x FROM events_raw WHERE more IS NOT NULL") == []


def without_marks(template: dict[str, Any]) -> dict[str, Any]:
    """Return a template without where code lies, SAM's names of resources, and hashes of these."""
    hashes = r"(TrackerLayer|AthenaLayer|QuickSightLayer|IngestApiDeployment|deployment id: )[0-9a-f]{10,40}"
    unmarked: dict[str, Any] = json.loads(re.sub(hashes, r"\1", json.dumps(template)))
    for resource in unmarked["Resources"].values():
        resource.pop("Metadata", None)
        for name in {"Code", "Content"} & resource.get("Properties", {}).keys():
            assert resource["Properties"].pop(name).keys() == {"S3Bucket", "S3Key"}
    return unmarked


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def second_stack(stack: DeployedStack, deployer: dict[str, str]) -> dict[str, str]:
    """The outputs of a stack beside the first, which `sam deploy` has deployed."""
    owner = ("OwnerDashboard=true", "OwnerEmail=owner@example.com")
    options = ("--stack-name", LONGEST, "--parameter-overrides", "AlarmEmail=a@b.cd", *owner)
    sam(stack, deployer, "deploy", *options)
    described = stack.client("cloudformation").describe_stacks(StackName=LONGEST)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in described}


@pytest.mark.usefixtures("second_stack")
def test_other_tests_deploy_what_sam_deploys(stack: DeployedStack, built_project: Path) -> None:
    """They leave out SAM's commands, but not what these make of the template."""
    processed = stack.client("cloudformation").get_template(StackName=LONGEST, TemplateStage="Processed")
    expanded = json.loads((built_project / ".aws-sam" / "build" / EXPANDED).read_text())
    assert without_marks(processed["TemplateBody"]) == without_marks(expanded)
    for layer, folder in (("AthenaLayer", "athena"), ("QuickSightLayer", "quicksight")):
        built = built_project / ".aws-sam" / "build" / layer
        assert files(built) == {f"python/{name}": content for name, content in files(ROOT / folder).items()}


def test_a_second_stack_works_beside_the_first(
    stack: DeployedStack, second_stack: dict[str, str], deployer: dict[str, str]
) -> None:
    """Its name is the longest there can be: no name that is made of it may be too long."""
    stack.client("firehose").put_record(
        DeliveryStreamName=second_stack["DeliveryStreamName"],
        Record={
            "Data": b'{"element_clicked": "of-the-second", "source_menu": "m", "created_at": "2026-11-22"}'
        },
    )
    sql = "SELECT event_id FROM events WHERE element_clicked = 'of-the-second'"
    athena, place = stack.client("athena"), (second_stack["DatabaseName"], second_stack["WorkGroupName"])
    deadline = time.monotonic() + 20
    while not (rows := query(athena, sql, *place)):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert len(rows) == 1
    assert ask(stack, sql) == []
    sam(stack, deployer, "delete", "--stack-name", LONGEST, "--no-prompts")
    assert Api(stack).post(EVENT | {"event_id": "after-the-second"}).status == 202
    eventually(stack, "SELECT event_id FROM events WHERE event_id = 'after-the-second'", 1)


def test_data_is_kept_from_the_update_on_that_says_so(stack: LocalStack) -> None:
    bucket = stack.outputs()["DataBucketName"]
    stack.deploy(RetainData="true")
    stack.delete()
    assert left(stack) == {"buckets": [bucket]}
    assert stack.client("s3").list_objects_v2(Bucket=bucket, Prefix="events/")["KeyCount"] > 0
