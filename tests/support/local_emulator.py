"""An emulator process with the supplements under test, and what the tests put into it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.resources import stack_resources
from tests.support.deployment import free_port

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "000000000000"


class Emulator:
    """A running emulator, and clients of it."""

    calls: Path  # where the function of the streams under test writes its events; their fixture sets it

    def __init__(self, port: int, process: subprocess.Popen[bytes]):
        self.port = port
        self.process = process

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        """Return a client of the account's root, or with the credentials of a role."""
        key = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        make_client: Any = boto3.client  # its types ask for a literal name of a service
        return make_client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    def deploy(self, name: str, resources: dict[str, Any]) -> dict[str, str]:
        """Create a stack and return the physical ids of its resources."""
        cloudformation = self.client("cloudformation")
        body = json.dumps({"Resources": resources})
        cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        return {name: resource.id for name, resource in stack_resources(cloudformation, name).items()}

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        s3 = self.client("s3")
        keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


@contextlib.contextmanager
def running(data_directory: Path, **environment: str) -> Iterator[Emulator]:
    port = free_port()
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(data_directory),
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data_directory / "s3"),
        **environment,
    }
    with (data_directory / "emulator.log").open("wb") as log:
        command = [sys.executable, "-m", "local.emulator"]
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        try:
            until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
            yield Emulator(port, process)
        finally:
            process.terminate()
            process.wait(30)


def until[T](condition: Callable[[], T | None], seconds: float = 20) -> T:
    """Wait until something is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return result


def role(service: str, *allowed: tuple[str, str], **properties: Any) -> dict[str, Any]:
    """Return a role that a service may assume, and the actions on resources that it allows."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{service}.amazonaws.com"},
    }
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    policy = {"PolicyName": "allowed", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    document = {"Version": "2012-10-17", "Statement": [trust | properties]}
    policies = [policy] if statements else []
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": document, "Policies": policies},
    }


def arn_of(resource: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [resource, "Arn"]}
