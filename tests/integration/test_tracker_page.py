"""The tracker's script in Chromium: what it records, stores and sends. A stand-in for the API
accepts everything; `test_tracker.py` sends through the deployed one.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.support.browser import (
    DISH,
    IngestEndpoint,
    Site,
    item_views,
    leave,
    needs_chromium,
    pass_time,
    pause,
    send,
    stored,
)
from tests.support.local_emulator import until
from tests.support.tracker import empty
from tracker.build import version

pytestmark = needs_chromium


def test_a_visit_is_told_in_events_of_the_schema(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    url = site.menu("/menu", DISH.format("margherita"), endpoint.url, "roma", currency="EUR", channel="qr")
    page = context.new_page()
    pause(page)
    page.goto(f"{url}?mail=a@example.com#x")
    page.click("[data-ml-item]")
    send(page)
    until(lambda: endpoint.events(event_type="click"))
    pass_time(page, 1100)
    leave(page)
    (view,) = until(lambda: endpoint.events(event_type="item_view"))
    (opened,) = endpoint.events(event_type="menu_view")
    (click,) = endpoint.events(event_type="click")
    assert {name: click[name] for name in click if name not in ("event_id", "session_id", "created_at")} == {
        "event_type": "click",
        "element_clicked": "margherita",
        "source_menu": "roma",
        "category": "pizza",
        "unit_price": 10.5,
        "currency": "EUR",
        "channel": "qr",
        "page": "/menu",  # without query and fragment
        "page_host": site.url.removeprefix("http://"),
        "tracker": version(),
    }
    assert opened["element_clicked"] == "menu"
    assert opened.keys() - click.keys() == {"referrer", "language", "time_zone"}
    assert view.keys() - click.keys() == {"time_spent"}
    assert len({event["event_id"] for event in (opened, click, view)}) == 3
    assert len({event["session_id"] for event in (opened, click, view)}) == 1
    assert {request["content_type"] for request in endpoint.requests} == {"text/plain;charset=UTF-8"}
    # What was sent when the page went away was not answered for: it waits for the next page.
    page.goto(url)
    send(page)
    until(lambda: len(endpoint.events(event_type="menu_view")) == 2)
    assert len(endpoint.events(event_type="item_view")) == 2
    assert len({event["event_id"] for event in endpoint.events(event_type="item_view")}) == 1
    empty(page)


def test_an_item_is_seen_for_as_long_as_half_of_it_is_in_view(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    body = DISH.format("first") + '<div style="height: 1500px"></div>' + DISH.format("glanced-at")
    body += '<div style="height: 1500px"></div><div style="height: 4000px" data-ml-item="tall"></div>'
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", body, endpoint.url, "m"))
    pass_time(page, 1200)
    for y, milliseconds in (
        (140, 600),  # 160 of 300 pixels left
        (170, 600),  # 130 left
        (1500, 900),  # less than a second
        (3700, 1500),  # half of the window and no more than a seventh of the item
    ):
        page.evaluate(f"scrollTo(0, {y})")
        pass_time(page, milliseconds)
    leave(page)
    views = {
        event["element_clicked"]: event["time_spent"] for event in until(lambda: item_views(endpoint, 2))
    }
    assert views == {"first": 1.8, "tall": 1.5}


def test_time_counts_only_while_the_page_is_visible(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange', {bubbles: true})); }"
    pass_time(page, 1200)
    page.evaluate(hide, True)
    (first,) = until(lambda: item_views(endpoint, 1))  # at once: nobody knows whether the page comes back
    until(lambda: page.evaluate("localStorage.length") == 0)
    pass_time(page, 1500)
    page.evaluate(hide, False)
    pass_time(page, 1400)
    leave(page)
    _, second = until(lambda: item_views(endpoint, 2))
    assert (first["time_spent"], second["time_spent"]) == (1.2, 1.4)
    assert len(endpoint.events(event_type="menu_view")) == 1
    assert len(endpoint.requests) == 2


def test_a_single_page_app(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/start", "<main></main>", endpoint.url, "m"))
    page.evaluate("history.pushState(0, '', '/menu')")
    show = "(html) => { document.querySelector('main').innerHTML = html; }"
    page.evaluate(show, DISH.format("a") + "<p data-ml-item='b'>b <b>bold</b></p>")
    pass_time(page, 1500)
    page.click("b")  # inside an item that came later
    # A list that reuses its elements: what was seen until now is another item than what is seen from now on.
    page.evaluate("document.querySelector('[data-ml-item=a]').dataset.mlItem = 'c'")
    pass_time(page, 1200)
    page.evaluate("document.querySelector('main').replaceChildren()")
    pass_time(page, 200)
    send(page)
    views = until(lambda: item_views(endpoint, 3))
    assert {event["element_clicked"] for event in views} == {"a", "b", "c"}
    assert [event["element_clicked"] for event in endpoint.events(event_type="click")] == ["b"]
    assert {event["page"] for event in endpoint.events(event_type="menu_view")} == {"/start", "/menu"}


def test_a_long_name_is_cut_between_characters(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    """Half of a surrogate pair is no text, and the transform rejects its event."""
    page = context.new_page()
    page.goto(site.menu("/", DISH.format("a" * 127 + "🍕🍕"), endpoint.url, "m"))
    page.click("[data-ml-item]")
    send(page)
    (click,) = until(lambda: endpoint.events(event_type="click"))
    assert click["element_clicked"] == "a" * 127 + "🍕"


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_who_does_not_want_to_be_tracked_is_not(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, signal: str
) -> None:
    context.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{value: '1'}})")
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    page.click("[data-ml-item]")
    page.evaluate("menulens.track('order', {element_clicked: 'a'})")
    page.evaluate("menulens.consent(true)")
    page.evaluate("menulens.track('order', {element_clicked: 'a'})")
    pass_time(page, 120_000)
    leave(page)
    page.goto(site.menu("/other", "", endpoint.url, "m"))
    assert stored(page) == {}
    assert endpoint.requests == []


def test_consent_is_waited_for_and_can_be_withdrawn(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    url = site.menu("/", DISH.format("a"), endpoint.url, "m", consent="required")
    page = context.new_page()
    pause(page)
    page.goto(url)
    page.click("[data-ml-item]")
    pass_time(page, 1200)
    page.evaluate("dispatchEvent(new Event('online'))")
    # The script's own request for the lock comes first: what it does with it is over then.
    page.evaluate("url => navigator.locks.request(url, () => {})", endpoint.url)
    assert stored(page) == {}
    page.evaluate("menulens.consent(true); menulens.consent(true)")  # as banners do
    pass_time(page, 1100)
    (waiting,) = [text for key, text in stored(page).items() if key.startswith(endpoint.url)]
    assert json.loads(waiting)["event_type"] == "menu_view"
    page.evaluate("menulens.consent(false)")
    assert stored(page) == {}
    page.click("[data-ml-item]")
    leave(page)
    page.goto(url)
    pass_time(page, 120_000)
    assert stored(page) == {}
    assert endpoint.requests == []
    page.evaluate("menulens.consent(true)")
    send(page)
    until(lambda: endpoint.events(event_type="menu_view"))


def test_what_is_stored_is_no_more_than_the_docs_say(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    page.click("[data-ml-item]")
    local = page.evaluate("() => ({...localStorage})")
    assert {json.loads(text)["event_type"] for text in local.values()} == {"menu_view", "click"}
    assert all(key.startswith(endpoint.url) for key in local)
    assert page.evaluate("Object.keys(sessionStorage)") == ["menulens"]
    assert context.cookies() == []
    empty(page)


def test_a_visit_ends_after_half_an_hour_without_an_event(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    for minutes in (0, 29, 29, 31):
        page.clock.fast_forward(minutes * 60_000)
        page.click("[data-ml-item]")
    send(page)

    def clicks() -> dict[str, dict[str, Any]]:
        return {event["event_id"]: event for event in endpoint.events(event_type="click")}

    until(lambda: len(clicks()) == 4)
    by_time = sorted(clicks().values(), key=lambda event: event["created_at"])
    session_ids = [event["session_id"] for event in by_time]
    assert session_ids[0] == session_ids[1] == session_ids[2] != session_ids[3]
