"""The tracker's script in Chromium does not slow a page down: its work is counted, and no clock is read."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.browser import DISH, IngestEndpoint, Site, needs_chromium
from tests.support.tracker import empty

pytestmark = needs_chromium

# Counts what costs a page time: uses of its storage, timers, frames, and searches in its elements.
COUNT = """
window.counts = {};
const count = (name) => { counts[name] = (counts[name] || 0) + 1; };
const wrap = (owner, name) => {
  const original = owner[name];
  owner[name] = function (...values) { count(name); return original.apply(this, values); };
};
for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback']) {
  wrap(window, name);
}
for (const name of ['querySelectorAll', 'querySelector']) wrap(Document.prototype, name);
wrap(IntersectionObserver.prototype, 'observe');
const storage = localStorage;
Object.defineProperty(window, 'localStorage', {value: new Proxy({}, {
  get: (_, name) => { count('read'); const value = storage[name]; return value; },
  set: (_, name, value) => { count('write'); storage[name] = value; return true; },
  deleteProperty: (_, name) => { count('delete'); return delete storage[name]; },
  has: (_, name) => name in storage,
  ownKeys: () => { count('list'); return Object.keys(storage); },
  getOwnPropertyDescriptor: (_, name) => Object.getOwnPropertyDescriptor(storage, name),
})});
"""
CLICKS = """(clicks) => {
  window.counts = {};
  for (let n = 0; n < clicks; n++) document.querySelectorAll('[data-ml-item]')[n].click();
  return counts;
}"""


@pytest.fixture(params=[20, 2000], ids="{} dishes".format)
def page(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, request: pytest.FixtureRequest
) -> Page:
    """A menu that is seen, and has nothing left to send."""
    context.add_init_script(COUNT)
    page = context.new_page()
    dishes = "".join(DISH.format(f"dish-{number}") for number in range(request.param))
    page.goto(site.menu("/", dishes, endpoint.url, "m"))
    page.wait_for_timeout(1000)
    empty(page)
    return page


def layouts(page: Page) -> tuple[float, float]:
    """Return how often the browser has laid the page out, and computed its styles."""
    session: Any = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    metrics = {
        metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]
    }
    session.detach()
    return metrics["LayoutCount"], metrics["RecalcStyleCount"]


def test_a_click_costs_one_write_whatever_the_size_of_the_menu(page: Page) -> None:
    before = layouts(page)
    counts = page.evaluate(CLICKS, 20)
    assert layouts(page) == before  # the script reads nothing for which a page is laid out
    # Lists the queue to keep its bound, and writes the event. The searches are the test's own.
    assert counts == {"list": 20, "write": 20, "setTimeout": 1, "querySelectorAll": 20}


def test_scrolling_writes_nothing_but_looks_that_end(page: Page) -> None:
    page.evaluate("window.counts = {}")
    for y in range(0, 200, 20):
        page.evaluate(f"scrollTo(0, {y})")
        page.wait_for_timeout(20)
    # The first dish goes out of view, after more than a second. Another event may have set the timer.
    counts: dict[str, int] = page.evaluate("counts")
    assert counts.keys() <= {"list", "write", "setTimeout"}
    assert set(counts.values()) <= {1}


def test_a_page_at_rest_costs_nothing(page: Page) -> None:
    page.evaluate("window.counts = {}")
    page.wait_for_timeout(2000)
    assert page.evaluate("counts") == {}


def test_a_change_of_the_page_is_looked_at_once(page: Page) -> None:
    items = page.evaluate("document.querySelectorAll('[data-ml-item]').length")
    page.evaluate(
        """() => {
          window.counts = {};
          for (let n = 0; n < 50; n++) document.body.append(`text ${n}`);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("counts") == {"querySelectorAll": 1, "observe": items}
