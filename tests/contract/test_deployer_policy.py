"""docs/deployer-policy.json allows what CloudFormation does for each type of resource in the template."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from tests.support import ROOT

# What creating, reading, changing and deleting takes: the handlers' permissions in the types' schemas, as
# far as the template's properties use them.
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
NEEDED = {
    "AWS::ApiGateway::ApiKey": "apigateway:POST apigateway:GET apigateway:PATCH apigateway:DELETE",
    "AWS::ApiGateway::UsagePlan": "apigateway:POST apigateway:GET apigateway:PATCH apigateway:DELETE",
    "AWS::ApiGateway::UsagePlanKey": "apigateway:POST apigateway:GET apigateway:DELETE",
    "AWS::Athena::WorkGroup": "athena:CreateWorkGroup athena:GetWorkGroup athena:UpdateWorkGroup"
    " athena:DeleteWorkGroup",
    "AWS::Budgets::Budget": "budgets:ModifyBudget budgets:ViewBudget",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard cloudwatch:GetDashboard"
    " cloudwatch:DeleteDashboards",
    "AWS::Glue::Database": "glue:CreateDatabase glue:GetDatabase glue:UpdateDatabase glue:DeleteDatabase",
    "AWS::IAM::Policy": "iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy",
    "AWS::IAM::Role": "iam:CreateRole iam:GetRole iam:PutRolePolicy iam:DeleteRolePolicy iam:DeleteRole"
    " iam:UpdateAssumeRolePolicy iam:PassRole",
    "AWS::KinesisFirehose::DeliveryStream": "firehose:CreateDeliveryStream firehose:DescribeDeliveryStream"
    " firehose:UpdateDestination firehose:DeleteDeliveryStream firehose:StartDeliveryStreamEncryption",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup logs:PutRetentionPolicy logs:DescribeLogGroups"
    " logs:DeleteLogGroup logs:AssociateKmsKey",
    "AWS::Logs::LogStream": "logs:CreateLogStream logs:DescribeLogStreams logs:DeleteLogStream",
    "AWS::Logs::MetricFilter": "logs:PutMetricFilter logs:DescribeMetricFilters logs:DeleteMetricFilter",
    "AWS::S3::Bucket": "s3:CreateBucket s3:DeleteBucket s3:PutEncryptionConfiguration"
    " s3:PutLifecycleConfiguration s3:PutBucketPublicAccessBlock s3:PutBucketOwnershipControls",
    "AWS::S3::BucketPolicy": "s3:PutBucketPolicy s3:GetBucketPolicy s3:DeleteBucketPolicy",
    "AWS::SNS::Topic": "sns:CreateTopic sns:Subscribe sns:GetTopicAttributes sns:SetTopicAttributes"
    " sns:DeleteTopic sns:Unsubscribe",
    "AWS::SNS::TopicPolicy": "sns:SetTopicAttributes",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule"
    " scheduler:DeleteSchedule iam:PassRole",
    "AWS::Serverless::Api": "apigateway:POST apigateway:GET apigateway:PUT apigateway:PATCH"
    " apigateway:DELETE",
    "AWS::Serverless::Function": "lambda:CreateFunction lambda:GetFunction lambda:UpdateFunctionCode"
    " lambda:UpdateFunctionConfiguration lambda:DeleteFunction lambda:TagResource iam:PassRole"
    " lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig"
    " lambda:DeleteFunctionEventInvokeConfig",
    "AWS::Serverless::LayerVersion": "lambda:PublishLayerVersion lambda:GetLayerVersion"
    " lambda:DeleteLayerVersion",
    "AWS::WAFv2::WebACL": "wafv2:CreateWebACL wafv2:GetWebACL wafv2:UpdateWebACL wafv2:DeleteWebACL",
    "AWS::WAFv2::WebACLAssociation": "wafv2:AssociateWebACL wafv2:DisassociateWebACL apigateway:SetWebACL",
    "Custom::": "lambda:InvokeFunction",
    # Events of functions, of which SAM makes resources.
    "EventBridgeRule": "events:PutRule events:DescribeRule events:PutTargets events:RemoveTargets"
    " events:DeleteRule lambda:AddPermission lambda:RemovePermission",
}
LONGEST_INLINE = 10_240  # characters of a role's inline policies, spaces left out


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    return dict(json.loads((ROOT / "docs" / "deployer-policy.json").read_text()))


@pytest.fixture(scope="module")
def types() -> set[str]:
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    found = {re.sub("^Custom::.*", "Custom::", each["Type"]) for each in resources.values()}
    for each in resources.values():
        found |= {event["Type"] for event in each.get("Properties", {}).get("Events", {}).values()}
    return found


def test_each_type_of_resource_can_be_made_and_removed(policy: Any, types: set[str]) -> None:
    assert types <= NEEDED.keys(), "say what the new type takes, and allow it in docs/deployer-policy.json"
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    for kind in types:
        assert set(NEEDED[kind].split()) <= allowed, kind


def test_the_policy_allows_nothing_for_types_that_are_not_there(policy: Any, types: set[str]) -> None:
    services = {action.split(":")[0] for kind in types for action in NEEDED[kind].split()}
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert {action.split(":")[0] for action in actions} <= services | {"cloudformation", "sts"}


def test_only_what_knows_no_resource_is_allowed_everywhere(policy: Any) -> None:
    everywhere = [statement for statement in policy["Statement"] if statement["Resource"] == "*"]
    assert [statement["Sid"] for statement in everywhere] == ["OnlyEverywhere"]
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not any(fnmatchcase(action, "*[*?]*") for action in statement["Action"])


def test_the_policy_fits(policy: Any) -> None:
    text = json.dumps(policy, separators=(",", ":")).replace(" ", "")
    values = {"ACCOUNT": "1" * 12, "REGION": "ap-southeast-2", "STACK": "s" * 40, "DATABASE": "s" * 40}
    for name, value in values.items():
        text = text.replace(name, value)
    assert len(text) < LONGEST_INLINE
