"""Writes build/dashboard.html from the stack that STACK names on AWS, or from the one that runs here."""

import argparse
import os
import sys
from typing import Any

import boto3

from functions.custom_resources.composition import CompositionError
from local.messages import UserError, run_command
from local.stack import ROOT, STACK_NAME, LocalStack, port
from preview.source import open_dashboard, write
from preview.translation import ENGLISH, LANGUAGES


def main(arguments: list[str] | None = None) -> int:
    """Write the page and return 0; raise UserError or botocore's errors if something must be fixed first."""
    parser = argparse.ArgumentParser(prog="python -m preview", description=__doc__)
    parser.add_argument(
        "--language", default=ENGLISH, choices=LANGUAGES, help="the language of the page's texts"
    )
    language = parser.parse_args(arguments).language
    name = os.environ.get("STACK")
    connect: Any = boto3.client  # its types want to know the service when they are checked
    try:
        if name:
            dashboard = open_dashboard(connect, name, language=language)
        else:
            dashboard = open_dashboard(LocalStack(port()).client, STACK_NAME, language=language)
        print(f"menulens: {write(dashboard).relative_to(ROOT)}")
    except CompositionError as error:
        raise UserError(str(error)) from error
    return 0


if __name__ == "__main__":
    sys.exit(run_command("menulens", main))
