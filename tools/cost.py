"""Computes what the stack costs a month, line by line: `python -m tools.cost --events N --visits N`.

The prices are those of prices.json. The quantities follow from the events and visits of a month by what
`make bench` measured in November 2026: five restaurants over 90 days, and one over a year. docs/cost.md has
two examples.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from local.messages import UserError, run_command

PRICES = json.loads((Path(__file__).parent / "prices.json").read_text())
REGIONS = ("us-east-1", "eu-central-1")
DAYS = 30

EVENTS_A_REQUEST = 5.4  # of the tracker on the visits of the demo, which a test computes
EVENT_BYTES = 440  # as a page sends it
ENVELOPE_BYTES = 300  # of a record: time, address, user agent
STORED_BYTES = 52  # of an event, merged
KEPT_MONTHS = 12
BUFFERS = 6_700  # of the 8,640 spans of BufferSeconds in a month, those in which restaurants are open
MINUTES = 5 * BUFFERS  # in which the transform may be called
TRANSFORM = (0.020, 512)  # seconds and MB of a call
QUESTIONS = 20 * DAYS
LISTINGS = 28  # of a question: the months that EventRetentionDays of 730 projects
TABLE_BYTES_A_QUESTION = 13.75  # of an event of the last seven days
MERGED_MB = 48  # of a file that compaction leaves, on average
DATA_SETS = len(list(Path(__file__).parents[1].glob("quicksight/data_sets/*.json")))  # of the owner's page
PAGE = (13, 18.8)  # readings of the table for a page; bytes of an event that each of its queries scans
TODAYS = 12 * DAYS  # queries of the running day
TODAY = (2, 24.7)  # the same for one of them
REPORT = (20.0, 1024)  # seconds and MB of a call
LETTER = (20.0, 256)
LETTERS = 52 / 12


@dataclass(frozen=True)
class Line:
    """A line of the bill: what it is for, how much of it, and dollars a month."""

    name: str
    quantity: str
    dollars: float


class Bill:
    """What quantities cost in a region; each method returns dollars."""

    def __init__(self, region: str) -> None:
        self._price: dict[str, float] = {name: price[region] for name, price in PRICES["prices"].items()}

    def api(self, requests: float) -> float:
        """Return the price of requests of a REST API."""
        return requests / 1e6 * self._price["rest_api_request"]

    def firehose(self, records: float, size: float) -> float:
        """Return the price of taking in records of `size` bytes, each billed as a multiple of 5 KB."""
        return _billed_gb(records, size) * self._price["firehose_gb"]

    def conversion(self, records: float, size: float) -> float:
        """Return the price of converting the same records to Parquet."""
        return _billed_gb(records, size) * self._price["conversion_gb"]

    def function(self, calls: float, seconds: float, megabytes: float) -> float:
        """Return the price of a function's calls on arm64."""
        gb_seconds = calls * seconds * megabytes / 1024
        return (
            calls / 1e6 * self._price["lambda_request"] + gb_seconds * self._price["lambda_arm64_gb_second"]
        )

    def s3(self, *, puts: float = 0, gets: float = 0, gb: float = 0) -> float:
        """Return the price of PUT and LIST requests, of GET requests, and of gigabytes for a month."""
        requests = puts / 1000 * self._price["s3_put"] + gets / 1000 * self._price["s3_get"]
        return requests + gb * self._price["s3_gb_month"]

    def athena(self, queries: float, megabytes: float) -> float:
        """Return the price of queries that scan so much each; 10 MB at least are billed."""
        return queries * max(megabytes, 10) / 1024**2 * self._price["athena_tb"]

    def of(self, name: str, amount: float = 1) -> float:
        """Return the price of so many units, as prices.json has them."""
        return amount * self._price[name]


def _billed_gb(records: float, size: float) -> float:
    return records * math.ceil(size / 5120) * 5 / 1024**2


def stored_files(visits: float) -> float:
    """Return the files of a month: a span of BufferSeconds has one if a visit falls into it."""
    return BUFFERS * (1 - math.exp(-visits / BUFFERS))


def kept_files(events: float, visits: float) -> float:
    """Return the files of a year at noon: those that compaction leaves, and half of the day's."""
    merged = (KEPT_MONTHS + 1) * math.ceil(events * STORED_BYTES / 1e6 / MERGED_MB)
    return merged + stored_files(visits) / DAYS / 2


def lines(events: float, visits: float, region: str = REGIONS[0]) -> list[Line]:
    """Return the lines of the stack itself for the events and visits of a month."""
    bill = Bill(region)
    requests = events / EVENTS_A_REQUEST
    size = EVENTS_A_REQUEST * EVENT_BYTES + ENVELOPE_BYTES
    calls = MINUTES * (1 - math.exp(-requests / MINUTES))
    files = stored_files(visits)
    stored = events * STORED_BYTES / 1e9
    merging_seconds = 10 + events * 3e-6
    scanned = events * 7 / DAYS * TABLE_BYTES_A_QUESTION / 1e6
    kept = kept_files(events, visits)
    return [
        Line("API Gateway, events", f"{requests:,.0f} requests", bill.api(requests)),
        Line("API Gateway, tracker", f"{visits:,.0f} requests", bill.api(visits) + bill.s3(gets=visits)),
        Line("Firehose, ingestion", f"{_billed_gb(requests, size):,.2f} GB", bill.firehose(requests, size)),
        Line("Firehose, conversion to Parquet", "the same GB", bill.conversion(requests, size)),
        Line("Lambda, transform", f"{calls:,.0f} calls", bill.function(calls, *TRANSFORM)),
        Line("S3, writing", f"{files:,.0f} files", bill.s3(puts=files)),
        Line("S3, keeping", f"{stored * KEPT_MONTHS:,.2f} GB", bill.s3(gb=stored * KEPT_MONTHS)),
        Line(
            "Lambda and S3, compaction",
            f"{DAYS} nights of {merging_seconds:,.0f} s",
            bill.function(DAYS, merging_seconds, 1024) + bill.s3(puts=14 * DAYS, gets=2 * files),
        ),
        Line("Athena", f"{QUESTIONS} queries of {max(scanned, 10):,.0f} MB", bill.athena(QUESTIONS, scanned)),
        Line(
            "S3, asking",
            f"{QUESTIONS * LISTINGS:,} listings, {QUESTIONS * 2 * kept:,.0f} reads",
            bill.s3(puts=QUESTIONS * LISTINGS, gets=QUESTIONS * 2 * kept),
        ),
    ]


def options(events: float, visits: float, region: str = REGIONS[0]) -> list[Line]:
    """Return the lines of what a parameter turns on."""
    bill = Bill(region)
    scanned = events * 7 / DAYS * TABLE_BYTES_A_QUESTION / 1e6

    def asked(queries: float) -> float:
        return bill.athena(queries, scanned) + bill.s3(puts=queries * LISTINGS)

    kept = kept_files(events, visits)

    def read_whole(queries: float, times: float, readings: float, size: float, files: float) -> float:
        megabytes = events * KEPT_MONTHS * size / 1e6
        requests = bill.s3(puts=times * readings * LISTINGS, gets=times * readings * 2 * files)
        return bill.athena(queries, megabytes) + requests

    merged = (KEPT_MONTHS + 1) * math.ceil(events * STORED_BYTES / 1e6 / MERGED_MB)
    page = read_whole(DATA_SETS * DAYS, DAYS, *PAGE, merged) + read_whole(TODAYS, TODAYS, *TODAY, kept)
    calls = bill.function(DAYS, *REPORT) + bill.function(TODAYS, 5, REPORT[1])

    return [
        Line("An alarm (AlarmEmail)", "beyond ten of the account", bill.of("cloudwatch_alarm")),
        Line("A metric", "beyond ten of the account", bill.of("cloudwatch_metric")),
        Line("Opening hours (OpeningHour)", "9,000 zeros", bill.of("cloudwatch_put", 9)),
        Line(
            "Owner's page",
            f"{DATA_SETS * DAYS + TODAYS} queries, 13 calls a day",
            page + calls + bill.api(2 * DAYS),
        ),
        Line(
            "Owner's letter (OwnerEmail)",
            "a message a week",
            bill.of("ses_message", LETTERS / 1000) + asked(4 * LETTERS) + bill.function(LETTERS, *LETTER),
        ),
        Line("QuickSight, an author", "1", bill.of("quicksight_author")),
        Line("QuickSight, a reader more", "1", bill.of("quicksight_reader")),
    ]


def dollars(amount: float) -> str:
    """Return an amount in cents, and below ten cents with two digits that count."""
    if amount < 0.001:
        return "under $0.001"
    return f"${amount:,.2f}" if amount >= 0.1 else f"${amount:#.2g}"


def unconfirmed(region: str) -> Iterator[str]:
    """Yield the names of prices that nothing but AWS's own page could confirm for a region."""
    return (name for name, price in PRICES["prices"].items() if region in price.get("unconfirmed", ()))


def main(arguments: list[str] | None = None) -> int:
    """Print the table for the numbers of the arguments, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.cost", description=__doc__)
    parser.add_argument("--events", type=_count, required=True, help="events a month")
    parser.add_argument("--visits", type=_count, required=True, help="visits a month")
    parser.add_argument("--region", choices=REGIONS, default=REGIONS[0])
    chosen = parser.parse_args(arguments)
    if chosen.visits > chosen.events:
        raise UserError(f"{chosen.visits:,} visits have more than {chosen.events:,} events: raise EVENTS")
    stack = lines(chosen.events, chosen.visits, chosen.region)
    together = sum(line.dollars for line in stack)
    table = Table(box=SIMPLE_HEAD, title=f"{chosen.region}, list prices of {PRICES['read']}, a month")
    table.add_column("line")
    table.add_column("how much of it")
    table.add_column("dollars", justify="right")
    for line in stack:
        table.add_row(line.name, line.quantity, dollars(line.dollars))
    table.add_row("together", "", dollars(together), style="bold", end_section=True)
    for line in options(chosen.events, chosen.visits, chosen.region):
        table.add_row(line.name, line.quantity, dollars(line.dollars))
    console = Console()
    console.print(table)
    for name in unconfirmed(chosen.region):
        console.print(f"not confirmed, see tools/prices.json: {name}", markup=False)
    return 0


def _count(text: str) -> int:
    digits = text.replace(",", "").replace("_", "")
    if not digits.isdecimal() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number: make cost EVENTS=88000 VISITS=6150")
    return int(digits)


if __name__ == "__main__":
    sys.exit(run_command("cost", main))
