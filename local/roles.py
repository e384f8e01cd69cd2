"""Credentials of the IAM roles that API Gateway and Firehose assume, inside the emulator's process.

Emulates: the service's side of `sts:AssumeRole`. On AWS a service assumes the role that it was configured
with, as its service principal. The emulator's own STS takes its root user for any service, so the trust
policy is evaluated here against the principal that calls. Requests with these credentials go over HTTP to
the emulator, which enforces the role's permissions (`AUTH=true`).

Not covered: whether AWS fills in the same condition keys. Known here are `aws:SourceAccount`,
`aws:SourceArn` and, as Firehose sends it, `sts:ExternalId` (the account).

Reference:
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
"""

import json
import os
import threading
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.session import Session
from ministack.core import iam_evaluator
from ministack.services import iam, sts

SESSION_SECONDS = 3600
_lock = threading.RLock()


class RoleNotAssumableError(Exception):
    """The role does not exist, or does not trust the service."""


def endpoint() -> str:
    """Return the address of the emulator that this process serves."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def region() -> str:
    """Return the emulator's region."""
    return os.environ["MINISTACK_REGION"]


def client(service: str, role_arn: str, principal: str, source_arn: str) -> Any:
    """Return a boto3 client of the emulator, acting as the role; one per set of arguments."""
    with _lock:
        return _client(service, role_arn, principal, source_arn)


def credentials(role_arn: str, principal: str, source_arn: str) -> RefreshableCredentials:
    """Return the role's credentials, which renew themselves shortly before they expire."""
    with _lock:
        return _credentials(role_arn, principal, source_arn)


@cache
def _client(service: str, role_arn: str, principal: str, source_arn: str) -> Any:
    botocore_session: Any = Session()
    botocore_session._credentials = _credentials(role_arn, principal, source_arn)
    # Callers retry as their AWS service does, so the SDK must not do it as well.
    config = Config(retries={"total_max_attempts": 1}, read_timeout=900, s3={"addressing_style": "path"})
    session: Any = boto3.Session(botocore_session=botocore_session, region_name=region())
    return session.client(service, endpoint_url=endpoint(), config=config)


@cache
def _credentials(role_arn: str, principal: str, source_arn: str) -> RefreshableCredentials:
    def assume() -> dict[str, str]:
        return _assume(role_arn, principal, source_arn)

    return RefreshableCredentials.create_from_metadata(assume(), assume, "assume-role")


def _assume(role_arn: str, principal: str, source_arn: str) -> dict[str, str]:
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or not _trusts(role, principal, source_arn):
        raise RoleNotAssumableError(f"{principal} is not authorized to perform: sts:AssumeRole on {role_arn}")
    key, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    expiry = time.time() + SESSION_SECONDS
    session_name = principal.split(".")[0]
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expiry,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    expiry_time = datetime.fromtimestamp(expiry, UTC).isoformat()
    return {"access_key": key, "secret_key": secret, "token": token, "expiry_time": expiry_time}


def _trusts(role: dict[str, Any], principal: str, source_arn: str) -> bool:
    """Return whether the role's trust policy lets the service assume it for a resource."""
    document = role["AssumeRolePolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    statements = document["Statement"]
    statements = [statements] if isinstance(statements, dict) else statements
    of_principal = [
        statement
        for statement in statements
        if iam_evaluator._service_principal_matches(statement.get("Principal"), principal)
    ]
    account = source_arn.split(":")[4]
    root = f"arn:aws:iam::{account}:root"  # for which the emulator lets a service principal stand
    context = iam_evaluator.EvalContext(
        principal_arn=root,
        principal_type="Root",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role["Arn"],
        region=region(),
        service_context={
            "aws:sourceaccount": account,
            "aws:sourcearn": source_arn,
            "sts:externalid": account,
        },
    )
    return iam_evaluator.evaluate_trust_policy({"Statement": of_principal}, root, context)
