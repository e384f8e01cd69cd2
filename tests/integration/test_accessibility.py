"""The dashboard, the page that opens it, and the demo's menu page in Chromium: axe-core finds no fault.

What axe finds, and what it cannot: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.page import demo_page
from tests.support import load_function
from tests.support.accessibility import faults
from tests.support.browser import IngestEndpoint, needs_chromium
from tests.support.dashboard_page import SHEETS, show
from tests.support.dashboard_rows import dashboard, page_url, tables

pytestmark = needs_chromium

PHONE, DESKTOP = 390, 1280
type Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def dashboard_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_url(tmp_path_factory.mktemp("page"), tables())


@pytest.fixture(scope="module")
def menu_url() -> Iterator[str]:
    """The demo's page, whose tracker cannot be loaded."""
    with IngestEndpoint() as endpoint:
        addresses = {
            "TrackerUrl": f"{endpoint.url}/none.js",
            "TrackerIntegrity": "",
            "EventsBatchUrl": endpoint.url,
        }
        with demo_page(addresses, "http://127.0.0.1:4567/") as url:
            yield url


@pytest.fixture(
    scope="module", params=[(width, scheme) for width in (PHONE, DESKTOP) for scheme in ("light", "dark")]
)
def dashboard_page(request: pytest.FixtureRequest, browser: Browser, dashboard_url: str) -> Iterator[Page]:
    """The dashboard on each screen, opened once: a test shows a sheet, whose controls are then new."""
    width, scheme = request.param
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(dashboard_url)
    page.locator(".tile").first.wait_for()
    yield page
    page.close()


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_sheet_of_the_dashboard_has_a_fault(dashboard_page: Page, sheet: str) -> None:
    show(dashboard_page, sheet)
    expect(dashboard_page.locator(".plot:empty")).to_have_count(0)
    assert faults(dashboard_page) == {}
    choices = dashboard_page.locator(".control.choice summary")
    if choices.count():
        choices.first.click()
        expect(dashboard_page.locator(".control.choice details[open]")).to_have_count(1)
        assert faults(dashboard_page) == {}


def test_no_message_of_the_dashboard_has_a_fault(browser: Browser, tmp_path: Path) -> None:
    """Without data, with days in the wrong order, and with the line of the running day."""
    preview = dashboard({})
    path = tmp_path / "dashboard.html"
    today = '{"as_of": "2026-11-22T18:10:00+01:00", "rows": []}'
    text = preview.page(preview.data()).replace(">null</script>", f">{today}</script>")
    path.write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto(f"{path.as_uri()}#overview?From=2026-11-22&To=2026-11-20")
    page.locator(".tile").first.wait_for()
    expect(page.locator("#today")).to_be_visible()
    expect(page.locator("#hint")).to_be_visible()
    assert faults(page) == {}
    page.close()


def test_the_page_that_asks_for_the_link_has_no_fault(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "login.html"
    path.write_text(load_function("dashboard", "login")["login"].Pages("de").login, encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.get_by_role("status")).to_contain_text("Öffnen Sie den Link")
    assert faults(page) == {}
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_menu_page_has_no_serious_fault(
    browser: Browser, menu_url: str, scheme: Scheme, width: int
) -> None:
    """As it opens, with an order in its slip, and once the order is sent."""
    page = browser.new_page(
        color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page.goto(menu_url)
    assert faults(page) == {}
    page.get_by_role("button", name="Add Carbonara to your order").click()
    if width == PHONE:
        page.locator("#toggle").click()
    expect(page.locator("#send")).to_be_visible()
    assert faults(page) == {}
    page.locator("#send").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == {}
    page.close()


def test_a_fault_that_is_there_is_found(browser: Browser, dashboard_url: str) -> None:
    page = browser.new_page()
    page.goto(dashboard_url)
    page.locator(".tile").first.wait_for()
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('#question').style.color = '#eee'")
    assert faults(page).keys() == {"html-has-lang", "color-contrast"}
    page.close()
