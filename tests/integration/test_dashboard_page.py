from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from preview.expressions import parse
from preview.filters import OPERATORS
from preview.page import STATIC
from preview.plan import ChoiceFilter, MissingVisual
from preview.serve import Feed, serve
from tests.support import load_function
from tests.support.browser import needs_chromium
from tests.support.dashboard_page import (
    SHEETS,
    choose,
    empty_tiles,
    figure,
    opened,
    rows,
    set_date,
    show,
    width,
)
from tests.support.dashboard_rows import HOSTILE, dashboard, days_ago, page_url, tables

pytestmark = needs_chromium
DAY = 86_400_000


def with_scripts(browser: Browser, *scripts: str) -> Page:
    """Return an English page with some of the dashboard's scripts, and without data."""
    page = browser.new_page()
    page.set_content('<!doctype html><html lang="en"><script type="application/json" id="texts">{}</script>')
    for script in ("texts.js", *scripts):
        page.add_script_tag(path=STATIC / script)
    return page


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page with the invented rows, as a file."""
    return page_url(tmp_path_factory.mktemp("page"), tables())


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with opened(browser, url) as page:
        yield page


@pytest.fixture(scope="module")
def calculator(browser: Browser, url: str) -> Iterator[Page]:
    """A page to evaluate expressions in, which leave no trace there."""
    with opened(browser, url) as page:
        yield page


# What the User Guide says that each function gives: "Calculated field function and operator reference".
EXPRESSIONS: dict[str, Any] = {
    "1 + 2 * 3 - 4 / 8": 6.5,
    "7 % 4": 3,
    "1 / 0": None,
    "1 + NULL": None,
    "NULL = NULL": None,
    "isNull(NULL) AND isNotNull(1)": True,
    "NOT 1 = 2 AND 2 >= 2 AND 'a' <> 'b'": True,
    "ifelse(1 > 2, 'a', 2 > 1, 'b', 'c')": "b",
    "ifelse(NULL, 'a', 'b')": "b",
    "switch('x', 'y', 1, 'x', 2, 3)": 2,
    "switch(NULL, 'y', 1, 'x', 2, 3)": 3,
    "coalesce(NULL, 0, 1)": 0,
    "nullIf(5, 5)": None,
    "in('b', 'a', 'b')": True,
    "concat('a', ' + ', 'b')": "a + b",
    "contains('tiramisu', 'ram')": True,
    "toUpper(toLower('Ab'))": "AB",
    "round(2.349, 2)": 2.35,
    "ceil(1.2) + floor(-1.2) + abs(-3)": 3,
    "dateDiff(${monday}, addDateTime(8, 'DD', ${monday}), 'DD')": 8,
    "dateDiff(addDateTime(3, 'DD', ${monday}), ${monday}, 'DD')": -3,
    "dateDiff(${monday}, addDateTime(14, 'MM', ${monday}), 'YYYY')": 2,
    "dateDiff(${monday}, addDateTime(5, 'WK', ${monday}), 'WK')": 5,
    "truncDate('DD', ${noon}) = ${monday}": True,
    "addDateTime(1, 'DD', truncDate('WK', ${noon})) = ${monday}": True,  # weeks start on Sundays
    "addDateTime(1, 'MM', addDateTime(7, 'DD', ${monday}))": 61 * DAY + 1_795_392_000_000 - 24 * DAY,
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_evaluated_as_documented(calculator: Page, expression: str) -> None:
    monday = 1_795_392_000_000  # 2026-11-23
    parameters = {"monday": monday, "noon": monday + DAY / 2}
    evaluate = """([tree, parameters]) =>
        new menulens.View({length: 1, columns: {}}, {}, parameters, 0).value(0, tree)"""
    assert calculator.evaluate(evaluate, [parse(expression), parameters]) == EXPRESSIONS[expression]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum({n})", 6),
        ("sum({n}) / count({n})", 2),
        ("avg({n}) + min({n}) + max({n})", 6),
        ("distinct_count({m})", 2),
        ("sumIf({n}, {m} = 'a')", 3),
        ("sumIf({n}, {m} = 'b') / sum({n})", 0.5),
        ("sum({none})", None),
        ("ifelse(sum({n}) > 5, 'many', 'few')", "many"),
        ("max(sumOver({n}, [{m}], PRE_AGG))", 3),
        ("sum({n}) / max(distinctCountOver({m}, [], PRE_AGG))", 3),
    ],
)
def test_an_aggregate_leaves_nulls_out_and_a_window_is_over_its_partition(
    calculator: Page, expression: str, value: Any
) -> None:
    columns = {"n": [1, 2, None, 3], "m": ["a", "a", "a", "b"], "none": [None] * 4}
    evaluate = """([tree, columns]) => {
        const view = new menulens.View({length: 4, columns}, {}, {}, 0);
        return view.aggregate(view.rows, tree);
    }"""
    assert calculator.evaluate(evaluate, [parse(expression), columns]) == value


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_visual_shows_data(page: Page, sheet: str) -> None:
    show(page, sheet)
    expect(page.locator(".tile svg, .tile table, .tile .figure").first).to_be_visible()
    expect(page.locator(".plot:empty")).to_have_count(0)
    assert empty_tiles(page) == []


def test_key_figures_compare_with_as_many_days_before(page: Page) -> None:
    assert figure(page, "visits") == "15"
    assert "+87.5% from 8" in page.locator("#visual-visits").inner_text()
    assert figure(page, "orders") == "6"
    assert figure(page, "revenue") == "€101"  # 100.50, to which nobody can add CHF
    assert page.locator("#visual-revenue .elsewhere").inner_text() == "besides CHF\xa070"
    assert figure(page, "conversion") == "40.0%"
    assert "▲ +15.0 points from 25.0%" in page.locator("#visual-conversion").inner_text()


def test_a_period_that_the_data_do_not_cover_is_compared_with_nothing(page: Page) -> None:
    """The first day of the data, 15 days ago, may have begun when it was half over."""
    set_date(page, "overview-from", days_ago(8))
    assert figure(page, "visits") == "20"
    assert page.locator(".comparison").all_inner_texts() == ["nothing to compare with"] * 4


def test_a_stray_event_covers_no_period(browser: Browser, tmp_path: Path) -> None:
    """One of 1970 made every period look covered: 20 visits were +1900% of the one of the only day before."""
    stray = tables()
    row = stray["menu_comparison"][0] | {"day": "1970-01-02", "period_start": "1970-01-02", "visits": 1}
    stray["menu_comparison"].append(row)
    preview = dashboard(stray)
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
        assert "+87.5% from 8" in page.locator("#visual-visits").inner_text()
        set_date(page, "overview-from", days_ago(8))
        assert page.locator(".comparison").all_inner_texts() == ["nothing to compare with"] * 4


def test_the_running_day_is_marked_and_compared_with_nothing(page: Page) -> None:
    before = page.locator("#visual-visits .comparison").inner_text()
    assert page.locator("#visual-visits-by-day", has_text="today, so far").count() == 0
    set_date(page, "overview-to", days_ago(0))
    assert figure(page, "visits") == "22"
    assert page.locator("#visual-visits .comparison").inner_text() == f"{before}, without today"
    for visual in ("visits-by-day", "revenue-by-day"):
        expect(page.locator(f"#visual-{visual} .role-axis-label", has_text="today, so far")).to_be_visible()
    assert page.locator("#visual-revenue-by-day .mark-rect path[opacity='0.45']").count() == 1
    page.get_by_label("Days", exact=True).select_option("Today")
    assert page.locator(".comparison").all_inner_texts() == ["today is not over"] * 4


@pytest.mark.parametrize(
    ("now", "text"),
    [(0.36099, "0.0% from 36.1%"), (0.3, "▼ -16.9% from 36.1%"), (0.4, "▲ +10.8% from 36.1%")],
)
def test_a_change_that_rounds_to_nothing_has_no_sign(browser: Browser, now: float, text: str) -> None:
    page = with_scripts(browser, "format.js", "tiles.js")
    visual = "{decimals: 1, before: true, arrows: true}"
    assert page.evaluate(f"comparison({visual}, {now}, 0.361, '36.1%').textContent") == text
    page.close()


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
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
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


def test_a_dish_is_told_apart_by_interest_and_orders(page: Page) -> None:
    kinds = {row["item"]: row["kind"] for row in rows(page, "interest")}
    assert kinds["pizza"] == "Favourite"
    assert kinds["lobster"] == "Looked at, seldom ordered"
    assert kinds["water"] == "Ordered without a look"
    assert kinds["soup"] == "Overlooked"


def test_hours_are_averages_of_such_hours(page: Page) -> None:
    busy = [row for row in rows(page, "hours") if row["visits an hour"]]
    assert {row["hour"] for row in busy} == {19}
    assert {row["visits an hour"] for row in busy} == {4}
    assert {row["hour"] for row in rows(page, "hours")} == {18, 19}  # the others are closed
    assert {row["visits an hour"] for row in rows(page, "hours") if row["hour"] == 18} == {0}
    show(page, "Demand")
    expect(page.locator("#visual-hours .role-legend-title")).to_have_text("Visits an hour")


def test_pairs_are_sorted_by_evidence(page: Page) -> None:
    assert [row["lift"] for row in rows(page, "pairs")] == [1.25, 1.2, 9.0]


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
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
        page.get_by_label("Days", exact=True).select_option("Today")
        assert page.locator("#control-overview-to").input_value() == today
        wall = moment.astimezone(ZoneInfo(time_zone))
        text = f"{wall.day} {wall:%B %Y at %H:%M}, {time_zone}"
        assert text in page.locator("#as-of").inner_text()


@pytest.mark.parametrize(
    ("utc", "today"),
    [
        ("2026-01-15T03:59", "2026-01-14"),  # 04:59 in Rome: the data of the 14th are not complete
        ("2026-01-15T04:00", "2026-01-15"),
        ("2026-07-15T03:59", "2026-07-14"),  # 05:59
        ("2026-07-15T21:59", "2026-07-15"),  # a minute to midnight
    ],
)
def test_quicksights_today_is_the_restaurants_from_the_refresh_on(
    calculator: Page, utc: str, today: str
) -> None:
    expression = load_function("custom_resources", "today")["today"].today(
        "Europe/Rome", datetime(2026, 1, 1, tzinfo=UTC)
    )
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1000
    evaluate = "([tree, now]) => new menulens.View({length: 1, columns: {}}, {}, {}, now).value(0, tree)"
    day = calculator.evaluate(evaluate, [parse(expression), now])
    assert datetime.fromtimestamp(day / 1000, UTC).isoformat() == f"{today}T00:00:00+00:00"


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


def test_a_table_tells_how_many_rows_it_has(page: Page) -> None:
    assert page.locator("#visual-menus .rows").inner_text() == "2 rows"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """A page with the scripts that write values and axes, without data."""
    page = with_scripts(browser, "format.js", "axes.js", "tiles.js")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (-0.01, "0.0 s"),
        (2.4, "2.4 s"),
        (59.96, "1 min"),
        (61.2, "1 min 1 s"),
        (5400, "1 h 30 min"),
        (3599.7, "1 h"),
        (643_258.2, "7 d 11 h"),
        (-180, "-3 min"),
        (86_399, "1 d"),
        (1_798_790_400, "20,819 d 8 h"),
    ],
)
def test_a_duration_is_told_in_its_largest_units(scripts: Page, seconds: float, text: str) -> None:
    assert scripts.evaluate(f"duration({seconds})") == text


@pytest.mark.parametrize(
    ("suffix", "low", "high", "unit", "labels"),
    [
        (" min", 0, 17.4 * 1440, "days", [0, 7, 14, 21]),
        (" min", 0, 4 * 1440, "days", [0, 1, 2, 3, 4]),
        (" min", 0, 71 * 60, "hours", [0, 12, 24, 36, 48, 60, 72]),
        (" min", 0, 200, "hours", [0, 1, 2, 3, 4]),
        (" min", 0, 100, "minutes", [0, 30, 60, 90, 120]),
        (" min", 0, 0.9, "seconds", [0, 10, 20, 30, 40, 50, 60]),
        (" min", 0, 0.002, "seconds", [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12]),
        (" min", -3, 100, "minutes", [-30, 0, 30, 60, 90, 120]),
        (" s", 0, 95, "seconds", [0, 30, 60, 90, 120]),
        (" s", 0, 4000, "minutes", [0, 15, 30, 45, 60, 75]),
        (" min", 0, 20_819 * 1440, "days", [0, 5000, 10_000, 15_000, 20_000, 25_000]),
        ("", 0, 0.3, None, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ("", 0, 7, None, [0, 2, 4, 6, 8]),
        ("", 0, 1_234_567, None, [0, 500_000, 1_000_000, 1_500_000]),
        ("", 0, 0, None, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ("", -40, 0, None, [-40, -30, -20, -10, 0]),
    ],
)
def test_an_axis_has_round_steps_of_one_unit(
    scripts: Page, suffix: str, low: float, high: float, unit: str | None, labels: list[float]
) -> None:
    """Ticks of a delay were at 5,000 minutes, written as 3.47 d under a subtitle that said minutes."""
    axis = scripts.evaluate(f"ticks({{format: {{suffix: '{suffix}'}}}}, [{low}, {high}])")
    seconds = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1, None: 1}[unit]
    scale = seconds / {" min": 60, " s": 1, "": 1}[suffix]
    assert axis["unit"] == unit
    assert [value / scale for value in axis["values"]] == pytest.approx(labels, abs=1e-9)


def test_counts_have_no_half_and_the_parts_of_a_stack_are_added(scripts: Page) -> None:
    axis = scripts.evaluate("ticks({format: {decimals: 0}}, [0, 2])")
    assert axis["values"] == [0, 1, 2]
    for field in ("{}", "{format: null}"):  # a column that the definition gives no format
        assert scripts.evaluate(f"ticks({field}, [0, 1])")["values"] == [0, 1]
        assert len(scripts.evaluate(f"ticks({field}, [0, 0.7])")["values"]) > 4
    data = "[{x: 0, y: 3}, {x: 0, y: 4}, {x: 1, y: 5}, {x: 1, y: -1}, {x: 1, y: null}]"
    assert scripts.evaluate(f"extent({data}, 'y', true)") == [-1, 7]
    assert scripts.evaluate(f"extent({data}, 'y')") == [-1, 5]


def test_the_axis_of_delays_names_its_unit(page: Page) -> None:
    show(page, "Data health")
    labels = page.locator("#visual-delay .role-axis-label text").all_text_contents()
    assert [label for label in labels if label.isdigit()] == ["0", "15", "30", "45", "60", "75"]
    expect(page.locator("#visual-delay .role-axis-title")).to_have_text("Seconds")
    assert "minutes" not in page.locator("#visual-delay .subtitle").inner_text()


def test_a_colour_stays_with_its_menu(browser: Browser, tmp_path: Path) -> None:
    """A menu that comes later, and before the others in the alphabet, changed the colours of them all."""
    more = tables()
    more["menu_comparison"].append(more["menu_comparison"][0] | {"day": days_ago(1), "source_menu": "anna"})
    legends = []
    for name, content in (("before", tables()), ("after", more)):
        preview = dashboard(content)
        path = tmp_path / f"{name}.html"
        path.write_text(preview.page(preview.data()))
        with opened(browser, path.as_uri()) as page:
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
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
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
    preview = dashboard(odd)
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
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
def test_a_phone_need_not_scroll_sideways(browser: Browser, url: str, sheet: str) -> None:
    with opened(browser, url, width=360) as page:
        show(page, sheet)
        expect(page.locator(".plot:empty")).to_have_count(0)
        assert empty_tiles(page) == []
        assert width(page) == 360


def test_a_phones_table_has_its_figures_beside_the_name(browser: Browser, url: str) -> None:
    """Menu and kind filled the width of a phone, and no figure of a dish was seen."""
    with opened(browser, url, width=390) as page:
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
    browser: Browser, url: str, sheet: str, width: int
) -> None:
    """€1,008 stood on its bar. On a phone, a column to which one scrolls made headings of four lines."""
    with opened(browser, url, width=width) as page:
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
    path = tmp_path / "page.html"
    path.write_text(preview.page(preview.data()))
    with opened(browser, path.as_uri()) as page:
        assert "This page cannot show a <SankeyDiagramVisual>." in page.locator("#visual-visits").inner_text()
        assert "Sheets[0].TextBoxes" in page.locator("#left-out").inner_text()
        assert "instead of Amazon QuickSight" in page.locator("footer").inner_text()
