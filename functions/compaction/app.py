"""Merges the small files of a month, at night, so that questions have few to open.

The stream stores a file of events every few minutes, the transform one of rejected events as often. A
question opens each file of the months that it asks for, and S3 bills each opening.
"""

import json
import logging
import os
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config

from merging import merge_lines, merge_parquet
from partition import BucketError, Kind, Partition
from request import read_request

logger = logging.getLogger()
logger.setLevel(logging.INFO)

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=30)
# Firehose repeats a call of the transform that failed, for some minutes. The repeat writes the same rejected
# events under the same name. If they were merged by then, they would be there twice: no view merges them.
REPEATED = timedelta(minutes=15)
KINDS = {"events/": Kind(merge_parquet), "rejected/": Kind(merge_lines, settled=REPEATED)}
SECONDS_TO_FINISH = 180  # that one merge takes at most


class CompactionError(Exception):
    """Some months could not be merged; the message names where they are stored, the log says why.

    If the bucket could not be listed, the message says that too.
    """


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Merge the files of the months that `event` asks for (see request.py), and say how many there are.

    A month that is merged already costs four listings. Raises BadRequestError before anything is touched, and
    CompactionError after all other months are done. However it ends, no row is missing, and the next call
    goes on where this one stopped.
    """
    today = datetime.now(ZoneInfo(os.environ["TIME_ZONE"])).date()
    months = read_request(event, today)
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_FINISH
    s3 = boto3.client("s3", config=CONFIG)
    answer: dict[str, Any] = {"months": 0, "files_before": 0, "files_after": 0, "done": True}
    failed, bucket_error = [], ""
    for month in months:
        for name, kind in KINDS.items():
            prefix = f"{name}ingest_month={month}/"
            try:
                before, after = Partition(s3, os.environ["DATA_BUCKET"], prefix, kind).compact(deadline)
            except BucketError as error:  # nothing that a traceback would explain
                bucket_error = f": {error}"
                logger.error("%s is not merged: %s", prefix, error)  # noqa: TRY400
                failed.append(prefix)
            except Exception:  # whatever it is, the other months are no worse for it
                logger.exception("%s is not merged", prefix)
                failed.append(prefix)
            else:
                answer["files_before"] += before
                answer["files_after"] += after
        if time.monotonic() > deadline:
            answer |= {"done": False, "next": {"from": month, "to": months[-1]}}
            break
        answer["months"] += 1
    logger.info(json.dumps(answer))
    if failed:
        raise CompactionError(f"not merged: {', '.join(failed)}{bucket_error}")
    return answer
