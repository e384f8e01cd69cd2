"""The flow of a guest in Chromium, Firefox and WebKit: most guests of a code on a table use Safari.

The stand-in for the API accepts everything; what becomes of events `test_tracker.py` shows in Chromium.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.browser import DISH, IngestEndpoint, Site
from tests.support.engines import ENGINES, INSTALLED, Engine
from tests.support.local_emulator import until

CLOSES = 12
ORDER = "menulens.track('order', {{element_clicked: 'a', unit_price: 10.5, order_id: '{}'}})"
SEND = "dispatchEvent(new Event('online'))"


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not INSTALLED[request.param]:
        pytest.skip(f"{request.param} is not installed")
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


def wait(engine: Engine, seconds: float) -> None:
    """Wait for as long as the page's own clock says."""
    start = engine.evaluate("performance.now()")
    until(lambda: engine.evaluate("performance.now()") > start + 1000 * seconds)


def orders(endpoint: IngestEndpoint) -> set[str]:
    return {event["order_id"] for event in endpoint.events(event_type="order")}


def test_a_visit_from_loading_to_leaving(engine: Engine, site: Site, endpoint: IngestEndpoint) -> None:
    engine.open(site.menu("/menu", DISH.format("a"), endpoint.url, "m"))
    wait(engine, 3)  # WebKit draws its first picture late, and nothing is in view before
    engine.click("[data-ml-item]")
    engine.evaluate(ORDER.format("first"))
    until(lambda: orders(endpoint))  # at once, not when the page is left
    until(lambda: engine.evaluate("localStorage.length") == 0)
    endpoint.behaviour = lambda _events: "drop"  # offline
    engine.click("[data-ml-item]")
    engine.evaluate(SEND)
    until(lambda: endpoint.requests[-1]["result"] == "drop")
    until(lambda: engine.evaluate("localStorage.length") == 1)
    endpoint.behaviour = lambda _events: "pass"  # browsers send again by themselves, perhaps only now
    engine.open(site.menu("/other", "", endpoint.url, "m"))
    engine.evaluate(SEND)  # the next page sends what a beacon loses on a connection that has broken
    until(lambda: endpoint.events(event_type="item_view"))
    engine.back()
    wait(engine, 0.3)
    engine.click("[data-ml-item]")
    engine.evaluate(SEND)
    until(lambda: engine.evaluate(f"({SEND}, localStorage.length)") == 0)
    unique = {event["event_id"]: event for event in endpoint.events()}
    kinds = Counter((event["event_type"], event["page"]) for event in unique.values())
    assert kinds["click", "/menu"] == 3
    assert kinds["order", "/menu"] == 1
    assert kinds["item_view", "/menu"] == 1
    # A page from the cache of the history goes on, another is loaded again.
    assert kinds["menu_view", "/menu"] in (1, 2)
    assert kinds["menu_view", "/other"] == 1
    assert len({event["session_id"] for event in unique.values()}) == 1
    driven = engine.evaluate("navigator.webdriver")
    assert {event.get("automated", False) for event in unique.values()} == {driven}


def test_an_order_right_before_the_tab_is_closed_arrives(
    engine: Engine, site: Site, endpoint: IngestEndpoint
) -> None:
    """A beacon alone does not do: of tabs that a driver closes at once, Firefox 153 sends some 7 of 12."""
    url = site.menu("/", DISH.format("a"), endpoint.url, "m")
    for number in range(CLOSES):
        engine.new_tab()
        engine.open(url)
        engine.evaluate(ORDER.format(f"order-{number}"))
        wait(engine, 0.1)  # no hand is faster; Firefox loses some beacons of a tab that is closed at once
        engine.close_tab()
    until(lambda: len(orders(endpoint)) == CLOSES)


def test_a_request_without_an_answer_is_given_up(
    engine: Engine, site: Site, endpoint: IngestEndpoint
) -> None:
    """Until then no other tab sends: one at a time does, and `fetch` waits for an answer for ever by itself.

    https://developer.mozilla.org/docs/Web/API/AbortSignal/timeout_static
    """
    endpoint.behaviour = lambda _events: "hang" if len(endpoint.requests) == 0 else "pass"
    url = site.menu("/", DISH.format("a"), endpoint.url, "m")
    engine.open(url)
    engine.evaluate(ORDER.format("first"))
    until(lambda: endpoint.requests)
    engine.new_tab()
    engine.open(url)
    engine.evaluate(ORDER.format("second"))
    until(lambda: engine.evaluate(f"({SEND}, localStorage.length)") == 0, 60)
    assert orders(endpoint) == {"first", "second"}
    engine.close_tab()


def test_a_click_on_a_label_is_one_click(engine: Engine, site: Site, endpoint: IngestEndpoint) -> None:
    """A browser makes another one, on the label's control. Its own on the control is one as before.

    https://html.spec.whatwg.org/multipage/forms.html#the-label-element
    Matomo counted two: https://github.com/trendmicro-frontend/tonic-ui/issues/782.
    """
    dish = '<label data-ml-item="a"><b>Margherita</b> <input type="checkbox"></label>'
    engine.open(site.menu("/", dish, endpoint.url, "m"))
    for selector, clicks in (("b", 1), ("b", 2), ("input", 3), ("input", 4), ("b", 5)):
        engine.click(selector)
        engine.evaluate(SEND)
        until(lambda: engine.evaluate(f"({SEND}, localStorage.length)") == 0)
        unique = {event["event_id"] for event in endpoint.events(event_type="click")}
        assert len(unique) == clicks
    assert engine.evaluate("document.querySelector('input').checked") is True


SANDBOX = '<iframe sandbox="allow-scripts" src="/framed" width="400" height="700"></iframe>'


def test_a_page_without_an_origin_sends_as_it_goes(
    engine: Engine, site: Site, endpoint: IngestEndpoint
) -> None:
    """Storage throws there and `navigator.locks.request` rejects: https://w3c.github.io/web-locks/#api-lock-manager."""
    clicks = (
        "<script>addEventListener('load', () => { "
        "for (let n = 0; n < 70; n++) document.querySelector('[data-ml-item]').click(); "
        f"{ORDER.format('framed')} }})</script>"
    )
    site.menu("/framed", DISH.format("a") + clicks, endpoint.url, "m")
    engine.open(site.menu("/", "", "", "", head=SANDBOX))
    until(lambda: len({event["event_id"] for event in endpoint.events(event_type="click")}) == 70)
    assert orders(endpoint) == {"framed"}
