"""The letter in Chromium, as a mail program shows it: it fits a phone, and axe finds no fault."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.support import load_function
from tests.support.accessibility import faults
from tests.support.browser import needs_chromium
from tests.support.letter import MONDAY, dish, healthy, sale, weeks

pytestmark = needs_chromium

MODULES = load_function("letter")
LONG = "Bistecca alla fiorentina, 1 kg, con patate al forno e rosmarino dell’orto di casa nostra"


@pytest.fixture(scope="module", params=["full", "one line"])
def letter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a letter: one with all sections, two menus and currencies, and one without data."""
    figures = MODULES["figures"].Figures.of_sales(MONDAY, [])
    if request.param == "full":
        sales = [*weeks(MONDAY, 9, 30, 60), *weeks(MONDAY, 9, 30, 20, source_menu="bar")]
        sales.append(sale(MONDAY, orders=1, revenue="123456.70", currency="CHF"))
        figures = MODULES["figures"].Figures.of_sales(MONDAY, sales)
        figures.add_dishes([dish(LONG, 30, 10), dish("x" * 128, 2, 9), dish("tripe")])
        pair = {"item_a": LONG, "item_b": "wine", "orders_together": 41, "lift": 2.31}
        figures.add_pairs([pair | {"source_menu": "trattoria"}])
        figures.add_health(healthy(MONDAY, rejected=30))
    content = MODULES["content"]
    sender = content.Sender("menulens", "owner@example.com", "EUR", "https://example.com/dashboard")
    written = content.write(figures, MODULES["language"].Language("de"), sender)
    path: Path = tmp_path_factory.mktemp("letter") / "letter.html"
    path.write_text(MODULES["html_part"].render(written), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(browser: Browser, letter: str, scheme: Literal["light", "dark"]) -> None:
    """Contrast in both colour schemes, headings, landmarks, the language, names of links."""
    page = browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.goto(letter)
    assert faults(page) == {}
    page.close()


def test_axe_finds_a_fault_that_is_there(browser: Browser, letter: str) -> None:
    page = browser.new_page()
    page.goto(letter)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert faults(page).keys() == {"html-has-lang"}
    page.close()


@pytest.mark.parametrize("width", [320, 390, 700])
def test_nothing_is_wider_than_the_window(browser: Browser, letter: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(letter)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
