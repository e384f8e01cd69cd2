"""The tracker's script in Chromium: how it batches, keeps and sends what it has recorded."""

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
)
from tests.support.local_emulator import until
from tests.support.tracker import empty

pytestmark = needs_chromium

CORS = {"Access-Control-Allow-Origin": "*"}


def test_at_most_a_hundred_at_once_and_ten_a_second(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    click = "document.querySelector('[data-ml-item]').click()"
    page.evaluate(f"for (let n = 0; n < 1000; n++) {click}")
    assert page.evaluate("localStorage.length") == 100  # the menu's view is one of them
    pass_time(page, 1000)
    page.evaluate(f"for (let n = 0; n < 1000; n++) {click}")
    empty(page)
    assert len(endpoint.events()) == 110
    assert max(len(request["events"]) for request in endpoint.requests) <= 100


def test_requests_are_as_small_as_browsers_and_the_api_want(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    page.goto(site.menu("/", "", endpoint.url, "m"))
    page.evaluate(
        "for (let n = 0; n < 60; n++) menulens.track('click', "
        "{element_clicked: `dish-${n}`, properties: {note: '€'.repeat(500), more: '€'.repeat(500)}})"
    )
    page.evaluate("menulens.track('click', {element_clicked: 'too-long', page: 'x'.repeat(20000)})")
    empty(page)
    assert max(request["bytes"] for request in endpoint.requests) <= 64_000
    names = [event["element_clicked"] for event in endpoint.events(event_type="click")]
    assert sorted(names) == sorted(f"dish-{n}" for n in range(60))


def test_the_queue_is_bounded(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    page = context.new_page()
    page.goto(site.menu("/", "", endpoint.url, "m"))
    page.evaluate(
        '(url) => { for (let n = 0; n < 1100; n++) localStorage[`${url}old${n}`] = `{"n":${n}}`; }',
        endpoint.url,
    )
    page.evaluate("menulens.track('click', {element_clicked: 'one-more'})")
    assert page.evaluate("localStorage.length") == 1101  # the view of the menu came before


def test_one_wrong_event_does_not_cost_the_others(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    def reject(events: list[dict[str, Any]]) -> str | int:
        return 400 if any(event["element_clicked"] == "wrong" for event in events) else "pass"

    endpoint.behaviour = reject
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(site.menu("/", "", endpoint.url, "m"))
    page.evaluate("for (const name of ['a', 'wrong', 'b']) menulens.track('click', {element_clicked: name})")
    empty(page)
    assert sorted(event["element_clicked"] for event in endpoint.events()) == ["a", "b", "menu"]
    assert any("as the test wants" in text for text in messages)


def test_what_is_rejected_is_not_sent_again(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    endpoint.behaviour = lambda _events: 400
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", "", endpoint.url, "m"))
    empty(page)
    pass_time(page, 120_000)
    send(page)
    pass_time(page, 120_000)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, "<!doctype html><title>Welcome to our Wi-Fi</title>"),
        (202, "<!doctype html>"),
        (400, "<!doctype html>"),
        (403, '{"message": "Forbidden"}'),
        (404, "<!doctype html>"),
    ],
)
def test_only_an_answer_of_the_api_deletes_events(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, status: int, answer: str
) -> None:
    """A wrong address or a captive portal answers with a page: events stay, and the console says so."""
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.route(endpoint.url, lambda route: route.fulfill(status=status, body=answer, headers=CORS))
    page.goto(site.menu("/", "", endpoint.url, "m"))
    send(page)

    def is_said() -> bool:
        page.wait_for_timeout(
            50
        )  # Playwright answers the request, and hears the console, while a page is waited for
        return any(text.startswith(f"MenuLens: not accepted: {status}{answer}") for text in messages)

    until(is_said)
    page.wait_for_timeout(300)
    assert page.evaluate("localStorage.length") == 1
    page.unroute(endpoint.url)
    empty(page)
    assert len(endpoint.events(event_type="menu_view")) == 1


@pytest.mark.parametrize("storage", ["forbidden", "missing", "full"])
def test_without_storage_the_page_remembers(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, storage: str
) -> None:
    error = "throw new DOMException('', 'SecurityError')" if storage == "forbidden" else "return null"
    context.add_init_script(
        "localStorage.filling = 'x'.repeat(5 * 1024 * 1024 - 200)"
        if storage == "full"
        else "for (const name of ['localStorage', 'sessionStorage'])"
        f"Object.defineProperty(window, name, {{get() {{ {error}; }}}})"
    )
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    for _ in range(3):
        page.click("[data-ml-item]")
    keys = page.evaluate("Object.keys(window.localStorage || {})") if storage != "forbidden" else []
    assert not any(key.startswith(endpoint.url) for key in keys)
    pass_time(page, 4500)  # at the latest
    until(lambda: len(endpoint.events(event_type="click")) == 3)
    leave(page)
    until(lambda: item_views(endpoint, 1))
    assert len({event["session_id"] for event in endpoint.events()}) == 1
    assert len(endpoint.events(event_type="menu_view")) == 1


def test_on_plain_http_it_works_without_what_needs_https(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    site.menu("/", DISH.format("a"), endpoint.url, "m")
    page = context.new_page()
    page.goto(f"http://plain-http.test:{site.server_port}/")
    assert page.evaluate("isSecureContext || navigator.locks || crypto.randomUUID") is None
    page.click("[data-ml-item]")
    send(page)
    until(lambda: endpoint.events(event_type="click"))


def test_a_page_that_comes_back_from_the_history_goes_on(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    pass_time(page, 1200)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    until(lambda: item_views(endpoint, 1))
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    pass_time(page, 1400)
    leave(page)
    until(lambda: len({event["event_id"] for event in item_views(endpoint, 2)}) == 2)


def test_a_second_script_element_records_nothing_twice(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    script = f'<script defer src="/menulens.min.js" data-endpoint="{endpoint.url}" data-menu="m"></script>'
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    pause(page)
    page.goto(site.menu("/", "", endpoint.url, "m", head=script * 2))
    send(page)
    until(lambda: endpoint.events(event_type="menu_view"))
    pass_time(page, 120_000)
    assert len(endpoint.events()) == 1
    assert messages == []
