"""Each function's package holds what the function needs beside the runtime's SDK: imported from it alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from scripts import package
from tests.support import ROOT

FUNCTIONS = {
    "TransformFunction": "transform",
    "VisitorKeyFunction": "visitor_key",
    "CompactionFunction": "compaction",
    "ReplayFunction": "replay",
    "HooksFunction": "custom_resources",
    "LetterFunction": "letter",
    "ReportFunction": "report",
    "DashboardFunction": "dashboard",
}
# What Lambda's runtime brings: the SDK and what it needs, but no time zones for certain.
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
WITHOUT_RUNTIME = {"HooksFunction"}
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "DATA_BUCKET": "data",
    "DELIVERY_STREAM": "stream",
    "METRICS_NAMESPACE": "MenuLens/test",
    "OWNER_LANGUAGE": "de",
    "PYTHONTZPATH": "",
    "TIME_ZONE": "Europe/Rome",
    "TRANSFORM_FUNCTION": "transform",
}


@pytest.fixture(scope="module")
def build(built_project: Path) -> Path:
    return built_project / ".aws-sam" / "build"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runtime")
    site_packages = Path(boto3.__file__).parent.parent
    for name in RUNTIME:
        (folder / name).symlink_to(site_packages / name)
    return folder


def run(package: Path, runtime: Path, code: str) -> str:
    """Run code as in Lambda: the function's package, then the runtime's; of this environment nothing."""
    paths = [str(package)] if package.name in WITHOUT_RUNTIME else [str(package), str(runtime)]
    process = subprocess.run(
        (sys.executable, "-S", "-c", code),
        cwd=package,
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_imported_from_its_package(build: Path, runtime: Path, function: str) -> None:
    """With the time zone of the stack if it uses one: nobody promises that Lambda's image has the zones.

    The release notes of Amazon Linux 2023 name them for another image only; PYTHONTZPATH hides the machine's.
    https://docs.python.org/3/library/zoneinfo.html#envvar-PYTHONTZPATH
    """
    modules = sorted(path.stem for path in (ROOT / "functions" / FUNCTIONS[function]).glob("*.py"))
    run(build / function, runtime, f"import {', '.join(modules)}")
    if any("ZoneInfo(" in (build / function / f"{module}.py").read_text() for module in modules):
        code = "import app, zoneinfo; print(zoneinfo.ZoneInfo('Europe/Rome'))"
        assert run(build / function, runtime, code) == "Europe/Rome\n"


def test_every_function_of_the_template_is_tried(build: Path) -> None:
    assert {path.parent.name for path in build.glob("*/app.py")} == FUNCTIONS.keys()


def test_the_hooks_bring_an_sdk_that_knows_what_they_send(build: Path, runtime: Path) -> None:
    """FailureConfiguration of a refresh came with botocore 1.38; a region's runtime may have an older one.

    AWS says to bring a version that one relies on: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
    """
    code = """
import boto3, botocore
print(boto3.__file__, botocore.__file__, sep="\\n")
model = boto3.client("quicksight").meta.service_model
print("FailureConfiguration" in model.shape_for("DataSetRefreshProperties").members)
"""
    *files, knows = run(build / "HooksFunction", runtime, code).splitlines()
    assert all(Path(file).is_relative_to(build / "HooksFunction") for file in files)
    assert knows == "True"


def test_the_hooks_sdk_keeps_the_services_that_they_call(build: Path, runtime: Path) -> None:
    sources = [path.read_text() for path in (ROOT / "functions" / "custom_resources").glob("*.py")]
    clients = re.compile(r'boto3\.client\(\s*"([a-z0-9-]+)"')
    called = {name for source in sources for name in clients.findall(source)}
    assert called == set(package.SERVICES["HooksFunction"])
    code = f"import boto3; print([boto3.client(name).meta.endpoint_url for name in {sorted(called)}])"
    assert "https://quicksight.eu-central-1.amazonaws.com" in run(build / "HooksFunction", runtime, code)


def test_the_hooks_package_is_small(build: Path) -> None:
    """Lambda unpacks it before a cold start; with every service's model it is three times as large."""
    files = [path for path in (build / "HooksFunction").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files if path.suffix != ".pyc") < 10e6
