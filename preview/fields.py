"""The columns, calculated fields and formats that a dashboard's visuals draw on."""

from dataclasses import dataclass, field
from typing import Any

from preview.definition_reader import Reading, UnrenderedError
from preview.expressions import ExpressionError, Tree, columns, is_aggregate, parse

AGGREGATIONS = {
    "SUM": "sum",
    "AVERAGE": "avg",
    "MIN": "min",
    "MAX": "max",
    "COUNT": "count",
    "DISTINCT_COUNT": "distinct_count",
}
PERIODS = {  # a TimeGranularity, as truncDate names it
    "YEAR": "YYYY",
    "QUARTER": "Q",
    "MONTH": "MM",
    "WEEK": "WK",
    "DAY": "DD",
}


@dataclass
class Catalog:
    """What the dashboard's data sets hold, by the identifier of each."""

    types: dict[str, dict[str, str]]  # of the columns: STRING, INTEGER, DECIMAL, DATETIME
    calculated: dict[str, dict[str, Tree]] = field(default_factory=dict)
    formats: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    colors: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)  # of a column's values
    broken: dict[tuple[str, str], str] = field(default_factory=dict)  # calculated fields, and why

    def has(self, data: str, column: str) -> bool:
        """Say whether a data set has a column or calculated field of this name."""
        return column in self.types.get(data, {}) or column in self.calculated.get(data, {})

    def check(self, data: str, column: str) -> None:
        """Raise UnrenderedError unless the column, and all that it is calculated from, can be evaluated."""
        if (data, column) in self.broken:
            raise UnrenderedError(f"calculated field {column!r}: {self.broken[data, column]}")
        if not self.has(data, column):
            raise UnrenderedError(f"data set {data!r} has no column {column!r}")
        if column in self.calculated.get(data, {}):
            for name in sorted(columns(self.calculated[data][column])):
                self.check(data, name)

    def is_aggregate(self, data: str, column: str) -> bool:
        """Say whether a calculated field has one value for many rows."""
        return is_aggregate(["column", column], self.calculated.get(data, {}))


def read_calculated_fields(catalog: Catalog, fields: list[Reading]) -> None:
    """Add the definition's calculated fields to the catalog."""
    for each in fields:
        data, name = each["DataSetIdentifier"].value(), each["Name"].value()
        try:
            catalog.calculated.setdefault(data, {})[name] = parse(each["Expression"].value())
        except ExpressionError as error:
            catalog.broken[data, name] = str(error)


def read_column_configurations(catalog: Catalog, configurations: list[Reading]) -> None:
    """Add the formats and colours of columns to the catalog."""
    for each in configurations:
        data, column = read_column(each["Column"])
        if "FormatConfiguration" in each:
            catalog.formats.setdefault(data, {})[column] = read_format(each["FormatConfiguration"])
        colors = each.each("ColorsConfiguration", "CustomColors")
        if colors:
            catalog.colors.setdefault(data, {})[column] = {
                color["FieldValue"].value(): color["Color"].value() for color in colors
            }


def read_column(reading: Reading) -> tuple[str, str]:
    """Return the data set and the name of a ColumnIdentifier."""
    return reading["DataSetIdentifier"].value(), reading["ColumnName"].value()


def read_format(reading: Reading) -> dict[str, Any]:
    """Return how numbers are written, of a FormatConfiguration or NumberFormatConfiguration."""
    if "NumberFormatConfiguration" in reading:
        reading = reading["NumberFormatConfiguration"]
    kind, display = reading["FormatConfiguration"].only()
    made = {
        "percent": kind == "PercentageDisplayFormatConfiguration",
        "decimals": display.get("DecimalPlacesConfiguration", "DecimalPlaces"),
        "prefix": display.get("Prefix", default=""),
        "suffix": display.get("Suffix", default=""),
        "null": display.get("NullValueFormatConfiguration", "NullString", default=""),
    }
    if kind == "CurrencyDisplayFormatConfiguration":
        made["currency"] = display.get("Symbol", default="USD")
    if display.get("NumberScale", default="NONE") != "NONE":
        raise UnrenderedError(f"{display.path}.NumberScale")
    separator = display.get("SeparatorConfiguration", "ThousandsSeparator", "Symbol", default="COMMA")
    if separator != "COMMA":
        raise UnrenderedError(f"{display.path}.SeparatorConfiguration: only commas are shown")
    visibility = display.get(
        "SeparatorConfiguration",
        "ThousandsSeparator",
        "Visibility",
        default="VISIBLE" if made["percent"] else "HIDDEN",
    )
    return made | {"thousands": visibility == "VISIBLE"}


def read_field(catalog: Catalog, reading: Reading) -> dict[str, Any]:
    """Return a dimension or measure of a visual: id, data set, column, tree, whether a measure, format."""
    kind, each = reading.only()
    data, column = read_column(each["Column"])
    catalog.check(data, column)
    tree: Tree = ["column", column]
    is_measure = kind.endswith("MeasureField")
    if kind == "DateDimensionField":
        period = each.get("DateGranularity", default="DAY")
        if period not in PERIODS:
            raise UnrenderedError(f"{each.path}.DateGranularity {period}")
        tree = ["call", "truncDate", ["value", PERIODS[period]], tree]
    elif is_measure:
        tree = _measure(catalog, kind, each, data, column)
    made = {
        "id": each["FieldId"].value(),
        "data": data,
        "column": column,
        "tree": tree,
        "measure": is_measure,
        "date": kind == "DateDimensionField",
        "label": column,
        "format": catalog.formats.get(data, {}).get(column),
        "colors": catalog.colors.get(data, {}).get(column),
    }
    if "FormatConfiguration" in each:
        made["format"] = read_format(each["FormatConfiguration"])
    return made


def _measure(catalog: Catalog, kind: str, each: Reading, data: str, column: str) -> Tree:
    if kind == "NumericalMeasureField":
        name = each.get("AggregationFunction", "SimpleNumericalAggregation")
    else:
        name = each.get("AggregationFunction")
    if catalog.is_aggregate(data, column):
        if name:
            raise UnrenderedError(f"{each.path}: {column!r} is aggregated already")
        return ["column", column]
    if name not in AGGREGATIONS:
        raise UnrenderedError(f"{each.path}.AggregationFunction {name}")
    return ["call", AGGREGATIONS[name], ["column", column]]
