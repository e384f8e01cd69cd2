"""The tracker's script in Chromium on bad networks: what a guest did comes to Athena whole, and once."""

import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import urllib3
from playwright.sync_api import BrowserContext

from local.stack import LocalStack
from tests.support import PHONE
from tests.support.browser import DISH, IngestEndpoint, Site, needs_chromium, pass_time, pause
from tests.support.deployment import eventually
from tests.support.tracker import answered, empty

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.fixture
def endpoint(addresses: dict[str, str]) -> Iterator[IngestEndpoint]:
    with IngestEndpoint(addresses["EventsBatchUrl"]) as endpoint:
        yield endpoint


def test_what_happens_offline_arrives_later(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    url = site.menu("/", DISH.format("a"), endpoint.url, "offline")
    page = context.new_page()
    pause(page)
    page.goto(url)
    empty(page)
    context.set_offline(True)
    for _ in range(3):
        page.click("[data-ml-item]")
        pass_time(page, 2000)
    assert page.evaluate("localStorage.length") == 3
    page.close()  # the phone is put away before it is online again
    context.set_offline(False)
    page = context.new_page()
    pause(page)
    page.goto(url)
    empty(page)
    context.set_offline(True)
    page.click("[data-ml-item]")
    pass_time(page, 6000)
    context.set_offline(False)  # this time while the page is open: it sends at once
    empty(page)
    eventually(stack, "SELECT 1 AS x FROM events WHERE source_menu = 'offline' AND event_type = 'click'", 4)


def test_a_tab_that_is_closed_at_once_has_sent_its_click(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    page = context.new_page()
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "closed"))
    page.click("[data-ml-item]")
    page.close()
    eventually(stack, "SELECT 1 AS x FROM events WHERE source_menu = 'closed'", 2)


def test_a_storm_of_429_is_weathered(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    endpoint.behaviour = lambda _events: 429
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", DISH.format("a"), endpoint.url, "storm"))
    for _ in range(5):
        page.click("[data-ml-item]")
    request_counts = []
    for minute in range(1, 61):
        page.clock.run_for(60_000)
        answered(page, endpoint)
        request_counts.append((minute, len(endpoint.requests)))
    count_at = dict(request_counts)
    # Six minutes, half more or less: at most one request in three minutes once it has failed seven times.
    assert 5 <= count_at[10] <= 10
    assert 5 <= count_at[60] - count_at[10] <= 50 / 3
    endpoint.behaviour = lambda _events: 503 if len(endpoint.requests) % 2 else "pass"
    for _ in range(30):
        page.clock.run_for(60_000)
        answered(page, endpoint)
    assert page.evaluate("localStorage.length") == 0
    eventually(stack, "SELECT 1 AS x FROM events WHERE source_menu = 'storm'", 6)


def test_tabs_do_not_send_the_same(
    stack: LocalStack, context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    url = site.menu("/", DISH.format("a"), endpoint.url, "tabs")

    def pass_late(_events: list[dict[str, Any]]) -> str:
        time.sleep(0.5)  # so that their requests would overlap
        return "pass"

    endpoint.behaviour = pass_late
    pages = [context.new_page() for _ in range(3)]
    for page in pages:
        page.goto(url)
    for _ in range(6):
        for page in pages:
            page.evaluate("document.querySelector('[data-ml-item]').click()")
            page.wait_for_timeout(250)
    empty(pages[0])
    ids = [event["event_id"] for event in endpoint.events()]
    assert len(ids) == len(set(ids)) == 3 + 18
    assert len({event["session_id"] for event in endpoint.events()}) == 3
    eventually(stack, "SELECT 1 AS x FROM events WHERE source_menu = 'tabs'", 21)


VISITS = """async ([url, visits, seed]) => {
  // Visits as frames of one page: real documents with the real script, of which eight are open at a time.
  let state = seed;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  let recorded = 0;
  const visit = async () => {
    // The script keeps a thousand events: where a machine answers slowly, visits wait.
    while (localStorage.length > 500) await new Promise((resolve) => setTimeout(resolve, 20));
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
    await new Promise((resolve) => frame.onload = resolve);
    const events = Math.floor(random() * 4);
    for (let n = 0; n < events; n++) {
      frame.contentWindow.menulens.track('click', {element_clicked: 'a', properties: {n: `${recorded++}`}});
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
    }
    await new Promise((resolve) => setTimeout(resolve, random() * 200));
    frame.remove();
  };
  let left = visits;
  const guest = async () => { while (left-- > 0) await visit(); };
  await Promise.all(Array.from({length: 8}, guest));
  return recorded;
}"""
# A pause of seconds would make a thousand visits last hours: in the frames it is a hundredth.
HASTE = "<script>const later = setTimeout; window.setTimeout = (f, ms) => later(f, ms / 100)</script>"


def test_nothing_is_lost_and_nothing_counted_twice_on_a_bad_network(
    stack: LocalStack, addresses: dict[str, str], context: BrowserContext, site: Site
) -> None:
    """A thousand visits, of whose requests every second fails in one of five ways, come to rows of the view.

    The endpoint keeps what passes, and the test then posts it to the deployed API, repeats included.
    """
    random = Random(1)
    faults: list[str | int] = ["drop", "lose", 429, 500, 503]
    with IngestEndpoint() as endpoint:
        endpoint.behaviour = lambda _events: random.choice(faults) if random.random() < 0.5 else "pass"
        head = (
            HASTE
            + '<script defer src="/menulens.min.js" '
            + f'data-endpoint="{endpoint.url}" data-menu="lossy"></script>'
        )
        url = site.menu("/visit", "", endpoint.url, "lossy", head=head)
        page = context.new_page()
        page.goto(site.menu("/", "", "", "", head="<title>visits</title>"))
        recorded = page.evaluate(VISITS, [url, 1000, 7])
        failed = [request for request in endpoint.requests if request["result"] != "pass"]
        endpoint.behaviour = lambda _events: "pass"
        page.goto(url)
        empty(page)
        passed = endpoint.events()
    http = urllib3.PoolManager()
    for start in range(0, len(passed), 100):
        body = json.dumps({"events": passed[start : start + 100]})
        headers = {"Content-Type": "text/plain", "User-Agent": PHONE}
        assert http.request("POST", addresses["EventsBatchUrl"], body=body, headers=headers).status == 202
    assert recorded > 1000
    assert len(failed) > 100  # some 400, fewer where the machine is slow
    sql = "SELECT properties['n'] AS n FROM events WHERE source_menu = 'lossy' AND event_type = 'click'"
    rows = eventually(stack, sql, recorded)
    assert {int(row["n"]) for row in rows} == set(range(recorded))
    eventually(
        stack, "SELECT 1 AS x FROM events WHERE source_menu = 'lossy' AND event_type = 'menu_view'", 1001
    )
