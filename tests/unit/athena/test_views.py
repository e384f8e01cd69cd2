"""Whatever guests do, sums over the views are those over the events, counted in plain Python."""

import base64
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xxhash import xxh64_intdigest

from tests.support import PHONE, envelope, examples
from tests.support.warehouse import store

ROME = ZoneInfo("Europe/Rome")
BOT = "Googlebot/2.1"
LOOKS = ("item_view", "click")
# Evenings before a change of the clocks, when it goes forward and back, and one as any other.
EVENINGS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 6, 1, 20, tzinfo=UTC),
]
ARRIVALS = datetime(2026, 10, 26, tzinfo=ROME)

events = st.fixed_dictionaries(
    {
        "element_clicked": st.sampled_from("xyz"),
        "source_menu": st.sampled_from(["roma", "zoe"]),
        "created_at": st.builds(
            lambda evening, minutes: (evening + timedelta(minutes=minutes)).isoformat(),
            st.sampled_from(EVENINGS),
            st.integers(0, 600),
        ),
        "event_type": st.sampled_from(
            ["click", "menu_view", "item_view", "add_to_cart", "remove_from_cart", "order"]
        ),
        "currency": st.sampled_from(["EUR", "USD"]),
    },
    optional={
        "session_id": st.sampled_from(["s", "t"]),
        "time_spent": st.integers(0, 600).map(lambda tenths: tenths / 10),
        "quantity": st.integers(1, 9),
        "unit_price": st.integers(0, 999_999).map(lambda thousandths: thousandths / 1000),
        "order_id": st.sampled_from(["1", "2"]),
        "channel": st.sampled_from(["qr", "web"]),
        "utm_source": st.sampled_from(["news", "flyer"]),
        "language": st.sampled_from(["de-CH", "en", "klingon"]),
    },
)  # fmt: skip
# With the sender, the minute of arrival, and how often it arrives: on one day, so from the same visitor.
requests = st.lists(
    st.tuples(
        st.lists(events, min_size=1, max_size=8),
        st.sampled_from(["203.0.113.1", "203.0.113.2", None]),
        st.sampled_from([PHONE, BOT]),
        st.integers(0, 1390),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(1 / 4), deadline=None)
@given(requests)
def test_sums_over_the_views_are_those_over_the_events(
    database: duckdb.DuckDBPyConnection,
    transform: Any,
    glue: Any,
    tmp_path_factory: pytest.TempPathFactory,
    requests: list[Any],
) -> None:
    database.execute("DELETE FROM events_raw")
    arrived: list[dict[str, Any]] = []  # with what the server adds
    for number, (sent, address, agent, minutes, deliveries) in enumerate(requests):
        ids = [f"event-{number}-{n}" for n in range(len(sent))]
        numbered = [
            event
            | {"event_id": event_id, "order_line": event_id, "created_at": at_own_time(event, number, n)}
            for n, (event, event_id) in enumerate(zip(sent, ids, strict=True))
        ]
        for delivery in range(deliveries):
            at = ARRIVALS + timedelta(minutes=minutes + 40 * delivery)
            arrived += deliver(
                database, transform, glue, tmp_path_factory.getbasetemp(), numbered, address, agent, at
            )
    by_people = list({event["event_id"]: event for event in arrived if not event["is_bot"]}.values())

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return database.execute(sql).fetchall()

    def total(view: str, *columns: str) -> tuple[Any, ...]:
        return ask(f"SELECT {', '.join(f'coalesce(sum({column}), 0)' for column in columns)} FROM {view}")[0]

    bought = [event for event in by_people if event["event_type"] == "order"]
    pieces = sum(event.get("quantity", 1) for event in bought)
    revenue = sum((event["revenue"] for event in bought), Decimal(0))
    looked = [event for event in by_people if event["event_type"] in LOOKS]
    spent = pytest.approx(sum(event.get("time_spent", 0) for event in looked))
    added = [event for event in by_people if event["event_type"] == "add_to_cart"]
    visits = visits_of(by_people)
    brought, loose = orders_of_visits(visits, bought)
    sold = {(event["business_date"], event["source_menu"], order_of(event)) for event in bought}

    seen = sum(
        len({event["element_clicked"] for event in visit if event["event_type"] in LOOKS}) for visit in visits
    )
    in_visits = sum(len(orders) for orders in brought)
    added_in_visits = [event for visit in visits for event in visit if event["event_type"] == "add_to_cart"]
    assert total("visits", "1", "items_viewed", "items_added", "orders", "quantity") == (
        len(visits),
        seen,
        sum(event.get("quantity", 1) for event in added_in_visits),
        in_visits,
        pieces - sum(event.get("quantity", 1) for order in loose for event in order),
    )
    assert total("visit_sales", "visits", "visits_with_order", "orders", "quantity", "revenue") == (
        len(visits),
        sum(any(event["event_type"] == "order" for event in visit) for visit in visits),
        in_visits + len(loose),
        pieces,
        revenue,
    )
    assert total("sources", "visits", "orders", "revenue") == total(
        "languages", "visits", "orders", "revenue"
    )
    assert total("sources", "visits", "orders") == (len(visits), in_visits)
    for column, view, name in (("utm_source", "sources", "source"), ("language", "languages", "language")):
        firsts = Counter(value for visit in visits if (value := first_told(visit, column)))
        shown = ask(f"SELECT {name}, CAST(sum(visits) AS bigint) FROM {view} GROUP BY {name}")
        assert {value: count for value, count in shown if value in ("news", "flyer", "de", "en")} == firsts
    of_currency: defaultdict[str, Decimal] = defaultdict(Decimal)
    for event in bought:
        of_currency[event["currency"]] += event["revenue"]
    for view in ("orders", "item_performance", "visit_sales", "menu_comparison"):
        sums = ask(f"SELECT currency, sum(revenue) FROM {view} WHERE revenue > 0 GROUP BY currency")
        assert dict(sums) == {currency: money for currency, money in of_currency.items() if money}
    columns = ("views", "time_spent_seconds", "adds_to_cart", "quantity", "revenue")
    assert total("item_performance", *columns) == (len(looked), spent, len(added), pieces, revenue)
    assert total("orders", "1", "quantity", "revenue") == (len(sold), pieces, revenue)
    assert total("menu_comparison", "visits", "orders", "quantity", "revenue") == (
        len(visits), in_visits + len(loose), pieces, revenue,
    )  # fmt: skip
    days = days_of_periods(visits + loose)
    counted = [
        orders
        for events_of, orders in [*zip(visits, brought, strict=True), *((order, [order]) for order in loose)]
        if events_of[0]["day"] in days[events_of[0]["source_menu"]]
    ]
    assert total("hourly_demand", "visits", "revenue") == (
        sum(visit[0]["day"] in days[visit[0]["source_menu"]] for visit in visits),
        sum((event["revenue"] for orders in counted for order in orders for event in order), Decimal(0)),
    )
    by_day = Counter(visit[0]["day"] for visit in visits)
    assert dict(ask("SELECT day, count(*) FROM visits GROUP BY day")) == by_day
    reached = Counter(stage for visit in visits for stage in range(1, stage_of(visit) + 1))
    stages = ask("SELECT stage_number, CAST(sum(visits) AS bigint) FROM menu_funnel GROUP BY stage_number")
    assert {stage: count for stage, count in stages if count} == reached
    unique = len({event["event_id"] for event in arrived})
    bots = sum(event["is_bot"] for event in arrived)
    assert total("data_quality", "events", "repeats", "bots") == (len(arrived), len(arrived) - unique, bots)


def deliver(
    database: duckdb.DuckDBPyConnection,
    transform: Any,
    glue: Any,
    folder: Path,
    sent: list[dict[str, Any]],
    address: str | None,
    agent: str,
    at: datetime,
) -> list[dict[str, Any]]:
    """Store events by way of the transform and Parquet; return what must be known of each."""
    sender: dict[str, str | None] = {"ip": None, "user_agent": None}
    if address:
        sender = {"ip": address, "user_agent": base64.b64encode(agent.encode()).decode()}
    record = envelope({"events": sent}, received_at=round(at.timestamp() * 1000), imported=True, **sender)
    arrival = at.astimezone(ROME).date()
    store(database, transform, glue, folder, record, arrival)
    known = []
    for event in sent:
        time = datetime.fromisoformat(event["created_at"])
        local = time.astimezone(ROME).replace(tzinfo=None)
        price = Decimal(f"{event.get('unit_price', 0):.3f}")
        known.append(event | {
            "is_bot": address is not None and agent == BOT,
            "time": time,
            "day": local.date(),
            "business_date": (local - timedelta(hours=5)).date(),
            "visitor": (address, arrival) if address else None,
            "revenue": price * event.get("quantity", 1),
        })  # fmt: skip
    return known


def at_own_time(event: dict[str, Any], *numbers: int) -> str:
    """Return the time of an event, some milliseconds later, so that no two are at the same time."""
    milliseconds = sum(number * 10**place for place, number in enumerate(reversed(numbers)))
    return (datetime.fromisoformat(event["created_at"]) + timedelta(milliseconds=milliseconds)).isoformat()


def order_of(event: dict[str, Any]) -> tuple[str, str]:
    return str(event.get("order_id") or event["event_id"]), event["currency"]


def visits_of(by_people: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the events of each visit, in order."""
    of_person: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(by_people, key=lambda event: event["time"]):
        person = event.get("session_id"), None if event.get("session_id") else event["visitor"]
        if person == (None, None):  # nobody knows whose visit it was
            continue
        of_person[event["business_date"], event["source_menu"], person].append(event)
    visits = []
    for (_, _, (session, _)), found in of_person.items():
        visits.append(found[:1])
        for before, event in pairwise(found):
            if not session and event["time"] - before["time"] > timedelta(minutes=30):
                visits.append([])
            visits[-1].append(event)
    return visits


def first_told(visit: list[dict[str, Any]], column: str) -> str | None:
    """Return a column of the first event that says where its guest comes from, as the transform writes it."""
    told = [
        event for event in visit if "utm_source" in event or event.get("language", "klingon") != "klingon"
    ]

    def moment(event: dict[str, Any]) -> tuple[datetime, int]:
        is_order_line = event["event_type"] == "order" and "order_id" in event
        line = f"{event.get('order_id')}\n{event['element_clicked']}\n{event['order_line']}"
        return event["time"], (
            xxh64_intdigest(line if is_order_line else event["event_id"]) >> 24
        ) % 1_000_000

    value = min(told, key=moment).get(column) if told else None
    return None if value in (None, "klingon") else str(value).partition("-")[0]


def orders_of_visits(
    visits: list[list[dict[str, Any]]], bought: list[dict[str, Any]]
) -> tuple[list[list[list[dict[str, Any]]]], list[list[dict[str, Any]]]]:
    """Return the events of the orders of each visit, and those of each order of which no visit is known.

    An order is whole in the visit of its first event that has one.
    """
    orders: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(bought, key=lambda event: event["time"]):
        orders[event["business_date"], event["source_menu"], order_of(event)].append(event)
    visit_of = {event["event_id"]: number for number, visit in enumerate(visits) for event in visit}
    brought: list[list[list[dict[str, Any]]]] = [[] for _ in visits]
    loose: list[list[dict[str, Any]]] = []
    for order in orders.values():
        numbers = [visit_of[event["event_id"]] for event in order if event["event_id"] in visit_of]
        (brought[numbers[0]] if numbers else loose).append(order)
    return brought, loose


def days_of_periods(visits: list[list[dict[str, Any]]]) -> dict[str, set[date]]:
    """Return the days of each menu's periods, as hourly_demand describes them."""
    days: defaultdict[str, set[date]] = defaultdict(set)
    for visit in visits:
        days[visit[0]["source_menu"]].add(visit[0]["day"])
    kept = {}
    for menu, of_menu in days.items():
        periods: list[list[date]] = []
        for day in sorted(of_menu):
            if not periods or day - periods[-1][-1] > timedelta(days=14):
                periods.append([])
            periods[-1].append(day)
        longest = max(periods, key=lambda period: (len(period), period))
        kept[menu] = {day for period in periods if len(period) >= 3 or period == longest for day in period}
    return kept


def stage_of(visit: list[dict[str, Any]]) -> int:
    """Return how many stages a visit went through, each once all before were done."""
    done = visit[0]["time"]
    for stage, kinds in enumerate((("menu_view",), LOOKS, ("add_to_cart",), ("order",))):
        times = [event["time"] for event in visit if event["event_type"] in kinds]
        if not times or (stage and max(times) < done):
            return stage
        done = max(done, min(times)) if stage else min(times)
    return 4
