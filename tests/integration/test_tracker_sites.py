"""The tracker on pages as others build them: overlays, folded lists, carousels, translators."""

import pytest
from playwright.sync_api import BrowserContext

from tests.support.browser import (
    IngestEndpoint,
    Site,
    leave,
    needs_chromium,
    pass_time,
    pause,
)
from tests.support.local_emulator import until

pytestmark = needs_chromium

A = '<div style="flex: none; width: 300px; height: 200px" data-ml-item="a">a</div>'
B = A.replace('"a"', '"b"')
PAGES = {
    "a dialog": (f"<dialog id=d>{A}</dialog><script>d.showModal()</script>", "[data-ml-item]"),
    "a folded list": (f"<details open>{A}</details><details>{B}</details>", "[data-ml-item=a]"),
    "a carousel": (
        f'<div style="display: flex; width: 300px; overflow: hidden">{A}{B}</div>',
        "[data-ml-item=a]",
    ),
    "a row of a table": ('<table><tr data-ml-item="a"><td style="height: 100px">a<td>5</table>', "td + td"),
    "a drawing": ('<svg width=200 height=200 data-ml-item="a"><circle r=50 cx=50 cy=50 /></svg>', "circle"),
    "a page that keeps clicks to itself": (
        f'<div onclick="event.stopImmediatePropagation()">{A}</div>'
        "<script>document.addEventListener('click', (e) => e.stopImmediatePropagation(), true)</script>",
        "[data-ml-item]",
    ),
    "a scaled page": (f'<div style="transform: scale(0.5)">{A}</div>', "[data-ml-item]"),
    "a name over two lines": (A.replace('"a"', '" \n a\t"'), "[data-ml-item]"),
}


@pytest.mark.parametrize("kind", PAGES)
def test_an_item_is_seen_and_clicked_in(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint, kind: str
) -> None:
    body, target = PAGES[kind]
    page = context.new_page()
    pause(page)
    page.goto(site.menu("/", body, endpoint.url, "m"))
    page.click(target)
    pass_time(page, 1500)
    leave(page)
    events = until(lambda: endpoint.events(event_type="item_view") and endpoint.events())
    assert sorted(
        (event["event_type"], event["element_clicked"], event.get("time_spent")) for event in events
    ) == [
        ("click", "a", None),
        ("item_view", "a", 1.5),
        ("menu_view", "menu", None),
    ]


def test_a_page_that_a_browser_translates_keeps_names_from_attributes(
    context: BrowserContext, site: Site, endpoint: IngestEndpoint
) -> None:
    """Google's translator puts other texts into elements `font`, and leaves attributes alone."""
    page = context.new_page()
    pause(page)
    body = '<div class="dish" data-name="Steinpilze" style="height: 200px"><h3>Steinpilze</h3></div>'
    options = {"items": ".dish", "item-name": "data-name"}
    page.goto(site.menu("/", body, endpoint.url, "m", **options))
    pass_time(page, 1000)
    page.evaluate("document.querySelector('h3').innerHTML = '<font><font>porcini</font></font>'")
    page.click("font")
    pass_time(page, 1000)
    leave(page)
    (view,) = until(lambda: endpoint.events(event_type="item_view"))
    (click,) = endpoint.events(event_type="click")
    assert (view["element_clicked"], view["time_spent"]) == ("Steinpilze", 2)
    assert click["element_clicked"] == "Steinpilze"
