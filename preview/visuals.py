"""Visuals of a definition, put into the few words that the page draws them by."""

from typing import Any

from preview.definition_reader import Reading, UnrenderedError
from preview.fields import AGGREGATIONS, Catalog, read_column, read_field

# Visual: the page's word for it, and the member of FieldWells that its wells lie in (none: in FieldWells).
KINDS = {
    "BarChartVisual": ("bar", "BarChartAggregatedFieldWells"),
    "FunnelChartVisual": ("funnel", "FunnelChartAggregatedFieldWells"),
    "HeatMapVisual": ("heat", "HeatMapAggregatedFieldWells"),
    "KPIVisual": ("kpi", None),
    "LineChartVisual": ("line", "LineChartAggregatedFieldWells"),
    "ScatterPlotVisual": ("scatter", "ScatterPlotCategoricallyAggregatedFieldWells"),
    "TableVisual": ("table", "TableAggregatedFieldWells"),
}
WELLS = {  # of each kind: the wells that the page draws
    "bar": ("Category", "Values", "Colors"),
    "funnel": ("Category", "Values"),
    "heat": ("Rows", "Columns", "Values"),
    "kpi": ("Values", "TargetValues"),
    "line": ("Category", "Values", "Colors"),
    "scatter": ("XAxis", "YAxis", "Category", "Size", "Label"),
    "table": ("GroupBy", "Values"),
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


def read_visual(catalog: Catalog, reading: Reading) -> dict[str, Any]:
    """Return a visual for the page; one that cannot be drawn has the kind `missing` and a reason."""
    kind, visual = reading.only()
    made: dict[str, Any] = {
        "id": visual["VisualId"].value(),
        "title": _text(visual, "Title"),
        "subtitle": _text(visual, "Subtitle"),
        "alt": visual.get("VisualContentAltText", default=""),
    }
    try:
        return made | _chart(catalog, kind, visual["ChartConfiguration"])
    except UnrenderedError as error:
        visual.value()  # the reason below stands for all of it
        return made | {"kind": "missing", "reason": str(error)}


def _text(visual: Reading, member: str) -> str:
    if visual.get(member, "Visibility") == "HIDDEN":
        return ""
    text: str = visual.get(member, "FormatText", "PlainText", default="")
    return text


def _chart(catalog: Catalog, visual: str, chart: Reading) -> dict[str, Any]:
    if visual not in KINDS:
        raise UnrenderedError(f"a {visual}")
    kind, member = KINDS[visual]
    wells = chart["FieldWells"]
    if member:
        wells = wells[member]
    fields = {
        well: [read_field(catalog, each) for each in wells.each(well)]
        for well in WELLS[kind]
        if well in wells
    }
    every = [field for well in fields.values() for field in well]
    sets = {field["data"] for field in every}
    if len(sets) != 1:
        raise UnrenderedError(f"fields of {len(sets)} data sets in one visual")
    for well in fields.values():
        for field in well:
            del field["data"]
    by_id = {field["id"]: field for field in every}
    data = sets.pop()
    made = {
        "kind": kind,
        "data": data,
        "wells": {well: [field["id"] for field in each] for well, each in fields.items()},
        "fields": every,
        "sort": [
            sort
            for name in SORTS
            for sort in _sorts(catalog, data, chart.each("SortConfiguration", name), name, by_id)
        ],
        "limit": chart.get("SortConfiguration", "CategoryItemsLimit", "ItemsLimit"),
        "axes": _labels(chart, by_id),
        "values_shown": _visible(chart, "DataLabels", default=False),
        "legend": chart.get("Legend", "Position", default="RIGHT") if _visible(chart, "Legend") else None,
    }
    chart.get("Legend", "Title", "Visibility")
    return made | _particulars(kind, chart, by_id)


def _sorts(
    catalog: Catalog, data: str, sorts: list[Reading], name: str, by_id: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a visual is sorted by, most important first: a tree, and whether downwards."""
    made = []
    for each in sorts:
        kind, sort = each.only()
        if kind == "FieldSort":
            field_id = sort["FieldId"].value()
            if field_id not in by_id:
                raise UnrenderedError(f"{sort.path}.FieldId {field_id!r}, which is no field of the visual")
            tree = by_id[field_id]["tree"]
        else:
            of, column = read_column(sort["SortBy"])
            catalog.check(of, column)
            function = sort.get(
                "AggregationFunction", "NumericalAggregationFunction", "SimpleNumericalAggregation"
            )
            if of != data or function not in AGGREGATIONS:
                raise UnrenderedError(f"{sort.path} by {function} of {column!r}")
            tree = ["call", AGGREGATIONS[function], ["column", column]]
        made.append({"tree": tree, "down": sort["Direction"].value() == "DESC", "of": name})
    return made


def _labels(chart: Reading, by_id: dict[str, dict[str, Any]]) -> dict[str, bool]:
    """Give the fields the labels that the axes have for them; return which axes have a title."""
    shown = {}
    for name in LABELS:
        if name not in chart:
            continue
        shown[name] = _visible(chart, name)
        for each in chart[name].each("AxisLabelOptions"):
            field_id = each.get("ApplyTo", "FieldId")
            each.get("ApplyTo", "Column")
            if field_id in by_id:
                by_id[field_id]["label"] = each["CustomLabel"].value()
    return shown


def _particulars(kind: str, chart: Reading, by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what only one kind of visual has."""
    if kind == "bar":
        arrangement = chart.get("BarsArrangement", default="CLUSTERED")
        if arrangement == "STACKED_PERCENT":
            raise UnrenderedError(f"{chart.path}.BarsArrangement {arrangement}")
        return {
            "horizontal": chart.get("Orientation", default="VERTICAL") == "HORIZONTAL",
            "stacked": arrangement == "STACKED",
        }
    if kind == "line":
        return {"area": chart.get("Type", default="LINE") != "LINE"}
    if kind == "funnel":
        style = chart.get("DataLabelOptions", "MeasureDataLabelStyle", default="VALUE_ONLY")
        return {
            "values_shown": _visible(chart, "DataLabelOptions"),
            "share": "first" if "FIRST" in style else "previous" if "PREVIOUS" in style else None,
        }
    if kind == "heat":
        if chart.get("ColorScale", "ColorFillType", default="GRADIENT") != "GRADIENT":
            raise UnrenderedError(f"{chart.path}.ColorScale.ColorFillType")
        return {"scale": [each["Color"].value() for each in chart.each("ColorScale", "Colors")]}
    if kind == "kpi":
        return _kpi(chart)
    if kind == "table":
        for each in chart.each("FieldOptions", "SelectedFieldOptions"):
            by_id[each["FieldId"].value()]["label"] = each["CustomLabel"].value()
        bars = [each["DataBars"] for each in chart.each("TableInlineVisualizations")]
        return {
            "bars": {
                bar["FieldId"].value(): [bar["PositiveColor"].value(), bar["NegativeColor"].value()]
                for bar in bars
            }
        }
    return {}


def _kpi(chart: Reading) -> dict[str, Any]:
    options = chart["KPIOptions"]
    if options.get("PrimaryValueDisplayType", default="ACTUAL") != "ACTUAL":
        raise UnrenderedError(f"{options.path}.PrimaryValueDisplayType")
    method = options.get("Comparison", "ComparisonMethod")
    if method not in (None, "PERCENT_DIFFERENCE"):
        raise UnrenderedError(f"{options.path}.Comparison.ComparisonMethod {method}")
    if options.get("ProgressBar", "Visibility", default="HIDDEN") == "VISIBLE":
        raise UnrenderedError(f"{options.path}.ProgressBar")
    percentage = ("Comparison", "ComparisonFormat", "PercentageDisplayFormatConfiguration")
    return {
        "decimals": options.get(*percentage, "DecimalPlacesConfiguration", "DecimalPlaces", default=1),
        "arrows": _visible(options, "TrendArrows"),
        "before": _visible(options, "SecondaryValue"),
    }


def _visible(reading: Reading, member: str, *, default: bool = True) -> bool:
    visibility = reading.get(member, "Visibility")
    return default if visibility is None else visibility == "VISIBLE"
