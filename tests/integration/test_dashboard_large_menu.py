"""The dashboard's page with as many dishes as a large restaurant has."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import needs_chromium
from tests.support.dashboard_page import opened, rows, show, width
from tests.support.dashboard_rows import dish, page_url, tables

pytestmark = needs_chromium
DISHES = 300


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a menu with long names, each dish seen on each of twenty days."""
    invented = tables()
    invented["item_performance"] = [
        dish(day, f"{number:03} {'Tagliatelle al ragù di cinghiale ' * 3}", number, number % 40, 60.0)
        for day in range(1, 21)
        for number in range(1, DISHES + 1)
    ]
    return page_url(tmp_path_factory.mktemp("page"), invented)


@pytest.mark.parametrize("window", [1280, 390])
def test_three_hundred_dishes_are_all_there(browser: Browser, url: str, window: int) -> None:
    with opened(browser, url, window) as page:
        assert len(rows(page, "top-dishes")) == 10
        show(page, "Menu")
        expect(page.locator("#visual-dishes .rows")).to_have_text(f"{DISHES} rows")
        expect(page.locator("#visual-dishes tbody tr")).to_have_count(DISHES)
        assert len({row["item"] for row in rows(page, "interest")}) == DISHES
        assert width(page) <= window


def test_the_page_stays_far_below_what_lambda_answers(url: str) -> None:
    """A function's answer has at most 6 MB; see test_report for a page that comes near."""
    assert Path(url.removeprefix("file://")).stat().st_size < 2_000_000
