"""Writes the owner's dashboard: the page each night, and the figures of the running day every two hours."""

import logging
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from athena_queries import Athena
from report import PAGE_KEY, TODAY_KEY, Report, ReportError
from shell import Shell

logger = logging.getLogger()
logger.setLevel(logging.INFO)

# Athena takes some queries of an account at a time; what is beyond that is tried again, later each time.
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8}, max_pool_connections=16)
SECONDS_TO_WRITE = 60  # that are left when Athena has answered


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Write the page and the running day's figures; with `{"only": "today"}`, the figures alone.

    Every other event writes both: the schedule's, and EventBridge's of a deployment. Returns the names of the
    files. Raises ReportError once all else is written, and ValueError for another `only`.
    """
    only = event.get("only")
    if only not in (None, "today"):
        raise ValueError(f'only is {only!r}, but must be "today", or left out')
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_WRITE
    athena = Athena(
        boto3.client("athena", config=CONFIG), os.environ["DATABASE"], os.environ["WORK_GROUP"], deadline
    )
    names = (os.environ[name] for name in ("STACK", "CURRENCY", "OWNER_LANGUAGE"))
    shell = Shell(Path(__file__).parent, *names)
    report = Report(shell, athena.ask, datetime.now(ZoneInfo(os.environ["TIME_ZONE"])))
    written, failed = [], []
    try:
        _put(TODAY_KEY, report.today(), "application/json")
        written.append(TODAY_KEY)
    except Exception:  # the page is no worse for it
        logger.exception("the figures of the running day could not be read")
        failed.append("today")
    if only is None:
        page, not_read = report.page()
        _put(PAGE_KEY, page.encode(), "text/html; charset=utf-8")
        written.append(PAGE_KEY)
        failed += not_read
    if failed:
        raise ReportError(f"not read: {', '.join(failed)}")
    return {"written": written}


def _put(key: str, body: bytes, content_type: str) -> None:
    boto3.client("s3").put_object(
        Bucket=os.environ["REPORT_BUCKET"], Key=key, Body=body, ContentType=content_type
    )
