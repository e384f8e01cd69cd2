"""Guests' requests, through the real transform: three months of five busy restaurants, and a year of one.

A day's guests are drawn from a seed of its own, so days can be made apart and come out the same.
"""

import base64
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import msgspec

# The same in every process: a visitor's id must not depend on who worked on which day.
os.environ["VISITOR_KEY"] = "00" * 32

from benchmarks import transform
from demo.menu import BISTRO, RAMEN_BAR, TRATTORIA, Restaurant
from demo.simulation import Request, resent, visits_of
from local.stack import TIME_ZONE

ZONE = ZoneInfo(TIME_ZONE)
LAST_DAY = date(2026, 11, 24)
EVENTS_PER_VISIT = 14.5
CRAWLED_SHARE = 0.013  # crawls for each visit; one is a little longer, which makes 1.5 % of all events
BUFFER_SECONDS = 300  # the template's default
BATCH_BYTES = 1_000_000  # of records, with which Firehose calls the transform at most
CONTEXT = SimpleNamespace(
    function_name="transform", memory_limit_in_mb=512, invoked_function_arn="", aws_request_id=""
)
RESTAURANTS = (
    replace(TRATTORIA, popularity=0.25),
    replace(TRATTORIA, source_menu="trattoria-milano", host="trattoria-milano.example", popularity=0.20),
    replace(BISTRO, popularity=0.20),
    replace(BISTRO, source_menu="bistro-lac", host="bistro-lac.example", popularity=0.15),
    replace(RAMEN_BAR, popularity=0.20),
)


@dataclass(frozen=True)
class Traffic:
    """What is sent: `events` in as many `days`, of which LAST_DAY is the last."""

    name: str
    days: int
    events: int
    restaurants: tuple[Restaurant, ...]


BUSY = Traffic("five-menus", 90, int(os.environ.get("BENCH_EVENTS", "10_000_000")), RESTAURANTS)
# 205 visits a day, the restaurant of docs/cost.md.
YEAR = Traffic("restaurant", 365, 1_085_000, (replace(TRATTORIA, popularity=1.0),))


@dataclass(slots=True)
class Delivery:
    """What Firehose stores together: the rows of the requests that arrive within BUFFER_SECONDS."""

    start: datetime  # UTC
    lines: bytearray = field(default_factory=bytearray)  # rows, as JSON
    rejected: bytearray = field(default_factory=bytearray)  # rows of rejected_events, as JSON
    rows: int = 0
    sent_bytes: int = 0  # of the accepted events as JSON lines, as they were sent


class _RejectedLines:
    """Takes what the transform stores of rejected events, in the place of S3."""

    def __init__(self) -> None:
        self.lines = bytearray()

    def put_object(self, Body: bytes, **_: str) -> None:
        self.lines += Body


def deliveries(traffic: Traffic, first: date, days: int) -> Iterator[tuple[date, list[Delivery]]]:
    """Yield what arrives on each local day, from `first` on."""
    late = [
        request
        for request in _sent(first - timedelta(days=1), traffic)
        if local_day(request.sent_at) >= first
    ]
    for number in range(days):
        day = first + timedelta(days=number)
        requests = late + _sent(day, traffic)
        late = [request for request in requests if local_day(request.sent_at) > day]
        yield day, _delivered(day, [request for request in requests if local_day(request.sent_at) == day])


def _sent(day: date, traffic: Traffic) -> list[Request]:
    rng = Random(day.toordinal())  # noqa: S311  # repeatable
    count = traffic.events / traffic.days / EVENTS_PER_VISIT
    visits = visits_of(rng, day, ZONE, count, traffic.restaurants, round(count * CRAWLED_SHARE))
    requests = [request for visit in visits for request in visit]
    return requests + resent(rng, requests, datetime.combine(day, time(), ZONE) + timedelta(days=2))


def local_day(time: datetime) -> date:
    """Return the day of a time in the restaurant's time zone."""
    return time.astimezone(ZONE).date()


def _delivered(day: date, requests: list[Request]) -> list[Delivery]:
    rng = Random(-day.toordinal())  # noqa: S311
    by_window: defaultdict[int, list[Request]] = defaultdict(list)
    for request in requests:
        by_window[int(request.sent_at.timestamp()) // BUFFER_SECONDS].append(request)
    rejected = _RejectedLines()
    transform.rejected._client = rejected
    stored = []
    for window, together in sorted(by_window.items()):
        delivery = Delivery(datetime.fromtimestamp(window * BUFFER_SECONDS, UTC))
        together.sort(key=lambda request: request.sent_at)
        for batch in _batches(rng, together):
            _transform(delivery, batch)
        delivery.rejected, rejected.lines = rejected.lines, bytearray()
        delivery.sent_bytes = sum(map(_size, together))
        stored.append(delivery)
    return stored


def _batches(rng: Random, requests: list[Request]) -> Iterator[list[dict[str, str | int]]]:
    batch: list[dict[str, str | int]] = []
    size = 0
    for request in requests:
        received_at = int(request.sent_at.timestamp() * 1000)
        envelope = {
            "body": request.body,
            "request_id": f"{rng.getrandbits(128):032x}",
            "received_at": received_at,
            "ip": request.headers["X-Forwarded-For"],
            "user_agent": base64.b64encode(request.headers["User-Agent"].encode()).decode(),
        }
        data = msgspec.json.encode(envelope)
        if size + len(data) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        size += len(data)
        batch.append(
            {
                "recordId": f"{len(batch):056d}",
                "approximateArrivalTimestamp": received_at,
                "data": base64.b64encode(data).decode(),
            }
        )
    yield batch


def _transform(delivery: Delivery, records: list[dict[str, str | int]]) -> None:
    for answer in transform.handler({"records": records}, CONTEXT)["records"]:
        if answer["result"] == "Ok":
            lines = base64.b64decode(answer["data"])
            delivery.lines += lines
            delivery.rows += lines.count(b"\n")
        elif answer["result"] != "Dropped":
            raise RuntimeError(f"the transform fails a record: {answer['result']}")


def _size(request: Request) -> int:
    """Return the bytes of a request's accepted events, stored as lines of JSON."""
    events = request.body["events"]
    accepted = [event for n, event in enumerate(events) if n not in request.rejected]
    return sum(len(msgspec.json.encode(event)) + 1 for event in accepted)
