"""What real browsers put into Content-Type, and that the deployed API takes it however AWS reads it.

WebKit is not here. That it sends the same is read in the Fetch Standard ("extract a body") and in the web
platform tests of beacons, which WebKit runs.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack
from tests.support.browser import CHROMIUM, DISH, IngestEndpoint, Site
from tests.support.deployment import DeployedStack, eventually, free_port
from tests.support.local_emulator import until

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
# The program of each, if there is one, and its options, of which the last takes the folder of the profile.
BROWSERS: dict[str, tuple[str | None, list[str]]] = {
    "chromium": (CHROMIUM, ["--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir="]),
    "firefox": (FIREFOX, ["--headless", "--no-remote", "--profile="]),
}
TEXT, JSON = ("fetch", "sendBeacon", "XMLHttpRequest"), ("fetch as JSON", "XMLHttpRequest as JSON")
# The tracker sends an order at once, and what waits with it.
# Texts go through the endpoint, which sees the header; JSON goes to the API itself, which is asked first.
PAGE = """<script>
const body = (how) => JSON.stringify({{ events: [{{
  element_clicked: how, source_menu: "{menu}", created_at: new Date() }}] }});
const request = (url, how, type) => {{
  const request = new XMLHttpRequest();
  request.open("POST", url);
  if (type) request.setRequestHeader("Content-Type", type);
  request.send(body(how));
}};
fetch("{endpoint}", {{ method: "POST", body: body("fetch"), keepalive: true }});
navigator.sendBeacon("{endpoint}", body("sendBeacon"));
request("{endpoint}", "XMLHttpRequest");
const headers = {{ "Content-Type": "application/json" }};
fetch("{api}", {{ method: "POST", body: body("fetch as JSON"), headers }});
request("{api}", "XMLHttpRequest as JSON", "application/json; charset=iso-8859-1");
addEventListener("load", () => menulens.track("order", {{ element_clicked: "margherita" }}));
</script>"""


@pytest.fixture(scope="module", params=["compared", "ignored"])
def stack(request: pytest.FixtureRequest, project: Path) -> Iterator[LocalStack]:
    """The stack behind an API Gateway that compares, or ignores, the parameters of content types."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CONTENT_TYPE_PARAMETERS", request.param)
        with DeployedStack(free_port(), project) as stack:
            stack.deploy()
            yield stack


@pytest.mark.parametrize("name", BROWSERS)
def test_a_page_of_each_browser_is_accepted(
    stack: LocalStack, addresses: dict[str, str], site: Site, name: str, tmp_path: Path
) -> None:
    program, options = BROWSERS[name]
    if program is None:
        pytest.skip(f"{name} is not installed")
    with IngestEndpoint(addresses["EventsBatchUrl"]) as endpoint:
        page = PAGE.format(menu=name, endpoint=endpoint.url, api=addresses["EventsBatchUrl"])
        url = site.menu("/", page + DISH.format("margherita"), endpoint.url, f"{name} tracker")
        command = [program, *options[:-1], f"{options[-1]}{tmp_path}", url]
        browser = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            eventually(stack, f"SELECT 1 AS x FROM events_raw WHERE source_menu = '{name}'", len(TEXT + JSON))
            until(lambda: endpoint.events(event_type="menu_view"))  # the tracker's own
        finally:
            browser.terminate()
            browser.wait(30)
    assert {how for how in TEXT if endpoint.events(element_clicked=how)} == set(TEXT)
    assert {request["content_type"] for request in endpoint.requests} == {"text/plain;charset=UTF-8"}
    assert {request["status"] for request in endpoint.requests} == {202}
