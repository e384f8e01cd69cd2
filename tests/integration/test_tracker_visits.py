"""The tracker's script in Chromium: where visits, menus and pages begin and end. A stand-in takes events."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.browser import DISH, IngestEndpoint, Site, leave, needs_chromium, pass_time, pause, send
from tests.support.local_emulator import until
from tests.support.tracker import empty

pytestmark = needs_chromium

MINUTE = 60_000
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
}"""
ORDER = "menulens.track('order', {element_clicked: 'a', order_id: '1'})"


def by_visit(endpoint: IngestEndpoint) -> list[list[dict[str, Any]]]:
    """Return the different events of each visit, visits and events in their order."""
    events = {event["event_id"]: event for event in endpoint.events()}.values()
    visits: dict[str, list[dict[str, Any]]] = {}
    for event in sorted(events, key=lambda event: event["created_at"]):
        visits.setdefault(event["session_id"], []).append(event)
    return list(visits.values())


def kinds(visit: list[dict[str, Any]]) -> list[str]:
    return [event["event_type"] for event in visit]


def opened(endpoint: IngestEndpoint) -> list[tuple[str, str]]:
    """Return menu and page of each view of a menu, in the order of time: requests can overtake each other."""
    views = sorted(endpoint.events(event_type="menu_view"), key=lambda event: event["created_at"])
    return [(view["source_menu"], view["page"]) for view in views]


def start(page: Page, url: str) -> None:
    pause(page)
    page.goto(url)
    pass_time(page, 100)


def test_a_page_that_comes_back_after_half_an_hour_begins_a_visit(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    start(page, site.menu("/", DISH.format("a"), endpoint.url, "m"))
    pass_time(page, 5000)
    page.evaluate(HIDE, True)
    page.clock.fast_forward(31 * MINUTE)
    page.evaluate(HIDE, False)
    pass_time(page, 2000)
    page.evaluate(ORDER)
    page.evaluate(HIDE, True)
    empty(page)
    first, second = by_visit(endpoint)
    assert kinds(first) == ["menu_view", "item_view"]
    assert sorted(kinds(second)) == ["item_view", "menu_view", "order"]
    assert second[0]["event_type"] == "menu_view"
    (view,) = [event for event in second if event["event_type"] == "item_view"]
    assert view["time_spent"] == 2


def test_a_kiosk_that_is_never_left_has_a_visit_for_each_guest(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    start(page, site.menu("/", DISH.format("a"), endpoint.url, "m", channel="kiosk"))
    for _ in range(3):
        pass_time(page, 4000)
        page.click("[data-ml-item]")
        pass_time(page, 100)  # the script hears what is in view before the half hour passes
        page.clock.fast_forward(35 * MINUTE)
    empty(page)
    visits = by_visit(endpoint)
    assert len(visits) == 3
    for visit in visits:
        assert kinds(visit)[0] == "menu_view"
        assert kinds(visit).count("menu_view") == kinds(visit).count("click") == 1
    # Nobody looked while nobody was there.
    views = endpoint.events(event_type="item_view")
    assert views
    assert all(view["time_spent"] < 6 for view in views)


def test_a_device_that_sleeps_with_the_page_in_view_loses_no_look(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    """`performance.now` stands still while some systems sleep, the wall clock does not.

    https://developer.mozilla.org/docs/Web/API/Performance/now#ticking_during_sleep
    """
    page = context.new_page()
    start(page, site.menu("/", DISH.format("a"), endpoint.url, "m"))
    pass_time(page, 1500)
    page.click("[data-ml-item]")
    page.evaluate("const now = Date.now; Date.now = () => now() + 8 * 3600e3; 0")
    page.click("[data-ml-item]")
    pass_time(page, 1200)
    leave(page)
    until(lambda: len(endpoint.events(event_type="item_view")) >= 2)
    first, second = by_visit(endpoint)
    assert sorted(kinds(first)) == sorted(["menu_view", "click", "item_view"])
    assert sorted(kinds(second)) == sorted(["menu_view", "click", "item_view"])
    (look,) = [event for event in first if event["event_type"] == "item_view"]
    assert look["time_spent"] == 1.6


@pytest.mark.parametrize("delay", [0, 50, -50], ids=["together", "menu-later", "menu-first"])
@pytest.mark.parametrize("address", ["?menu=lunch", "/lunch"], ids=["query", "path"])
def test_another_menu_of_an_app_is_opened_once(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, address: str, delay: int
) -> None:
    page = context.new_page()
    start(page, site.menu("/", DISH.format("a"), endpoint.url, "dinner"))
    pass_time(page, 1300)
    page.evaluate(
        """([address, delay]) => {
          const go = () => history.pushState({}, '', address);
          const change = () => document.querySelector('script').dataset.menu = 'lunch';
          setTimeout(go, Math.max(0, -delay));
          setTimeout(change, Math.max(0, delay));
        }""",
        [address, delay],
    )
    for milliseconds in (50, 300, 1300):  # until the change, until the script has seen the last of it, a look
        pass_time(page, milliseconds)
    leave(page)
    path = "/lunch" if address == "/lunch" else "/"
    until(lambda: len(endpoint.events(event_type="item_view")) >= 2)
    assert opened(endpoint) == [("dinner", "/"), ("lunch", path)]
    before, after = endpoint.events(event_type="item_view")
    assert (before["source_menu"], before["page"]) == ("dinner", "/")
    assert (after["source_menu"], after["page"]) == ("lunch", path)


def test_what_is_a_page_says_the_site(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    page = context.new_page()
    start(page, site.menu("/menu", "<p>a</p>", endpoint.url, "m"))
    for address in ("/menu/", "#/drinks", "?menu=lunch", "#pizza"):
        page.evaluate("address => { history.pushState({}, '', address); }", address)
        page.evaluate("document.querySelector('p').firstChild.data += 'b'")
        pass_time(page, 400)
    page.goto(site.menu("/hash", "<p>a</p>", endpoint.url, "m", routes="#/[^?]*"))
    for address in ("#/drinks?mail=a@example.com", "#pizza", "#/food"):
        page.evaluate("address => { location.hash = address; }", address)
        pass_time(page, 400)
    page.goto(site.menu("/query", "<p>a</p>", endpoint.url, "m", routes="[?&]menu=[^&#]*"))
    page.evaluate("history.pushState({}, '', '?menu=lunch&mail=a@example.com')")
    # A page that changes its text only.
    page.evaluate("document.querySelector('p').firstChild.data = 'lunch'")
    pass_time(page, 400)
    empty(page)
    pages = list(dict.fromkeys(page for _, page in opened(endpoint)))
    assert pages == ["/menu", "/hash", "/hash#/drinks", "/hash#/food", "/query", "/query?menu=lunch"]


def test_hosts_limit_where_it_records(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m", hosts="trattoria.it www.trattoria.it"))
    page.click("[data-ml-item]")
    send(page)
    assert page.evaluate("localStorage.length") == 0
    assert messages == ["MenuLens: off: not in data-hosts"]
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m", hosts="trattoria.it 127.0.0.1"))
    send(page)
    until(lambda: endpoint.events(page_host=site.url.removeprefix("http://")))
    assert len(endpoint.events()) == 1


def test_a_saved_copy_says_so_but_not_where_it_lies(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, tmp_path: Any
) -> None:
    script = (
        f'<script src="{site.url}/menulens.min.js" data-endpoint="{endpoint.url}" data-menu="m"></script>'
    )
    copy = tmp_path / "secret-name.html"
    copy.write_text(f"<!doctype html>{script}")
    page = context.new_page()
    page.goto(copy.as_uri())
    send(page)
    (event,) = until(lambda: endpoint.events())
    assert event["page_host"] == "file:"
    assert "secret-name" not in str(event)


def test_a_browser_of_the_house_is_left_out_until_it_is_counted_again(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    url = site.menu("/", DISH.format("a"), endpoint.url, "m")
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    start(page, url)
    page.evaluate("location.hash = 'menulens-ignore'")  # also while a page is open
    pass_time(page, 120_000)
    page.click("[data-ml-item]")
    page.goto(f"{site.url}/")
    page.click("[data-ml-item]")
    pass_time(page, 120_000)
    leave(page)
    assert endpoint.events() == []
    assert messages == ["MenuLens: off: ignored until #menulens-count"] * 2
    page.goto(f"{url}#menulens-count")
    page.click("[data-ml-item]")
    leave(page)
    until(lambda: endpoint.events(event_type="click"))
    page.goto(url)
    assert len(messages) == 2
    send(page)
    until(lambda: len({event["event_id"] for event in endpoint.events(event_type="menu_view")}) == 2)


def test_a_driven_browser_says_so(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'webdriver', {value: true})")
    page = context.new_page()
    page.goto(site.menu("/", "", endpoint.url, "m"))
    send(page)
    until(lambda: endpoint.events(event_type="menu_view", automated=True))
