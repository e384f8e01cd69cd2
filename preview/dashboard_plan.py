"""Makes the plan of a dashboard from its definition, with the list of what the page leaves out."""

from collections.abc import Sequence
from typing import Any

from preview.controls import read_controls, read_parameters
from preview.definition_reader import Reader
from preview.fields import Catalog, read_calculated_fields, read_column_configurations
from preview.filters import applies, read_filter_groups
from preview.plan import Filter, MissingControl, MissingVisual, Place, Plan, Sheet, Theme
from preview.rows import column_types
from preview.visuals import read_visual

FONTS = "Lato, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def make_plan(
    dashboard: dict[str, Any], data_sets: dict[str, dict[str, Any]], theme: dict[str, Any], stack: str
) -> Plan:
    """Return the plan of a dashboard of `quicksight/`, composed and filled, for the page of a stack.

    `data_sets` are those of `quicksight/data_sets`, by the identifiers that the dashboard gives them.
    """
    definition = Reader(dashboard["Definition"])
    for declaration in definition.items("DataSetIdentifierDeclarations"):
        declaration.value()
    catalog = Catalog({name: column_types(data_set) for name, data_set in data_sets.items()})
    read_calculated_fields(catalog, definition.items("CalculatedFields"))
    read_column_configurations(catalog, definition.items("ColumnConfigurations"))
    parameters = read_parameters(definition.items("ParameterDeclarations"))
    filters, left_out = read_filter_groups(catalog, definition.items("FilterGroups"))
    sheets = [_sheet(catalog, filters, sheet) for sheet in definition.items("Sheets")]
    left_out += [
        f"{part.id}: {part.reason}"
        for sheet in sheets
        for part in (*sheet.visuals, *sheet.controls)
        if isinstance(part, MissingVisual | MissingControl)
    ]
    return Plan(
        stack=stack,
        name=dashboard["Name"],
        theme=_theme(theme),
        types=catalog.types,
        calculated=catalog.calculated,
        parameters=parameters,
        filters={filter_.id: filter_ for filter_ in filters},
        sheets=sheets,
        left_out=left_out + definition.unread(),
    )


def _sheet(catalog: Catalog, filters: Sequence[Filter], sheet: Reader) -> Sheet:
    sheet_id = sheet["SheetId"].value()
    sheet.get("ContentType")
    places = _places(sheet)
    visuals = [read_visual(catalog, union, places) for union in sheet.items("Visuals")]
    for visual in visuals:
        visual.filters = [filter_.id for filter_ in filters if applies(catalog, filter_, sheet_id, visual)]
    return Sheet(
        id=sheet_id,
        name=sheet["Name"].value(),
        title=sheet.get("Title", default=""),
        visuals=sorted(visuals, key=lambda visual: (visual.place.row, visual.place.column)),
        controls=read_controls(sheet, filters),
    )


def _places(sheet: Reader) -> dict[str, Place]:
    """Return where each visual of a sheet lies, by its id."""
    places = {}
    for layout in sheet["Layouts"]:
        for element in layout["Configuration"]["GridLayout"]["Elements"]:
            element.get("ElementType")
            places[element["ElementId"].value()] = Place(
                column=element["ColumnIndex"].value(),
                row=element["RowIndex"].value(),
                width=element["ColumnSpan"].value(),
                height=element["RowSpan"].value(),
            )
    return places


def _theme(theme: dict[str, Any]) -> Theme:
    configuration = theme["Configuration"]
    return Theme(
        colors=configuration["DataColorPalette"]["Colors"],
        gradient=configuration["DataColorPalette"]["MinMaxGradient"],
        ui=configuration["UIColorPalette"],
        font=FONTS,
    )
