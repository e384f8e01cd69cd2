"""Athena of the local stack: whom it lets do what, against an emulator that enforces IAM."""

import json
from typing import Any

import pytest

from tests.support.local_athena import Athena
from tests.support.local_emulator import ACCOUNT, REGION

RESULTS = [["s3:GetBucketLocation", "arn:aws:s3:::results"], ["s3:PutObject", "arn:aws:s3:::results/*"]]
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
READ_GLUE = [["glue:GetTable", f"{GLUE}:{part}"] for part in ("catalog", "database/shop", "table/shop/*")]
READ_S3 = [["s3:ListBucket", "arn:aws:s3:::data"], ["s3:GetObject", "arn:aws:s3:::data/visits/*"]]
CREATE = [[action, f"{GLUE}:*"] for action in ("glue:GetDatabase", "glue:CreateTable")]


def allowed_to(athena: Athena, name: str, permissions: list[list[str]]) -> Any:
    """Return a client with a role that may use Athena, and nothing more than the permissions."""
    iam = athena.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trust | {"Version": "2012-10-17"})
    )
    allowed = [["athena:*", "*"], *permissions]
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy)
    session = athena.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="test")[
        "Credentials"
    ]
    return athena.client(
        "athena",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


@pytest.mark.parametrize(
    ("name", "sql", "permissions", "denied"),
    [
        ("no-glue", "SELECT id FROM visits", RESULTS + READ_S3, f"glue:GetTable on resource: {GLUE}:catalog"),
        ("no-list", "SELECT id FROM visits", RESULTS + READ_GLUE + READ_S3[1:],
         "s3:ListBucket on resource: arn:aws:s3:::data"),
        ("no-read", "SELECT id FROM visits", RESULTS + READ_GLUE + READ_S3[:1],
         "s3:GetObject on resource: arn:aws:s3:::data/visits/"),
        ("no-write", "SELECT id FROM visits", RESULTS[:1] + READ_GLUE + READ_S3,
         "s3:PutObject on resource: arn:aws:s3:::results/"),
        ("no-create", "CREATE VIEW secret AS SELECT id FROM visits", RESULTS + READ_GLUE + CREATE[:1],
         f"glue:CreateTable on resource: {GLUE}:catalog"),
        ("no-drop", "DROP TABLE visits", RESULTS + READ_GLUE, "glue:DeleteTable on resource: arn:aws:glue"),
    ],
)  # fmt: skip
def test_denied(athena: Athena, name: str, sql: str, permissions: list[list[str]], denied: str) -> None:
    client = allowed_to(athena, name, permissions)
    status = athena.wait(athena.start(sql, client=client))["Status"]
    assert status["State"] == "FAILED"
    reason = status["StateChangeReason"]
    assert reason.startswith("Insufficient permissions to execute the query. User: arn:aws:sts::")
    assert f"/{name}/test is not authorized to perform: {denied}" in reason


def test_allowed(athena: Athena) -> None:
    client = allowed_to(athena, "reader", RESULTS + READ_GLUE + READ_S3)
    assert athena.wait(athena.start("SELECT id FROM visits", client=client))["Status"]["State"] == "SUCCEEDED"
    maker = allowed_to(athena, "maker", RESULTS + READ_GLUE + CREATE)
    sql = "CREATE VIEW made AS SELECT id FROM visits"
    assert athena.wait(athena.start(sql, client=maker))["Status"]["State"] == "SUCCEEDED"


def test_workgroups(athena: Athena) -> None:
    client = athena.client("athena")
    settings = {
        "ResultConfiguration": {"OutputLocation": "s3://results/group/"},
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    client.create_work_group(Name="small", Configuration=settings)
    query = athena.run("SELECT 1 AS x", WorkGroup="small")
    location = f"s3://results/group/{query['QueryExecutionId']}.csv"
    assert query["ResultConfiguration"]["OutputLocation"] == location
    assert athena.object(location) == b'"x"\n"1"\n'
    athena.put("large/x", b"0123456789\n" * 1_000_000)
    athena.run(
        "CREATE EXTERNAL TABLE large (a string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/large/'"
    )
    status = athena.wait(athena.start("SELECT a FROM large", WorkGroup="small"))["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    client.update_work_group(WorkGroup="small", State="DISABLED")
    for group in ("small", "unknown"):
        with pytest.raises(client.exceptions.InvalidRequestException):
            athena.start("SELECT 1", WorkGroup=group)
