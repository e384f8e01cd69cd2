"""Checks a dashboard's definition against itself and its data sets: what it names must exist, and be used.

The service checks this only once a definition has been sent, one error after another, and some of it never: a
title that is missing, visuals on top of each other, a parameter that nothing reads.
"""

import itertools
import re
from collections import Counter
from typing import Any

from preview.expressions import ExpressionError, columns, parameters, parse
from tests.support.quicksight.walk import members, nodes, texts

type Json = dict[str, Any]
type Problems = list[str]

GRID_COLUMNS = 36
NUMBERS = {"INTEGER", "DECIMAL"}
# What a field of a kind may show; a calculated field may have any type.
FIELD_TYPES = {
    "NumericalMeasureField": NUMBERS,
    "NumericalDimensionField": NUMBERS,
    "DateDimensionField": {"DATETIME"},
    "DateMeasureField": {"DATETIME"},
    "CategoricalDimensionField": {"STRING"},
    "CategoricalMeasureField": {"STRING"},
}
PARAMETER_MEMBERS = ("SourceParameterName", "Parameter", "ParameterName")
IN_TEXT = re.compile(r"<<\$(\w+)>>")


def data_set_problems(name: str, data_set: Json) -> Problems:
    """Return what is wrong within one data set, as `composition.load` returns it."""
    problems = []
    known = data_set_columns(data_set)
    refresh = data_set.get("RefreshProperties", {}).get("RefreshConfiguration", {}).get("IncrementalRefresh")
    schedules = data_set["RefreshSchedules"]
    if refresh and known.get(refresh["LookbackWindow"]["ColumnName"]) != "DATETIME":
        problems.append(f"{name}: {refresh['LookbackWindow']['ColumnName']} is no date to refresh by")
    if not refresh and any(schedule["RefreshType"] == "INCREMENTAL_REFRESH" for schedule in schedules):
        problems.append(f"{name}: an incremental schedule needs refresh properties")
    if schedules and data_set["DataSet"]["ImportMode"] != "SPICE":
        problems.append(f"{name}: only SPICE is refreshed")
    return problems + _repeated(f"{name}: schedule", [schedule["ScheduleId"] for schedule in schedules])


def data_set_columns(data_set: Json) -> dict[str, str]:
    """Return the columns of a data set and their types."""
    return {
        column["Name"]: column["Type"]
        for table in data_set["DataSet"]["PhysicalTableMap"].values()
        for column in next(iter(table.values()))["InputColumns"]
    }


def dashboard_problems(dashboard: Json, data_sets: dict[str, Json]) -> Problems:
    """Return what is wrong with a dashboard; `data_sets` are those of its declarations, by their ARN."""
    return _Dashboard(dashboard["Definition"], data_sets).problems()


class _Dashboard:
    def __init__(self, definition: Json, data_sets: dict[str, Json]) -> None:
        self._definition = definition
        self._declared = {
            declaration["Identifier"]: declaration["DataSetArn"]
            for declaration in definition["DataSetIdentifierDeclarations"]
        }
        self._data_sets = data_sets
        self._columns = {
            name: data_set_columns(data_sets[arn]) for name, arn in self._declared.items() if arn in data_sets
        }
        self._fields: dict[str, dict[str, str]] = {name: {} for name in self._columns}
        for field in definition.get("CalculatedFields", []):
            self._fields.setdefault(field["DataSetIdentifier"], {})[field["Name"]] = field["Expression"]
        self._parameters = [
            next(iter(parameter.values()))["Name"]
            for parameter in definition.get("ParameterDeclarations", [])
        ]
        self._sheets = {sheet["SheetId"]: sheet for sheet in definition["Sheets"]}

    def problems(self) -> Problems:
        problems = [
            f"data set {name}: {arn} does not exist"
            for name, arn in self._declared.items()
            if arn not in self._data_sets
        ]
        for check in (self._ids, self._expressions, self._column_references, self._parameter_references):
            problems += check()
        problems += self._filters()
        for sheet in self._sheets.values():
            problems += self._layout(sheet)
            for visual in sheet.get("Visuals", []):
                problems += self._visual(sheet["SheetId"], *next(iter(visual.items())))
        return problems

    def _ids(self) -> Problems:
        sheets = self._definition["Sheets"]
        ids = {
            "sheet": [sheet["SheetId"] for sheet in sheets],
            "sheet name": [sheet["Name"] for sheet in sheets],
            "data set": [
                declaration["Identifier"] for declaration in self._definition["DataSetIdentifierDeclarations"]
            ],
            "parameter": self._parameters,
            "calculated field": [
                f"{field['DataSetIdentifier']}.{field['Name']}"
                for field in self._definition.get("CalculatedFields", [])
            ],
        }
        for member in ("ParameterControlId", "FilterControlId", "SheetTextBoxId"):
            ids[member] = [value for _, value in members(sheets, member) if value]
        ids["VisualId"] = [next(iter(v.values()))["VisualId"] for s in sheets for v in s.get("Visuals", [])]
        groups = self._definition.get("FilterGroups", [])
        ids["filter group"] = [group["FilterGroupId"] for group in groups]
        ids["filter"] = [_inner(item)["FilterId"] for group in groups for item in group["Filters"]]
        return [problem for what, values in ids.items() for problem in _repeated(what, values)]

    def _expressions(self) -> Problems:
        problems = []
        for data, fields in self._fields.items():
            reads: dict[str, set[str]] = {}
            for name, expression in fields.items():
                where = f"calculated field {data}.{name}"
                if name in self._columns.get(data, {}):
                    problems.append(f"{where}: a column has this name")
                try:
                    tree = parse(expression)
                except ExpressionError as error:
                    problems.append(f"{where}: {error}")
                    continue
                reads[name] = columns(tree) & fields.keys()
                unknown = columns(tree) - self._columns.get(data, {}).keys() - fields.keys()
                problems += [f"{where}: there is no column {column}" for column in sorted(unknown)]
                missing = parameters(tree) - set(self._parameters)
                problems += [f"{where}: there is no parameter {parameter}" for parameter in sorted(missing)]
            problems += [
                f"calculated field {data}.{name}: reads itself" for name in reads if _cyclic(name, reads)
            ]
        return problems

    def _column_references(self) -> Problems:
        problems, used = [], set()
        for path, node in nodes(self._definition):
            data, column = node.get("DataSetIdentifier"), node.get("ColumnName")
            if data is None:
                continue
            used.add(data)
            if data not in self._declared:
                problems.append(f"{path}: there is no data set {data}")
            elif column is not None and column not in self._known(data):
                problems.append(f"{path}: {data} has no column {column}")
        return problems + [f"data set {name} is not used" for name in sorted(self._declared.keys() - used)]

    def _parameter_references(self) -> Problems:
        named = {
            (path, value) for member in PARAMETER_MEMBERS for path, value in members(self._definition, member)
        }
        named |= {(path, name) for path, text in texts(self._definition) for name in IN_TEXT.findall(text)}
        problems = [
            f"{path}: there is no parameter {name}" for path, name in named if name not in self._parameters
        ]
        used = {name for _, name in named}
        for fields in self._fields.values():
            used |= {name for text in fields.values() for name in re.findall(r"\$\{(\w+)\}", text)}
        return sorted(problems) + [
            f"parameter {name} is not used" for name in self._parameters if name not in used
        ]

    def _filters(self) -> Problems:
        problems: Problems = []
        filters: dict[str, set[str]] = {}
        for group in self._definition.get("FilterGroups", []):
            where = f"filter group {group['FilterGroupId']}"
            scope = group["ScopeConfiguration"].get("SelectedSheets", {})
            sheets = scope.get("SheetVisualScopingConfigurations", [])
            reached = {scoped["SheetId"] for scoped in sheets} or set(self._sheets)
            filters |= {_inner(item)["FilterId"]: reached for item in group["Filters"]}
            for scoped in sheets:
                if scoped["SheetId"] not in self._sheets:
                    problems.append(f"{where}: there is no sheet {scoped['SheetId']}")
                    continue
                on_sheet = {_inner(v)["VisualId"] for v in self._sheets[scoped["SheetId"]].get("Visuals", [])}
                unknown = set(scoped.get("VisualIds", [])) - on_sheet
                problems += [
                    f"{where}: {scoped['SheetId']} has no visual {visual}" for visual in sorted(unknown)
                ]
                if scoped["Scope"] == "SELECTED_VISUALS" and not scoped.get("VisualIds"):
                    problems.append(f"{where}: selects no visual of {scoped['SheetId']}")
        for name, sheet in self._sheets.items():
            for control in map(_inner, sheet.get("FilterControls", [])):
                if control["SourceFilterId"] not in filters:
                    problems.append(
                        f"control {control['FilterControlId']}: no filter {control['SourceFilterId']}"
                    )
                elif name not in filters[control["SourceFilterId"]]:
                    problems.append(
                        f"control {control['FilterControlId']}: its filter does not reach the sheet"
                    )
        return problems

    def _visual(self, sheet: str, kind: str, visual: Json) -> Problems:
        where = f"{sheet}.{visual['VisualId']}"
        title = visual.get("Title", {}).get("FormatText", {})
        problems = []
        if (
            not any(str(text).strip() for text in title.values())
            or visual["Title"].get("Visibility") == "HIDDEN"
        ):
            problems.append(f"{where}: has no title")
        wells = visual.get("ChartConfiguration", {}).get("FieldWells", {})
        fields = [
            (field_kind, field)
            for _, node in nodes(wells)
            for field_kind, field in node.items()
            if isinstance(field, dict) and "FieldId" in field
        ]
        ids = [field["FieldId"] for _, field in fields]
        if not ids:
            problems.append(f"{where}: shows nothing")
        problems += _repeated(f"{where}: field", ids)
        for path, name in members({k: v for k, v in visual.items() if k != "VisualId"}, "FieldId"):
            if name not in ids:
                problems.append(f"{where}{path}: there is no field {name}")
        for field_kind, field in fields:
            column = field.get("Column", {})
            is_type = self._columns.get(column.get("DataSetIdentifier"), {}).get(column.get("ColumnName"))
            if is_type and is_type not in FIELD_TYPES.get(field_kind, {is_type}):
                problems.append(
                    f"{where}: {column['ColumnName']} is {is_type}, which a {field_kind} cannot be"
                )
            is_column = is_type is not None
            if field_kind == "NumericalMeasureField" and is_column and "AggregationFunction" not in field:
                problems.append(f"{where}: {column['ColumnName']} is not aggregated")
        return problems

    def _layout(self, sheet: Json) -> Problems:
        where = f"layout of {sheet['SheetId']}"
        there = Counter(_inner(visual)["VisualId"] for visual in sheet.get("Visuals", []))
        there.update(box["SheetTextBoxId"] for box in sheet.get("TextBoxes", []))
        controls = {
            control.get("FilterControlId") or control.get("ParameterControlId")
            for control in map(_inner, sheet.get("FilterControls", []) + sheet.get("ParameterControls", []))
        }
        elements = [
            element
            for layout in sheet.get("Layouts", [])
            for element in layout["Configuration"].get("GridLayout", {}).get("Elements", [])
        ]
        placed = Counter(element["ElementId"] for element in elements)
        problems = [f"{where}: {name} is placed {placed[name]} times" for name in there if placed[name] != 1]
        problems += [
            f"{where}: there is no {name}" for name in placed if name not in there and name not in controls
        ]
        problems += [
            f"{where}: {element['ElementId']} leaves the grid"
            for element in elements
            if element["ColumnIndex"] + element["ColumnSpan"] > GRID_COLUMNS
        ]
        return problems + [
            f"{where}: {element['ElementId']} and {other['ElementId']} overlap"
            for element, other in itertools.combinations(elements, 2)
            if _overlap(element, other, "Column") and _overlap(element, other, "Row")
        ]

    def _known(self, data: str) -> set[str]:
        return {*self._columns.get(data, {}), *self._fields.get(data, {})}


def _overlap(element: Json, other: Json, axis: str) -> bool:
    index, span = f"{axis}Index", f"{axis}Span"
    return bool(element[index] < other[index] + other[span] and other[index] < element[index] + element[span])


def _cyclic(name: str, reads: dict[str, set[str]]) -> bool:
    reached, new = set(), reads.get(name, set())
    while new:
        reached |= new
        new = set().union(*(reads.get(name, set()) for name in new)) - reached
    return name in reached


def _inner(union: Json) -> Json:
    return next(iter(union.values()))


def _repeated(what: str, values: list[str]) -> Problems:
    return [f"{what} {value} is there {count} times" for value, count in Counter(values).items() if count > 1]
