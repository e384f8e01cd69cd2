import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.expected import expected_of
from demo.menu import CRAWLERS, DEVICES, RESTAURANTS
from demo.simulation import LONGEST_WAIT, Event, Request, simulate
from tests.support import ROOT
from tools.cost import EVENTS_A_REQUEST

ZONE = ZoneInfo("Europe/Rome")
END = datetime(2026, 11, 22, 12, tzinfo=ZONE)
START = END - timedelta(days=7)


@pytest.fixture(scope="module")
def week() -> list[Request]:
    return simulate(seed=1, days=7, end=END)


def as_bytes(requests: list[Request]) -> bytes:
    return json.dumps(
        [(request.body, request.headers, str(request.sent_at)) for request in requests]
    ).encode()


def events(requests: list[Request]) -> list[Event]:
    return [event for request in requests for event in request.body["events"]]


def accepted_of_people(requests: list[Request]) -> list[Event]:
    return [
        event
        for request in requests
        if not request.from_bot and not request.resent
        for position, event in enumerate(request.body["events"])
        if position not in request.rejected
    ]


def local_time(event: Event) -> datetime:
    at = datetime.fromisoformat(event["created_at"])
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)


def test_the_same_seed_gives_the_same_bytes(week: list[Request]) -> None:
    assert as_bytes(simulate(seed=1, days=7, end=END)) == as_bytes(week)


def test_another_seed_gives_others(week: list[Request]) -> None:
    assert as_bytes(simulate(seed=2, days=7, end=END)) != as_bytes(week)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_week_has_the_size_of_the_demo(seed: int) -> None:
    requests = simulate(seed, days=7, end=END)
    assert 21_000 <= expected_of(requests).sent <= 25_000
    assert 3_700 <= len(requests) <= 4_700


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), days=st.integers(1, 3), visits=st.floats(0, 60))
def test_any_seed_gives_requests_within_the_rules(seed: int, days: int, visits: float) -> None:
    requests = simulate(seed, days, END, visits)
    assert all(END - timedelta(days=days) <= request.sent_at <= END for request in requests)
    assert all(1 <= len(request.body["events"]) <= 100 for request in requests)
    expected = expected_of(requests)
    assert expected.sent == expected.unique + expected.repeats + expected.rejected == len(events(requests))


def test_requests_are_in_the_order_of_sending(week: list[Request]) -> None:
    assert all(earlier.sent_at <= later.sent_at for earlier, later in pairwise(week))


def test_end_must_be_aware() -> None:
    with pytest.raises(ValueError, match="aware"):
        simulate(seed=1, days=1, end=END.replace(tzinfo=None))


def test_event_ids_are_unique_but_for_repeats(week: list[Request]) -> None:
    first = [event["event_id"] for event in events([r for r in week if not r.resent]) if "event_id" in event]
    assert len(first) == len(set(first))
    assert 0.02 < 1 - len(first) / len(events([r for r in week if not r.resent])) < 0.1


def test_a_resent_request_follows_one_that_is_identical(week: list[Request]) -> None:
    originals = {json.dumps([r.body, r.headers]): r for r in week if not r.resent}
    resent = [request for request in week if request.resent]
    assert 0.01 < len(events(resent)) / len(events(week)) < 0.04
    for request in resent:
        original = originals[json.dumps([request.body, request.headers])]
        assert original.sent_at <= request.sent_at
        assert not original.rejected
        assert all("event_id" in event for event in request.body["events"])


def test_expected_counts_are_those_added_up_by_hand() -> None:
    sale = {"event_type": "order", "order_id": "A", "quantity": 3, "unit_price": 0.1, "currency": "EUR"}
    view = {"event_type": "item_view"}
    person = Request({"events": [sale, sale | {"unit_price": 2.5}, view, view]}, {}, END, rejected=(3,))
    crawler = Request({"events": [view]}, {}, END, from_bot=True)
    spoiled = Request({"events": [sale | {"order_id": "B", "currency": "CHF"}]}, {}, END, rejected=(0,))
    expected = expected_of([person, crawler, spoiled, replace(crawler, resent=True)])
    assert (expected.sent, expected.unique, expected.repeats, expected.rejected) == (7, 4, 1, 2)
    assert (expected.bots, expected.orders, expected.revenue) == (1, 1, {"EUR": Decimal("7.80")})


def test_only_the_marked_events_are_bad(week: list[Request]) -> None:
    for request in week:
        for position, event in enumerate(request.body["events"]):
            assert (position in request.rejected) == _is_bad(event), event
    assert 0.01 < expected_of(week).rejected / expected_of(week).sent < 0.02


def _is_bad(event: Event) -> bool:
    try:
        datetime.fromisoformat(event["created_at"])
    except (KeyError, ValueError):
        return True
    return "is_bot" in event or len(event.get("properties", ())) > 20


def test_bad_events_pass_the_request_model(week: list[Request]) -> None:
    types = {"click", "menu_view", "item_view", "add_to_cart", "remove_from_cart", "order"}
    for event in events(week):
        assert 1 <= len(event["element_clicked"]) <= 128
        assert 1 <= len(event["source_menu"]) <= 128
        assert event["event_type"] in types
        assert event["channel"] in {"web", "app", "kiosk", "qr"}
        assert 0 <= event.get("time_spent", 0) <= 86_400
        assert 1 <= event.get("quantity", 1) <= 1000


def test_no_guest_comes_from_the_future(week: list[Request]) -> None:
    for request in week:
        good = [e for n, e in enumerate(request.body["events"]) if n not in request.rejected]
        assert all(local_time(event) <= request.sent_at for event in good)


def test_some_phones_send_hours_later(week: list[Request]) -> None:
    visits = [request for request in week if not request.resent and not request.rejected]
    late = [r for r in visits if r.sent_at - local_time(r.body["events"][-1]) > timedelta(hours=1)]
    assert 10 < len(late) < 100


def test_guests_come_from_somewhere_and_read_some_language(week: list[Request]) -> None:
    views = [event for event in accepted_of_people(week) if event["event_type"] == "menu_view"]
    assert all(event["table"].isdigit() for event in views if event["channel"] == "qr")
    assert {event.get("utm_source") for event in views if event["channel"] == "web"} > {None, "newsletter"}
    assert {event["language"][:2] for event in views} == {"it", "en", "de", "fr", "ja"}
    read_by = {event["session_id"]: event["language"][:2] for event in views}
    ordered = {e["session_id"] for e in accepted_of_people(week) if e["event_type"] == "order"}

    def share(language: str) -> float:
        return mean(session_id in ordered for session_id, read in read_by.items() if read == language)

    assert share("ja") < share("it")  # the menu is in Italian and English


def test_requests_are_those_of_the_tracker(week: list[Request]) -> None:
    """An event waits a minute at most, unless the phone is offline. docs/cost.md has what comes out of it."""
    requests = [request for request in week if not request.from_bot and not request.resent]
    sent = events(requests)
    visits = {event["session_id"] for event in sent}
    assert len(sent) / len(requests) == pytest.approx(EVENTS_A_REQUEST, abs=0.15)
    assert len(sent) / len(visits) == pytest.approx(14.7, abs=0.5)
    for request in requests:
        times = [local_time(e) for n, e in enumerate(request.body["events"]) if n not in request.rejected]
        if times and request.sent_at - max(times) < timedelta(hours=1):
            assert max(times) - min(times) <= LONGEST_WAIT
    source = (ROOT / "tracker" / "menulens.js").read_text()
    assert f"setTimeout(flush, {LONGEST_WAIT.seconds}e3)" in source


def test_guests_come_for_lunch_and_for_dinner(week: list[Request]) -> None:
    hours = Counter(local_time(event).hour for event in accepted_of_people(week))
    assert sum(hours[h] for h in (12, 13)) > 3 * sum(hours[h] for h in (15, 16))
    assert sum(hours[h] for h in (18, 19, 20)) > sum(hours[h] for h in (12, 13))
    assert sum(hours[h] for h in range(10)) < 0.002 * hours.total()


def test_guests_follow_the_weekdays(week: list[Request]) -> None:
    days = Counter(
        local_time(event).weekday()
        for event in accepted_of_people(week)
        if event["source_menu"] == "trattoria-roma"
    )
    assert days[5] > days[2] > 3 * days[0]


def test_some_dishes_are_looked_at_long_and_never_ordered(week: list[Request]) -> None:
    events = accepted_of_people(week)
    times = [event["time_spent"] for event in events if event["event_type"] == "item_view"]
    for restaurant in RESTAURANTS:
        for dish in restaurant.dishes:
            touched = [event for event in events if event["element_clicked"] == dish.element]
            looks = [event["time_spent"] for event in touched if event["event_type"] == "item_view"]
            orders = [event for event in touched if event["event_type"] == "order"]
            if dish.wanted > 0.05:
                assert orders
            if not dish.wanted:
                assert not orders
                assert len(looks) > 50
                assert median(looks) > 2 * median(times)


def test_some_dishes_are_ordered_without_looking(week: list[Request]) -> None:
    touched = [event for event in accepted_of_people(week) if event["element_clicked"] == "acqua-frizzante"]
    kinds = Counter(event["event_type"] for event in touched)
    assert kinds["order"] > kinds["item_view"]


def test_some_dishes_go_together(week: list[Request]) -> None:
    baskets: defaultdict[str, set[str]] = defaultdict(set)
    for event in accepted_of_people(week):
        if event["event_type"] == "order":
            baskets[event["order_id"]].add(event["element_clicked"])
    lifts = []
    for restaurant in RESTAURANTS:
        own = [basket for basket in baskets.values() if basket & {d.element for d in restaurant.dishes}]
        for first, second, _ in restaurant.pairings:
            with_first = [basket for basket in own if first in basket]
            of_first = sum(second in basket for basket in with_first) / len(with_first)
            lifts.append(of_first * len(own) / sum(second in basket for basket in own))
    assert mean(lifts) > 1.3


def test_a_share_of_visits_ends_in_an_order(week: list[Request]) -> None:
    events = accepted_of_people(week)
    session_ids = {event["session_id"] for event in events}
    orders = {event["order_id"]: event["session_id"] for event in events if event["event_type"] == "order"}
    assert 0.25 < len(set(orders.values())) / len(session_ids) < 0.5
    assert len(orders) == len(set(orders.values())) == expected_of(week).orders


def test_an_order_is_what_the_menu_says(week: list[Request]) -> None:
    menu = {
        (r.source_menu, d.element): (d.price, d.category, r.currency) for r in RESTAURANTS for d in r.dishes
    }
    for event in accepted_of_people(week):
        if event["event_type"] == "order":
            expected = menu[event["source_menu"], event["element_clicked"]]
            assert (event["unit_price"], event["category"], event["currency"]) == expected


def test_crawlers_and_only_they_are_bots(week: list[Request]) -> None:
    agents = {request.headers["User-Agent"] for request in week if request.from_bot}
    assert agents == set(CRAWLERS)
    people = {request.headers["User-Agent"] for request in week if not request.from_bot}
    assert people == {agent for _, _, agent in DEVICES}


def test_addresses_are_reserved_for_documentation(week: list[Request]) -> None:
    ranges = ("203.0.113.", "198.51.100.", "2001:db8:")
    assert all(request.headers["X-Forwarded-For"].startswith(ranges) for request in week)
    assert {request.headers["Content-Type"] for request in week} == {
        "text/plain;charset=UTF-8",
        "application/json",
    }


def test_restaurants_add_up() -> None:
    assert sum(restaurant.popularity for restaurant in RESTAURANTS) == pytest.approx(1)
    for restaurant in RESTAURANTS:
        assert sum(restaurant.weekdays) == pytest.approx(7)
        assert len({dish.element for dish in restaurant.dishes}) == len(restaurant.dishes)


def test_times_are_right_across_the_change_of_clocks() -> None:
    end = datetime(2026, 10, 25, 22, tzinfo=ZONE)  # clocks went back at three in the morning
    for request in simulate(seed=1, days=1, end=end, visits_per_day=50):
        for position, event in enumerate(request.body["events"]):
            if position not in request.rejected and not request.from_bot:
                assert (
                    timedelta() <= request.sent_at.astimezone(UTC) - local_time(event) < timedelta(hours=10)
                )
