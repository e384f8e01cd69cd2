"""`make verify` passes on the stack as it is deployed, and names the step for each fault planted in it.

The local stack stands in for AWS: what these tests prove is that the command tells right from wrong.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from local.stack import REGION, ROOT, STACK_NAME, LocalStack
from tests.support.deployment import ask
from tests.support.faults import (
    EMAIL,
    ORIGINS,
    broken_transform,
    decimal_column,
    lower_case_keys,
    no_cors_header,
    no_saved_query,
    no_view,
    unverified_address,
    without_right,
    wrong_script,
)
from tests.support.owner_dashboard import OwnerDashboard
from tools.verify.plan import STEPS

SCRIPT = "The tracker is served and its hash is right"
BAD_EVENT = "The API answers a bad event with 400"
ROWS = "Each event is a row, each column as it was sent"
KEPT = "The rejected event is kept with its reason"
NOTHING_FAILED = "Firehose failed nothing"
VIEWS = "Each view answers"
QUERIES = "Each saved query answers"
PAGE = "The owner's page is written and closed"
LETTER = "The owner's letter can be written and sent"
COMPACTION = "The compaction leaves the rows the same"
NOT_ASKED_FOR = {"QuickSight shows the dashboard"}
# Without a name the command takes the emulator's root user; this takes the user of the environment.
WITH_CREDENTIALS = """
import sys
from rich.console import Console
from local.stack import STACK_NAME, LocalStack
from tools.verify.__main__ import Verification
from tools.verify.stack import Stack
stack = Stack(STACK_NAME, LocalStack(int(sys.argv[1])).local_url)
sys.exit(Verification(stack, Console(soft_wrap=True)).run())
"""
type Fault = Callable[[LocalStack], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    own = {"AlarmEmail": EMAIL, "OwnerEmail": EMAIL, "OwnerDashboard": "true"}
    return own | {"BufferSeconds": "60", "AllowedOrigin": ORIGINS, "RequireApiKey": "true"}


@pytest.fixture(scope="module", autouse=True)
def verified_address(stack: LocalStack) -> None:
    """The owner has followed the link."""
    stack.client("ses").verify_email_identity(EmailAddress=EMAIL)


@pytest.fixture(scope="module", autouse=True)
def written_page(stack: LocalStack) -> None:
    """The owner's page is written, as after a deployment."""
    assert "errorMessage" not in OwnerDashboard(stack).write()


def verify(stack: LocalStack, **credentials: str) -> tuple[int, dict[str, str], str]:
    """Run the command; return its exit code, the mark of each step, and its whole output."""
    process = subprocess.run(
        [sys.executable, "-c", WITH_CREDENTIALS, str(stack.port)]
        if credentials
        else [sys.executable, "-m", "tools.verify"],
        cwd=ROOT,
        env=stack.environment() | {"PORT": str(stack.port), "NO_COLOR": "1"} | credentials,
        capture_output=True,
        text=True,
    )
    names = "|".join(re.escape(step.name) for step in STEPS)
    marks = {name: mark for mark, name in re.findall(rf"^(.) ({names})", process.stdout, re.MULTILINE)}
    return process.returncode, marks, process.stdout + process.stderr


def with_mark(marks: dict[str, str], mark: str) -> set[str]:
    return {name for name, its in marks.items() if its == mark}


def test_it_passes_and_leaves_nothing_of_what_it_sent(stack: LocalStack) -> None:
    code, marks, output = verify(stack)
    assert code == 0, output
    assert with_mark(marks, "–") == NOT_ASKED_FOR, output
    assert with_mark(marks, "✓") == {step.name for step in STEPS} - NOT_ASKED_FOR, output
    assert "Removed what was sent" in output
    (left,) = ask(stack, "SELECT count(*) AS n FROM events_raw WHERE source_menu LIKE 'verify-%'")
    assert left["n"] == "0"
    (left,) = ask(stack, "SELECT count(*) AS n FROM rejected_events WHERE raw LIKE '%verify-%'")
    assert left["n"] == "0"


def test_it_says_that_there_is_no_such_stack(stack: LocalStack) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tools.verify", "--stack", "another"],
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert "another" in process.stderr


FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "wrong script": (wrong_script, {SCRIPT}),
    "no view": (no_view, {VIEWS, QUERIES}),
    "compaction may not list": (
        lambda stack: without_right(stack, "CompactionRole", "s3:ListBucket"),
        {COMPACTION},
    ),
    "decimal column": (decimal_column, {ROWS, NOTHING_FAILED}),
    "broken transform": (broken_transform, {ROWS, KEPT, NOTHING_FAILED}),
    "no saved query": (no_saved_query, {QUERIES}),
    "keys in lower case": (lower_case_keys, {ROWS, NOTHING_FAILED}),
    "unverified address": (unverified_address, {LETTER}),
    "page may not be read": (
        lambda stack: without_right(stack, "DashboardRole", "s3:GetObject"),
        {PAGE},
    ),
    "letter may not ask": (
        lambda stack: without_right(stack, "LetterRole", "athena:StartQueryExecution"),
        {LETTER},
    ),
    "no CORS header": (no_cors_header, {BAD_EVENT}),
    "script may not be read": (
        lambda stack: without_right(stack, "TrackerRole", "s3:GetObject"),
        {SCRIPT},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_names_the_step_of_a_planted_fault(stack: LocalStack, name: str) -> None:
    plant, failing = FAULTS[name]
    with plant(stack):
        code, marks, output = verify(stack)
    assert code == 1, output
    assert with_mark(marks, "✗") == failing, output


def test_its_policy_is_enough(stack: LocalStack) -> None:
    """A user with docs/verify-policy.json alone verifies the stack; the emulator enforces the policy."""
    iam, outputs = stack.client("iam"), stack.outputs()
    values = {
        "REGION": REGION,
        "ACCOUNT": "000000000000",
        "DATABASE": outputs["DatabaseName"],
        "STACK": STACK_NAME,
    }
    text = (ROOT / "docs" / "verify-policy.json").read_text()
    # The emulator asks for DescribeAlarms without a resource; AWS knows alarms as its resources.
    text = text.replace("arn:aws:cloudwatch:REGION:ACCOUNT:alarm:STACK-*", "*")
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    iam.create_user(UserName="verifier")
    iam.put_user_policy(UserName="verifier", PolicyName="verify", PolicyDocument=text)
    key = iam.create_access_key(UserName="verifier")["AccessKey"]
    secrets = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    code, _, output = verify(stack, **secrets)
    assert code == 0, output
    iam.put_user_policy(
        UserName="verifier", PolicyName="verify", PolicyDocument=text.replace("lambda:Invoke", "lambda:Get")
    )
    code, marks, output = verify(stack, **secrets)
    assert code == 1, output
    assert with_mark(marks, "✗") == {COMPACTION, LETTER, "The replay finds the rejected event"}, output
