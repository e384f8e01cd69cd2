"""A dashboard's definition as the plan that the page works from, and the list of what it leaves out."""

from typing import Any

from preview.definition_reader import Reading
from preview.fields import Catalog, read_calculated_fields, read_column_configurations
from preview.filters import applies, read_controls, read_filter_groups, read_parameters
from preview.visuals import read_visual

FONTS = "Lato, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def make_plan(
    dashboard: dict[str, Any], data_sets: dict[str, dict[str, Any]], theme: dict[str, Any]
) -> dict[str, Any]:
    """Return the plan of a composed and filled dashboard; its `left_out` names what the page does not show.

    `data_sets` are those of `quicksight/data_sets`, by the identifiers that the dashboard gives them.
    """
    definition = Reading(dashboard["Definition"])
    for each in definition.each("DataSetIdentifierDeclarations"):
        each.value()
    catalog = Catalog({name: column_types(data_set) for name, data_set in data_sets.items()})
    read_calculated_fields(catalog, definition.each("CalculatedFields"))
    read_column_configurations(catalog, definition.each("ColumnConfigurations"))
    parameters = read_parameters(definition.each("ParameterDeclarations"))
    filters = read_filter_groups(catalog, definition.each("FilterGroups"))
    sheets = [_sheet(catalog, filters, each) for each in definition.each("Sheets")]
    missing = [
        f"{each['id']}: {each['reason']}"
        for each in [
            *filters,
            *(part for sheet in sheets for part in (*sheet["visuals"], *sheet["controls"])),
        ]
        if each["kind"] == "missing"
    ]
    return {
        "name": dashboard["Name"],
        "theme": _theme(theme),
        "types": catalog.types,
        "calculated": catalog.calculated,
        "parameters": parameters,
        "filters": {each["id"]: each for each in filters if each["kind"] != "missing"},
        "sheets": sheets,
        "left_out": missing + definition.unread(),
    }


def column_types(data_set: dict[str, Any]) -> dict[str, str]:
    """Return the columns of a data set and their types."""
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return {column["Name"]: column["Type"] for column in table["RelationalTable"]["InputColumns"]}


def _sheet(catalog: Catalog, filters: list[dict[str, Any]], sheet: Reading) -> dict[str, Any]:
    sheet_id = sheet["SheetId"].value()
    sheet.get("ContentType")
    places = {}
    for layout in sheet["Layouts"]:
        for each in layout["Configuration"]["GridLayout"]["Elements"]:
            place = [each[name].value() for name in ("ColumnIndex", "RowIndex", "ColumnSpan", "RowSpan")]
            each.get("ElementType")
            places[each["ElementId"].value()] = place
    visuals = [read_visual(catalog, each) for each in sheet.each("Visuals")]
    for visual in visuals:
        visual["place"] = places[visual["id"]]
        visual["filters"] = [each["id"] for each in filters if applies(catalog, each, sheet_id, visual)]
    return {
        "id": sheet_id,
        "name": sheet["Name"].value(),
        "title": sheet.get("Title", default=""),
        "visuals": sorted(visuals, key=lambda visual: (visual["place"][1], visual["place"][0])),
        "controls": read_controls(sheet, filters),
    }


def _theme(theme: dict[str, Any]) -> dict[str, Any]:
    configuration = theme["Configuration"]
    return {
        "colors": configuration["DataColorPalette"]["Colors"],
        "gradient": configuration["DataColorPalette"]["MinMaxGradient"],
        "ui": configuration["UIColorPalette"],
        "font": FONTS,
    }
