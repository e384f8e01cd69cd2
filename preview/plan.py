"""The plan of a dashboard: what static/*.js draws, which reads it as JSON.

An attribute is a member of the JSON of the same name; `kind`, the tag of a visual, filter or control, is one
more. Fields are named by their id, and days are milliseconds since 1970, as everywhere in the page.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from preview.expressions import Tree

type Scope = dict[str, Literal["all"] | list[str]]  # ids of visuals, by the id of their sheet


class Format(Struct, kw_only=True):
    """How numbers are written."""

    percent: bool
    decimals: int | None  # None: up to two
    prefix: str
    suffix: str
    null: str  # what stands for no value
    currency: str | UnsetType = UNSET  # ISO 4217; only money has one
    thousands: bool  # whether commas separate them


class Field(Struct):
    """A dimension or measure of a visual."""

    id: str
    column: str
    tree: Tree
    measure: bool
    date: bool
    label: str
    format: Format | None
    colors: dict[str, str] | None  # by value
    money: bool  # whether it is in the currency that the parameter Currency has
    says: list[str]  # its values that are texts of the definition, not of the data


class Sort(Struct):
    """One of the orders of a visual, the most important first; `of` is the member of the definition."""

    tree: Tree
    down: bool
    of: str


class Place(Struct, array_like=True):
    """Where a visual lies on the grid of its sheet, in columns and rows."""

    column: int
    row: int
    width: int
    height: int


class Visual(Struct, tag_field="kind"):
    """What every visual has; `filters` are the ids of those that apply to it."""

    id: str
    title: str
    subtitle: str
    alt: str
    place: Place
    filters: list[str] = []


class MissingVisual(Visual, tag="missing", kw_only=True):
    """A visual that the page cannot draw, and why."""

    reason: str


class Chart(Visual, kw_only=True):
    """What every visual has that the page draws."""

    data: str  # identifier of the data set
    wells: dict[str, list[str]]  # ids of fields
    fields: list[Field]
    sort: list[Sort]
    limit: int | None  # categories
    axes: dict[str, bool]  # whether an axis has a title, by the member of the definition
    values_shown: bool
    legend: str | None  # where it stands; None: nowhere
    legend_title: str


# The defaults are QuickSight's.


class BarChart(Chart, tag="bar"):
    """Bars, side by side unless stacked."""

    horizontal: bool = False
    stacked: bool = False


class FunnelChart(Chart, tag="funnel"):
    """A funnel; `share` says which stage a stage is a percentage of."""

    share: Literal["first", "previous"] | None = None


class HeatMap(Chart, tag="heat"):
    """Cells coloured by their value, from the first colour to the last; none: the theme's."""

    scale: list[str] = []


class KeyFigure(Chart, tag="kpi"):
    """One number, compared with another: in per cent of so many decimals, or in the points between shares."""

    decimals: int = 1
    points: bool = False
    arrows: bool = True
    before: bool = True  # whether the number compared with is written


class LineChart(Chart, tag="line"):
    """Lines, or areas."""

    area: bool = False


class ScatterPlot(Chart, tag="scatter"):
    """Dots, one for each combination of the categories."""


class Table(Chart, tag="table"):
    """Rows; `bars` are the colours of a column's bars, for positive and negative values."""

    bars: dict[str, list[str]] = {}


class Filter(Struct, tag_field="kind"):
    """What every filter has."""

    id: str
    data: str
    column: str
    scope: Scope | None  # None: every visual
    every_data_set: bool  # that has the column; else `data` alone
    nulls: str  # a NullOption: ALL_VALUES, NULLS_ONLY, NON_NULLS_ONLY


class ChoiceFilter(Filter, tag="choice", kw_only=True):
    """Values that are taken, or left out; None: all are taken."""

    takes: bool
    values: list[str] | None
    title: str
    says: list[str] = []  # names of its values that are texts of the definition


class TimeFilter(Filter, tag="time", kw_only=True):
    """Days between two ends, either of which may be open."""

    least: Tree | None
    most: Tree | None
    with_least: bool
    with_most: bool


class TopFilter(Filter, tag="top", kw_only=True):
    """The `count` largest or smallest values of the column, by an aggregate."""

    by: Tree
    down: bool
    count: Tree


class Parameter(Struct):
    """A parameter, and the values it begins with."""

    default: list[Tree]
    many: bool
    date: bool


class Control(Struct, tag_field="kind"):
    """What every control has."""

    id: str
    title: str


class DateControl(Control, tag="date"):
    """Sets a parameter to a day."""

    parameter: str


class SliderControl(Control, tag="slider"):
    """Sets a parameter to a number."""

    parameter: str
    minimum: float
    maximum: float
    step: float


class PickControl(Control, tag="pick"):
    """Sets a parameter to one of `values`, or else to one of those in a column of a data set."""

    parameter: str
    values: list[str] | UnsetType = UNSET
    data: str | UnsetType = UNSET
    column: str | UnsetType = UNSET


class ChoiceControl(Control, tag="choice"):
    """Changes what a ChoiceFilter takes."""

    filter: str


class MissingControl(Control, tag="missing"):
    """A control that the page does not show, and why."""

    reason: str


class Sheet(Struct):
    """A tab of the page: its visuals by place, from the top and then from the left."""

    id: str
    name: str
    title: str
    visuals: list[Visual]
    controls: list[Control]


class Theme(Struct):
    """Colours and font of the page."""

    colors: list[str]  # of series
    gradient: list[str]  # from the smallest value to the largest
    ui: dict[str, str]  # a UIColorPalette
    font: str


class Plan(Struct):
    """A dashboard; `left_out` names what its definition has and the page does not show."""

    stack: str
    name: str
    theme: Theme
    types: dict[str, dict[str, str]]  # of columns, by data set: STRING, INTEGER, DECIMAL, DATETIME
    calculated: dict[str, dict[str, Tree]]  # fields, by data set
    parameters: dict[str, Parameter]
    filters: dict[str, Filter]
    sheets: list[Sheet]
    left_out: list[str]
