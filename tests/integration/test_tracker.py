"""The tracker's script in Chromium, from a guest's page through the deployed API to rows in Athena."""

import base64
import hashlib
from collections.abc import Iterator

import pytest
import urllib3
from playwright.sync_api import Browser, BrowserContext

from demo.menu import TRATTORIA
from demo.page import demo_page
from local.stack import LocalStack
from tests.support.browser import DISH, SCRIPT, IngestEndpoint, Site, needs_chromium, pass_time, pause
from tests.support.deployment import ask, eventually
from tests.support.tracker import answered, empty
from tracker.build import BUDGET

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.fixture
def endpoint(addresses: dict[str, str]) -> Iterator[IngestEndpoint]:
    with IngestEndpoint(addresses["EventsBatchUrl"]) as endpoint:
        yield endpoint


def test_the_stack_gives_out_the_script(stack: LocalStack, addresses: dict[str, str]) -> None:
    script = SCRIPT.read_bytes()
    plain = urllib3.request("GET", addresses["TrackerUrl"])
    assert (plain.status, plain.data) == (200, script)
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    headers = {"Accept-Encoding": "gzip, br"}
    compressed = urllib3.request("GET", addresses["TrackerUrl"], headers=headers, decode_content=False)
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert len(compressed.data) <= BUDGET
    digest = base64.b64encode(hashlib.sha384(script).digest()).decode()
    assert stack.outputs()["TrackerIntegrity"] == f"sha384-{digest}"
    missing = urllib3.request("GET", addresses["TrackerUrl"].replace("menulens-", "menulens-0"))
    assert (missing.status, missing.headers["Cache-Control"]) == (404, "no-store")
    assert "TrackerUrl" in missing.json()["message"]


def test_a_visit_under_a_strict_policy_becomes_rows(
    stack: LocalStack, addresses: dict[str, str], context: BrowserContext, site: Site
) -> None:
    policy = (
        f"script-src {addresses['TrackerUrl']}; connect-src {addresses['EventsBatchUrl']}; "
        "require-trusted-types-for 'script'; default-src 'none'; "
        "img-src data:"  # the icon of the test's pages
    )
    script = (
        f'<script defer src="{addresses["TrackerUrl"]}" integrity="{stack.outputs()["TrackerIntegrity"]}" '
        f'crossorigin data-endpoint="{addresses["EventsBatchUrl"]}" data-menu="visit" data-currency="EUR">'
        "</script>"
    )
    # Without styles, which this policy forbids: what is in view is decided by the lines of the texts.
    items = (f'<pre data-ml-item="{name}">{name}{"\n" * 45}</pre>' for name in ("first", "second"))
    page = context.new_page()
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if "Policy" in message.text else None)
    url = site.menu("/", f"{'\n'.join(items)}", "", "", head=script, Content_Security_Policy=policy)
    pause(page)
    page.goto(url)
    pass_time(page, 3000)
    page.evaluate("document.body.lastElementChild.scrollIntoView()")
    page.click("[data-ml-item=second]")
    page.evaluate(
        "menulens.track('order', {element_clicked: 'second', quantity: 3, unit_price: 14.5, order_id: 'A-1'})"
    )
    pass_time(page, 2500)
    page.goto("about:blank")
    rows = eventually(stack, "SELECT * FROM events WHERE source_menu = 'visit'", 5)
    assert violations == []
    by_type = {
        kind: [row for row in rows if row["event_type"] == kind]
        for kind in {row["event_type"] for row in rows}
    }
    spent = {row["element_clicked"]: float(row["time_spent"]) for row in by_type["item_view"]}
    assert spent == {"first": 3, "second": 2.5}
    (order,) = by_type["order"]
    assert (order["quantity"], order["unit_price"], order["revenue"]) == ("3", "14.500", "43.500")
    assert (order["currency"], order["order_id"]) == ("EUR", "A-1")
    assert {row["device"] for row in rows} == {"mobile"}
    assert {row["clock_adjusted"] for row in rows} == {"false"}


def test_a_signal_against_tracking_means_silence(
    stack: LocalStack, addresses: dict[str, str], context: BrowserContext, site: Site
) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page = context.new_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), addresses["EventsBatchUrl"], "silent"))
    page.click("[data-ml-item]")
    pass_time(page, 120_000)
    page.goto("about:blank")
    assert addresses["EventsBatchUrl"] not in urls
    assert ask(stack, "SELECT 1 AS x FROM events_raw WHERE source_menu = 'silent'") == []


def test_a_page_of_ten_thousand_items(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    items = "".join(DISH.format(f"item-{n}") for n in range(10_000))
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", items, endpoint.url, "huge"))
    for position in (0, 5000, 9999):
        page.evaluate(f"document.querySelectorAll('[data-ml-item]')[{position}].scrollIntoView()")
        pass_time(page, 1500)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{DISH.format('late')}`)")
    page.click("[data-ml-item=late]")
    pass_time(page, 1500)
    page.goto("about:blank")
    late = "FROM events WHERE source_menu = 'huge' AND element_clicked = 'late'"
    kinds = eventually(stack, f"SELECT event_type {late}", 2)
    assert {row["event_type"] for row in kinds} == {"click", "item_view"}
    sql = "SELECT element_clicked FROM events WHERE source_menu = 'huge' AND event_type = 'item_view'"
    elements = {row["element_clicked"] for row in ask(stack, sql)}
    assert elements >= {"item-0", "item-1", "item-5000", "item-5001", "item-9999", "late"}
    assert len(elements) < 20


def test_a_page_that_is_open_for_three_hours(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "long"))
    for _ in range(18):
        pass_time(page, 10 * 60_000)
        page.click("[data-ml-item]")
        answered(page, endpoint)
    pass_time(page, 10_000)
    page.goto("about:blank")
    rows = eventually(stack, "SELECT * FROM events WHERE source_menu = 'long'", 20)
    (view,) = [row for row in rows if row["event_type"] == "item_view"]
    assert float(view["time_spent"]) == 3 * 3600 + 10
    assert len({row["session_id"] for row in rows}) == 1
    assert len(endpoint.events()) == 20  # nothing was sent twice


@pytest.fixture
def demo(stack: LocalStack, addresses: dict[str, str]) -> Iterator[str]:
    integrity = {"TrackerIntegrity": stack.outputs()["TrackerIntegrity"]}
    with demo_page(addresses | integrity, "http://127.0.0.1:4567/") as url:
        yield url


def test_the_demo_page_is_made_as_the_docs_tell_and_links_to_the_dashboard(
    stack: LocalStack, context: BrowserContext, demo: str
) -> None:
    page = context.new_page()
    page.goto(demo)
    page.wait_for_function("window.menulens")
    script = page.locator("script[data-menu]")
    assert script.get_attribute("integrity") == stack.outputs()["TrackerIntegrity"]
    assert script.get_attribute("crossorigin") == ""
    assert page.get_by_role("link", name="dashboard").get_attribute("href") == "http://127.0.0.1:4567/"


@pytest.mark.parametrize("width", [1280, 900, 360])
def test_each_row_of_the_demo_page_is_full_and_its_navigation_shows_that_it_goes_on(
    browser: Browser, demo: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(demo)
    ends = page.evaluate(
        """() => [...document.querySelectorAll('.dishes')].map((list) =>
            list.lastElementChild.getBoundingClientRect().right - list.getBoundingClientRect().right)"""
    )
    assert max(map(abs, ends)) < 1
    shadows = page.locator("nav ul").evaluate("list => getComputedStyle(list).backgroundAttachment")
    assert shadows == "local, local, scroll, scroll"
    page.close()


def test_the_demo_restaurant_takes_an_order(stack: LocalStack, context: BrowserContext, demo: str) -> None:
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(demo)
    for dish in ("carbonara", "carbonara", "carbonara", "tiramisu"):
        page.click(f"[data-ml-item={dish}] .add")
    page.click("#toggle")
    page.click("[aria-label='One Carbonara less']")
    assert page.inner_text("#total span:last-child") == "€ 36.70"
    page.click("#send")
    number = page.inner_text("#number")
    page.click("dialog button")
    empty(page)
    columns = "element_clicked, quantity, revenue, currency, category"
    sql = f"SELECT {columns} FROM events WHERE order_id = '{number}'"
    rows = sorted(eventually(stack, sql, 2), key=lambda row: row["element_clicked"])
    assert [tuple(row.values()) for row in rows] == [
        ("carbonara", "2", "29.800", "EUR", "pasta"),
        ("tiramisu", "1", "6.900", "EUR", "dolci"),
    ]
    sql = "SELECT event_type FROM events WHERE source_menu = 'trattoria-roma' AND event_type LIKE '%_cart'"
    assert sorted(row["event_type"] for row in eventually(stack, sql, 5)) == ["add_to_cart"] * 4 + [
        "remove_from_cart"
    ]
    assert problems == []


def test_the_demo_page_shows_the_menu_of_the_simulated_restaurant(context: BrowserContext, demo: str) -> None:
    page = context.new_page()
    page.goto(demo)
    shown = page.eval_on_selector_all(
        "[data-ml-item]",
        "dishes => dishes.map(({dataset: {mlItem, mlCategory, mlPrice}, innerText}) => "
        "[mlItem, mlCategory, +mlPrice, innerText.includes(`€ ${mlPrice}`)])",
    )
    assert shown == [[dish.element, dish.category, dish.price, True] for dish in TRATTORIA.dishes]
    assert page.evaluate("document.documentElement.scrollWidth") == 400  # nothing sticks out on a phone
