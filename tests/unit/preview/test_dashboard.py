"""The preview's reading of definitions: what it understands, and that it names what it does not."""

import copy
import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from coloraide import Color

from functions.custom_resources.composition import fill, load
from functions.report.packing import pack
from preview.dashboard_plan import make_plan
from preview.expressions import ExpressionError, columns, is_aggregate, parameters, parse
from preview.page import QUICKSIGHT, TODAY, script_json, script_text
from preview.plan import Plan
from preview.rows import fetch

DEFINITIONS = load(QUICKSIGHT)
VALUES = {"name_prefix": "s", "theme_arn": "t", "currency": "EUR", "time_zone": "UTC", "today": TODAY}
VALUES |= {f"data_set_arn_{name}": name for name in DEFINITIONS.data_sets}


@pytest.fixture
def dashboard() -> dict[str, Any]:
    """The project's dashboard, filled, for a test to change."""
    return copy.deepcopy(fill(DEFINITIONS.dashboards["menu_insights"], VALUES))


def plan(dashboard: dict[str, Any]) -> Plan:
    return make_plan(dashboard, DEFINITIONS.data_sets, DEFINITIONS.theme, stack="s")


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("1 + 2 * 3", ["call", "+", ["value", 1], ["call", "*", ["value", 2], ["value", 3]]]),
        ("8 - 4 - 2", ["call", "-", ["call", "-", ["value", 8], ["value", 4]], ["value", 2]]),
        ("(1 + 2) * 3", ["call", "*", ["call", "+", ["value", 1], ["value", 2]], ["value", 3]]),
        ("-{a} / 2", ["call", "/", ["call", "negative", ["column", "a"]], ["value", 2]]),
        (
            "a = 1 OR NOT b > 2 and ${C} <> 'it\\'s'",
            [
                "call",
                "or",
                ["call", "=", ["column", "a"], ["value", 1]],
                [
                    "call",
                    "and",
                    ["call", "not", ["call", ">", ["column", "b"], ["value", 2]]],
                    ["call", "<>", ["parameter", "C"], ["value", "it's"]],
                ],
            ],
        ),
        (
            "sumOver({a b}, [{c}, d], PRE_AGG)",
            ["call", "sumOver", ["column", "a b"], ["columns", ["c", "d"]], ["level", "PRE_AGG"]],
        ),
        (
            "ifelse(isNull({a}), NULL, 1.5)",
            ["call", "ifelse", ["call", "isNull", ["column", "a"]], ["value", None], ["value", 1.5]],
        ),
    ],
)
def test_an_expression_becomes_the_tree_it_means(expression: str, tree: list[Any]) -> None:
    assert parse(expression) == tree


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("percentileRank({a})", "the preview does not know the function percentileRank"),
        ("sum({a}", ", expected, not end"),
        ("sum({a}, {b})", "function sum does not take 2 arguments"),
        ("1 +", "an operand expected, not end"),
        ("1 2", "end expected, not 2"),
        ("{a} ~ 2", "'~ 2' cannot be read"),
        (
            "sumOver(sum({a}), [{b}], POST_AGG_FILTER)",
            "the preview evaluates sumOver at the level PRE_AGG only",
        ),
        ("sumOver({a}, [1], PRE_AGG)", "only columns can stand in brackets"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_why(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=f"^{re.escape(message)}$"):
        parse(expression)


def test_a_tree_tells_what_it_needs_and_whether_it_aggregates() -> None:
    tree = parse("sumOver({a}, [{b}], PRE_AGG) / ifelse({c} = ${D}, 1, 2)")
    assert (columns(tree), parameters(tree)) == ({"a", "b", "c"}, {"D"})
    fields = {"total": parse("sum({a})"), "share": parse("{total} / sum({b})"), "kind": tree}
    assert [is_aggregate(["column", name], fields) for name in ("total", "share", "kind", "a")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_projects_dashboard_is_shown_whole(dashboard: dict[str, Any]) -> None:
    shown = plan(dashboard)
    assert shown.left_out == []
    assert [sheet.name for sheet in shown.sheets] == [
        sheet["Name"] for sheet in dashboard["Definition"]["Sheets"]
    ]
    for sheet in shown.sheets:
        for visual in sheet.visuals:
            assert visual.title
            assert visual.subtitle


def test_filters_reach_the_visuals_of_their_scope_that_have_the_column(dashboard: dict[str, Any]) -> None:
    filters = {visual.id: visual.filters for sheet in plan(dashboard).sheets for visual in sheet.visuals}
    assert filters["visits"] == ["menu", "channel"]  # both periods, which its fields tell apart
    assert filters["top-dishes"] == ["menu", "channel", "top-dishes", "period"]
    assert filters["pairs"] == ["menu", "top-pairs"]  # over all days
    assert filters["arrived"] == ["arrivals"]
    assert filters["dishes"] == ["menu", "channel", "period"]


def test_what_the_preview_cannot_show_is_named(dashboard: dict[str, Any]) -> None:
    definition = dashboard["Definition"]
    overview = definition["Sheets"][0]
    ids = [next(iter(visual.values()))["VisualId"] for visual in overview["Visuals"]]
    bars, steps = ids.index("revenue-by-day"), ids.index("steps")
    (by_day,) = overview["Visuals"][bars].values()
    by_day["ChartConfiguration"]["ReferenceLines"] = [{"Status": "ENABLED"}]
    overview["Visuals"][steps] = {"SankeyDiagramVisual": {"VisualId": "steps", "ChartConfiguration": {}}}
    overview["ParameterControls"].append(
        {"TextField": {"ParameterControlId": "t", "SourceParameterName": "Currency"}}
    )
    overview["TextBoxes"] = [{"SheetTextBoxId": "b", "Content": "c"}]
    by_name = {field["Name"]: field for field in definition["CalculatedFields"]}
    by_name["share now"]["Expression"] = "runningSum({visits})"
    definition["FilterGroups"][0]["Filters"].append(
        {
            "NumericRangeFilter": {
                "FilterId": "n",
                "Column": {"DataSetIdentifier": "visits", "ColumnName": "visits"},
            }
        }
    )
    assert plan(dashboard).left_out == [
        "n: a NumericRangeFilter",
        "conversion: calculated field 'share now': the preview does not know the function runningSum",
        "steps: a SankeyDiagramVisual",
        "t: a TextField control",
        f"Sheets[0].Visuals[{bars}].BarChartVisual.ChartConfiguration.ReferenceLines",
        "Sheets[0].TextBoxes",
    ]


def test_rows_are_packed_without_loss() -> None:
    types = {"day": "DATETIME", "n": "INTEGER", "money": "DECIMAL", "text": "STRING"}
    rows = [
        {"day": "1970-01-02", "n": "3", "money": "2.50", "text": "a"},
        {"day": "1970-01-02", "n": "4", "text": "a"},
    ]
    assert pack(types, rows) == {
        "length": 2,
        "columns": {
            "day": {"are": [86_400_000], "at": [0, 0]},
            "n": {"all": [3, 4]},
            "money": {"all": [2.5, None]},
            "text": {"are": ["a"], "at": [0, 0]},
        },
    }


def test_each_data_set_is_asked_for_from_its_view_with_its_columns() -> None:
    asked: list[str] = []
    fetch(DEFINITIONS.data_sets, lambda sql: asked.append(sql) or [])  # type: ignore[func-returns-value]
    assert len(asked) == len(DEFINITIONS.data_sets)
    assert 'SELECT "day", "reason", "field", "rejected" FROM "rejected_by_reason"' in asked


def test_nothing_in_the_data_can_end_or_open_a_script() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    assert "<" not in script_json({"item": hostile})
    assert json.loads(script_json({"item": hostile})) == {"item": hostile}
    assert "</script" not in script_text(f'const a = "{hostile}"')
    assert "<!--" not in script_text(f'const a = "{hostile}"')


# As it is seen without one kind of cone. Source: Machado, Oliveira, Fernandes, "A Physiologically-based Model
# for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1.0.
EYES: dict[str, Callable[[Color], Color]] = {
    "all cones": Color.clone,
    "no red cones": lambda color: color.filter("protan", method="machado").clip(),
    "no green cones": lambda color: color.filter("deutan", method="machado").clip(),
    "no blue cones": lambda color: color.filter("tritan", method="machado").clip(),
}
APART = 15  # CIEDE2000; 1 is just noticeable side by side, and a legend is not side by side
CONTRAST = 3  # WCAG 2.2, success criterion 1.4.11, for graphics


def test_the_colour_blind_can_tell_the_colours_apart_and_see_them(dashboard: dict[str, Any]) -> None:
    palettes = [DEFINITIONS.theme["Configuration"]["DataColorPalette"]["Colors"]]
    palettes += [
        [color["Color"] for color in configuration["ColorsConfiguration"]["CustomColors"]]
        for configuration in dashboard["Definition"]["ColumnConfigurations"]
        if "ColorsConfiguration" in configuration
    ]
    assert len(palettes) >= 2
    backgrounds = DEFINITIONS.theme["Configuration"]["UIColorPalette"]
    for palette in palettes:
        colors = [Color(text) for text in palette]
        for eye, see in EYES.items():
            for first, second in itertools.combinations(colors, 2):
                distance = see(first).delta_e(see(second), method="2000")
                assert distance >= APART, (eye, first.to_string(hex=True), second.to_string(hex=True))
        for color, name in itertools.product(colors, ("PrimaryBackground", "SecondaryBackground")):
            assert color.contrast(Color(backgrounds[name])) >= CONTRAST, (color.to_string(hex=True), name)
