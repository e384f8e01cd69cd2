"""Errors to put into the definitions, each with a part of what the checks say then.

They stand for mistakes that people make in small changes: a word misspelt, a block copied, a column renamed
in a view, a visual dragged over another.
"""

from collections.abc import Callable
from typing import Any

from tests.support.quicksight.walk import nodes

type Json = dict[str, Any]


def _definition(definitions: Any) -> Json:
    return definitions.dashboards["menu_insights"]["Definition"]


def _palette(definitions: Any) -> Json:
    return definitions.theme["Configuration"]["DataColorPalette"]


def _first(definitions: Any, member: str) -> Json:
    """Return the first object of the dashboard's sheets that has the member."""
    return next(node for _, node in nodes(_definition(definitions)["Sheets"]) if member in node)


def _visual(definitions: Any, kind: str) -> Json:
    return _first(definitions, kind)[kind]


def _data_set(definitions: Any) -> Json:
    return definitions.data_sets[_arn(definitions, "arrivals")]


def _arn(definitions: Any, name: str) -> str:
    return next(arn for arn in definitions.data_sets if arn.endswith(f"-{name}"))


def _set(member: str, value: Any) -> Callable[[Any], None]:
    """Give the first object in the sheets that has the member another value of it."""
    return lambda definitions: _first(definitions, member).update({member: value})


def _set_visual(kind: str, **members: Any) -> Callable[[Any], None]:
    return lambda definitions: _visual(definitions, kind).update(members)


def _move(definitions: Any, **members: int) -> None:
    _first(definitions, "ColumnSpan").update(members)


def _repeat(of: Callable[[Any], list[Any]]) -> Callable[[Any], None]:
    return lambda definitions: of(definitions).append(of(definitions)[0])


def _drop(of: Callable[[Any], Json], member: str) -> Callable[[Any], None]:
    return lambda definitions: of(definitions).pop(member)


def _calculate(expression: str, name: str = "new") -> Callable[[Any], None]:
    field = {"DataSetIdentifier": "visits", "Name": name, "Expression": expression}
    return lambda definitions: _definition(definitions)["CalculatedFields"].append(field)


def _group(definitions: Any, name: str) -> Json:
    return next(g for g in _definition(definitions)["FilterGroups"] if g["FilterGroupId"] == name)


def _scope(definitions: Any) -> Json:
    scopes = _group(definitions, "period")["ScopeConfiguration"]["SelectedSheets"]
    return scopes["SheetVisualScopingConfigurations"][0]


def _lookback(definitions: Any) -> Json:
    return _data_set(definitions)["RefreshProperties"]["RefreshConfiguration"]["IncrementalRefresh"]


def _columns(definitions: Any) -> list[Json]:
    return next(node for _, node in nodes(_data_set(definitions)) if "InputColumns" in node)["InputColumns"]


MUTATIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    # Against the model.
    "member misspelt": (_set_visual("KPIVisual", Titel={}), "Titel is not known"),
    "member missing": (_drop(lambda d: _visual(d, "KPIVisual"), "VisualId"), "VisualId is missing"),
    "word that is none of the choices": (_set("Orientation", "SIDEWAYS"), "'SIDEWAYS' is none of"),
    "text for a number": (_set("ColumnSpan", "12"), "expected a integer"),
    "number for a text": (_set("Visibility", 1), "expected a string"),
    "truth for a number": (_set("ColumnSpan", True), "expected a integer"),
    "id with a character too many": (_set_visual("KPIVisual", VisualId="a b"), "does not match"),
    "colour in small letters": (_set("PositiveColor", "#bfdeda"), "does not match"),
    "sheet's name too short": (lambda d: _definition(d)["Sheets"][0].update(Name=""), "is not within 1 to"),
    "span over the limit": (_set("ColumnSpan", 37), "37 is not within 1 to 36"),
    "two visuals in one": (
        lambda d: _first(d, "KPIVisual").update(BarChartVisual={"VisualId": "b"}),
        "exactly one member",
    ),
    "no visual in one": (lambda d: _first(d, "KPIVisual").clear(), "exactly one member"),
    "too many data sets": (
        lambda d: _definition(d).update(
            DataSetIdentifierDeclarations=_definition(d)["DataSetIdentifierDeclarations"] * 20
        ),
        "is not within",
    ),
    "theme of too few colours": (
        lambda d: _palette(d).update(Colors=_palette(d)["Colors"][:7]),
        "8 to 20 data colours, not 7",
    ),
    "gradient of three colours": (lambda d: _palette(d)["MinMaxGradient"].append("#000000"), "not 3"),
    "theme's base missing": (lambda d: d.theme.pop("BaseThemeId"), "BaseThemeId is missing"),
    "refresh at no hour": (
        lambda d: _data_set(d)["RefreshSchedules"][0]["ScheduleFrequency"].update(Interval="OFTEN"),
        "'OFTEN' is none of",
    ),
    # Against themselves.
    "column renamed in a view": (
        lambda d: _columns(d)[-1].update(Name="renamed"),
        "no column delay_p95_seconds",
    ),
    "column of another data set": (_set("ColumnName", "nowhere"), "has no column nowhere"),
    "data set not declared": (_set("DataSetIdentifier", "nowhere"), "there is no data set nowhere"),
    "data set gone": (lambda d: d.data_sets.pop(_arn(d, "arrivals")), "does not exist"),
    "data set declared for nothing": (
        lambda d: _definition(d)["DataSetIdentifierDeclarations"].append(
            _definition(d)["DataSetIdentifierDeclarations"][0] | {"Identifier": "idle"}
        ),
        "data set idle is not used",
    ),
    "calculated from nothing": (_calculate("sum({nothing})"), "there is no column nothing"),
    "calculated with an unknown parameter": (
        _calculate("{visits} * ${Nothing}"),
        "there is no parameter Nothing",
    ),
    "calculated with an open bracket": (_calculate("sum({visits}"), "calculated field visits.new"),
    "calculated from itself": (_calculate("{new} + 1"), "reads itself"),
    "calculated under a column's name": (_calculate("1", "visits"), "a column has this name"),
    "parameter renamed": (
        lambda d: next(iter(_definition(d)["ParameterDeclarations"][0].values())).update(Name="Since"),
        "there is no parameter From",
    ),
    "parameter for nothing": (
        lambda d: _definition(d)["ParameterDeclarations"].append(
            {"StringParameterDeclaration": {"Name": "Idle", "ParameterValueType": "SINGLE_VALUED"}}
        ),
        "parameter Idle is not used",
    ),
    "control of no parameter": (_set("SourceParameterName", "Nothing"), "there is no parameter Nothing"),
    "control of no filter": (_set("SourceFilterId", "nothing"), "no filter nothing"),
    "control of a filter elsewhere": (_set("SourceFilterId", "arrivals"), "does not reach the sheet"),
    "filter on no sheet": (lambda d: _scope(d).update(SheetId="nowhere"), "there is no sheet nowhere"),
    "filter on no visual": (lambda d: _scope(d).update(VisualIds=["gone"]), "has no visual gone"),
    "filter that selects nothing": (lambda d: _scope(d).update(VisualIds=[]), "selects no visual"),
    "filter there twice": (_repeat(lambda d: _definition(d)["FilterGroups"]), "filter group"),
    "visual there twice": (_repeat(lambda d: _definition(d)["Sheets"][0]["Visuals"]), "VisualId"),
    "sheet there twice": (_repeat(lambda d: _definition(d)["Sheets"]), "sheet overview is there 2 times"),
    "visual without a title": (_drop(lambda d: _visual(d, "KPIVisual"), "Title"), "has no title"),
    "title of spaces": (
        lambda d: _visual(d, "KPIVisual")["Title"].update(FormatText={"PlainText": " "}),
        "has no title",
    ),
    "title hidden": (lambda d: _visual(d, "KPIVisual")["Title"].update(Visibility="HIDDEN"), "has no title"),
    "sorted by no field": (
        lambda d: _first(d, "FieldSort")["FieldSort"].update(FieldId="nothing"),
        "there is no field nothing",
    ),
    "text added up": (
        lambda d: next(
            n["NumericalMeasureField"]
            for _, n in nodes(_definition(d)["Sheets"])
            if n.get("NumericalMeasureField", {}).get("AggregationFunction")
        ).update(Column={"DataSetIdentifier": "visits", "ColumnName": "device"}),
        "device is STRING",
    ),
    "number not added up": (
        lambda d: next(
            n["NumericalMeasureField"]
            for _, n in nodes(_definition(d)["Sheets"])
            if n.get("NumericalMeasureField", {}).get("Column", {}).get("ColumnName") == "orders"
        ).pop("AggregationFunction"),
        "orders is not aggregated",
    ),
    "visual over another": (lambda d: _move(d, ColumnSpan=36, RowSpan=20), "overlap"),
    "visual beyond the grid": (lambda d: _move(d, ColumnIndex=30, ColumnSpan=12), "leaves the grid"),
    "visual not placed": (lambda d: _first(d, "Elements")["Elements"].pop(), "is placed 0 times"),
    "nothing placed": (_set("ElementId", "nothing"), "there is no nothing"),
    "refreshed by no date": (
        lambda d: _lookback(d)["LookbackWindow"].update(ColumnName="events"),
        "is no date to refresh by",
    ),
    "refreshed without properties": (
        lambda d: _data_set(d).pop("RefreshProperties"),
        "needs refresh properties",
    ),
    "refreshed without SPICE": (
        lambda d: _data_set(d)["DataSet"].update(ImportMode="DIRECT_QUERY"),
        "only SPICE is refreshed",
    ),
}
