"""The tracker's script in Chromium, put into pages by those who may not touch their HTML."""

import pytest
from playwright.sync_api import BrowserContext

from tests.support.browser import (
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

pytestmark = needs_chromium

# As tag managers do it: an element without attributes, from another script.
INJECT = """<script>
  const element = document.createElement('script');
  element.src = '/menulens.min.js';
  {before}
  element.onload = () => {{ {after} }};
  document.documentElement.append(element);
</script>"""


@pytest.mark.parametrize("by", ["start", "settings"])
def test_a_tag_manager_puts_it_into_the_page(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, by: str
) -> None:
    settings = f"{{endpoint: '{endpoint.url}', menu: 'm', currency: 'EUR'}}"
    head = INJECT.format(
        before=f"window.menulensSettings = {settings};" if by == "settings" else "",
        after=f"menulens.start({settings})" if by == "start" else "",
    )
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(site.menu("/", "", "", "", head=head))
    page.wait_for_function("window.menulens")
    send(page)
    (event,) = until(lambda: endpoint.events())
    assert (event["event_type"], event["source_menu"], event["currency"]) == ("menu_view", "m", "EUR")
    assert messages == (["MenuLens: off: no endpoint or menu"] if by == "start" else [])


@pytest.mark.parametrize("missing", ["endpoint", "menu"])
def test_without_endpoint_or_menu_nothing_is_posted(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, missing: str
) -> None:
    attributes = {"endpoint": endpoint.url, "menu": "m"}
    del attributes[missing]
    data = "".join(f' data-{name}="{value}"' for name, value in attributes.items())
    page = context.new_page()
    messages: list[str] = []
    urls: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda request: urls.append(request.url) if request.method == "POST" else None)
    pause(page)
    page.goto(site.menu("/", "", "", "", head=f'<script defer src="/menulens.min.js"{data}></script>'))
    page.evaluate("menulens.track('order', {element_clicked: 'a'})")
    send(page)
    pass_time(page, 120_000)
    leave(page)
    assert messages == ["MenuLens: off: no endpoint or menu"]
    assert urls == []


def test_an_element_may_have_the_scripts_name_as_its_id(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    """Some frameworks want an id of each script, and an element with an id is a property of `window`.

    https://html.spec.whatwg.org/multipage/nav-history-apis.html#named-access-on-the-window-object
    """
    script = f'src="/menulens.min.js" data-endpoint="{endpoint.url}" data-menu="m"'
    page = context.new_page()
    page.goto(site.menu("/", "", "", "", head=f'<script id="menulens" defer {script}></script>'))
    send(page)
    until(lambda: endpoint.events(event_type="menu_view"))


# As Turbo and others show the next page: its body and address, and script elements that are not there yet.
EXCHANGE = """([path, script]) => {
  history.pushState({}, '', path);
  const element = document.createElement('script');
  Object.assign(element.dataset, script);
  element.src = '/menulens.min.js';
  document.body.innerHTML = '<p data-ml-item="b">b</p>';
  return new Promise((resolve) => {
    element.onload = () => resolve();
    document.head.append(element);
  });
}"""


def test_the_next_pages_script_element_brings_its_settings(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    """Without a load the first script goes on; all that follows was of the first page's menu.

    Such frameworks run scripts again: https://github.com/hotwired/turbo-rails/issues/291.
    """
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    pause(page)
    page.goto(site.menu("/roma", '<p data-ml-item="a">a</p>', endpoint.url, "roma"))
    pass_time(page, 1200)
    page.evaluate(EXCHANGE, ["/milano", {"endpoint": endpoint.url, "menu": "milano"}])
    pass_time(page, 600)
    # Read as the first's are.
    page.evaluate("document.querySelectorAll('script')[1].dataset.currency = 'CHF'")
    page.click("[data-ml-item=b]")
    page.evaluate(EXCHANGE, ["/milano", {"endpoint": endpoint.url, "menu": "milano"}])
    pass_time(page, 600)
    leave(page)
    (click,) = until(lambda: endpoint.events(event_type="click"))
    assert (click["source_menu"], click["page"], click["currency"]) == ("milano", "/milano", "CHF")
    events = {event["event_id"]: event for event in endpoint.events()}.values()
    views = [(e["source_menu"], e["page"]) for e in events if e["event_type"] == "menu_view"]
    assert sorted(views) == [("milano", "/milano"), ("roma", "/roma")]
    assert {e["source_menu"] for e in events if e["element_clicked"] == "a"} == {"roma"}
    assert messages == []


def test_a_second_stack_on_a_page_is_ignored_and_the_console_says_so(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    with IngestEndpoint() as other:
        pause(page)
        page.goto(site.menu("/", '<p data-ml-item="a">a</p>', endpoint.url, "m"))
        page.evaluate(EXCHANGE, ["/", {"endpoint": other.url, "menu": "other"}])
        pass_time(page, 300)
        page.click("[data-ml-item]")
        leave(page)
        (click,) = until(lambda: endpoint.events(event_type="click"))
        assert click["source_menu"] == "m"
        assert other.requests == []
    assert messages == ["MenuLens: second script ignored"]


PRICES = {
    "€ 10,50": 10.5,
    "10.50 €": 10.5,
    "$1,290.00": 1290,
    "1.290,50 EUR": 1290.5,
    "1 290 Ft": 1290,
    "1'290.–": 1290,
    "¥1,200": 1200,
    "12": 12,
    "market price": None,
}


def test_items_without_mark_up(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> None:
    dishes = "".join(
        f'<li class="dish" data-sku="sku-{n}"><h3>Dish\n  {n}</h3><i class="price">{price}</i></li>'
        for n, price in enumerate(PRICES)
    )
    options = {"items": ".dish", "item-name": "h3", "item-price": ".price"}
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", f"<ul>{dishes}</ul>", endpoint.url, "m", **options))
    pass_time(page, 1200)
    for n in range(len(PRICES)):
        page.click(f".dish:nth-child({n + 1}) h3")
    leave(page)
    until(lambda: item_views(endpoint, len(PRICES)))
    clicks = {event["element_clicked"]: event for event in endpoint.events(event_type="click")}
    assert {name: event.get("unit_price") for name, event in clicks.items()} == {
        f"Dish {n}": price for n, price in enumerate(PRICES.values())
    }
    page.goto(site.menu("/", f"<ul>{dishes}</ul>", endpoint.url, "m", **options | {"item-name": "data-sku"}))
    page.click(".dish")
    leave(page)
    until(lambda: endpoint.events(element_clicked="sku-0", event_type="click"))


def test_an_element_without_mark_up_that_shows_another_item(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", '<p class="dish" style="height: 200px">a</p>', endpoint.url, "m", items=".dish"))
    pass_time(page, 1200)
    page.evaluate("document.querySelector('.dish').firstChild.data = 'b'")
    pass_time(page, 1300)
    leave(page)
    views = until(lambda: item_views(endpoint, 2))
    assert [view["element_clicked"] for view in views] == ["a", "b"]
