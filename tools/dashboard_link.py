"""Makes a new link to the owner's dashboard and prints it; the links and sessions of before end.

`python -m tools.dashboard_link` is for the local stack; with `--stack NAME` for a stack on AWS. The link is
printed once and stored nowhere: the stack keeps a hash of its key.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import boto3

from functions.dashboard.access import ACCESS_KEY, new_access
from local.messages import UserError, run_command
from local.stack import STACK_NAME, LocalStack, port


def main(arguments: list[str] | None = None) -> int:
    """Print the new link and return 0; raise UserError for a stack without the dashboard."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboard_link", description=__doc__)
    parser.add_argument("--stack", default="", help="name of the deployed stack; none: the local stack")
    name = parser.parse_args(arguments).stack
    connect: Any = boto3.client
    address: Callable[[str], str] = str
    if not name:
        local = LocalStack(port())
        local.adopt_environment()
        address = local.local_url
    description = connect("cloudformation").describe_stacks(StackName=name or STACK_NAME)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}
    print(new_link(connect("s3"), outputs, address))
    return 0


def new_link(s3: Any, outputs: dict[str, str], address: Callable[[str], str] = str) -> str:
    """Store a new key's hash in the stack of these outputs, and return the link with the key.

    The key follows the #: browsers send that part to no server, and so write it into no log. `address` maps
    an output's URL to where it is reached.
    """
    if "OwnerDashboardUrl" not in outputs:
        raise UserError("the stack has no dashboard: deploy it with OwnerDashboard=true")
    key, access = new_access()
    s3.put_object(
        Bucket=outputs["ReportBucketName"],
        Key=ACCESS_KEY,
        Body=access.write(),
        ContentType="application/json",
    )
    return f"{address(outputs['OwnerDashboardUrl'])}#key={key}"


if __name__ == "__main__":
    sys.exit(run_command("dashboard-link", main))
