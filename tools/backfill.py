"""Imports a history of events, a CSV or JSON lines file, through the stack's stream.

`python -m tools.backfill FILE --stack NAME --dry-run` tells how many events there are and which would be
rejected, by the transform's own code; without `--dry-run` they are sent. See docs/operations.md.
"""

import argparse
import csv
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from itertools import batched, islice
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import boto3

from local.messages import explain, run_command

ROOT = Path(__file__).parent.parent
EVENTS_PER_RECORD = 100  # as in a request
RECORDS_PER_CALL = 50  # after each, the progress is written
SAMPLES = 5  # of lines without an event, and of reasons
NUMBERS = {"time_spent": float, "unit_price": float, "quantity": int}

# The functions' own code: each folder is the root of its imports.
sys.path += [str(ROOT / "functions" / name) for name in ("replay", "transform")]


class Line(NamedTuple):
    """One event of the file, or why there is none."""

    number: int  # from 1; in a CSV file, of the records after the header
    event: dict[str, Any] | None
    error: str = ""


def main(arguments: list[str] | None = None) -> int:
    """Import the file; return 0 when every line was an event, 1 when some were not, 2 for a wrong call."""
    options = _options(arguments)
    try:
        lines = read(options.file, options.set, options.rename)
        digest = _digest(options.file)
        if options.dry_run:
            return _dry_run(lines, digest, options.time_zone)
        return _send(lines, digest, options)
    except (OSError, ValueError, csv.Error) as error:
        print(f"backfill: {explain(error) or error}", file=sys.stderr)
        return 2


def read(path: Path, constants: dict[str, str], names: dict[str, str]) -> Iterator[Line]:
    """Return the events of a file: `names` renames fields, `constants` are set where a field is missing.

    In CSV, the header names the fields, an empty cell is no field, `properties` is a JSON object, and numbers
    are read as such; what does not read is left to the transform to reject. Raises ValueError for another
    suffix.
    """
    readers = {".csv": _read_csv, ".jsonl": _read_json_lines, ".ndjson": _read_json_lines}
    if path.suffix not in readers:
        raise ValueError(f"{path}: must end in .csv, .jsonl or .ndjson")
    for line in readers[path.suffix](path):
        if line.event is None:
            yield line
        else:
            renamed = {names.get(name, name): value for name, value in line.event.items()}
            yield Line(line.number, constants | renamed)


def _read_csv(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, cells in enumerate(csv.DictReader(file, strict=True), start=1):
            if None in cells:
                yield Line(number, None, "more cells than the header names")
            else:
                yield Line(number, {name: _value(name, text) for name, text in cells.items() if text})


def _value(name: str, text: str) -> Any:
    try:
        if name == "properties":
            return json.loads(text)
        value = NUMBERS[name](text) if name in NUMBERS else text
    except ValueError:
        return text
    return value if isinstance(value, str) or math.isfinite(value) else text


def _read_json_lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                event = json.loads(text)
            except (ValueError, RecursionError):
                event = None
            if isinstance(event, dict):
                yield Line(number, event)
            else:
                yield Line(number, None, "no JSON object")


def records(lines: Iterator[Line], digest: str, errors: list[Line]) -> Iterator[tuple[int, bytes, int]]:
    """Return (last line, record, number of events), and put the lines without an event into `errors`.

    An event without an id gets one of the file's content and its line: sent twice, it is merged.
    """
    for part in batched(lines, EVENTS_PER_RECORD, strict=False):
        errors += [line for line in part if line.event is None]
        events = [{"event_id": f"{digest}-{line.number}"} | line.event for line in part if line.event]
        if events:
            body = json.dumps({"events": events}, ensure_ascii=False, separators=(",", ":"))
            yield part[-1].number, body.encode(errors="backslashreplace"), len(events)


def _dry_run(lines: Iterator[Line], digest: str, time_zone: str) -> int:
    """Put the events through the transform's code here, and say what would become of them."""
    from pybase64 import b64encode_as_string

    from batch import Batch
    from clock import Clock

    clock, now = Clock(ZoneInfo(time_zone)), time.time_ns() // 1_000_000
    errors: list[Line] = []
    accepted, reasons = 0, Counter[str]()
    for _, data, _ in records(lines, digest, errors):
        batch = Batch(clock)
        record = {"recordId": "0", "approximateArrivalTimestamp": now, "data": b64encode_as_string(data)}
        batch.add(record)
        if batch.failed:
            raise ValueError(f"a record fails: {batch.failed}")
        accepted += batch.events
        reasons.update(event.reason for events in batch.rejected.values() for event in events)
    print(f"would be stored {accepted:,}, would be rejected {reasons.total():,}, no event {len(errors):,}")
    for reason, count in reasons.most_common(SAMPLES):
        print(f"  rejected {count:,}: {reason}")
    return _report(errors) or int(bool(reasons))


def _send(lines: Iterator[Line], digest: str, options: argparse.Namespace) -> int:
    from records import Record  # of functions/replay
    from stream import Stream

    progress = options.file.with_name(f"{options.file.name}.progress")
    done = _resume(progress, digest)
    client: Any = boto3.client
    outputs = client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]["Outputs"]
    (name,) = [output["OutputValue"] for output in outputs if output["OutputKey"] == "DeliveryStreamName"]
    stream = Stream(client("firehose"), name, float("inf"))
    errors: list[Line] = []
    left = (line for line in lines if line.number > done)
    for call in batched(records(left, digest, errors), RECORDS_PER_CALL, strict=False):
        for _, data, events in call:
            stream.add(Record(data, events))
        stream.flush()
        progress.write_text(f"{digest} {call[-1][0]}\n")
        print(f"\rsent {stream.events:,} events", end="", flush=True)
    before = f", {done:,} lines before" if done else ""
    print(f"\rsent {stream.events:,} events{before}, no event {len(errors):,}")
    return _report(errors)


def _resume(progress: Path, digest: str) -> int:
    """Return up to which line an import of this very file has come."""
    if not progress.exists():
        return 0
    of, line = progress.read_text().split()
    if of != digest:
        raise ValueError(
            f"{progress} is of another content of the file: delete it to start from the first line"
        )
    return int(line)


def _report(errors: list[Line]) -> int:
    for line in islice(errors, SAMPLES):
        print(f"  line {line.number}: {line.error}")
    return int(bool(errors))


def _digest(path: Path) -> str:
    digest = blake2b(digest_size=12)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text}")
    return name, value


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.backfill", description=__doc__)
    parser.add_argument("file", type=Path, help="CSV with a header, or JSON lines; one event a line")
    parser.add_argument("--stack", default="menulens-dev", help="name of the deployed stack")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be rejected; sends nothing"
    )
    parser.add_argument("--time-zone", default="UTC", help="of the stack, for the dry run")
    parser.add_argument("--rename", type=_pair, action="append", default=[], metavar="COLUMN=FIELD")
    parser.add_argument("--set", type=_pair, action="append", default=[], metavar="FIELD=VALUE")
    options = parser.parse_args(arguments)
    options.rename, options.set = dict(options.rename), dict(options.set)
    return options


if __name__ == "__main__":
    sys.exit(run_command("backfill", main))
