"""What the template must say so that it is safe to leave running, whoever adds to it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import ROOT, source_template
from tests.support.asked_by_aws import ASKED_BY_AWS

# Actions that take no resource; `make scan` asks the Service Authorization Reference for each.
WITHOUT_RESOURCE = {
    "athena:ListDataCatalogs",
    "athena:ListWorkGroups",
    "lakeformation:GetDataAccess",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return source_template()["Resources"]


@pytest.fixture(scope="module")
def defaults() -> dict[str, Any]:
    parameters = source_template()["Parameters"]
    return {name: parameter["Default"] for name, parameter in parameters.items()}


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the statements of a policy, those of all branches of a condition."""
    for statement in document["Statement"]:
        for branch in statement["Fn::If"][1:] if "Fn::If" in statement else [statement]:
            if "Effect" in branch:
                yield branch


def actions(statement: dict[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


def granted(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, f"{name}: grants more than it needs"
        for policy in role["Policies"]:
            for statement in statements(policy["PolicyDocument"]):
                yield name, statement


def test_a_service_takes_a_role_only_for_this_account(resources: Any) -> None:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for statement in statements(role["AssumeRolePolicyDocument"]):
            condition = statement["Condition"]
            account = condition.get("StringEquals", condition.get("StringEqualsIfExists"))
            assert account["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}, name


def test_no_role_may_do_everything_or_do_it_everywhere(resources: Any) -> None:
    for name, statement in granted(resources):
        assert not any("*" in action for action in actions(statement)), name
        if statement["Resource"] == "*":
            assert set(actions(statement)) <= WITHOUT_RESOURCE | {"cloudwatch:PutMetricData"}, name
        if "cloudwatch:PutMetricData" in actions(statement):
            namespace = {"Fn::Sub": "MenuLens/${AWS::StackName}"}
            assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": namespace}}


def test_what_only_aws_asks_for_is_granted(resources: Any) -> None:
    """An exemption of the tests that take actions away goes when the action does."""
    granted_actions = {
        (name, f"{statement.get('Sid', '')} {action}".strip())
        for name, statement in granted(resources)
        for action in actions(statement)
    }
    assert ASKED_BY_AWS.keys() <= granted_actions


def test_whoever_runs_ddl_may_look_at_the_default_database_and_the_tables_locations(resources: Any) -> None:
    """Athena's guide: access to `default` "must be present", and DDL acts as its caller.

    https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    """
    statements = [statement for name, statement in granted(resources) if name == "HooksRole"]
    text = [(set(actions(statement)), json.dumps(statement["Resource"])) for statement in statements]
    default = [resource for granted, resource in text if "glue:CreateDatabase" in granted]
    assert len(default) == 1
    assert ":catalog" in default[0]
    assert ":database/default" in default[0]
    tables = [path.read_text() for path in (ROOT / "athena" / "tables").glob("*.sql")]
    prefixes = {re.search(r"LOCATION 's3://\$\{bucket\}/(\w+/)'", table)[1] for table in tables}  # type: ignore[index]
    readable = " ".join(resource for granted, resource in text if "s3:GetObject" in granted)
    assert prefixes
    for prefix in prefixes:
        assert f"${{DataBucket.Arn}}/{prefix}*" in readable


def test_no_log_group_is_made_outside_the_stack(resources: Any) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert all("RetentionInDays" in group for group in groups.values())
    for name, function in of_type(resources, "AWS::Serverless::Function").items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, name
        assert "Role" in function, f"{name}: SAM's own role may create log groups"
    for name, statement in granted(resources):
        assert "logs:CreateLogGroup" not in actions(statement), name
    for api in of_type(resources, "AWS::Serverless::Api").values():
        for settings in api["MethodSettings"]:
            assert "LoggingLevel" not in settings, "the API would make a log group of its own"


def test_access_logs_hold_nothing_of_the_visitor(resources: Any) -> None:
    log = resources["IngestApi"]["Properties"]["AccessLogSetting"]["Fn::If"][1]["Format"]
    for variable in ("identity", "error.message", "error.validationErrorString", "requestOverride", 'path"'):
        assert f"$context.{variable}" not in log
    assert "$context.requestId" in log


def test_buckets_are_private_and_take_tls_only(resources: Any) -> None:
    buckets = of_type(resources, "AWS::S3::Bucket")
    tls_only = set()
    for policy in of_type(resources, "AWS::S3::BucketPolicy").values():
        for statement in statements(policy["PolicyDocument"]):
            if statement["Effect"] == "Allow":
                assert "*" not in (statement["Principal"], statement["Principal"].get("AWS"))
            elif statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}:
                assert (statement["Principal"], statement["Action"]) == ("*", "s3:*")
                tls_only.add(policy["Bucket"]["Ref"])
    assert tls_only == buckets.keys()
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert "BucketEncryption" in bucket, name


def test_an_own_key_encrypts_what_is_stored(resources: Any) -> None:
    key = {"Ref": "KmsKeyArn"}
    data = resources["DataBucket"]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert data["ServerSideEncryptionByDefault"]["Fn::If"][:2] == [
        "HasKey",
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
    ]
    stream = resources["DeliveryStream"]["Properties"]["DeliveryStreamEncryptionConfigurationInput"]["Fn::If"]
    assert stream[1] == {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}
    users = {name for name, statement in granted(resources) if statement["Resource"] == key}
    assert users >= {"DeliveryRole", "TransformRole", "ReplayRole", "HooksRole"}
    for group in of_type(resources, "AWS::Logs::LogGroup").values():
        assert group["KmsKeyId"]["Fn::If"][:2] == ["HasKey", key]


def test_the_gateway_repeats_no_origin_that_it_has_not_looked_up(resources: Any) -> None:
    text = str(resources["IngestApi"])
    assert "method.request.header.Origin" not in text
    assert "method.request.header.origin" not in text


def test_the_document_says_what_a_flood_costs_with_these_defaults(defaults: Any) -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    millions = int(defaults["ThrottleRate"]) * 24 * 3600 / 1e6
    assert f"{millions:.2f} million requests at $3.50 a million | ${millions * 3.5:.2f} |" in text
    assert f"{millions * 5:.0f} GB, ${millions * 5 * 0.029:.2f} |" in text  # records of 5 KB
    table = text.partition("### What a flood can cost")[2].partition("**a day**")[0]
    sums = [0.0, 0.0]
    for line in table.splitlines():
        for column, cell in enumerate(line.split("|")[2:4]):
            if price := re.search(r"\$([\d.]+) *$", cell):
                sums[column] += float(price[1])
    assert "| **a day** | **${:.0f}** | **${:.0f}** |".format(*sums) in text
    assert f"`MonthlyBudget` dollars ({defaults['MonthlyBudget']})" in text
