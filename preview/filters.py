"""Reads the filters of a definition, and tells which visuals each of them is for."""

from preview.definition_reader import Reader, UnrenderedError
from preview.expressions import Tree
from preview.fields import Catalog, read_column, read_expression, read_sort_aggregate
from preview.plan import Chart, ChoiceFilter, Filter, Scope, TimeFilter, TopFilter, Visual

OPERATORS = {"CONTAINS": True, "EQUALS": True, "DOES_NOT_CONTAIN": False, "DOES_NOT_EQUAL": False}


def read_filter_groups(catalog: Catalog, groups: list[Reader]) -> tuple[list[Filter], list[str]]:
    """Return every enabled filter, and the ids of those that cannot be applied, each with the reason."""
    filters: list[Filter] = []
    left_out: list[str] = []
    for group in groups:
        scope = _scope(group["ScopeConfiguration"])
        every_data_set = group["CrossDataset"].value() == "ALL_DATASETS"
        group["FilterGroupId"].value()
        enabled = group.get("Status", default="ENABLED") == "ENABLED"
        for union in group["Filters"]:
            if not enabled:
                union.value()
                continue
            try:
                filters.append(_filter(catalog, union, scope, every_data_set=every_data_set))
            except UnrenderedError as error:
                union.value()
                left_out.append(f"{union.union()[1]['FilterId'].value()}: {error}")
    return filters, left_out


def applies(catalog: Catalog, filter_: Filter, sheet: str, visual: Visual) -> bool:
    """Say whether a filter is for a visual of a sheet: in its scope, and on a column of its data set."""
    if not isinstance(visual, Chart):
        return False
    if filter_.scope is not None:
        in_scope = filter_.scope.get(sheet, [])
        if in_scope != "all" and visual.id not in in_scope:
            return False
    if filter_.data == visual.data:
        return True
    return filter_.every_data_set and catalog.has(visual.data, filter_.column)


def _scope(configuration: Reader) -> Scope | None:
    """Return which visuals of which sheets a filter is for; None: all."""
    if "AllSheets" in configuration:
        configuration["AllSheets"].value()
        return None
    scope: Scope = {}
    for sheet in configuration["SelectedSheets"].items("SheetVisualScopingConfigurations"):
        is_all = sheet["Scope"].value() == "ALL_VISUALS"
        scope[sheet["SheetId"].value()] = "all" if is_all else sheet["VisualIds"].value()
    return scope


def _filter(catalog: Catalog, union: Reader, scope: Scope | None, *, every_data_set: bool) -> Filter:
    kind, filter_ = union.union()
    data, column = read_column(filter_["Column"])
    catalog.check(data, column)
    common = (filter_["FilterId"].value(), data, column, scope, every_data_set)
    nulls = filter_.get("NullOption", default="ALL_VALUES")
    if kind == "CategoryFilter":
        choice = _filter_list(filter_["Configuration"])
        control = "DefaultFilterControlConfiguration"
        filter_.get(control, "ControlOptions")
        return ChoiceFilter(
            *common,
            nulls=choice.get("NullOption", default="ALL_VALUES"),
            takes=OPERATORS[choice["MatchOperator"].value()],
            values=choice.get("CategoryValues"),
            title=filter_.get(control, "Title", default=column),
            says=catalog.says(data, f"{column} name"),
        )
    if kind == "TimeRangeFilter":
        if filter_.get("TimeGranularity", default="DAY") != "DAY":
            raise UnrenderedError(f"{filter_.path}.TimeGranularity")
        return TimeFilter(
            *common,
            nulls=nulls,
            least=_end(filter_, "RangeMinimumValue"),
            most=_end(filter_, "RangeMaximumValue"),
            with_least=filter_.get("IncludeMinimum", default=True),
            with_most=filter_.get("IncludeMaximum", default=True),
        )
    if kind == "TopBottomFilter":
        sorts = filter_.items("AggregationSortConfigurations")
        if len(sorts) != 1:
            raise UnrenderedError(f"{filter_.path}: sorted by {len(sorts)} columns")
        parameter = filter_.get("ParameterName")
        return TopFilter(
            *common,
            nulls=nulls,
            by=read_sort_aggregate(catalog, data, sorts[0]["Column"], sorts[0]),
            down=sorts[0]["SortDirection"].value() == "DESC",
            count=["parameter", parameter] if parameter else ["value", filter_["Limit"].value()],
        )
    raise UnrenderedError(f"a {kind}")


def _filter_list(configuration: Reader) -> Reader:
    """Return the FilterListConfiguration of a category filter, the one that the page evaluates."""
    if "FilterListConfiguration" not in configuration:
        raise UnrenderedError(f"{configuration.path}: only FilterListConfiguration is evaluated")
    choice = configuration["FilterListConfiguration"]
    operator = choice["MatchOperator"].value()
    if operator not in OPERATORS:
        raise UnrenderedError(f"{choice.path}.MatchOperator {operator}")
    choice.get("SelectAllOptions")
    return choice


def _end(filter_: Reader, member: str) -> Tree | None:
    """Return the tree of an end of a time range; None where it is open."""
    if member not in filter_:
        return None
    kind, end = filter_[member].union()
    if kind == "Parameter":
        return ["parameter", end.value()]
    if kind == "RollingDate":
        return read_expression(end["Expression"].value(), end)
    raise UnrenderedError(f"{end.path}: a fixed date")
