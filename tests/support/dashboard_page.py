"""The dashboard's page, opened in Chromium as its reader does."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.dashboard_sql import QUESTIONS

SHEETS = ("Overview", "Menu", "Demand", "Data health")


@contextmanager
def opened(browser: Browser, url: str, width: int = 1280) -> Iterator[Page]:
    """Open the page; it must log no error, and ask for nothing but itself."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type != "info" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda request: None if ours(request.url, url) else troubles.append(request.url),
    )
    page.goto(url)
    page.locator(".tile").first.wait_for()
    yield page
    context.close()
    assert troubles == []


def data(page: str) -> dict[str, Any]:
    """Return the data in the text of a page."""
    (text,) = re.findall(r'<script type="text/plain" id="data">(.*?)</script>', page)
    return dict(json.loads(gzip.decompress(base64.b64decode(text))))


def ours(address: str, url: str) -> bool:
    return address.startswith((url.partition("#")[0], "data:"))


def show(page: Page, sheet: str) -> None:
    page.get_by_role("tab", name=sheet).click()
    expect(page.get_by_role("tab", name=sheet)).to_have_attribute("aria-selected", "true")


def rows(page: Page, visual: str) -> list[dict[str, Any]]:
    """Return the rows that a visual is drawn from."""
    rows: list[dict[str, Any]] = page.evaluate("id => window.menulens.rows(id)", visual)
    return rows


def figure(page: Page, visual: str) -> str:
    return page.locator(f"#visual-{visual} .figure").inner_text()


def set_date(page: Page, control: str, day: str) -> None:
    page.locator(f"#control-{control}").fill(day)
    page.locator(f"#control-{control}").dispatch_event("change")


def choose(page: Page, title: str, *, without: str) -> None:
    """Take one value out of a choice, and close it again."""
    control = page.locator(".control.choice", has=page.get_by_text(title, exact=True))
    control.locator("summary").click()
    control.get_by_label(without, exact=True).uncheck()
    page.locator("#question").click()


def empty_tiles(page: Page) -> list[str]:
    """Return the visuals of QUESTIONS on the sheet that show a note, or nothing at all.

    No data are made for a visual that was added, which may have nothing to show.
    """
    ids: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.tile')].filter((tile) => tile.querySelector('.note') ||
            !tile.querySelector('svg [aria-roledescription] path[d], svg path[d], tbody tr') &&
            !/[0-9]/.test(tile.querySelector('.figure')?.textContent ?? ''))
            .map((tile) => tile.id.replace('visual-', ''))"""
    )
    return [name for name in ids if name in QUESTIONS]


def width(page: Page) -> int:
    pixels: int = page.evaluate("document.documentElement.scrollWidth")
    return pixels
