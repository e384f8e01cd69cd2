"""Each order line counts once in every view, whoever reports it, how often, and whatever reports say of it.

The right values are counted in plain Python from what was sent: by menu, business date and currency.
"""

import base64
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import PHONE, envelope, examples
from tests.support.warehouse import store

ROME = ZoneInfo("Europe/Rome")
EVENING = datetime(2026, 10, 5, 18, tzinfo=UTC)
ARRIVALS = datetime(2026, 10, 7, 12, tzinfo=ROME)


class Reporter(NamedTuple):
    """Who reports an order line."""

    fields: dict[str, str]
    address: str | None = None
    agent: str = PHONE

    @property
    def makes_visit(self) -> bool:
        return "session_id" in self.fields or (self.address is not None and "channel" not in self.fields)


REPORTERS = {
    "session s": Reporter({"session_id": "s"}, "203.0.113.1"),
    "session t": Reporter({"session_id": "t"}, "203.0.113.2"),
    "visitor 1": Reporter({}, "203.0.113.1"),
    "visitor 2": Reporter({}, "203.0.113.2"),
    "till": Reporter({"channel": "till"}, "203.0.113.3", "python-requests/2.32"),
    "till of a visit": Reporter(
        {"channel": "till", "session_id": "t"}, "203.0.113.3", "python-requests/2.32"
    ),
    "history": Reporter({}),
    "bot": Reporter({"session_id": "u"}, "203.0.113.4", "Googlebot/2.1"),
}
# A line is known by its order, dish and order_line, the first also without one. Else by its event_id.
lines = st.one_of(
    st.fixed_dictionaries(
        {"order_id": st.sampled_from("12"), "element_clicked": st.sampled_from("xy")},
        optional={"order_line": st.sampled_from("123")},
    ),
    st.fixed_dictionaries(
        {"event_id": st.sampled_from(["single-1", "single-2"]), "element_clicked": st.just("x")}
    ),
)
reports = st.tuples(
    lines,
    st.sampled_from(["roma", "zoe"]),
    st.integers(0, 600),  # minutes from 20:00 to 06:00, over midnight and over the end of the business date
    st.sampled_from(sorted(REPORTERS)),
    st.fixed_dictionaries(
        {},
        optional={
            "quantity": st.integers(1, 3),
            "unit_price": st.integers(0, 9999).map(lambda thousandths: thousandths / 1000),
            "currency": st.sampled_from(["EUR", "USD"]),
        },
    ),
)
X = {"order_id": "1", "element_clicked": "x"}
Y = {"order_id": "1", "element_clicked": "y"}
PRICED: dict[str, Any] = {"quantity": 2, "unit_price": 1.5, "currency": "EUR"}


@settings(max_examples=examples(1 / 4), deadline=None)
@given(st.lists(reports, min_size=1, max_size=12))
@example([(X, "roma", 230, "till", PRICED), (X, "roma", 250, "till", PRICED)])  # again after midnight
@example([(X, "roma", 0, "session s", PRICED), (X, "roma", 40, "session t", PRICED)])  # in another visit
@example([(X, "roma", 0, "session s", PRICED), (X, "roma", 1, "session s", PRICED | {"quantity": 3})])
@example([(X, "roma", 0, "till", PRICED), (X, "roma", 1, "visitor 1", PRICED | {"quantity": 3})])
@example([(X, "roma", 0, "visitor 1", PRICED), (Y, "roma", 1, "till", {"unit_price": 3.0})])
@example([(X, "roma", 0, "session s", PRICED), (Y, "roma", 1, "session t", {"currency": "USD"})])
def test_each_order_line_counts_once(
    database: duckdb.DuckDBPyConnection,
    transform: Any,
    glue: Any,
    tmp_path_factory: pytest.TempPathFactory,
    sent: list[Any],
) -> None:
    database.execute("DELETE FROM events_raw")
    lines_reported: defaultdict[Any, list[tuple[Reporter, dict[str, Any]]]] = defaultdict(list)
    for number, (line, menu, minutes, name, said) in enumerate(sent):
        reporter, time = REPORTERS[name], EVENING + timedelta(minutes=minutes)
        event = {"event_id": f"report-{number:03d}"} | line | reporter.fields | said
        event |= {"event_type": "order", "source_menu": menu, "created_at": time.isoformat()}
        sender: dict[str, str | None] = {"ip": None, "user_agent": None}
        if reporter.address:
            agent = base64.b64encode(reporter.agent.encode()).decode()
            sender = {"ip": reporter.address, "user_agent": agent}
        record = envelope(event, received_at=round(ARRIVALS.timestamp() * 1000), imported=True, **sender)
        store(database, transform, glue, tmp_path_factory.getbasetemp(), record, ARRIVALS.date())
        if name != "bot":
            business_date = (time.astimezone(ROME).replace(tzinfo=None) - timedelta(hours=5)).date()
            known_by = {"order_line": "1"} | line if "order_id" in line else line
            lines_reported[business_date, menu, *sorted(known_by.items())].append((reporter, event))
    orders, pieces, revenue, in_visits = counted(lines_reported)

    def ask(
        view: str, *columns: str, by: str = "business_date, source_menu, currency"
    ) -> list[dict[Any, Any]]:
        sums = ", ".join(f"sum({column})" for column in columns)
        condition = "WHERE quantity > 0" if view != "hourly_demand" else "WHERE orders > 0 OR revenue > 0"
        rows = database.execute(f"SELECT {by}, {sums} FROM {view} {condition} GROUP BY {by}").fetchall()
        width = len(by.split(","))
        return [{row[:width]: row[width + n] for row in rows} for n in range(len(columns))]

    assert ask("order_lines", "quantity", "revenue") == [pieces, revenue]
    assert ask("orders", "1", "quantity", "revenue") == [orders, pieces, revenue]
    assert ask("visit_sales", "orders", "quantity", "revenue") == [orders, pieces, revenue]
    by = "day, source_menu, currency"
    assert ask("item_performance", "quantity", "revenue", by=by) == [pieces, revenue]
    assert ask("visits", "quantity", by="business_date, source_menu") == [in_visits]
    # What a visit brings and its number of orders belong together.
    strays = "SELECT * FROM visits WHERE (orders = 0) <> (quantity = 0) OR (orders = 0 AND revenue > 0)"
    assert database.execute(strays).fetchall() == []
    strays = "SELECT * FROM visit_sales WHERE (orders = 0) <> (quantity = 0) OR (orders = 0 AND revenue > 0)"
    assert database.execute(strays).fetchall() == []
    for view, columns in (
        ("menu_comparison", ("orders", "quantity", "revenue")),
        ("hourly_demand", ("orders", "revenue")),
    ):
        right = {"orders": orders, "quantity": pieces, "revenue": revenue}
        of_currency = [summed(right[column], lambda key: key[1:]) for column in columns]
        assert ask(view, *columns, by="source_menu, currency") == of_currency


def counted(reported: dict[Any, list[tuple[Reporter, dict[str, Any]]]]) -> list[Counter[Any]]:
    """Return orders, pieces and revenue by business date, menu and currency, and the pieces of visits."""
    of_order: defaultdict[Any, set[str]] = defaultdict(set)
    for (day, menu, *_), reports_of_line in reported.items():
        for _, event in reports_of_line:
            of_order[day, menu, order_of(event)] |= {event["currency"]} if "currency" in event else set()
    orders: defaultdict[Any, set[str]] = defaultdict(set)
    pieces: Counter[Any] = Counter()
    revenue: Counter[Any] = Counter()
    of_visits: set[Any] = set()
    of_orders: Counter[Any] = Counter()
    for (day, menu, *_), reports_of_line in reported.items():
        events = [event for _, event in reports_of_line]
        own = [event["currency"] for event in events if "currency" in event]
        currency = min(own or of_order[day, menu, order_of(events[0])], default=None)
        quantity = min(event.get("quantity", 1) for event in events)
        brought = [
            Decimal(f"{event['unit_price']:.3f}") * event.get("quantity", 1)
            for event in events
            if "unit_price" in event
        ]
        key = (day, menu, currency)
        orders[key].add(order_of(events[0]))
        pieces[key] += quantity
        revenue[key] += min(brought, default=Decimal(0))  # type: ignore[assignment]
        of_orders[*key, order_of(events[0])] += quantity
        if any(reporter.makes_visit for reporter, _ in reports_of_line):
            of_visits.add((*key, order_of(events[0])))
    # An order of which a visit reports a line is whole in a visit.
    in_visits = summed(Counter({key: of_orders[key] for key in of_visits}), lambda key: key[:2])
    return [Counter({key: len(names) for key, names in orders.items()}), pieces, revenue, in_visits]


def order_of(event: dict[str, Any]) -> str:
    return str(event.get("order_id") or event["event_id"])


def summed(counts: Counter[Any], key_of: Any) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for key, count in counts.items():
        sums[key_of(key)] += count
    return sums
