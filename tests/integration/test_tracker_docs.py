"""A page written by docs/tracker.md alone: it reports, and where the script is blocked it still works."""

import base64
import hashlib
import re

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support import ROOT
from tests.support.browser import SCRIPT, IngestEndpoint, Site, needs_chromium
from tests.support.local_emulator import until

pytestmark = needs_chromium

DOCS = (ROOT / "docs" / "tracker.md").read_text()


def block(language: str, words: str) -> str:
    """Return the one block of code that holds some words."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", DOCS, re.MULTILINE | re.DOTALL)
    (text,) = [text for text in blocks if words in text]
    return text


@pytest.fixture
def order_page(context: BrowserContext, site: Site, endpoint: IngestEndpoint) -> tuple[Page, str]:
    digest = hashlib.sha384(SCRIPT.read_bytes()).digest()
    script = block("html", "TrackerUrl").replace("TrackerUrl", "/menulens.min.js")
    script = script.replace("TrackerIntegrity", f"sha384-{base64.b64encode(digest).decode()}")
    script = script.replace("EventsBatchUrl", endpoint.url)
    body = f"""
      <ul>{block("html", "data-ml-item")}</ul><button id="order">Order</button>
      <script>
        document.getElementById("order").addEventListener("click", () => {{
          {block("js", '"order"')}
          document.body.dataset.ordered = "yes";
        }});
      </script>"""
    return context.new_page(), site.menu("/", body, endpoint.url, "m", head=script)


def test_a_page_by_the_docs_reports(order_page: tuple[Page, str], endpoint: IngestEndpoint) -> None:
    page, url = order_page
    page.goto(url)
    page.click("#order")
    (order,) = until(lambda: endpoint.events(event_type="order"))
    assert (order["order_id"], order["source_menu"], order["currency"]) == ("A-1017", "trattoria-roma", "EUR")
    assert endpoint.events(event_type="add_to_cart")


def test_its_order_button_works_where_the_script_is_blocked(order_page: tuple[Page, str]) -> None:
    """An undeclared name throws a ReferenceError also before `?.`, a missing property of `window` does not.

    https://developer.mozilla.org/docs/Web/JavaScript/Reference/Operators/Optional_chaining
    """
    page, url = order_page
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/menulens.min.js", lambda route: route.abort("blockedbyclient"))
    page.goto(url)
    page.click("#order")
    assert page.get_attribute("body", "data-ordered") == "yes"
    assert errors == []


def test_the_docs_never_call_it_in_a_way_that_throws() -> None:
    """Of the other calls, the docs say that the script must be there."""
    assert not re.findall(
        r"(?<!window\.)\bmenulens\??\.track\(", DOCS.replace("`menulens?.track(…)` alone", "")
    )
