"""The definitions of `quicksight/` against QuickSight's service model, themselves and the views."""

import copy
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from functions.hooks.composition import fill, load
from local.dashboard.expressions import columns, parameters, parse
from tests.support import ROOT

MODEL = botocore.session.get_session().get_service_model("quicksight")
DEFINITIONS = load(ROOT / "quicksight")
ARN = "arn:aws:quicksight:eu-central-1:123456789012:"
VALUES = {
    "name_prefix": "menulens",
    "data_source_arn": f"{ARN}datasource/menulens",
    "database": "menulens",
    "theme_arn": f"{ARN}theme/menulens",
    "time_zone": "Europe/Rome",
    "currency": "EUR",
} | {f"data_set_arn_{name}": f"{ARN}dataset/{name}" for name in DEFINITIONS.data_sets}
COMMON = {"AwsAccountId": "123456789012"}
GRID = 36  # columns of a sheet's grid layout


def against_model(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Yield where `value` is not of the model's shape; botocore's own check knows members and types only."""
    limits = shape.metadata
    kind = shape.type_name
    types = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "long": int,
    }
    expected: Any = types.get(kind, (int, float))
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: {value!r} is no {kind}"
        return
    if kind == "structure":
        yield from (f"{path}: lacks {name}" for name in shape.required_members if name not in value)
        yield from (f"{path}: unknown {name}" for name in value if name not in shape.members)
        if "only one of the attributes" in shape.documentation and len(value) != 1:
            yield f"{path}: a union with {len(value)} members"
        for name in value.keys() & shape.members.keys():
            yield from against_model(value[name], shape.members[name], f"{path}.{name}")
    elif kind == "list":
        for number, item in enumerate(value):
            yield from against_model(item, shape.member, f"{path}[{number}]")
    elif kind == "map":
        for name, item in value.items():
            yield from against_model(item, shape.value, f"{path}.{name}")
    if kind == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {shape.enum}"
        if "pattern" in limits and not re.search(limits["pattern"], value):
            yield f"{path}: {value!r} does not match {limits['pattern']}"
    if kind in ("structure", "boolean"):
        return
    size = len(value) if kind in ("list", "map", "string") else value
    if not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{path}: {size} is not within {limits.get('min')} to {limits.get('max')}"


def found(value: Any, key: str) -> Iterator[Any]:
    """Yield every value that stands under a key, however deep."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from found(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from found(item, key)


def names(data_set: dict[str, Any]) -> list[str]:
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return [column["Name"] for column in table["RelationalTable"]["InputColumns"]]


def against_itself(dashboard: dict[str, Any]) -> Iterator[str]:
    """Yield each reference to what is not there, each id given twice, and each fault of layout."""
    definition = dashboard["Definition"]
    sets = {
        each["Identifier"]: set(names(DEFINITIONS.data_sets[each["DataSetArn"].rpartition("/")[2]]))
        for each in definition["DataSetIdentifierDeclarations"]
    }
    declared = {next(iter(each.values()))["Name"] for each in definition["ParameterDeclarations"]}
    calculated = definition["CalculatedFields"]
    for each in calculated:
        sets[each["DataSetIdentifier"]].add(each["Name"])
    for each in calculated:
        tree = parse(each["Expression"])
        missing = columns(tree) - sets[each["DataSetIdentifier"]]
        yield from (f"{each['Name']}: no column {name}" for name in missing)
        yield from (f"{each['Name']}: no parameter {name}" for name in parameters(tree) - declared)
    for column in found(definition, "ColumnName"):
        if not any(column in each for each in sets.values()):
            yield f"no column {column}"
    for key in ("Column", "SortBy", "LinkToDataSetColumn"):
        for each in found(definition, key):
            if each["ColumnName"] not in sets.get(each["DataSetIdentifier"], ()):
                yield f"data set {each['DataSetIdentifier']} has no column {each['ColumnName']}"
    for key in ("SourceParameterName", "ParameterName", "Parameter"):
        yield from (f"no parameter {name}" for name in found(definition, key) if name not in declared)
    filters = set(found(definition, "FilterId"))
    yield from (f"no filter {name}" for name in found(definition, "SourceFilterId") if name not in filters)
    for key in ("VisualId", "FilterId", "FilterGroupId", "FilterControlId", "ParameterControlId", "SheetId"):
        scopes = (
            found(definition["FilterGroups"], "SheetVisualScopingConfigurations") if key == "SheetId" else ()
        )
        referring = [each["SheetId"] for scope in scopes for each in scope]
        every = list(found(definition, key))
        for name in referring:
            every.remove(name)
        yield from (
            f"{key} {name} is given twice" for name in {name for name in every if every.count(name) > 1}
        )
    sheets = {sheet["SheetId"]: sheet for sheet in definition["Sheets"]}
    for scope in found(definition["FilterGroups"], "SheetVisualScopingConfigurations"):
        for each in scope:
            there = set(found(sheets.get(each["SheetId"], {}), "VisualId"))
            yield from (
                f"sheet {each['SheetId']} has no {name}" for name in {*each.get("VisualIds", ())} - there
            )
            if each["SheetId"] not in sheets:
                yield f"no sheet {each['SheetId']}"
    for sheet in definition["Sheets"]:
        yield from layout_faults(sheet)
        for visual in sheet["Visuals"]:
            yield from visual_faults(next(iter(visual.values())))


def visual_faults(visual: dict[str, Any]) -> Iterator[str]:
    name = visual["VisualId"]
    if not visual.get("Title", {}).get("FormatText", {}).get("PlainText"):
        yield f"{name} has no title"
    chart = visual["ChartConfiguration"]
    fields = list(found(chart["FieldWells"], "FieldId"))
    yield from (f"{name}: field {field} is given twice" for field in fields if fields.count(field) > 1)
    others = {key: value for key, value in chart.items() if key != "FieldWells"}
    yield from (f"{name}: no field {field}" for field in found(others, "FieldId") if field not in fields)


def layout_faults(sheet: dict[str, Any]) -> Iterator[str]:
    elements = next(found(sheet["Layouts"], "Elements"))
    placed = [each["ElementId"] for each in elements]
    if sorted(placed) != sorted(found(sheet["Visuals"], "VisualId")):
        yield f"{sheet['SheetId']}: the layout places {placed}"

    def cells(each: dict[str, Any]) -> set[tuple[int, int]]:
        across = range(each["ColumnIndex"], each["ColumnIndex"] + each["ColumnSpan"])
        down = range(each["RowIndex"], each["RowIndex"] + each["RowSpan"])
        return set(itertools.product(across, down))

    for each in elements:
        if each["ColumnIndex"] + each["ColumnSpan"] > GRID:
            yield f"{each['ElementId']} reaches beyond the grid"
    for one, other in itertools.combinations(elements, 2):
        if cells(one) & cells(other):
            yield f"{one['ElementId']} overlaps {other['ElementId']}"


def faults(dashboard: dict[str, Any]) -> list[str]:
    shape = MODEL.shape_for("CreateDashboardRequest")
    found_by_model = list(against_model(dashboard | COMMON | {"DashboardId": "d"}, shape, "dashboard"))
    return found_by_model or list(against_itself(dashboard))


@pytest.fixture
def dashboard() -> dict[str, Any]:
    """The dashboard, for a test to break."""
    return copy.deepcopy(fill(DEFINITIONS.dashboards["menu_insights"], VALUES))


def test_the_dashboard_is_sound(dashboard: dict[str, Any]) -> None:
    assert faults(dashboard) == []


def test_theme_and_data_sets_are_as_the_model_has_them() -> None:
    theme = fill(DEFINITIONS.theme, VALUES) | COMMON | {"ThemeId": "t"}
    assert list(against_model(theme, MODEL.shape_for("CreateThemeRequest"), "theme")) == []
    for name, data_set in DEFINITIONS.data_sets.items():
        made = fill(data_set, VALUES)
        request = made["DataSet"] | COMMON | {"DataSetId": name}
        assert list(against_model(request, MODEL.shape_for("CreateDataSetRequest"), name)) == []
        for schedule in made["RefreshSchedules"]:
            assert list(against_model(schedule, MODEL.shape_for("RefreshSchedule"), name)) == []
        if "RefreshProperties" in made:
            shape = MODEL.shape_for("DataSetRefreshProperties")
            assert list(against_model(made["RefreshProperties"], shape, name)) == []
            (window,) = found(made["RefreshProperties"], "LookbackWindow")
            assert window["ColumnName"] in names(data_set)


def test_a_data_set_has_its_views_columns() -> None:
    for data_set in DEFINITIONS.data_sets.values():
        (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
        sql = (ROOT / "athena" / "views" / f"{table['RelationalTable']['Name']}.sql").read_text()
        head = sql.partition("CREATE ")[0]  # names its columns, aligned: `--   name, name   what it is`
        told = [
            name
            for line in re.findall(r"^--   ([a-z_]\w*(?:, \w+)*)  ", head, re.MULTILINE)
            for name in line.split(", ")
        ]
        assert names(data_set) == told


def sheet(dashboard: dict[str, Any], number: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = dashboard["Definition"]["Sheets"][number]
    return made


def chart(dashboard: dict[str, Any], number: int) -> dict[str, Any]:
    made: dict[str, Any] = next(iter(sheet(dashboard)["Visuals"][number].values()))["ChartConfiguration"]
    return made


SEEDED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dashboard: lacks Name": lambda d: d.pop("Name"),
    "unknown Orientatoin": lambda d: chart(d, 4).update(Orientatoin="VERTICAL"),
    "is none of": lambda d: chart(d, 4).update(Orientation="UPRIGHT"),
    "does not match": lambda d: sheet(d).update(SheetId=""),
    "is no string": lambda d: sheet(d).update(Name=7),
    "a union with 2 members": lambda d: sheet(d)["Visuals"][0].update(sheet(d)["Visuals"][5]),
    "is not within": lambda d: sheet(d).update(Title=""),
    "no column reveneu": lambda d: d["Definition"]["CalculatedFields"][0].update(Expression="sum({reveneu})"),
    "no parameter Form": lambda d: d["Definition"]["CalculatedFields"][0].update(Expression="${Form}"),
    "no filter menus": lambda d: sheet(d)["FilterControls"][0]["CrossSheet"].update(SourceFilterId="menus"),
    "has no column items": lambda d: next(found(chart(d, 6), "Column")).update(ColumnName="items"),
    "given twice": lambda d: sheet(d)["Visuals"].append(sheet(d)["Visuals"][0]),
    "no sheet overveiw": lambda d: next(found(d, "SheetVisualScopingConfigurations"))[0].update(
        SheetId="overveiw"
    ),
    "no field ordes": lambda d: next(found(chart(d, 6)["SortConfiguration"], "FieldSort")).update(
        FieldId="ordes"
    ),
    "the layout places": lambda d: next(found(sheet(d), "Elements")).pop(),
    "overlaps": lambda d: next(found(sheet(d), "Elements"))[1].update(ColumnIndex=8),
    "beyond the grid": lambda d: next(found(sheet(d), "Elements"))[3].update(ColumnSpan=10),
    "has no title": lambda d: next(iter(sheet(d)["Visuals"][0].values())).pop("Title"),
}


@pytest.mark.parametrize("fault", SEEDED)
def test_a_fault_is_found(dashboard: dict[str, Any], fault: str) -> None:
    SEEDED[fault](dashboard)
    assert any(fault in each for each in faults(dashboard)), faults(dashboard)
