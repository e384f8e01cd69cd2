"""Merges the small files of each day into one, at night, so that questions have few to open.

The stream stores a file of events every few minutes, the transform one of refused events as often. A
question opens each file of the days that it asks for, and S3 bills each opening.
"""

import json
import logging
import os
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from call import read_call
from merging import merge_lines, merge_parquet
from partition import Partition

logger = logging.getLogger()
logger.setLevel(logging.INFO)

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=30)
KINDS = {"events/": merge_parquet, "rejected/": merge_lines}
SECONDS_TO_FINISH = 180  # that merging one day takes at most


class CompactionError(Exception):
    """Some days could not be merged; the message names where they are stored, the log says why."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Merge the files of the days that `event` asks for (see call.py), and say how many there were and are.

    Days that are merged already cost four listings. Raises BadCallError before anything is touched, and
    CompactionError after all other days are done. However it ends, no row is missing, and the next call
    goes on where this one stopped.
    """
    today = datetime.now(ZoneInfo(os.environ["TIME_ZONE"])).date()
    days = read_call(event, today)
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_FINISH
    s3 = boto3.client("s3", config=CONFIG)
    answer: dict[str, Any] = {"days": 0, "files_before": 0, "files_after": 0, "done": True}
    failed = []
    for day in days:
        if time.monotonic() > deadline:
            answer |= {"done": False, "next": {"from": day.isoformat(), "to": days[-1].isoformat()}}
            break
        for kind, merge in KINDS.items():
            prefix = f"{kind}ingest_date={day}/"
            try:
                before, after = Partition(s3, os.environ["DATA_BUCKET"], prefix, merge).compact()
            except Exception:  # whatever it is, the other days are no worse for it
                logger.exception("%s is not merged", prefix)
                failed.append(prefix)
            else:
                answer["files_before"] += before
                answer["files_after"] += after
        answer["days"] += 1
    logger.info(json.dumps(answer))
    if failed:
        raise CompactionError(f"not merged: {', '.join(failed)}")
    return answer
