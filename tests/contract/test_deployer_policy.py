"""docs/deployer-policy*.json allow what CloudFormation does for each type of resource in the template.

What it does is in the handlers of the types' schemas, which cfn-lint ships:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html. Of a handler that
reads, everything is allowed, because it reads settings that the template does not have, too. The handler that
lists is not called by operations of a stack.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from local.stack import REGION
from tests.support import ROOT, source_template
from tests.support.template import parameters, translated

FILES = sorted((ROOT / "docs").glob("deployer-policy*.json"))
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_MANAGED = 6_144  # characters of a managed policy, white space left out
HANDLERS = ("create", "read", "update", "delete")

# Types whose schema names no handlers, or which are the stack's own.
BY_HAND = {
    "AWS::Budgets::Budget": "budgets:ModifyBudget budgets:ViewBudget budgets:TagResource"
    " budgets:ListTagsForResource",
    "Custom": "lambda:InvokeFunction",
}

# What handlers ask for and the template has no use for, by the reason.
UNUSED = {
    "the firewall is of an API": "amplify:* apprunner:* appsync:* bedrock-agentcore:* cognito-idp:*"
    " ec2:*WebAcl* elasticloadbalancing:*",
    "no function is in a VPC or has a file system": "ec2:Describe* elasticfilesystem:* s3files:*",
    "the database has no connection to another": "glue:*Connection",
    "the policy of HooksRole is of a role": "iam:*GroupPolicy iam:*UserPolicy",
    "roles have inline policies only, and neither boundary nor description": "iam:AttachRolePolicy"
    " iam:DetachRolePolicy iam:*PermissionsBoundary iam:UpdateRole iam:UpdateRoleDescription",
    "no service makes a role of its own for what the stack has": "iam:CreateServiceLinkedRole",
    "KmsKeyArn only: docs/security.md says what its policy must allow": "kms:*",
    "functions have no such setting": "lambda:*CodeSigningConfig lambda:*FunctionConcurrency"
    " lambda:PassCapacityProvider lambda:PublishVersion lambda:PutFunctionRecursionConfig"
    " lambda:PutFunctionScalingConfig lambda:PutRuntimeManagementConfig",
    "log groups have no such setting": "logs:CreateLogDelivery logs:*DataProtectionPolicy logs:*IndexPolicy"
    " logs:DeleteResourcePolicy logs:PutResourcePolicy logs:PutBearerTokenAuthentication"
    " logs:PutLogGroupDeletionProtection s3:REST.PUT.OBJECT",
    "buckets have no such setting": "s3:*Metadata*Table* s3:*Analytics* s3:*Cors s3:*CORS"
    " s3:*BucketEncryption"
    " s3:DeleteBucketLifecycle s3:*BucketMetricsConfiguration s3:*Replication* s3:*Website s3:Put*Accelerate*"
    " s3:PutBucketAbac s3:PutBucketAcl s3:PutBucketLogging s3:PutBucketNotification s3:*ObjectLock*"
    " s3:Put*Tiering* s3:Put*Inventory* s3:PutMetrics* s3:PutObjectAcl s3tables:*",
    "the workgroup's bucket is the stack's": "s3:*Multipart*",
    "packages are named without a version": "s3:GetObjectVersion",
    "the topic has no such policy": "sns:PutDataProtectionPolicy",
    "the API has no policy": "apigateway:UpdateRestApiPolicy",
    "the owner's identity and the letter's configuration set have no such setting": "ses:PutEmailIdentity*"
    " ses:PutConfigurationSet*Options",
}

# What no type's handlers name: `sam deploy` and `sam delete`, CloudFormation itself, SAM's own bucket.
OF_SAM = {
    *(f"cloudformation:{name}" for name in (
        "CreateChangeSet", "DeleteChangeSet", "DeleteStack", "DescribeChangeSet", "DescribeEvents",
        "DescribeStackEvents", "DescribeStackResource", "DescribeStackResources", "DescribeStacks",
        "ExecuteChangeSet", "GetTemplate", "GetTemplateSummary", "ListChangeSets", "ListStackResources",
        "TagResource",
    )),
    "sts:GetCallerIdentity", "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutObject", "s3:DeleteObject",
    "s3:ListBucket",
}  # fmt: skip


@pytest.fixture(scope="module")
def policies() -> dict[Path, dict[str, Any]]:
    return {path: dict(json.loads(path.read_text())) for path in FILES}


@pytest.fixture(scope="module")
def statements(policies: Any) -> list[dict[str, Any]]:
    return [statement for policy in policies.values() for statement in policy["Statement"]]


@pytest.fixture(scope="module")
def allowed(statements: Any) -> set[str]:
    return {action for statement in statements for action in statement["Action"]}


@pytest.fixture(scope="module")
def types() -> set[str]:
    template = source_template()
    translation = translated(template, parameters(template, on=True))
    kinds = {str(resource["Type"]) for resource in translation["Resources"].values()}
    return {"Custom" if kind.startswith("Custom::") else kind for kind in kinds}


def named(kind: str) -> Iterator[str]:
    """Return the actions that a type's handlers name, the service in lower case."""
    if kind in BY_HAND:
        yield from BY_HAND[kind].split()
        return
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema["handlers"]
    for handler in HANDLERS:
        for action in handlers.get(handler, {}).get("permissions", []):
            service, name = action.split(":", 1)
            yield f"{service.lower()}:{name}"


def unused(action: str) -> list[str]:
    patterns = [pattern for text in UNUSED.values() for pattern in text.split()]
    return [pattern for pattern in patterns if fnmatchcase(action, pattern)]


def test_each_type_of_resource_can_be_made_read_changed_and_removed(allowed: Any, types: set[str]) -> None:
    for kind in types:
        missing = {action for action in named(kind) if action not in allowed and not unused(action)}
        assert missing == set(), f"{kind}: allow these in docs/, or say in UNUSED why not"


def test_every_exception_is_of_something_that_is_asked_for(allowed: Any, types: set[str]) -> None:
    asked = {action for kind in types for action in named(kind)} - allowed
    patterns = {pattern for text in UNUSED.values() for pattern in text.split()}
    assert patterns == {pattern for action in asked for pattern in unused(action)}
    assert BY_HAND.keys() <= types


def test_sam_may_do_what_it_does(allowed: Any) -> None:
    assert allowed >= OF_SAM


def test_the_policies_allow_nothing_for_types_that_are_not_there(allowed: Any, types: set[str]) -> None:
    services = {action.split(":")[0] for kind in types for action in named(kind)}
    assert {action.split(":")[0] for action in allowed} <= services | {"cloudformation", "sts"}


def test_only_what_knows_no_resource_is_allowed_everywhere(statements: Any) -> None:
    everywhere = [statement for statement in statements if statement["Resource"] == "*"]
    assert [statement["Sid"] for statement in everywhere] == ["OnlyEverywhere"]
    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert not any(fnmatchcase(action, "*[*?]*") for action in statement["Action"])


def test_each_policy_fits_into_a_managed_policy(policies: Any) -> None:
    values = {"ACCOUNT": "1" * 12, "REGION": "ap-southeast-2", "STACK": "s" * 40, "DATABASE": "s" * 40}
    for path, policy in policies.items():
        text = json.dumps(policy, separators=(",", ":")).replace(" ", "")
        for name, value in values.items():
            text = text.replace(name, value)
        assert len(text) <= LONGEST_MANAGED, path.name
