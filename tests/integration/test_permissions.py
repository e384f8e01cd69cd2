"""Each action that a role of the stack is granted is taken away in turn, and something fails without it.

The emulator enforces the policies of the roles' sessions (`AUTH=true`) on the calls that are really made.
What it does not ask for, or does by itself without the role, is in `asked_by_aws`, and shown by nothing here.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import urllib3

from functions.dashboard.access import new_access
from local.stack import REGION, STACK_NAME, LocalStack
from tests.support.asked_by_aws import ASKED_BY_AWS, asked_by_aws
from tests.support.custom_resources import CustomResources, answers
from tests.support.deployment import EVENT, Api, resources, without
from tests.support.local_athena import parquet
from tests.support.owner_dashboard import OwnerDashboard

pytestmark = pytest.mark.soak

# Not deployed here.
OPTIONAL = {"OpeningHoursRole", "QuickSightRole"}
OWNER = "owner@example.com"


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    return {"OwnerDashboard": "true", "OwnerEmail": OWNER}


class Probes:
    """What each role is for, done once: True when all of it worked."""

    def __init__(self, stack: LocalStack, custom_resources: CustomResources) -> None:
        self.stack = stack
        self.api = Api(stack)
        self.outputs = stack.outputs()
        self.bucket = self.outputs["DataBucketName"]
        self.s3 = stack.client("s3")
        self.functions = stack.client("lambda")
        self.resources = resources(stack)
        self.dashboard = OwnerDashboard(stack)
        stack.client("ses").verify_email_identity(EmailAddress=OWNER)
        self._custom_resources = custom_resources
        self._number = 0

    def ingest(self) -> bool:
        return self.api.post(EVENT).status == 202

    def delivery(self) -> bool:
        """A row, a failed record and a line in the error log arrive."""
        before = {prefix: self._count(prefix) for prefix in ("events/", "errors/")}
        lines = self._log_lines("delivery")
        for data in (json.dumps(EVENT).encode(), b"[not an event"):
            self.stack.client("firehose").put_record(
                DeliveryStreamName=self.outputs["DeliveryStreamName"], Record={"Data": data}
            )
        return self._soon(
            lambda: (
                all(self._count(prefix) > count for prefix, count in before.items())
                and self._log_lines("delivery") > lines
            )
        )

    def transform(self) -> bool:
        before = self._count("rejected/")
        self.api.post(EVENT | {"note": "rejected"})
        return self._soon(lambda: self._count("rejected/") > before)

    def visitor_key(self) -> bool:
        name = self.resources["TransformFunction"]
        variables = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self.functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"VISITOR_KEY_DAY": "2026-01-01"}}
        )
        return self._call("VisitorKeyFunction", {}) is not None

    def compaction(self) -> bool:
        """Two files of a month become one."""
        prefix = "events/ingest_month=2026-10/"
        with TemporaryDirectory() as folder:
            day, time = "DATE '2026-10-22'", "TIMESTAMP '2026-10-22 18:10:00'"
            columns = f"{day} AS business_date, {day} AS local_date, {time} AS received_at"
            body = parquet(Path(folder), f"SELECT {columns}")
        for name in ("1", "2"):
            self.s3.put_object(Bucket=self.bucket, Key=prefix + name, Body=body)
        answer = self._call("CompactionFunction", {"from": "2026-10", "to": "2026-10"})
        left = self._keys(prefix)
        for key in [*left, *self._keys("compaction/")]:
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        return answer is not None and len(left) == 1

    def replay(self) -> bool:
        """One rejected event goes, its neighbour stays; a failed record goes; both objects are moved."""
        self._number += 1
        rejected = {
            "received_at": "2026-11-22T18:10:00Z",
            "received_date": "2026-11-22",
            "request_id": "r",
            "imported": False,
            "event_id": "e" * 8,
            "reason": "unknown field",
            "field": "note",
            "raw": json.dumps(EVENT),
        }
        other = rejected | {"field": "other"}
        failed = {"rawData": base64.b64encode(json.dumps(EVENT).encode()).decode(), "arrivalTimestamp": 1}
        keys: dict[str, list[dict[str, Any]]] = {
            f"rejected/ingest_month=2026-11/{self._number}.jsonl": [rejected, other],
            f"errors/processing-failed/ingest_month=2026-11/{self._number}": [failed],
        }
        for key, lines in keys.items():
            body = "".join(json.dumps(line) + "\n" for line in lines).encode()
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        calls = ({"prefix": "rejected/", "where": {"field": "note"}}, {"prefix": "errors/"})
        done = [self._call("ReplayFunction", call) for call in calls]
        moved = all(self._count(f"replayed/{key}") and not self._exists(key) for key in keys)
        rest = any(key.endswith(".rest") for key in self._keys("rejected/"))
        for key in self._keys("rejected/"):
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        return moved and rest and all(answer is not None and answer["done"] for answer in done)

    def custom_resources(self) -> bool:
        """Definitions are removed with all data, applied, and one that has changed is applied again."""
        glue, database = self.stack.client("glue"), self.outputs["DatabaseName"]
        results = self.resources["QueryResultsBucket"]
        properties = self._custom_resources.athena_properties
        script = {"Bucket": self.resources["TrackerBucket"]}
        for bucket in (self.bucket, results):
            self.s3.put_object(Bucket=bucket, Key="events/ingest_month=2026-11/x", Body=b"x")
        worked = self._hook("Delete", script, "TrackerScript") and self._hook(
            "Create", script, "TrackerScript"
        )
        worked &= self._hook("Delete", properties)
        worked &= not self._keys("", results)
        removed = self._hook("Delete", {"Bucket": self.bucket, "RetainData": "false"}, "DataRemoval")
        if removed:
            self.s3.create_bucket(
                Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        worked &= removed
        worked &= self._report_removal()
        worked &= self._hook("Create", properties)
        try:
            table = glue.get_table(DatabaseName=database, Name="events_raw")["Table"]
        except glue.exceptions.EntityNotFoundException:
            return False
        names = ("Name", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
        changed = {name: table[name] for name in names if name in table}
        changed["Parameters"] = changed["Parameters"] | {"menulens_definition": "of before"}
        glue.update_table(DatabaseName=database, TableInput=changed)
        athena, group = self.stack.client("athena"), self.outputs["WorkGroupName"]
        saved = athena.list_named_queries(WorkGroup=group)["NamedQueryIds"]
        if not saved:
            return False
        query = athena.get_named_query(NamedQueryId=saved[0])["NamedQuery"]
        athena.update_named_query(
            NamedQueryId=saved[0],
            Name=query["Name"],
            Description=query["Description"],
            QueryString="SELECT 1",
        )
        return worked and self._hook("Update", properties)

    def report(self) -> bool:
        """The page and the figures of the running day are written."""
        return self.dashboard.write() == {"written": ["today.json", "dashboard.html"]}

    def served_dashboard(self) -> bool:
        """Without an object the answer is 403 or 503, as it should be; with them, the page."""
        bucket = self.dashboard.bucket
        for key in self._keys("", bucket):
            self.s3.delete_object(Bucket=bucket, Key=key)
        _, access = new_access()
        statuses = [self.dashboard.get().status]
        for key, body in (
            ("access.json", access.write()),
            ("dashboard.html", b"page"),
            ("today.json", b"{}"),
        ):
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)
            statuses.append(self.dashboard.get(access.new_cookie().partition(";")[0]).status)
        return statuses == [403, 503, 200, 200]

    def letter(self) -> bool:
        answer = self._call("LetterFunction", {})
        return answer is not None and "message_id" in answer

    def tracker(self) -> bool:
        url = self.stack.local_url(self.outputs["TrackerUrl"])
        return urllib3.request("GET", url).status == 200

    def _report_removal(self) -> bool:
        """The bucket of the owner's dashboard goes with what is in it."""
        bucket = self.dashboard.bucket
        for key in ("dashboard.html", "today.json"):
            self.s3.put_object(Bucket=bucket, Key=key, Body=b"{}")
        removed = self._hook("Delete", {"Bucket": bucket, "RetainData": "false"}, "DataRemoval")
        if removed:
            place = {"LocationConstraint": REGION}
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        return removed

    def _hook(self, request: str, properties: dict[str, str], name: str = "AthenaDefinitions") -> bool:
        answer = self._custom_resources.call(request, properties, name)
        return answer is not None and answer["Status"] == "SUCCESS"

    def _call(self, name: str, event: dict[str, Any]) -> dict[str, Any] | None:
        answer = self.functions.invoke(FunctionName=self.resources[name], Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            print(result)  # which pytest shows if the test fails
            return None
        return dict(result)

    def _keys(self, prefix: str, bucket: str = "") -> list[str]:
        page = self.s3.list_objects_v2(Bucket=bucket or self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in page.get("Contents", [])]

    def _count(self, prefix: str) -> int:
        return len(self._keys(prefix))

    def _exists(self, key: str) -> bool:
        return key in self._keys(key)

    def _log_lines(self, group: str) -> int:
        name = f"/menulens/{STACK_NAME}/{group}"
        return len(self.stack.client("logs").filter_log_events(logGroupName=name)["events"])

    def _soon(self, reached: Callable[[], bool], seconds: float = 5) -> bool:
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


PROBES: dict[str, Callable[[Probes], bool]] = {
    "IngestRole": Probes.ingest,
    "DeliveryRole": Probes.delivery,
    "TransformRole": Probes.transform,
    "VisitorKeyRole": Probes.visitor_key,
    "CompactionRole": Probes.compaction,
    "ReplayRole": Probes.replay,
    "HooksRole": Probes.custom_resources,
    "ReportRole": Probes.report,
    "DashboardRole": Probes.served_dashboard,
    "LetterRole": Probes.letter,
    "TrackerRole": Probes.tracker,
}


@pytest.fixture(scope="module")
def probes(stack: LocalStack) -> Iterator[Probes]:
    with answers() as answer_url:
        yield Probes(stack, CustomResources(stack, answer_url))


def test_every_role_is_tried_or_argued(probes: Probes) -> None:
    roles = {name for name in probes.resources if name.endswith("Role")}
    assert roles == PROBES.keys() | {role for role, _ in ASKED_BY_AWS} - OPTIONAL


@pytest.mark.parametrize("role", PROBES)
def test_nothing_works_without_what_is_granted(stack: LocalStack, probes: Probes, role: str) -> None:
    iam, name, probe = stack.client("iam"), probes.resources[role], PROBES[role]
    assert probe(probes), f"{role} cannot do its work"
    idle = []
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for action, changed in without(document):
            put = {"RoleName": name, "PolicyName": policy}
            if changed["Statement"]:
                iam.put_role_policy(**put, PolicyDocument=json.dumps(changed))
            else:
                iam.delete_role_policy(**put)
            if probe(probes):
                idle.append(action)
            iam.put_role_policy(**put, PolicyDocument=json.dumps(document))
            assert probe(probes), f"{role} cannot do its work after {action} was given back"
    assert sorted(idle) == asked_by_aws(role)
