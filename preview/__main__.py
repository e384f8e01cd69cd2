"""Writes build/dashboard.html from the stack that STACK names on AWS, or from the one that runs here."""

import os
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from functions.custom_resources.composition import CompositionError
from local.stack import ROOT, STACK_NAME, LocalStack, LocalStackError, port
from preview.queries import QueryError
from preview.source import open_dashboard, write


def main() -> int:
    """Write the page and return the exit code: 2 if something must be fixed first."""
    name = os.environ.get("STACK")
    connect: Any = boto3.client  # its types want to know the service when they are checked
    try:
        if name:
            dashboard = open_dashboard(connect, name)
        else:
            dashboard = open_dashboard(LocalStack(port()).client, STACK_NAME)
        print(f"menulens: {write(dashboard).relative_to(ROOT)}")
    except EndpointConnectionError as error:
        hint = "" if name else ": run make local in another terminal, or make demo, which writes the page too"
        print(f"menulens: {error}{hint}", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError, CompositionError, LocalStackError, QueryError) as error:
        print(f"menulens: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
