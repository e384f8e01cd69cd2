"""The dashboard's page in Chromium: what it shows, on a screen and on a phone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from preview.plan import MissingVisual
from tests.support.browser import needs_chromium
from tests.support.dashboard_page import (
    SHEETS,
    choose,
    empty_tiles,
    figure,
    opened,
    set_date,
    show,
    width,
)
from tests.support.dashboard_rows import HOSTILE, dashboard, days_ago, page_url, tables, write_page

pytestmark = needs_chromium

type Screens = Callable[[int], Page]


@pytest.fixture(scope="module")
def screens(browser: Browser, url: str) -> Iterator[Screens]:
    """The page by the width of its screen, opened once: a test may show a sheet, and changes nothing else."""
    with ExitStack() as pages:
        yield cache(lambda width: pages.enter_context(opened(browser, url, width)))


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_visual_shows_data(screens: Screens, sheet: str) -> None:
    page = screens(1280)
    show(page, sheet)
    expect(page.locator(".tile svg, .tile table, .tile .figure").first).to_be_visible()
    expect(page.locator(".plot:empty")).to_have_count(0)
    assert empty_tiles(page) == []


def test_a_table_tells_how_many_rows_it_has(page: Page) -> None:
    assert page.locator("#visual-menus .rows").inner_text() == "2 rows"


def test_a_colour_stays_with_its_menu(browser: Browser, tmp_path: Path) -> None:
    """A menu that comes later, and before the others in the alphabet, changed the colours of them all."""
    more = tables()
    more["menu_comparison"].append(more["menu_comparison"][0] | {"day": days_ago(1), "source_menu": "anna"})
    legends = []
    for content in (tables(), more):
        with opened(browser, page_url(tmp_path, content)) as page:
            page.locator("#control-overview-currency").select_option("EUR")
            items = page.locator("#visual-revenue-by-day .legend li")
            legends.append({
                item.inner_text(): item.locator("i").get_attribute("style") for item in items.all()
            })  # fmt: skip
    assert legends[1]["trattoria"] == "background:#0B6E69"
    assert "anna" in legends[1]


def test_a_line_has_a_gap_and_an_axis_its_years(page: Page) -> None:
    assert "2026" not in " ".join(
        page.locator("#visual-visits-by-day .role-axis-label text").all_text_contents()
    )
    set_date(page, "overview-from", days_ago(9))
    path = page.locator("#visual-visits-by-day .mark-line path").first.get_attribute("d")
    assert path
    assert path.count("M") == 2  # 8 days ago, and the last two days


def test_a_table_longer_than_its_tile_ends_between_rows(browser: Browser, tmp_path: Path) -> None:
    preview = dashboard(tables())
    (dishes,) = (visual for visual in preview.plan.sheets[1].visuals if visual.id == "dishes")
    dishes.place.height = 9
    with opened(browser, write_page(tmp_path, preview)) as page:
        show(page, "Menu")
        below = page.locator("#visual-dishes .scroll").evaluate(
            """box => [...box.querySelectorAll('tr')].map((row) =>
                row.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom)"""
        )
    assert min(map(abs, below)) < 1
    assert below[-1] > 20  # the last row is scrolled to


def test_names_of_javascripts_own_are_names(browser: Browser, tmp_path: Path) -> None:
    """They are keys of every object; as menus and dishes they broke the charts with an error."""
    odd = tables()
    for rows_of_view in odd.values():
        for row in rows_of_view:
            if row.get("source_menu") == "bistro":
                row.update(source_menu="__proto__", currency="EUR")
    with opened(browser, page_url(tmp_path, odd)) as page:
        expect(page.locator("#visual-revenue-by-day .mark-rect path")).to_have_count(3)
        assert "__proto__" in page.locator("#visual-revenue-by-day .legend").inner_text()
        labels = page.locator("#visual-top-dishes svg text").all_text_contents()
        assert {"__proto__", "constructor"} <= set(labels)
        choose(page, "Menu", without="__proto__")
        assert figure(page, "visits") == "10"


def test_names_show_as_text_whatever_they_are(page: Page) -> None:
    show(page, "Menu")
    shown = page.locator("#visual-dishes tbody th").all_inner_texts()
    assert set(HOSTILE) <= set(shown)
    assert f"pizza + {HOSTILE[0]}" in page.locator("#visual-pairs tbody th").all_inner_texts()
    show(page, "Overview")
    page.wait_for_selector("#visual-top-dishes svg")
    labels = page.locator("#visual-top-dishes svg text").all_text_contents()
    assert any(label.startswith("<script>window") for label in labels)
    page.locator("#visual-top-dishes svg .mark-rect path").nth(6).hover()  # a hostile one
    expect(page.locator("#vg-tooltip-element")).to_be_visible()
    assert page.locator("#vg-tooltip-element img, #vg-tooltip-element script").count() == 0
    assert page.title() == "a <b>stack</b>: Menu insights"
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_phone_need_not_scroll_sideways(screens: Screens, sheet: str) -> None:
    page = screens(360)
    show(page, sheet)
    expect(page.locator(".plot:empty")).to_have_count(0)
    assert empty_tiles(page) == []
    assert width(page) == 360


def test_a_phones_table_has_its_figures_beside_the_name(screens: Screens) -> None:
    """Menu and kind filled the width of a phone, and no figure of a dish was seen."""
    page = screens(390)
    show(page, "Menu")
    heads = page.locator("#visual-dishes th[scope=col]").all_inner_texts()
    assert heads[:3] == ["Dish", "Looks", "Time a look"]
    assert heads[-2:] == ["Menu", "Kind"]
    edge = page.locator("#visual-dishes th[scope=col]", has_text="Looks").first.bounding_box()
    assert edge
    assert edge["x"] + edge["width"] <= 390


FIGURES = """() => [...document.querySelectorAll('td.bar')].map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const size = getComputedStyle(cell).backgroundSize.split(' ')[0];
  const bar = size.endsWith('px') ? parseFloat(size) : (parseFloat(size) / 100) * cell.clientWidth;
  const end = cell.getBoundingClientRect().left + 4 + bar;
  return [cell.innerText, Math.round(text.getBoundingClientRect().left - end), bar];
})"""
LINES = """() => [...document.querySelectorAll('thead th')].map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return [cell.innerText, new Set([...text.getClientRects()].map((box) => Math.round(box.top))).size];
})"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_bar_ends_before_its_figure_and_a_heading_has_two_lines_at_most(
    screens: Screens, sheet: str, width: int
) -> None:
    """€1,008 stood on its bar. On a phone, a column to which one scrolls made headings of four lines."""
    page = screens(width)
    show(page, sheet)
    figures = page.evaluate(FIGURES)
    assert figures
    assert any(bar > 20 for _, _, bar in figures)
    assert [figure for figure in figures if figure[1] < 2] == []
    assert [heading for heading in page.evaluate(LINES) if heading[1] > 2] == []
    if width == 1280:
        wide = "box => box.scrollWidth > box.clientWidth"
        assert not any(box.evaluate(wide) for box in page.locator(".scroll").all())


@pytest.mark.parametrize("sheet", SHEETS)
def test_days_without_data_say_so(page: Page, sheet: str) -> None:
    set_date(page, "overview-to", "2001-01-02")
    set_date(page, "overview-from", "2001-01-01")
    show(page, sheet)
    if sheet == "Overview":
        assert figure(page, "visits") == "–"
        assert "nothing to compare with" in page.locator("#visual-visits").inner_text()
    if sheet != "Data health":  # which has no end
        assert page.locator(".note").count() > 0


def test_what_is_not_shown_is_named_on_the_page(browser: Browser, tmp_path: Path) -> None:
    preview = dashboard(tables())
    preview.plan.left_out = ["Sheets[0].TextBoxes"]
    visuals = preview.plan.sheets[0].visuals
    visuals[0] = MissingVisual("visits", "", "", "", visuals[0].place, reason="a <SankeyDiagramVisual>")
    with opened(browser, write_page(tmp_path, preview)) as page:
        assert "This page cannot show a <SankeyDiagramVisual>." in page.locator("#visual-visits").inner_text()
        assert "Sheets[0].TextBoxes" in page.locator("#left-out").inner_text()
        assert "instead of Amazon QuickSight" in page.locator("footer").inner_text()
