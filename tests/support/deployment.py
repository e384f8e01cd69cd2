"""The stack deployed for tests: a copy of the project to change, a free port, the API as a phone calls it."""

import copy
import json
import shutil
import socket
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import WaiterError
from ministack.services.cloudformation import engine

from local.resources import stack_resources
from local.stack import REGION, ROOT, STACK_NAME, LocalStack, LocalStackError, machine_parameters
from preview.queries import query
from tests.support import PHONE

PARTS = ("template.yaml", "samconfig.toml", ".python-version", "functions", "athena", "quicksight", "tracker")
PACKAGES = "aws-sam-cli-packages"  # the bucket of what is deployed, named as SAM names its own
EXPANDED = "expanded.json"  # the template without SAM's resources, as SAM's transform leaves it
EVENT = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}


def copy_project(folder: Path, project: Path = ROOT) -> Path:
    """Copy what is deployed; of a project that tests have built, the build too."""
    for name in PARTS:
        source = project / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    if project != ROOT:
        copy_build(folder, project)
    return folder


def copy_build(folder: Path, project: Path) -> None:
    """Copy what is built of a project to a copy of it."""
    shutil.copytree(project / ".aws-sam", folder / ".aws-sam")
    # SAM builds again what it finds at another address.
    state = folder / ".aws-sam" / "build.toml"
    state.write_text(state.read_text().replace(str(project), str(folder)))


def copy_packages(folder: Path, project: Path) -> Path:
    """Copy what is deployed, and the packages alone of what is built: enough to deploy, not to build."""
    copy_project(folder)
    copy_files(project / ".aws-sam" / "build", folder / ".aws-sam" / "build")
    return folder


def copy_files(source: Path, folder: Path) -> None:
    """Copy the files of a folder, without its folders, to one that may be there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (path for path in source.iterdir() if path.is_file()):
        shutil.copy2(path, folder)


def zip_packages(project: Path) -> None:
    """Pack what SAM has built, once for all deployments of it: SAM uploads a zip file as it is."""
    build = project / ".aws-sam" / "build"
    for package in (path for path in build.iterdir() if path.is_dir()):
        _zip(package, Path(f"{package}.zip"))
    path = build / "template.yaml"
    template = json.loads(path.read_text())
    for properties, name in _codes(template):
        properties[name] += ".zip"
    path.write_text(json.dumps(template))
    expand(build)


def _zip(folder: Path, target: Path, prefix: str = "") -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in folder.rglob("*"):
            archive.write(path, Path(prefix, path.relative_to(folder)))


def _codes(template: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Return where a template names code: properties of a resource, and which of them."""
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in {"CodeUri", "ContentUri"} & properties.keys():
            yield properties, name


def _key(package: Path) -> str:
    """Return the key of a package in the bucket, another one for each that was packed."""
    return f"{package.stat().st_mtime_ns}/{package.name}"


def expand(build: Path) -> None:
    """Write the template with the addresses of the packages, as SAM's transform expands it."""
    template = json.loads((build / "template.yaml").read_text())
    for properties, name in _codes(template):
        properties[name] = f"s3://{PACKAGES}/{_key(build / properties[name])}"
    (build / EXPANDED).write_text(json.dumps(engine._apply_transforms(template)))


class DeployedStack(LocalStack):
    """The local stack, deployed by the calls of CloudFormation that `sam deploy` makes.

    SAM's commands take twice as long as these calls. What SAM makes of the template and the packages is the
    same for each deployment, so `zip_packages` has made it. That both deploy the same,
    tests/integration/test_lifecycle.py shows.
    """

    def build_layer(self, name: str, folder: str) -> None:
        """Pack a folder of definitions, which has changed, as the layer that SAM makes of it."""
        build = self._expanded().parent
        _zip(self.project / folder, build / f"{name}.zip", "python")
        expand(build)

    def deploy(self, **parameters: str) -> None:
        cloudformation = self.client("cloudformation")
        template_url = self._upload()
        try:
            cloudformation.describe_stacks(StackName=STACK_NAME)
            kind = "UPDATE"
        except cloudformation.exceptions.ClientError:
            kind = "CREATE"
        values = machine_parameters() | parameters
        names = json.loads(self._expanded().read_text())["Parameters"] if kind == "UPDATE" else values
        change_set = cloudformation.create_change_set(
            StackName=STACK_NAME,
            ChangeSetName=f"tests-{uuid.uuid4()}",
            ChangeSetType=kind,
            TemplateURL=template_url,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name}
                | ({"ParameterValue": values[name]} if name in values else {"UsePreviousValue": True})
                for name in names
            ],
        )["Id"]
        pause = {"Delay": 0.1, "MaxAttempts": 3000}
        try:
            created = cloudformation.get_waiter("change_set_create_complete")
            created.wait(ChangeSetName=change_set, WaiterConfig=pause)
            cloudformation.execute_change_set(ChangeSetName=change_set)
            finished = cloudformation.get_waiter(f"stack_{kind.lower()}_complete")
            finished.wait(StackName=STACK_NAME, WaiterConfig=pause)
        except WaiterError as error:
            events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
            reasons = [event.get("ResourceStatusReason", "") for event in events]
            raise LocalStackError("\n".join([str(error), *filter(None, reasons)])) from error

    def _expanded(self) -> Path:
        return self.project / ".aws-sam" / "build" / EXPANDED

    def _upload(self) -> str:
        """Store the template, and the packages that are not stored yet; return the template's address."""
        s3, build = self.client("s3"), self._expanded().parent
        if PACKAGES not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=PACKAGES, CreateBucketConfiguration={"LocationConstraint": REGION})
        stored = {entry["Key"] for entry in s3.list_objects_v2(Bucket=PACKAGES).get("Contents", [])}
        for package in build.glob("*.zip"):
            if _key(package) not in stored:
                s3.put_object(Bucket=PACKAGES, Key=_key(package), Body=package.read_bytes())
        s3.put_object(Bucket=PACKAGES, Key=EXPANDED, Body=self._expanded().read_bytes())
        return f"https://s3.{REGION}.amazonaws.com/{PACKAGES}/{EXPANDED}"


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rolls_back(stack: LocalStack, *messages: str, **parameters: str) -> None:
    """Deploy what must fail: a reason holds all the `messages`, and the stack is as before."""
    with pytest.raises(LocalStackError):
        stack.deploy(**parameters)
    cloudformation = stack.client("cloudformation")
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any(all(message in reason for message in messages) for reason in reasons), reasons
    (state,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    assert state["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


class Api:
    """Posts to the deployed API as a phone's browser does."""

    def __init__(self, stack: LocalStack) -> None:
        outputs = stack.outputs()
        self._urls = {
            "one": stack.local_url(outputs["EventsUrl"]),
            "batch": stack.local_url(outputs["EventsBatchUrl"]),
        }
        self._http = urllib3.PoolManager(retries=False)

    def post(
        self, body: Any, path: str = "one", content_type: str = "application/json", **headers: str
    ) -> urllib3.BaseHTTPResponse:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        request_headers = {"Content-Type": content_type, "User-Agent": PHONE, "Origin": "https://example.com"}
        request_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.request("POST", self._urls[path], body=data, headers=request_headers)

    def options(self, origin: str = "https://example.com") -> urllib3.BaseHTTPResponse:
        return self._http.request("OPTIONS", self._urls["one"], headers={"Origin": origin})


def resources(stack: LocalStack) -> dict[str, str]:
    """Return the physical ids of the stack's resources by their logical ids."""
    named = stack_resources(stack.client("cloudformation"), STACK_NAME)
    return {name: resource.id for name, resource in named.items()}


def ask(stack: LocalStack, sql: str) -> list[dict[str, str]]:
    """Ask Athena."""
    outputs = stack.outputs()
    return query(stack.client("athena"), sql, outputs["DatabaseName"], outputs["WorkGroupName"])


def eventually(stack: LocalStack, sql: str, count: int) -> list[dict[str, str]]:
    """Ask until there are `count` rows; the buffers take a second or two."""
    deadline = time.monotonic() + 20
    while len(rows := ask(stack, sql)) < count and time.monotonic() < deadline:
        time.sleep(0.3)
    assert len(rows) == count
    return rows


def without(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each action of each statement of a policy, after its Sid, and the policy without it."""
    for number, statement in enumerate(document["Statement"]):
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        for action in actions:
            changed = copy.deepcopy(document)
            left = [name for name in actions if name != action]
            changed["Statement"][number]["Action"] = left
            if not left:
                del changed["Statement"][number]
            yield f"{statement.get('Sid', '')} {action}".strip(), changed
