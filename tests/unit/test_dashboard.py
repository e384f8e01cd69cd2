"""The preview's reading of definitions: what it understands, and that it names what it does not."""

import copy
import itertools
import json
import re
from typing import Any

import pytest

from functions.hooks.composition import fill, load
from local.dashboard.expressions import ExpressionError, columns, is_aggregate, parameters, parse
from local.dashboard.page import QUICKSIGHT, script_json, script_text
from local.dashboard.plan import make_plan
from local.dashboard.rows import fetch, pack

DEFINITIONS = load(QUICKSIGHT)
VALUES = {"name_prefix": "s", "theme_arn": "t", "currency": "EUR", "time_zone": "UTC"}
VALUES |= {f"data_set_arn_{name}": name for name in DEFINITIONS.data_sets}


@pytest.fixture
def dashboard() -> dict[str, Any]:
    """The project's dashboard, filled, for a test to change."""
    return copy.deepcopy(fill(DEFINITIONS.dashboards["menu_insights"], VALUES))


def plan(dashboard: dict[str, Any]) -> dict[str, Any]:
    return make_plan(dashboard, DEFINITIONS.data_sets, DEFINITIONS.theme)


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
        ("percentileRank({a})", "function percentileRank is none that the preview knows"),
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
    made = plan(dashboard)
    assert made["left_out"] == []
    assert [sheet["name"] for sheet in made["sheets"]] == ["Overview", "Menu", "Demand", "Data health"]
    for sheet in made["sheets"]:
        for visual in sheet["visuals"]:
            assert visual["title"]
            assert visual["subtitle"]


def test_filters_reach_the_visuals_of_their_scope_that_have_the_column(dashboard: dict[str, Any]) -> None:
    filters = {
        visual["id"]: visual["filters"] for sheet in plan(dashboard)["sheets"] for visual in sheet["visuals"]
    }
    assert filters["visits"] == ["menu", "channel"]  # both periods, which its fields tell apart
    assert filters["top-dishes"] == ["menu", "channel", "top-dishes", "period"]
    assert filters["pairs"] == ["menu", "top-pairs"]  # over all days
    assert filters["arrived"] == ["arrivals"]
    assert filters["dishes"] == ["menu", "channel", "period"]


def test_what_the_preview_cannot_show_is_named(dashboard: dict[str, Any]) -> None:
    definition = dashboard["Definition"]
    overview = definition["Sheets"][0]
    overview["Visuals"][4]["BarChartVisual"]["ChartConfiguration"]["ReferenceLines"] = [{"Status": "ENABLED"}]
    overview["Visuals"][5] = {"SankeyDiagramVisual": {"VisualId": "steps", "ChartConfiguration": {}}}
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
    assert plan(dashboard)["left_out"] == [
        "n: a NumericRangeFilter",
        "conversion: calculated field 'share now': function runningSum is none that the preview knows",
        "steps: a SankeyDiagramVisual",
        "t: a TextField control",
        "Sheets[0].Visuals[4].BarChartVisual.ChartConfiguration.ReferenceLines",
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
    assert 'SELECT "day", "reason", "field", "refused" FROM "refused_by_reason"' in asked


def test_nothing_in_the_data_can_end_or_open_a_script() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    assert "<" not in script_json({"item": hostile})
    assert json.loads(script_json({"item": hostile})) == {"item": hostile}
    assert "</script" not in script_text(f'const a = "{hostile}"')
    assert "<!--" not in script_text(f'const a = "{hostile}"')


# Linear RGB as it is seen without one kind of cone. Source: Machado, Oliveira, Fernandes, "A Physiologically-
# based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, severity 1.0.
SEEN_WITH = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1, 1.08883)
APART = 20  # CIE 1976 distance; 2.3 is just noticeable side by side


def lab(color: str, seen: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """Return CIELAB coordinates of a hex colour, as an eye sees it."""
    levels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]

    def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
        return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]

    inside = [min(1.0, max(0.0, level)) for level in times(seen, linear)]
    x, y, z = (
        share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116
        for share in (value / white for value, white in zip(times(TO_XYZ, inside), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_the_colour_blind_can_tell_the_colours_apart(dashboard: dict[str, Any]) -> None:
    palettes = [DEFINITIONS.theme["Configuration"]["DataColorPalette"]["Colors"]]
    palettes += [
        [color["Color"] for color in each["ColorsConfiguration"]["CustomColors"]]
        for each in dashboard["Definition"]["ColumnConfigurations"]
        if "ColorsConfiguration" in each
    ]
    assert len(palettes) == 2
    for palette, (eye, seen) in itertools.product(palettes, SEEN_WITH.items()):
        for one, other in itertools.combinations(palette, 2):
            distance = sum((a - b) ** 2 for a, b in zip(lab(one, seen), lab(other, seen), strict=True)) ** 0.5
            assert distance >= APART, (eye, one, other)
