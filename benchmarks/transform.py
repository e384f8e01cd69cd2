"""The deployed transform, imported from its folder as Lambda does, with a bucket that forgets."""

import contextlib
import io
import os
import sys
from types import SimpleNamespace
from typing import Any

from local.stack import ROOT

os.environ |= {"TIME_ZONE": "Europe/Rome", "DATA_BUCKET": "none", "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
sys.path.insert(0, str(ROOT / "functions" / "transform"))

import app
import event as event_schema
import rejected as rejected  # named twice, so that other modules may take it from here
import visitor as visitors
from clock import Arrival
from reasons import RejectedError
from rows import BUSINESS_DATE_ENDS
from rows import _key as key

__all__ = [
    "BUSINESS_DATE_ENDS",
    "Arrival",
    "RejectedError",
    "clock",
    "event_schema",
    "handler",
    "key",
    "visitors",
]

clock = app.clock
rejected._client = SimpleNamespace(put_object=lambda **_: None)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Call the transform as deployed, logs and metrics included; what it prints is thrown away."""
    with contextlib.redirect_stdout(io.StringIO()):
        return app.handler(event, context)
