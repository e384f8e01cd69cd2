"""The dashboard's page in Chromium: what it computes, compares and writes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from preview.expressions import parse
from preview.page import STATIC
from tests.support import load_function
from tests.support.browser import needs_chromium
from tests.support.dashboard_page import (
    figure,
    opened,
    rows,
    set_date,
    show,
)
from tests.support.dashboard_rows import days_ago, page_url, tables

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
    with opened(browser, page_url(tmp_path, stray)) as page:
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
