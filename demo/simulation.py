"""A seeded simulation of guests who look at menus and order: the same seed gives the same requests."""

# ruff: noqa: S311  (a simulation must be repeatable, which is what `random` is for)

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import log
from random import Random
from typing import Any

from demo.menu import (
    CRAWLERS,
    DEVICES,
    HOMES,
    LINKS,
    MEALS,
    ORDERED_BASKETS,
    RESTAURANTS,
    Dish,
    Restaurant,
)

type Event = dict[str, Any]
type Timed = tuple[datetime, Event]

VISITS_PER_DAY = 205.0  # of all restaurants together, on an average day
CRAWLS_PER_DAY = 9
LONGEST_WAIT = timedelta(seconds=58)  # of an event in the tracker; an order and leaving the page end the wait

BAD_SHARE = 0.014  # of the events
RESENT_SHARE = 0.028  # of the requests that may be resent
OFFLINE_SHARE = 0.03  # of the visits: the phone sends everything at once, hours later
WITHOUT_IDS_SHARE = 0.05  # of the visits: a tracker too old to number its events

CROWDED = {"properties": {f"note_{number}": "x" for number in range(21)}}  # one more than allowed


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request of a tracker, and what the simulation knows about it that a receiver does not."""

    body: dict[str, list[Event]]  # {"events": [1 to 100 events]}
    headers: dict[str, str]
    sent_at: datetime
    from_bot: bool = False
    resent: bool = False  # every event in it was already sent by an earlier request
    rejected: tuple[int, ...] = ()  # positions of the events that must be rejected


@dataclass(slots=True)
class _Visit:
    """A stay on a menu page: a clock that each step moves on, and the events so far."""

    rng: Random
    restaurant: Restaurant
    channel: str
    now: datetime
    with_ids: bool
    session_id: str
    reads_well: float = 1.0  # how well the guest understands the menu, of which ordering is a matter
    basket: dict[Dish, int] = field(default_factory=dict)
    events: list[Timed] = field(default_factory=list)

    def record(self, event_type: str, element: str, **fields: Any) -> None:
        """Add an event that happens now."""
        event = {"event_id": _uuid(self.rng)} if self.with_ids else {}
        event |= {
            "event_type": event_type,
            "element_clicked": element,
            "source_menu": self.restaurant.source_menu,
            "created_at": self._created_at(),
            "session_id": self.session_id,
            "channel": self.channel,
        }
        self.events.append((self.now, event | fields))

    def record_dish(self, event_type: str, dish: Dish, **fields: Any) -> None:
        """Add an event about a dish."""
        self.record(event_type, dish.element, category=dish.category, **fields)

    def wait(self, median: float) -> float:
        """Let a log-normally distributed time pass, `median` in seconds; return the seconds."""
        seconds = round(self.rng.lognormvariate(log(median), 0.7), 1)
        self.now += timedelta(seconds=seconds)
        return seconds

    def _created_at(self) -> str:
        if self.channel == "kiosk":  # a fixed terminal writes the wall clock of its restaurant
            return self.now.strftime("%Y-%m-%d %H:%M:%S")
        return self.now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def simulate(seed: int, days: int, end: datetime, visits_per_day: float = VISITS_PER_DAY) -> list[Request]:
    """Return what is sent in the `days` days before `end`, in the order in which it is sent.

    `end` is aware, in the restaurants' time zone.
    """
    if end.tzinfo is None:
        raise ValueError("end must be aware: guests come at the restaurants' local times")
    rng = Random(seed)
    start = end - timedelta(days=days)
    requests = [
        request
        for number in range(days + 1)  # both ends may lie within a day
        for visit in visits_of(rng, start.date() + timedelta(days=number), end.tzinfo, visits_per_day)
        if start <= visit[0].sent_at and visit[-1].sent_at <= end
        for request in visit
    ]
    requests += resent(rng, requests, end)
    return sorted(requests, key=lambda request: request.sent_at)


def visits_of(
    rng: Random,
    day: date,
    zone: tzinfo,
    visits_per_day: float,
    restaurants: Sequence[Restaurant] = RESTAURANTS,
    crawls: int = CRAWLS_PER_DAY,
) -> Iterator[list[Request]]:
    """Yield the requests of each visit that begins on a day."""
    midnight = datetime.combine(day, time(), zone)
    for restaurant in restaurants:
        expected = visits_per_day * restaurant.popularity * restaurant.weekdays[day.weekday()]
        for _ in range(round(rng.gauss(expected, expected**0.5))):
            _, mean, deviation = _pick(rng, MEALS)
            yield _person(rng, restaurant, midnight + timedelta(minutes=rng.gauss(mean, deviation)))
    for _ in range(crawls):
        yield _crawl(rng, rng.choice(restaurants), midnight + timedelta(minutes=rng.uniform(0, 24 * 60)))


def _person(rng: Random, restaurant: Restaurant, arrival: datetime) -> list[Request]:
    """Simulate one visit of a person, from the arrival on the page to the order or to leaving without."""
    _, channel, agent = _pick(rng, DEVICES)
    visit = _Visit(rng, restaurant, channel, arrival, rng.random() >= WITHOUT_IDS_SHARE, _uuid(rng))
    _open_menu(visit)
    if rng.random() < 0.9:  # the others glance at the menu and leave
        _fill_basket(visit)
        if visit.basket and rng.random() < ORDERED_BASKETS[channel] * visit.reads_well:
            _order(visit)
    headers = _headers(rng, agent, channel)
    if rng.random() < OFFLINE_SHARE:
        return [_request(rng, visit.events, headers, hours_late=rng.uniform(1, 9))]
    return [_request(rng, batch, headers) for batch in _batches(visit.events)]


def _crawl(rng: Random, restaurant: Restaurant, arrival: datetime) -> list[Request]:
    """Simulate a crawler that opens every dish of a menu."""
    visit = _Visit(rng, restaurant, "web", arrival, with_ids=True, session_id=_uuid(rng))
    visit.record("menu_view", "menu", page=f"https://{restaurant.host}/menu")
    for dish in restaurant.dishes:
        visit.record_dish("item_view", dish, time_spent=visit.wait(0.4))
    headers = _headers(rng, rng.choice(CRAWLERS), visit.channel)
    return [_request(rng, batch, headers, from_bot=True) for batch in _batches(visit.events)]


def _open_menu(visit: _Visit) -> None:
    """Arrive on the menu page: by the code on a table, at a terminal, or from somewhere on the web."""
    fields: dict[str, Any] = {"page": f"https://{visit.restaurant.host}/menu"}
    if visit.channel == "kiosk":
        fields |= {"properties": {"terminal": str(visit.rng.randint(1, 2))}, "language": "en"}
    else:
        _, fields["language"], fields["time_zone"], visit.reads_well = _pick(visit.rng, HOMES)
    if visit.channel == "qr":
        fields["table"] = str(visit.rng.randint(1, visit.restaurant.tables))
    elif visit.channel == "web":
        fields |= _pick(visit.rng, LINKS)[1]
    visit.record("menu_view", "menu", **fields)
    visit.wait(7)


def _fill_basket(visit: _Visit) -> None:
    """Look at dishes and take some, add what is always taken or goes with them, or put one back."""
    rng, dishes = visit.rng, visit.restaurant.dishes
    by_element = {dish.element: dish for dish in dishes}
    looks = min(20, max(0, round(rng.gauss(9, 4))))
    for dish in rng.choices(dishes, weights=[dish.looks for dish in dishes], k=looks):
        _look(visit, dish)
    if visit.basket or looks == 0:  # a regular looks at nothing
        for dish in dishes:
            if rng.random() < dish.habit:
                _add(visit, dish)
    for first, second, share in visit.restaurant.pairings:
        lacks = by_element[first] in visit.basket and by_element[second] not in visit.basket
        if lacks and rng.random() < share:
            _add(visit, by_element[second])
    if visit.basket and rng.random() < 0.15:
        dish = rng.choice(list(visit.basket))
        visit.record_dish("remove_from_cart", dish, quantity=visit.basket.pop(dish))
        visit.wait(3)


def _look(visit: _Visit, dish: Dish) -> None:
    """Open a dish, click something on it or not, close it, and take it or not."""
    if visit.rng.random() < 0.25:
        visit.record_dish("click", dish, properties={"opened": visit.rng.choice(("photo", "allergens"))})
    visit.record_dish("item_view", dish, time_spent=visit.wait(dish.seconds))
    if visit.rng.random() < dish.wanted:
        _add(visit, dish)
    visit.wait(2)


def _add(visit: _Visit, dish: Dish) -> None:
    """Put one to three portions of a dish into the basket."""
    quantity = visit.rng.choices((1, 2, 3), weights=(70, 24, 6))[0]
    visit.basket[dish] = visit.basket.get(dish, 0) + quantity
    visit.record_dish("add_to_cart", dish, quantity=quantity)
    visit.wait(2)


def _order(visit: _Visit) -> None:
    """Order the basket: one event per dish, all at the same time."""
    visit.wait(15)
    order_id = f"{visit.now:%y%m%d}-{visit.rng.getrandbits(32):08x}"
    currency = visit.restaurant.currency
    for dish, quantity in visit.basket.items():
        sale = {"order_id": order_id, "quantity": quantity, "unit_price": dish.price, "currency": currency}
        visit.record_dish("order", dish, **sale)


def _batches(events: list[Timed]) -> Iterator[list[Timed]]:
    """Cut the events of a visit into requests as the tracker does."""
    batch: list[Timed] = []
    for at, event in events:
        if batch and at - batch[0][0] > LONGEST_WAIT:
            yield batch
            batch = []
        batch.append((at, event))
    yield batch


def _request(
    rng: Random, batch: list[Timed], headers: dict[str, str], hours_late: float = 0, *, from_bot: bool = False
) -> Request:
    """Make a request of a batch, sent right after its last event or later, with some events spoiled."""
    rejected = tuple(position for position in range(len(batch)) if rng.random() < BAD_SHARE)
    events = [_spoil(rng, event) if n in rejected else event for n, (_, event) in enumerate(batch)]
    sent_at = batch[-1][0] + timedelta(hours=hours_late)
    return Request({"events": events}, headers, sent_at, from_bot, rejected=rejected)


def _spoil(rng: Random, event: Event) -> Event:
    """Return an event that must be rejected, for a reason that the request model of the API cannot see."""
    if rng.random() < 0.2:
        return {name: value for name, value in event.items() if name != "created_at"}
    flaws = ({"created_at": "yesterday"}, {"created_at": "2026-02-30 19:00:00"}, {"is_bot": False}, CROWDED)
    return event | rng.choice(flaws)


def resent(rng: Random, requests: list[Request], end: datetime) -> list[Request]:
    """Return the repeats of flaky phones, which send a whole request again because they missed the answer.

    Only events with an id are recognised as repeats, and a rejected event would be rejected twice.
    """
    repeats = []
    for request in requests:
        mergeable = not request.rejected and all("event_id" in event for event in request.body["events"])
        if mergeable and rng.random() < RESENT_SHARE:
            later = request.sent_at + timedelta(minutes=rng.uniform(1, 30))
            repeats.append(replace(request, sent_at=min(end, later), resent=True))
    return repeats


def _headers(rng: Random, agent: str, channel: str) -> dict[str, str]:
    """Return the headers of a visitor, with an address from the ranges reserved for documentation."""
    # A page says text/plain, which a browser sends across origins without asking first.
    content_type = "application/json" if channel in ("app", "kiosk") else "text/plain;charset=UTF-8"
    address = f"{rng.choice(('203.0.113', '198.51.100'))}.{rng.randint(1, 254)}"
    if rng.random() < 0.3:
        address = f"2001:db8:{rng.randint(1, 0xFFFF):x}::{rng.randint(1, 0xFFFF):x}"
    return {"User-Agent": agent, "X-Forwarded-For": address, "Content-Type": content_type}


def _pick[Row: tuple[Any, ...]](rng: Random, rows: Sequence[Row]) -> Row:
    """Draw a row of a table whose first column is the row's weight."""
    return rng.choices(rows, weights=[row[0] for row in rows])[0]


def _uuid(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
