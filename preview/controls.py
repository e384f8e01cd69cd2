"""Reads the parameters of a definition, and the controls that set them and the choices of filters."""

from collections.abc import Sequence

from preview.definition_reader import Reader, UnrenderedError
from preview.fields import read_column, read_expression
from preview.plan import (
    ChoiceControl,
    ChoiceFilter,
    Control,
    DateControl,
    Filter,
    MissingControl,
    Parameter,
    PickControl,
    SliderControl,
)


def read_parameters(declarations: list[Reader]) -> dict[str, Parameter]:
    """Return the parameters by name."""
    parameters: dict[str, Parameter] = {}
    for declaration in declarations:
        kind, parameter = declaration.union()
        name = parameter["Name"].value()
        if "RollingDate" in parameter["DefaultValues"]:
            expression = parameter.get("DefaultValues", "RollingDate", "Expression")
            default = [read_expression(expression, parameter)]
        else:
            values = parameter.get("DefaultValues", "StaticValues", default=[])
            default = [["value", value] for value in values]
        is_date = kind == "DateTimeParameterDeclaration"
        is_many = parameter.get("ParameterValueType") == "MULTI_VALUED"
        if is_date and parameter.get("TimeGranularity", default="DAY") != "DAY":
            raise UnrenderedError(f"{parameter.path}.TimeGranularity")
        parameters[name] = Parameter(default, many=is_many, date=is_date)
    return parameters


def read_controls(sheet: Reader, filters: Sequence[Filter]) -> list[Control]:
    """Return the controls of a sheet, in the order in which they are shown."""
    choices = {filter_.id: filter_ for filter_ in filters if isinstance(filter_, ChoiceFilter)}
    return [_parameter_control(*union.union()) for union in sheet.items("ParameterControls")] + [
        _filter_control(*union.union(), choices) for union in sheet.items("FilterControls")
    ]


def _parameter_control(kind: str, control: Reader) -> Control:
    control_id = control["ParameterControlId"].value()
    title = control.get("Title", default="")
    parameter = control["SourceParameterName"].value()
    if kind == "DateTimePicker":
        return DateControl(control_id, title, parameter)
    if kind == "Slider":
        minimum, maximum, step = (
            control[member].value() for member in ("MinimumValue", "MaximumValue", "StepSize")
        )
        return SliderControl(control_id, title, parameter, minimum, maximum, step)
    if kind == "Dropdown" and control.get("Type", default="SINGLE_SELECT") == "SINGLE_SELECT":
        values = control["SelectableValues"]
        if "LinkToDataSetColumn" in values:
            data, column = read_column(values["LinkToDataSetColumn"])
            return PickControl(control_id, title, parameter, data=data, column=column)
        return PickControl(control_id, title, parameter, values["Values"].value())
    control.value()
    return MissingControl(control_id, title, f"a {kind} control")


def _filter_control(kind: str, control: Reader, choices: dict[str, ChoiceFilter]) -> Control:
    control_id = control["FilterControlId"].value()
    choice = choices.get(control["SourceFilterId"].value())
    if kind not in ("CrossSheet", "Dropdown", "List") or choice is None:
        control.value()
        return MissingControl(control_id, "", f"a {kind} control")
    control.get("Type")
    return ChoiceControl(control_id, control.get("Title", default=choice.title), choice.id)
