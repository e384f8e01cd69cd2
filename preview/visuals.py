"""Reads the visuals of a definition into the charts that the page draws."""

from typing import NamedTuple

from preview.definition_reader import Reader, UnrenderedError
from preview.expressions import Tree
from preview.fields import Catalog, read_field, read_sort_aggregate
from preview.plan import (
    BarChart,
    Chart,
    Field,
    FunnelChart,
    HeatMap,
    KeyFigure,
    LineChart,
    MissingVisual,
    Place,
    ScatterPlot,
    Sort,
    Table,
    Visual,
)


class Kind(NamedTuple):
    """A kind of visual that the page draws."""

    chart: type[Chart]
    member: str | None  # of FieldWells, in which the wells lie; None: in FieldWells itself
    wells: tuple[str, ...]  # those that the page draws


KINDS = {
    "BarChartVisual": Kind(BarChart, "BarChartAggregatedFieldWells", ("Category", "Values", "Colors")),
    "FunnelChartVisual": Kind(FunnelChart, "FunnelChartAggregatedFieldWells", ("Category", "Values")),
    "HeatMapVisual": Kind(HeatMap, "HeatMapAggregatedFieldWells", ("Rows", "Columns", "Values")),
    "KPIVisual": Kind(KeyFigure, None, ("Values", "TargetValues")),
    "LineChartVisual": Kind(LineChart, "LineChartAggregatedFieldWells", ("Category", "Values", "Colors")),
    "ScatterPlotVisual": Kind(
        ScatterPlot,
        "ScatterPlotCategoricallyAggregatedFieldWells",
        ("XAxis", "YAxis", "Category", "Size", "Label"),
    ),
    "TableVisual": Kind(Table, "TableAggregatedFieldWells", ("GroupBy", "Values")),
}
SORTS = ("CategorySort", "RowSort", "HeatMapRowSort", "HeatMapColumnSort")
LABELS = (
    "CategoryLabelOptions",
    "ValueLabelOptions",
    "XAxisLabelOptions",
    "YAxisLabelOptions",
    "PrimaryYAxisLabelOptions",
    "RowLabelOptions",
    "ColumnLabelOptions",
)


def read_visual(catalog: Catalog, union: Reader, places: dict[str, Place]) -> Visual:
    """Return a visual of a sheet; one that cannot be drawn is a MissingVisual. `places` are by its id."""
    kind, visual = union.union()
    visual_id = visual["VisualId"].value()
    texts = (
        _text(visual, "Title"),
        _text(visual, "Subtitle"),
        visual.get("VisualContentAltText", default=""),
    )
    frame = (visual_id, *texts, places[visual_id])
    try:
        return _chart(catalog, kind, visual["ChartConfiguration"], frame)
    except UnrenderedError as error:
        visual.value()  # the reason stands for all of it
        return MissingVisual(*frame, reason=str(error))


def _text(visual: Reader, member: str) -> str:
    if visual.get(member, "Visibility") == "HIDDEN":
        return ""
    text: str = visual.get(member, "FormatText", "PlainText", default="")
    return text


def _chart(catalog: Catalog, name: str, reader: Reader, frame: tuple[str, str, str, str, Place]) -> Chart:
    if name not in KINDS:
        raise UnrenderedError(f"a {name}")
    kind = KINDS[name]
    data, wells = _wells(catalog, kind, reader["FieldWells"])
    fields = {field.id: field for well in wells.values() for field in well}
    chart = kind.chart(
        *frame,
        data=data,
        wells={well: [field.id for field in members] for well, members in wells.items()},
        fields=list(fields.values()),
        sort=_sorts(catalog, data, reader, fields),
        limit=reader.get("SortConfiguration", "CategoryItemsLimit", "ItemsLimit"),
        axes=_axes(reader, fields),
        values_shown=_visible(reader, "DataLabels", default=False),
        legend=reader.get("Legend", "Position", default="RIGHT") if _visible(reader, "Legend") else None,
        legend_title=reader.get("Legend", "Title", "CustomLabel", default=""),
    )
    reader.get("Legend", "Title", "Visibility")
    _read_options(chart, reader, fields)
    return chart


def _wells(catalog: Catalog, kind: Kind, reader: Reader) -> tuple[str, dict[str, list[Field]]]:
    """Return the data set that all fields of a visual are of, and the fields by well."""
    if kind.member:
        reader = reader[kind.member]
    wells: dict[str, list[Field]] = {}
    data_sets = set()
    for well in kind.wells:
        if well in reader:
            pairs = [read_field(catalog, union) for union in reader[well]]
            data_sets |= {data for data, _ in pairs}
            wells[well] = [field for _, field in pairs]
    if len(data_sets) != 1:
        raise UnrenderedError(f"fields of {len(data_sets)} data sets in one visual")
    return data_sets.pop(), wells


def _sorts(catalog: Catalog, data: str, chart: Reader, fields: dict[str, Field]) -> list[Sort]:
    """Return what a visual is sorted by, most important first."""
    sorts = []
    for name in SORTS:
        for union in chart.items("SortConfiguration", name):
            kind, sort = union.union()
            if kind == "FieldSort":
                tree = _sorted_field(sort, fields)
            else:
                tree = read_sort_aggregate(catalog, data, sort["SortBy"], sort)
            sorts.append(Sort(tree, down=sort["Direction"].value() == "DESC", of=name))
    return sorts


def _sorted_field(sort: Reader, fields: dict[str, Field]) -> Tree:
    field_id = sort["FieldId"].value()
    if field_id not in fields:
        raise UnrenderedError(f"{sort.path}.FieldId {field_id!r}, which is no field of the visual")
    return fields[field_id].tree


def _axes(chart: Reader, fields: dict[str, Field]) -> dict[str, bool]:
    """Give the fields the labels that the axes have for them; return which axes have a title."""
    shown = {}
    for name in LABELS:
        if name not in chart:
            continue
        shown[name] = _visible(chart, name)
        for options in chart[name].items("AxisLabelOptions"):
            field_id = options.get("ApplyTo", "FieldId")
            options.get("ApplyTo", "Column")
            if field_id in fields:
                fields[field_id].label = options["CustomLabel"].value()
    return shown


def _read_options(chart: Chart, reader: Reader, fields: dict[str, Field]) -> None:
    """Read what only one kind of chart has."""
    match chart:
        case BarChart():
            arrangement = reader.get("BarsArrangement", default="CLUSTERED")
            if arrangement == "STACKED_PERCENT":
                raise UnrenderedError(f"{reader.path}.BarsArrangement {arrangement}")
            chart.horizontal = reader.get("Orientation", default="VERTICAL") == "HORIZONTAL"
            chart.stacked = arrangement == "STACKED"
        case LineChart():
            chart.area = reader.get("Type", default="LINE") != "LINE"
            for missing in reader.items("PrimaryYAxisDisplayOptions", "MissingDataConfigurations"):
                if missing["TreatmentOption"].value() != "SHOW_AS_BLANK":
                    raise UnrenderedError(f"{missing.path}.TreatmentOption")
        case FunnelChart():
            style = reader.get("DataLabelOptions", "MeasureDataLabelStyle", default="VALUE_ONLY")
            chart.values_shown = _visible(reader, "DataLabelOptions")
            chart.share = "first" if "FIRST" in style else "previous" if "PREVIOUS" in style else None
        case HeatMap():
            if reader.get("ColorScale", "ColorFillType", default="GRADIENT") != "GRADIENT":
                raise UnrenderedError(f"{reader.path}.ColorScale.ColorFillType")
            chart.scale = [color["Color"].value() for color in reader.items("ColorScale", "Colors")]
        case KeyFigure():
            _read_comparison(chart, reader["KPIOptions"])
        case Table():
            for options in reader.items("FieldOptions", "SelectedFieldOptions"):
                fields[options["FieldId"].value()].label = options["CustomLabel"].value()
            for visualization in reader.items("TableInlineVisualizations"):
                bars = visualization["DataBars"]
                colors = [bars["PositiveColor"].value(), bars["NegativeColor"].value()]
                chart.bars[bars["FieldId"].value()] = colors


def _read_comparison(chart: KeyFigure, options: Reader) -> None:
    if options.get("PrimaryValueDisplayType", default="ACTUAL") != "ACTUAL":
        raise UnrenderedError(f"{options.path}.PrimaryValueDisplayType")
    method = options.get("Comparison", "ComparisonMethod")
    chart.points = method == "DIFFERENCE"
    if method not in (None, "PERCENT_DIFFERENCE", "DIFFERENCE"):
        raise UnrenderedError(f"{options.path}.Comparison.ComparisonMethod {method}")
    if options.get("ProgressBar", "Visibility", default="HIDDEN") == "VISIBLE":
        raise UnrenderedError(f"{options.path}.ProgressBar")
    percentage = ("Comparison", "ComparisonFormat", "PercentageDisplayFormatConfiguration")
    chart.decimals = options.get(*percentage, "DecimalPlacesConfiguration", "DecimalPlaces", default=1)
    chart.arrows = _visible(options, "TrendArrows")
    chart.before = _visible(options, "SecondaryValue")


def _visible(reader: Reader, member: str, *, default: bool = True) -> bool:
    visibility = reader.get(member, "Visibility")
    return default if visibility is None else visibility == "VISIBLE"
