"""Fills a stack with two weeks of simulated visits, and accounts for every event sent."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import json

from demo.expected import Expected, expected_of
from demo.simulation import simulate
from demo.traffic import send, send_payloads
from local.stack import ROOT, TIME_ZONE

FIRST_PAYLOADS = ROOT / "tests" / "data" / "samples" / "first_payloads.jsonl"
SEED = 1
DAYS = 16  # a week, the week before it with the day before that, and today so far
VISITS_PER_DAY = 120
DELIVERY_SECONDS = 30

COUNTS = """
    SELECT count(*) AS stored, count(DISTINCT event_id) AS queryable,
           (SELECT count(*) FROM rejected_events) AS rejected
    FROM events_raw
"""


class Sent(NamedTuple):
    """What was sent to a stack."""

    payloads: int  # events sent one by one, all of them good
    simulated: Expected
    failures: list[str]  # answers of requests that the API did not accept

    @property
    def events(self) -> int:
        """Return how many events were sent."""
        return self.payloads + self.simulated.sent


class Counts(NamedTuple):
    """What Athena finds of the events."""

    stored: int  # rows, repeats included
    queryable: int  # events, each counted once
    rejected: int


def send_all(events_url: str, batch_url: str) -> Sent:
    """Send the first payloads to `events_url`, and two weeks of visits up to now to `batch_url`."""
    payloads = [json.decode(line) for line in FIRST_PAYLOADS.read_bytes().splitlines()]
    requests = simulate(SEED, DAYS, datetime.now(ZoneInfo(TIME_ZONE)), VISITS_PER_DAY)
    results = (send_payloads(payloads, events_url), send(requests, batch_url))
    failures = [failure for result in results for failure in result.failures]
    return Sent(len(payloads), expected_of(requests), failures)


def wait_until_queryable(ask: Callable[[str], list[dict[str, str]]], events: int) -> Counts:
    """Return the counts once all `events` have come, or those after DELIVERY_SECONDS."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while True:
        (row,) = ask(COUNTS)
        counts = Counts(**{name: int(value) for name, value in row.items()})
        if counts.stored + counts.rejected >= events or time.monotonic() > deadline:
            return counts
        time.sleep(0.5)


def lost_events(sent: Sent, counts: Counts) -> int:
    """Return how many events are lost: of the good ones and of the bad ones, each by what was expected.

    A repeat, which is stored twice, does not make up for an event that is missing.
    """
    good = sent.payloads + sent.simulated.unique - counts.queryable
    bad = sent.simulated.rejected - counts.rejected
    return max(0, good) + max(0, bad)
