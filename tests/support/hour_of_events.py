"""An hour of 1,000 events a second through the package of TransformFunction, in Firehose-sized batches.

Run by test_load.py in a process of its own as `python hour_of_events.py PACKAGE`; prints JSON: what was
counted, and the memory in use (MB) after each fortieth of the hour. S3 is a stand-in, so the memory of a
boto3 client is left out.
"""

import base64
import contextlib
import io
import json
import random
import resource
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

EVENTS_PER_SECOND = 1000
SECONDS = 3600
MEMORY_SAMPLES = 40
BATCH_BYTES = 1_000_000
START = 1_795_457_400_000  # 2026-11-23T18:10:00Z, in milliseconds
VISITORS = 20_000
BROWSERS = 2_000
CONTEXT = SimpleNamespace(
    function_name="transform",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:transform",
    aws_request_id="00000000-0000-0000-0000-000000000000",
    get_remaining_time_in_millis=lambda: 60_000,
)


def record(number: int, generator: random.Random) -> dict[str, Any]:
    """Return the Firehose record of one event: one in a hundred is rejected."""
    visitor = generator.randrange(VISITORS)
    event = {
        "element_clicked": f"dish_{generator.randrange(200)}",
        "source_menu": f"menu_{generator.randrange(20)}",
        "created_at": "2026-11-23T18:10:00Z",
        "event_id": f"event-{number:09d}",
        "session_id": f"session-{visitor}",
        "time_spent": generator.randrange(100),
        "properties": {"table": str(generator.randrange(40))},
    }
    if number % 100 == 0:
        event["note"] = "unknown field"
    agent = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_{visitor % BROWSERS} like Mac OS X) Mobile/15E148"
    envelope = {
        "body": event,
        "request_id": f"00000000-0000-0000-0000-{number:012d}",
        "received_at": START + number * 1000 // EVENTS_PER_SECOND,
        "ip": f"10.{visitor >> 16}.{visitor >> 8 & 255}.{visitor & 255}",
        "user_agent": base64.b64encode(agent.encode()).decode(),
    }
    return {
        "recordId": f"{number:056d}",
        "approximateArrivalTimestamp": envelope["received_at"],
        "data": base64.b64encode(json.dumps(envelope).encode()).decode(),
    }


def memory() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main(package: str) -> None:
    sys.path.insert(0, package)
    import app
    import rejected

    stored: list[int] = []
    rejected._client = SimpleNamespace(put_object=lambda Body, **_: stored.append(Body.count(b"\n")))
    generator = random.Random(1)
    total, number, answered, results = EVENTS_PER_SECOND * SECONDS, 0, 0, {"Ok": 0, "Dropped": 0}
    memory_samples: list[float] = []
    while number < total:
        records, size = [], 0
        while size < BATCH_BYTES and number < total:
            records.append(record(number, generator))
            size += len(records[-1]["data"]) * 3 // 4
            number += 1
        event = json.dumps({"invocationId": "i", "deliveryStreamArn": "d", "region": "r", "records": records})
        with contextlib.redirect_stdout(io.StringIO()):  # the metrics
            answer = json.dumps(app.handler(json.loads(event), CONTEXT))  # as Lambda's runtime does
        for result in json.loads(answer)["records"]:
            results[result["result"]] += 1
        answered += len(records)
        if number * MEMORY_SAMPLES // total > len(memory_samples):
            memory_samples.append(round(memory(), 1))
    print(
        json.dumps(
            {"events": answered, "results": results, "rejected": sum(stored), "memory": memory_samples}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
