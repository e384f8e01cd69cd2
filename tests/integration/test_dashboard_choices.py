"""The dashboard's page in Chromium: days, menus and whatever else its reader chooses."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from preview.filters import OPERATORS
from preview.plan import ChoiceFilter
from preview.serve import Feed, serve
from tests.support.browser import needs_chromium
from tests.support.dashboard_page import (
    choose,
    figure,
    opened,
    rows,
    set_date,
    show,
)
from tests.support.dashboard_rows import HOSTILE, dashboard, days_ago, page_url, tables, write_page

pytestmark = needs_chromium


def test_the_days_change_the_numbers(page: Page) -> None:
    set_date(page, "overview-from", days_ago(2))
    set_date(page, "overview-to", days_ago(2))
    assert figure(page, "visits") == "9"
    assert "+125.0%" not in page.locator("#visual-visits").inner_text()
    assert "from 6" not in page.locator("#visual-visits").inner_text()  # the day before has no visits
    assert [row["orders"] for row in rows(page, "top-dishes")] == [10]
    show(page, "Menu")  # the days hold for all sheets
    assert page.locator("#control-menu-to").input_value() == days_ago(2)
    assert page.locator("#visual-dishes tbody tr").count() == 1


def test_menu_and_channel_change_the_numbers_of_every_sheet(page: Page) -> None:
    choose(page, "Menu", without="bistro")
    assert figure(page, "visits") == "10"
    choose(page, "Channel", without="Website")
    assert figure(page, "visits") == "6"
    assert page.locator("#visual-menus tbody tr").all_inner_texts() == [
        "trattoria\tEUR\t6\t3\t50.0%\t30.00\t90"
    ]
    show(page, "Menu")
    assert {row["item"]: row["orders"] for row in rows(page, "dishes")}["pizza"] == 40
    show(page, "Demand")
    assert [row["visits"] for row in rows(page, "channels")] == [6]


def test_a_choice_can_be_emptied_and_taken_back(page: Page) -> None:
    choose(page, "Menu", without="bistro")
    choose(page, "Menu", without="trattoria")
    assert figure(page, "visits") == "–"
    assert "Nothing to show" in page.locator("#visual-steps").inner_text()
    control = page.locator(".control.choice").first
    control.locator("summary").click()
    control.get_by_role("button", name="All").click()
    assert figure(page, "visits") == "15"


@pytest.mark.parametrize(("operator", "shown"), [("CONTAINS", "5"), ("DOES_NOT_CONTAIN", "10")])
def test_a_choice_begins_as_the_definition_says(
    browser: Browser, tmp_path: Path, operator: str, shown: str
) -> None:
    preview = dashboard(tables())
    choice = preview.plan.filters["menu"]
    assert isinstance(choice, ChoiceFilter)
    choice.values, choice.takes = ["bistro"], OPERATORS[operator]
    with opened(browser, write_page(tmp_path, preview)) as page:
        assert figure(page, "visits") == shown


def test_the_currency_and_the_number_of_rows_change_the_numbers(page: Page) -> None:
    page.locator("#control-overview-currency").select_option("CHF")
    assert figure(page, "revenue") == "CHF\xa070"
    assert page.locator("#visual-revenue .elsewhere").inner_text() == "besides €101"
    for visual in ("revenue", "revenue-by-day"):
        assert "in CHF" in page.locator(f"#visual-{visual} .subtitle").inner_text()
    expect(page.locator("#visual-revenue-by-day .role-axis-title")).to_have_text("Revenue (CHF)")
    assert len(rows(page, "top-dishes")) == 10
    page.locator("#control-overview-top").fill("3")
    assert [row["item"] for row in rows(page, "top-dishes")] == ["pizza", "water", HOSTILE[7]]
    expect(page.locator("#visual-top-dishes .mark-text.role-mark text")).to_have_text(["50", "30", "10"])


def test_money_without_a_currency_is_told_beside_the_chosen_one(browser: Browser, tmp_path: Path) -> None:
    """Pages need not name a currency; what they sold was in no figure."""
    content = tables()
    content["menu_comparison"].append(content["menu_comparison"][0] | {"day": days_ago(1), "currency": None})
    with opened(browser, page_url(tmp_path, content)) as page:
        assert page.locator("#visual-revenue .elsewhere").inner_text() == "besides 80, CHF\xa070"


def test_the_address_keeps_what_was_chosen(browser: Browser, url: str, page: Page) -> None:
    set_date(page, "overview-from", days_ago(2))
    choose(page, "Menu", without="bistro")
    show(page, "Menu")
    with opened(browser, page.url) as mailed:
        assert mailed.locator("#control-menu-from").input_value() == days_ago(2)
        show(mailed, "Overview")
        assert figure(mailed, "visits") == "10"
    page.reload()
    expect(page.get_by_role("tab", name="Menu")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    assert figure(page, "visits") == "10"
    page.goto(f"{url}#gone?From=yesterday&Top=&only-menu=%5B&only-gone=1&__proto__=1")
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    assert figure(page, "visits") == "15"


def test_days_are_chosen_by_name(page: Page) -> None:
    days = page.get_by_label("Days", exact=True)
    assert days.input_value() == "Last 7 days"
    days.select_option("All days")
    assert figure(page, "visits") == "1,030"
    assert page.locator("#control-overview-from").input_value() == days_ago(15)
    set_date(page, "overview-from", days_ago(3))
    assert days.input_value() == "Chosen days"


def test_days_the_wrong_way_round_are_told(page: Page) -> None:
    expect(page.locator("#hint")).to_be_hidden()
    set_date(page, "overview-from", days_ago(0))
    expect(page.locator("#hint")).to_have_text("From is later than To, so there are no days between them.")


def test_the_keyboard_and_a_click_reach_what_they_should(page: Page) -> None:
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Data health")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    channel = page.locator(".control.choice", has=page.get_by_text("Channel", exact=True))
    channel.locator("summary").click()
    assert channel.locator(".option label").all_inner_texts() == ["Not told", "QR code", "Website"]
    channel.get_by_role("button", name="only Website").click()
    assert figure(page, "visits") == "4"
    page.keyboard.press("Escape")
    expect(channel.locator("details")).not_to_have_attribute("open", "")
    expect(channel.locator("summary")).to_be_focused()


@pytest.mark.parametrize(
    ("utc", "time_zone", "today"),
    [
        ("2026-11-28T22:59", "Europe/Rome", "2026-11-28"),
        ("2026-11-28T23:01", "Europe/Rome", "2026-11-29"),
        ("2026-11-29T04:59", "America/New_York", "2026-11-28"),
        ("2026-11-29T05:01", "America/New_York", "2026-11-29"),
        ("2026-11-28T11:01", "Pacific/Auckland", "2026-11-29"),
    ],
)
def test_today_is_the_restaurants_day(
    browser: Browser, tmp_path: Path, utc: str, time_zone: str, today: str
) -> None:
    """It was that of UTC: in Rome yesterday's until one o'clock, in New York tomorrow's after 7 p.m."""
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    preview = dashboard(tables(), time_zone=time_zone, clock=moment.astimezone)
    with opened(browser, write_page(tmp_path, preview)) as page:
        page.get_by_label("Days", exact=True).select_option("Today")
        assert page.locator("#control-overview-to").input_value() == today
        wall = moment.astimezone(ZoneInfo(time_zone))
        text = f"{wall.day} {wall:%B %Y at %H:%M}, {time_zone}"
        assert text in page.locator("#as-of").inner_text()


def test_a_served_page_goes_on_over_midnight(browser: Browser) -> None:
    """No event comes, and the page's days and its running day are those of the new day."""
    rome = ZoneInfo("Europe/Rome")
    moments = [datetime(2026, 11, 28, 23, 59, 58, tzinfo=rome)]
    clock = lambda zone: moments[-1].astimezone(zone)  # noqa: E731
    open_dashboard = partial(dashboard, tables(), live=True, time_zone="Europe/Rome", clock=clock)
    with serve(Feed(open_dashboard, lambda: 1)) as url, opened(browser, url) as page:
        expect(page.locator("#control-overview-to")).to_have_value("2026-11-28")
        moments.append(moments[0] + timedelta(seconds=4))
        expect(page.locator("#control-overview-to")).to_have_value("2026-11-29", timeout=20_000)
        assert page.locator("#control-overview-from").input_value() == "2026-11-22"
        assert "29 November 2026" in page.locator("#as-of").inner_text()
