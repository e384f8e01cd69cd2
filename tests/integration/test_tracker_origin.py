"""The tracker's script in Chromium: what it says of where a guest comes from. A stand-in takes events."""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.browser import DISH, IngestEndpoint, Site, needs_chromium, pass_time, pause, send, visitor
from tests.support.local_emulator import until
from tests.support.tracker import empty

pytestmark = needs_chromium

ORIGIN = ("utm_source", "utm_medium", "utm_campaign", "table")


def menu_views(endpoint: IngestEndpoint, count: int) -> list[dict[str, Any]]:
    """Wait for `count` views of the menu, and return what each says of where its guest comes from."""

    def told() -> list[dict[str, Any]]:
        events = endpoint.events(event_type="menu_view")
        return sorted(events, key=lambda event: event["created_at"]) if len(events) >= count else []

    return [{name: event[name] for name in ORIGIN if name in event} for event in until(told)]


@pytest.mark.parametrize(
    ("address", "origin", "channel"),
    [
        (
            "?utm_source=mail&utm_medium=e%20mail&utm_campaign=a+b&utm_term=x&utm_content=a@b.it",
            {"utm_source": "mail", "utm_medium": "e mail", "utm_campaign": "a b"},
            "web",
        ),
        ("?table=7&mail=a@example.com#x", {"table": "7"}, "web"),
        ("?tablet=7&mytable=8&x=table=9", {}, "web"),
        ("?table=A%2012&channel=qr", {"table": "A 12"}, "qr"),
        ("#/menu?table=7&channel=kiosk", {"table": "7"}, "kiosk"),
        ("?channel=till", {}, "web"),  # what a till sends makes no visit
        ("?channel=qrx&table=%E0%A4%A", {"table": "\ufffd%A"}, "web"),
        ("", {}, "web"),
    ],
)
def test_the_address_tells_where_a_guest_comes_from(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, address: str, origin: Any, channel: str
) -> None:
    page = context.new_page()
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m") + address)
    page.click("[data-ml-item]")
    send(page)
    (view,) = menu_views(endpoint, 1)
    assert view == origin
    (click,) = until(lambda: endpoint.events(event_type="click"))
    assert click["channel"] == channel
    assert click.keys().isdisjoint(ORIGIN)  # one event of a visit is enough
    assert "example.com" not in str(endpoint.requests)
    assert "a@b.it" not in str(endpoint.requests)


def test_it_holds_for_the_whole_visit(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    """A single-page app changes the address, and the next page's has no query."""
    url = site.menu("/", DISH.format("a"), endpoint.url, "m")
    page = context.new_page()
    pause(page)
    page.goto(f"{url}?table=7&channel=qr")
    page.evaluate("history.pushState({}, '', '/drinks'); document.body.append('another page')")
    pass_time(page, 500)
    page.goto(site.menu("/desserts", DISH.format("b"), endpoint.url, "m"))
    page.click("[data-ml-item]")
    empty(page)
    views = endpoint.events(event_type="menu_view")
    assert {view["page"] for view in views} == {"/", "/drinks", "/desserts"}
    assert {(view["table"], view["channel"]) for view in views} == {("7", "qr")}
    assert {event["channel"] for event in endpoint.events(event_type="click")} == {"qr"}
    assert len({event["session_id"] for event in endpoint.events()}) == 1


def test_another_address_says_more(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    url = site.menu("/", "", endpoint.url, "m")
    page = context.new_page()
    page.goto(f"{url}?table=7&utm_source=mail")
    page.goto(f"{url}?table=8")
    send(page)
    assert menu_views(endpoint, 2)[-1] == {"table": "8", "utm_source": "mail"}


def test_language_and_time_zone_are_the_browsers(
    browser: Browser, site: Site, endpoint: IngestEndpoint
) -> None:
    with visitor(browser, locale="de-CH", timezone_id="Europe/Zurich") as context:
        page = context.new_page()
        page.goto(site.menu("/", "", endpoint.url, "m"))
        send(page)
        (view,) = until(lambda: endpoint.events(event_type="menu_view"))
    assert (view["language"], view["time_zone"]) == ("de-CH", "Europe/Zurich")


def test_nothing_of_it_is_stored_before_consent(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    page.goto(site.menu("/", "", endpoint.url, "m", consent="required") + "?table=7")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.evaluate("menulens.consent(true)")
    send(page)
    assert menu_views(endpoint, 1) == [{"table": "7"}]
    page.evaluate("menulens.consent(false)")
    assert page.evaluate("Object.keys(sessionStorage)") == []
