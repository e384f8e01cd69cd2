"""The data of a deployed stack, on this machine or on AWS, for the page."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from local.stack import ROOT
from preview.page import Dashboard
from preview.queries import query

OUTPUT = ROOT / "build" / "dashboard.html"
DEFAULTS = {"Currency": "EUR", "TimeZone": "UTC"}  # of a stack whose template does not ask for them


def open_dashboard(
    client: Callable[[str], Any], stack: str, *, live: bool = False, language: str = "en"
) -> Dashboard:
    """Return the dashboard of the stack of this name; `client` makes clients of the AWS service named.

    Raise botocore's ClientError if there is no such stack, CompositionError if a definition cannot be read.
    """
    description = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}
    parameters = DEFAULTS | {
        parameter["ParameterKey"]: parameter["ParameterValue"]
        for parameter in description.get("Parameters", [])
    }
    athena = client("athena")
    ask = partial(query, athena, database=outputs["DatabaseName"], work_group=outputs["WorkGroupName"])
    return Dashboard(
        ask,
        stack=stack,
        currency=parameters["Currency"],
        time_zone=parameters["TimeZone"],
        live=live,
        language=language,
    )


def write(dashboard: Dashboard, path: Path = OUTPUT) -> Path:
    """Write the page with the data that there are now; return where it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dashboard.page(dashboard.data()), encoding="utf-8")
    return path
