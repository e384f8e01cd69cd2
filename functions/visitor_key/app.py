"""Gives the transform a new key for its visitor ids every day, and thereby forgets the one before.

The key lives in an environment variable of the function, of which Lambda keeps no earlier value, and nowhere
else: with the key gone, nobody can tell whether two days' ids are the same visitor's.
"""

import os
import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import boto3

KEY_BYTES = 32


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Replace the key unless it is of today, the local day; say which day's key is in force.

    Called every hour and after every deployment: a key that a deployment took away, or a call that failed, is
    replaced.
    Raises botocore's errors, a change at the same time included; the schedule then tries again.
    """
    functions = boto3.client("lambda")
    name = os.environ["TRANSFORM_FUNCTION"]
    today = datetime.now(ZoneInfo(os.environ["TIME_ZONE"])).date().isoformat()
    configuration = functions.get_function_configuration(FunctionName=name)
    variables = configuration["Environment"]["Variables"]
    if variables.get("VISITOR_KEY_DAY") != today:
        functions.update_function_configuration(
            FunctionName=name,
            RevisionId=configuration["RevisionId"],
            Environment={
                "Variables": variables
                | {"VISITOR_KEY": secrets.token_hex(KEY_BYTES), "VISITOR_KEY_DAY": today}
            },
        )
    return {"day": today}
