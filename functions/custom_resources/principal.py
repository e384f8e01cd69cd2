"""The QuickSight user or group that a stack's dashboards are for."""

import re

import boto3
from botocore.exceptions import ClientError

from assets import CONFIG, code_of

IDENTITY_REGION = re.compile(r"your identity region is ([a-z0-9-]+)")


class PrincipalError(Exception):
    """The principal cannot own the dashboards; the message says why, and what to do."""


def check(arn: str, account: str) -> None:
    """Raise PrincipalError if the user or group `arn` cannot own assets of `account`.

    Users and groups live in the identity region, which their ARN names; assets live in the stack's region. A
    group may consist of readers only: QuickSight then rejects it, or nobody can change the dashboards.
    Raise botocore's error for everything that the principal is not the cause of.
    """
    _, _, _, region, its_account, resource = arn.split(":", 5)
    kind, namespace, name = resource.split("/", 2)
    if its_account != account:
        raise PrincipalError(
            f"it belongs to account {its_account}, and the stack is in {account}: "
            f"name a user or group of {account}"
        )
    describe = getattr(boto3.client("quicksight", region_name=region, config=CONFIG), f"describe_{kind}")
    try:
        described = describe(AwsAccountId=account, Namespace=namespace, **{f"{kind.title()}Name": name})
    except ClientError as error:
        if match := IDENTITY_REGION.search(str(error)):
            raise PrincipalError(
                f"users and groups of this account are in its identity region, {match[1]}, and the ARN says "
                f"{region}: `aws quicksight list-{kind}s --region {match[1]}` shows the right ARN"
            ) from error
        if code_of(error) != "ResourceNotFoundException":
            raise
        raise PrincipalError(
            f"namespace {namespace} has no {kind} {name}: `aws quicksight list-{kind}s --aws-account-id "
            f"{account} --namespace {namespace} --region {region}` shows those that it has ({error})"
        ) from error
    user = described.get("User", {})
    if "READER" in user.get("Role", ""):
        raise PrincipalError(
            f"the user is a {user['Role']}, and readers cannot own data sets: make the user an AUTHOR or "
            "ADMIN (Manage QuickSight, Manage users), or name another user or a group; dashboards are shared "
            "with readers in QuickSight"
        )
    if not user.get("Active", True):
        raise PrincipalError(
            "the user is inactive: whoever was invited has to sign in to QuickSight once; then deploy again"
        )
