"""Filters, parameters and controls of a definition, put into the page's words."""

from typing import Any

from preview.definition_reader import Reading, UnrenderedError
from preview.expressions import ExpressionError, parse
from preview.fields import AGGREGATIONS, Catalog, read_column

OPERATORS = {"CONTAINS": True, "EQUALS": True, "DOES_NOT_CONTAIN": False, "DOES_NOT_EQUAL": False}


def read_parameters(declarations: list[Reading]) -> dict[str, Any]:
    """Return each parameter's default, as a list of trees: one, or several for a parameter of many values."""
    made: dict[str, Any] = {}
    for each in declarations:
        kind, parameter = each.only()
        name = parameter["Name"].value()
        if "RollingDate" in parameter["DefaultValues"]:
            expression = parameter.get("DefaultValues", "RollingDate", "Expression")
            default = [_tree(expression, parameter)]
        else:
            default = [
                ["value", value] for value in parameter.get("DefaultValues", "StaticValues", default=[])
            ]
        made[name] = {
            "default": default,
            "many": parameter.get("ParameterValueType") == "MULTI_VALUED",
            "date": kind == "DateTimeParameterDeclaration",
        }
        if made[name]["date"] and parameter.get("TimeGranularity", default="DAY") != "DAY":
            raise UnrenderedError(f"{parameter.path}.TimeGranularity")
    return made


def read_filter_groups(catalog: Catalog, groups: list[Reading]) -> list[dict[str, Any]]:
    """Return every enabled filter with its scope; one that cannot be applied has the kind `missing`."""
    made = []
    for group in groups:
        scope = _scope(group["ScopeConfiguration"])
        every_data_set = group["CrossDataset"].value() == "ALL_DATASETS"
        group["FilterGroupId"].value()
        enabled = group.get("Status", default="ENABLED") == "ENABLED"
        for each in group["Filters"]:
            if not enabled:
                each.value()
                continue
            try:
                read = _filter(catalog, each)
            except (UnrenderedError, ExpressionError) as error:
                each.value()
                made.append(
                    {"kind": "missing", "id": each.only()[1]["FilterId"].value(), "reason": str(error)}
                )
            else:
                made.append(read | {"scope": scope, "every_data_set": every_data_set})
    return made


def applies(catalog: Catalog, filter_: dict[str, Any], sheet: str, visual: dict[str, Any]) -> bool:
    """Say whether a filter is for a visual of a sheet: in its scope, and on a column of its data set."""
    if filter_["kind"] == "missing" or "data" not in visual:
        return False
    scope = filter_["scope"]
    if scope is not None and visual["id"] not in scope.get(sheet, ()) and scope.get(sheet) != "all":
        return False
    if filter_["data"] == visual["data"]:
        return True
    return bool(filter_["every_data_set"]) and catalog.has(visual["data"], filter_["column"])


def read_controls(sheet: Reading, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the controls of a sheet, in the order in which they are shown."""
    controls = [_parameter_control(*each.only()) for each in sheet.each("ParameterControls")]
    by_id = {each["id"]: each for each in filters}
    for each in sheet.each("FilterControls"):
        kind, control = each.only()
        source = by_id.get(control["SourceFilterId"].value(), {})
        control_id = control["FilterControlId"].value()
        if kind not in ("CrossSheet", "Dropdown", "List") or source.get("kind") != "choice":
            control.value()
            controls.append({"kind": "missing", "id": control_id, "reason": f"a {kind} control"})
            continue
        title = control.get("Title", default=source["title"])
        control.get("Type")
        controls.append({"kind": "choice", "id": control_id, "title": title, "filter": source["id"]})
    return controls


def _parameter_control(kind: str, control: Reading) -> dict[str, Any]:
    made = {"id": control["ParameterControlId"].value(), "title": control.get("Title", default="")}
    made["parameter"] = control["SourceParameterName"].value()
    if kind == "DateTimePicker":
        return made | {"kind": "date"}
    if kind == "Slider":
        ends = {name: control[f"{name}Value"].value() for name in ("Minimum", "Maximum")}
        return made | {
            "kind": "slider",
            "minimum": ends["Minimum"],
            "maximum": ends["Maximum"],
            "step": control["StepSize"].value(),
        }
    if kind == "Dropdown" and control.get("Type", default="SINGLE_SELECT") == "SINGLE_SELECT":
        values = control["SelectableValues"]
        if "LinkToDataSetColumn" in values:
            data, column = read_column(values["LinkToDataSetColumn"])
            return made | {"kind": "pick", "data": data, "column": column}
        return made | {"kind": "pick", "values": values["Values"].value()}
    control.value()
    return made | {"kind": "missing", "reason": f"a {kind} control"}


def _scope(reading: Reading) -> dict[str, Any] | None:
    """Return which visuals of which sheets a filter is for; None: all."""
    if "AllSheets" in reading:
        reading["AllSheets"].value()
        return None
    scope = {}
    for each in reading["SelectedSheets"].each("SheetVisualScopingConfigurations"):
        is_all = each["Scope"].value() == "ALL_VISUALS"
        scope[each["SheetId"].value()] = "all" if is_all else each["VisualIds"].value()
    return scope


def _filter(catalog: Catalog, reading: Reading) -> dict[str, Any]:
    kind, each = reading.only()
    data, column = read_column(each["Column"])
    catalog.check(data, column)
    made = {"id": each["FilterId"].value(), "data": data, "column": column}
    made["nulls"] = each.get("NullOption", default="ALL_VALUES")
    if kind == "CategoryFilter":
        return made | _choice(each)
    if kind == "TimeRangeFilter":
        if each.get("TimeGranularity", default="DAY") != "DAY":
            raise UnrenderedError(f"{each.path}.TimeGranularity")
        return made | {
            "kind": "time",
            "least": _end(each, "RangeMinimumValue"),
            "most": _end(each, "RangeMaximumValue"),
            "with_least": each.get("IncludeMinimum", default=True),
            "with_most": each.get("IncludeMaximum", default=True),
        }
    if kind == "TopBottomFilter":
        return made | _top(catalog, data, each)
    raise UnrenderedError(f"a {kind}")


def _choice(each: Reading) -> dict[str, Any]:
    configuration = each["Configuration"]
    if "FilterListConfiguration" not in configuration:
        raise UnrenderedError(f"{configuration.path}: only FilterListConfiguration is evaluated")
    choice = configuration["FilterListConfiguration"]
    operator = choice["MatchOperator"].value()
    if operator not in OPERATORS:
        raise UnrenderedError(f"{choice.path}.MatchOperator {operator}")
    choice.get("SelectAllOptions")
    control = ("DefaultFilterControlConfiguration",)
    each.get(*control, "ControlOptions")
    return {
        "kind": "choice",
        "takes": OPERATORS[operator],
        "values": choice.get("CategoryValues"),
        "nulls": choice.get("NullOption", default="ALL_VALUES"),
        "title": each.get(*control, "Title", default=each["Column"]["ColumnName"].value()),
    }


def _end(each: Reading, member: str) -> Any:
    """Return the tree of an end of a time range; None where it is open."""
    if member not in each:
        return None
    kind, end = each[member].only()
    if kind == "Parameter":
        return ["parameter", end.value()]
    if kind == "RollingDate":
        return _tree(end["Expression"].value(), end)
    raise UnrenderedError(f"{end.path}: a fixed date")


def _top(catalog: Catalog, data: str, each: Reading) -> dict[str, Any]:
    sorts = each.each("AggregationSortConfigurations")
    if len(sorts) != 1:
        raise UnrenderedError(f"{each.path}: sorted by {len(sorts)} columns")
    of, column = read_column(sorts[0]["Column"])
    catalog.check(of, column)
    function = sorts[0].get(
        "AggregationFunction", "NumericalAggregationFunction", "SimpleNumericalAggregation"
    )
    if of != data or function not in AGGREGATIONS:
        raise UnrenderedError(f"{each.path} by {function} of {column!r}")
    parameter = each.get("ParameterName")
    return {
        "kind": "top",
        "by": ["call", AGGREGATIONS[function], ["column", column]],
        "down": sorts[0]["SortDirection"].value() == "DESC",
        "count": ["parameter", parameter] if parameter else ["value", each["Limit"].value()],
    }


def _tree(expression: str, reading: Reading) -> Any:
    try:
        return parse(expression)
    except ExpressionError as error:
        raise UnrenderedError(f"{reading.path}: {error}") from error
