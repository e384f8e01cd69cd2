"""A stack's life: half made, updated from the last release under traffic, beside another one."""

import subprocess
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.queries import query
from local.stack import ROOT, STACK_NAME, LocalStack, LocalStackError
from tests.integration.deployment import EVENT, Api, ask, copy_project, eventually, free_port

# What is deployed of a release: git archive --format=tar.gz -o tests/data/released/VERSION.tar.gz HEAD, with
# the files and folders of deployment.PARTS.
RELEASED = ROOT / "tests" / "data" / "released"
LONGEST = "second-" + "x" * 121  # as long as CloudFormation lets the name of a stack be


class Traffic(threading.Thread):
    """Posts an event every 20 ms or so until stopped, each until it is accepted.

    The emulator serves an API while it replaces it, and answers 404 for that moment. On AWS a stage serves
    its deployment until it gets the next one.
    """

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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last release."""
    folder = tmp_path_factory.mktemp("project")
    with tarfile.open(sorted(RELEASED.glob("*.tar.gz"))[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def stack(project: Path) -> Iterator[LocalStack]:
    with LocalStack(free_port(), project) as stack:
        stack.build()
        yield stack


@pytest.fixture(scope="module")
def deployer(stack: LocalStack) -> dict[str, str]:
    """The environment of somebody who may do what docs/deployer-policy.json allows, and nothing else."""
    policy = (ROOT / "docs" / "deployer-policy.json").read_text()
    values = {"ACCOUNT": "000000000000", "REGION": "eu-central-1", "STACK": LONGEST}
    for name, value in (values | {"DATABASE": LONGEST.replace("-", "_")}).items():
        policy = policy.replace(name, value)
    iam = stack.client("iam")
    iam.create_user(UserName="deployer")
    iam.put_user_policy(UserName="deployer", PolicyName="deploy", PolicyDocument=policy)
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def sam(stack: LocalStack, user: dict[str, str], *arguments: str) -> None:
    command = ("sam", *arguments, "--config-env", "local")
    done = subprocess.run(
        command, cwd=stack.project, env=stack.environment() | user, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def left(stack: LocalStack) -> dict[str, Any]:
    """Return what there is besides SAM's own bucket."""
    client = stack.client
    found = {
        "buckets": [
            bucket["Name"]
            for bucket in client("s3").list_buckets()["Buckets"]
            if not bucket["Name"].startswith("aws-sam-cli")
        ],
        "functions": client("lambda").list_functions()["Functions"],
        "layers": client("lambda").list_layers()["Layers"],
        "roles": client("iam").list_roles()["Roles"],
        "streams": client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "APIs": client("apigateway").get_rest_apis()["items"],
        "dashboards": client("cloudwatch").list_dashboards()["DashboardEntries"],
        "schedules": client("scheduler").list_schedules()["Schedules"],
    }
    return {kind: each for kind, each in found.items() if each}


def test_a_half_made_stack_can_be_deleted(stack: LocalStack, project: Path) -> None:
    broken = project / "athena" / "views" / "broken.sql"
    broken.write_text("CREATE OR REPLACE VIEW broken AS SELECT no_such_column FROM events_raw")
    stack.build()
    with pytest.raises(LocalStackError, match="no_such_column"):
        stack.deploy(RetainData="true")  # there is nothing yet to keep
    stack.delete()
    broken.unlink()
    assert left(stack) == {}


def test_an_update_from_the_last_release_loses_nothing(stack: LocalStack, project: Path) -> None:
    stack.build()
    stack.deploy()
    api = Api(stack)
    for n in range(50):
        assert api.post(EVENT | {"event_id": f"before-{n:06d}"}).status == 202
    bucket = stack.outputs()["DataBucketName"]
    for path in ("template.yaml", "functions", "athena"):
        subprocess.run(["rm", "-r", project / path], check=True)
    (project / "samconfig.toml").unlink()
    copy_project(project)
    stack.build()
    traffic = Traffic(api)
    traffic.start()
    try:
        stack.deploy()
        time.sleep(1)
    finally:
        traffic.stop()
    assert stack.outputs()["DataBucketName"] == bucket
    assert set(traffic.statuses) <= {202, 404}
    eventually(stack, "SELECT event_id FROM events WHERE event_id LIKE 'before-%'", 50)
    during = "SELECT event_id FROM events WHERE event_id LIKE 'during-%'"
    eventually(stack, during, traffic.statuses[202])
    assert ask(stack, "SELECT event_id FROM rejected_events") == []


def test_a_second_stack_works_beside_the_first(stack: LocalStack, deployer: dict[str, str]) -> None:
    """Its name is the longest there can be: no name that is made of it may be too long."""
    options = ("--stack-name", LONGEST, "--parameter-overrides", "AlarmEmail=a@b.cd")
    sam(stack, deployer, "deploy", *options)
    described = stack.client("cloudformation").describe_stacks(StackName=LONGEST)["Stacks"][0]["Outputs"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described}
    stack.client("firehose").put_record(
        DeliveryStreamName=outputs["DeliveryStreamName"],
        Record={
            "Data": b'{"element_clicked": "of-the-second", "source_menu": "m", "created_at": "2026-11-22"}'
        },
    )
    sql = "SELECT event_id FROM events WHERE element_clicked = 'of-the-second'"
    deadline = time.monotonic() + 20
    while not (
        found := query(stack.client("athena"), sql, outputs["DatabaseName"], outputs["WorkGroupName"])
    ):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert len(found) == 1
    assert ask(stack, sql) == []
    sam(stack, deployer, "delete", "--stack-name", LONGEST, "--no-prompts")
    assert Api(stack).post(EVENT | {"event_id": "after-the-second"}).status == 202
    eventually(stack, "SELECT event_id FROM events WHERE event_id = 'after-the-second'", 1)
    stack.delete()
    assert STACK_NAME not in str(left(stack))
    assert left(stack) == {}
