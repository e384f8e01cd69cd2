"""Imports a history of events or orders, a CSV or JSON lines file, through the stack's stream.

`python -m tools.backfill FILE --stack NAME --dry-run` says how it reads the file, how many events there are
and which would be rejected. The transform's own code decides. Without `--dry-run` it sends the others. See
docs/operations.md.
"""

import argparse
import json
import sys
from itertools import batched
from pathlib import Path
from typing import Any

import boto3

from local.messages import explain, run_command
from tools.backfill.checking import Checker
from tools.backfill.guess import accented_words
from tools.backfill.numbering import Numbering
from tools.backfill.progress import Progress
from tools.backfill.reading import Format, read

EVENTS_PER_RECORD = 100  # as in a request
RECORDS_PER_CALL = 50  # after each, the progress is written


def main(arguments: list[str] | None = None) -> int:
    """Import the file; return 0 when every line is stored, 1 when some are rejected, 2 for a wrong call."""
    options = _options(arguments)
    try:
        form = options.format.completed(options.file)
        print(f"{options.file} is read as: {form}", flush=True)
        if not form.encoding.startswith("utf") and (words := accented_words(options.file, form.encoding)):
            print(f"  if {words} is not right, name the right --encoding", flush=True)
        return _dry_run(options, form) if options.dry_run else _send(options, form)
    except (OSError, ValueError) as error:
        print(f"backfill: {explain(error) or error}", file=sys.stderr)
        return 2


def _dry_run(options: argparse.Namespace, form: Format) -> int:
    checker = Checker(options.time_zone or "UTC")
    for part in batched(read(options.file, form), EVENTS_PER_RECORD, strict=False):
        checker.accepted(part)
    return _report(checker, options.file, "would be ")


def _send(options: argparse.Namespace, form: Format) -> int:
    from records import Record  # of functions/replay
    from stream import Stream

    client: Any = boto3.client
    (stack,) = client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"]
    (name,) = [
        output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "DeliveryStreamName"
    ]
    zones = [item["ParameterValue"] for item in stack["Parameters"] if item["ParameterKey"] == "TimeZone"]
    progress = Progress(options.file, stack["StackId"], vars(form))
    stream, done = Stream(client("firehose"), name, float("inf")), progress.line
    checker, numbering = Checker(zones[0]), Numbering(zones[0])
    parts = batched(read(options.file, form), EVENTS_PER_RECORD, strict=False)
    for call in batched(parts, RECORDS_PER_CALL, strict=False):
        for part in call:
            accepted = [(number, numbering.identify(event)) for number, event in checker.accepted(part)]
            events = [event for number, event in accepted if number > done]
            if events:
                body = json.dumps({"events": events}, ensure_ascii=False, separators=(",", ":"))
                stream.add(Record(body.encode(errors="backslashreplace"), len(events)))
        if (last := call[-1][-1].number) > done:
            stream.flush()
            progress.note(last)
            print(f"\rsent {stream.events:,} events", end="", flush=True)
    print(f"\rsent {stream.events:,} events, {checker.stored - stream.events:,} before")
    return _report(checker, options.file, "")


def _report(checker: Checker, file: Path, verb: str) -> int:
    print(f"{verb}stored {checker.stored:,}, {verb}rejected {len(checker.rejections):,}")
    if words := checker.report(file.with_name(f"{file.name}.rejected.csv")):
        print(words)
    return int(bool(checker.rejections))


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text}")
    return name, value


def _delimiter(text: str) -> str:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(delimiter) != 1:
        raise argparse.ArgumentTypeError(f"must be one character, or tab, not {text}")
    return delimiter


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except LookupError:
        raise argparse.ArgumentTypeError(f"must be one such as utf-8, cp1252 or utf-16, not {text}") from None
    return text


def _file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name it, as in make import FILE=history.csv")
    return Path(text)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.backfill", description=__doc__)
    parser.add_argument("file", type=_file, help="CSV with a header, or JSON lines; one event a line")
    parser.add_argument("--stack", default="menulens-dev", help="name of the deployed stack")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be rejected")
    parser.add_argument("--time-zone", help="of the stack, for the dry run; UTC if left out")
    parser.add_argument("--orders", action="store_true", help="each line is a dish of an order of the till")
    parser.add_argument("--rename", type=_pair, action="append", default=[], metavar="COLUMN[+COLUMN]=FIELD")
    parser.add_argument("--set", type=_pair, action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--drop", action="append", default=[], metavar="COLUMN")
    parser.add_argument("--encoding", type=_encoding, help="such as cp1252; guessed if left out")
    parser.add_argument("--delimiter", type=_delimiter, help="such as ';' or tab; guessed if left out")
    parser.add_argument("--decimal", choices=[".", ","], help="sign of numbers in CSV; guessed if left out")
    parser.add_argument("--date-format", help="such as '%%d.%%m.%%Y %%H:%%M'; guessed if left out")
    options = parser.parse_args(arguments)
    options.format = Format(
        options.encoding or "",
        options.delimiter,
        options.decimal,
        options.date_format,
        dict(options.rename),
        dict(options.set),
        options.drop,
        options.orders,
    )
    return options


if __name__ == "__main__":
    sys.exit(run_command("backfill", main))
