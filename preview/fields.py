"""Reads the columns, calculated fields and formats that a dashboard's visuals draw on."""

from dataclasses import dataclass, field

from msgspec import UNSET

from preview.definition_reader import Reader, UnrenderedError
from preview.expressions import ExpressionError, Tree, columns, is_aggregate, parameters, parse, texts
from preview.plan import Field, Format

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


CURRENCY = "Currency"  # the parameter that says in which currency money is shown


@dataclass
class Catalog:
    """What the dashboard's data sets hold, by the identifier of each."""

    types: dict[str, dict[str, str]]  # of the columns: STRING, INTEGER, DECIMAL, DATETIME
    calculated: dict[str, dict[str, Tree]] = field(default_factory=dict)
    formats: dict[str, dict[str, Format]] = field(default_factory=dict)
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

    def parameters(self, data: str, column: str) -> set[str]:
        """Return the names of the parameters that a column, or what it is calculated from, depends on."""
        if column not in self.calculated.get(data, {}):
            return set()
        tree = self.calculated[data][column]
        return parameters(tree).union(*(self.parameters(data, name) for name in columns(tree)))

    def says(self, data: str, column: str) -> list[str]:
        """Return the texts that a calculated field can become; none for a column of the data."""
        tree = self.calculated.get(data, {}).get(column)
        return texts(tree) if tree else []

    def is_aggregate(self, data: str, column: str) -> bool:
        """Say whether a calculated field has one value for many rows."""
        return is_aggregate(["column", column], self.calculated.get(data, {}))


def read_calculated_fields(catalog: Catalog, fields: list[Reader]) -> None:
    """Add the definition's calculated fields to the catalog."""
    for calculated in fields:
        data, name = calculated["DataSetIdentifier"].value(), calculated["Name"].value()
        try:
            catalog.calculated.setdefault(data, {})[name] = parse(calculated["Expression"].value())
        except ExpressionError as error:
            catalog.broken[data, name] = str(error)


def read_column_configurations(catalog: Catalog, configurations: list[Reader]) -> None:
    """Add the formats and colours of columns to the catalog."""
    for configuration in configurations:
        data, column = read_column(configuration["Column"])
        if "FormatConfiguration" in configuration:
            catalog.formats.setdefault(data, {})[column] = read_format(configuration["FormatConfiguration"])
        colors = configuration.items("ColorsConfiguration", "CustomColors")
        if colors:
            catalog.colors.setdefault(data, {})[column] = {
                color["FieldValue"].value(): color["Color"].value() for color in colors
            }


def read_column(identifier: Reader) -> tuple[str, str]:
    """Return the data set and the name of a ColumnIdentifier."""
    return identifier["DataSetIdentifier"].value(), identifier["ColumnName"].value()


def read_format(configuration: Reader) -> Format:
    """Return how numbers are written, of a FormatConfiguration or NumberFormatConfiguration."""
    if "NumberFormatConfiguration" in configuration:
        configuration = configuration["NumberFormatConfiguration"]
    kind, display = configuration["FormatConfiguration"].union()
    if display.get("NumberScale", default="NONE") != "NONE":
        raise UnrenderedError(f"{display.path}.NumberScale")
    separator = ("SeparatorConfiguration", "ThousandsSeparator")
    if display.get(*separator, "Symbol", default="COMMA") != "COMMA":
        raise UnrenderedError(f"{display.path}.SeparatorConfiguration: only commas are shown")
    percent = kind == "PercentageDisplayFormatConfiguration"
    visibility = display.get(*separator, "Visibility", default="VISIBLE" if percent else "HIDDEN")
    is_money = kind == "CurrencyDisplayFormatConfiguration"
    return Format(
        percent=percent,
        decimals=display.get("DecimalPlacesConfiguration", "DecimalPlaces"),
        prefix=display.get("Prefix", default=""),
        suffix=display.get("Suffix", default=""),
        null=display.get("NullValueFormatConfiguration", "NullString", default=""),
        currency=display.get("Symbol", default="USD") if is_money else UNSET,
        thousands=visibility == "VISIBLE",
    )


def read_field(catalog: Catalog, union: Reader) -> tuple[str, Field]:
    """Return the data set of a dimension or measure of a visual, and the field."""
    kind, member = union.union()
    data, column = read_column(member["Column"])
    catalog.check(data, column)
    tree: Tree = ["column", column]
    is_measure = kind.endswith("MeasureField")
    if kind == "DateDimensionField":
        period = member.get("DateGranularity", default="DAY")
        if period not in PERIODS:
            raise UnrenderedError(f"{member.path}.DateGranularity {period}")
        tree = ["call", "truncDate", ["value", PERIODS[period]], tree]
    elif is_measure:
        tree = _measure(catalog, kind, member, data, column)
    number_format = catalog.formats.get(data, {}).get(column)
    if "FormatConfiguration" in member:
        number_format = read_format(member["FormatConfiguration"])
    return data, Field(
        id=member["FieldId"].value(),
        column=column,
        tree=tree,
        measure=is_measure,
        date=kind == "DateDimensionField",
        label=column,
        format=number_format,
        colors=catalog.colors.get(data, {}).get(column),
        money=is_measure and CURRENCY in catalog.parameters(data, column),
        says=catalog.says(data, column),
    )


def read_expression(expression: str, reader: Reader) -> Tree:
    """Return the tree of an expression at `reader`; raise UnrenderedError if it cannot be read."""
    try:
        return parse(expression)
    except ExpressionError as error:
        raise UnrenderedError(f"{reader.path}: {error}") from error


def read_sort_aggregate(catalog: Catalog, data: str, column: Reader, sort: Reader) -> Tree:
    """Return the aggregate of a column, which must be of the data set, that `sort` orders by."""
    of, name = read_column(column)
    catalog.check(of, name)
    function = sort.get("AggregationFunction", "NumericalAggregationFunction", "SimpleNumericalAggregation")
    if of != data or function not in AGGREGATIONS:
        raise UnrenderedError(f"{sort.path} by {function} of {name!r}")
    return ["call", AGGREGATIONS[function], ["column", name]]


def _measure(catalog: Catalog, kind: str, measure: Reader, data: str, column: str) -> Tree:
    if kind == "NumericalMeasureField":
        function = measure.get("AggregationFunction", "SimpleNumericalAggregation")
    else:
        function = measure.get("AggregationFunction")
    if catalog.is_aggregate(data, column):
        if function:
            raise UnrenderedError(f"{measure.path}: {column!r} is aggregated already")
        return ["column", column]
    if function not in AGGREGATIONS:
        raise UnrenderedError(f"{measure.path}.AggregationFunction {function}")
    return ["call", AGGREGATIONS[function], ["column", column]]
