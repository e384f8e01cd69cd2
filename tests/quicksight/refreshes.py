"""How a data set is refreshed: its refresh properties and schedules, and what each call does to them."""

from typing import Any

from tests.quicksight.refused import RefusedError

type State = dict[str, Any]


def _put_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    if state["versions"][-1]["content"]["ImportMode"] != "SPICE":
        raise RefusedError("PreconditionNotMetException", "only SPICE data sets are refreshed")
    state["refresh_properties"] = params["DataSetRefreshProperties"]
    return {}


def _describe_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    if "refresh_properties" not in state:
        raise RefusedError("ResourceNotFoundException", "the data set has no refresh properties")
    return {"DataSetRefreshProperties": state["refresh_properties"]}


def _delete_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    if any(one["RefreshType"] == "INCREMENTAL_REFRESH" for one in _schedules(state).values()):
        raise RefusedError("ConflictException", "an incremental schedule needs the refresh properties")
    if state.pop("refresh_properties", None) is None:
        raise RefusedError("ResourceNotFoundException", "the data set has no refresh properties")
    return {}


def _create_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    schedule = params["Schedule"]
    if schedule["ScheduleId"] in _schedules(state):
        raise RefusedError("ResourceExistsException", f"schedule {schedule['ScheduleId']} exists already")
    return _put_schedule(state, schedule)


def _update_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    schedule = params["Schedule"]
    _schedule(state, schedule["ScheduleId"])
    return _put_schedule(state, schedule)


def _list_refresh_schedules(state: State, params: dict[str, Any]) -> dict[str, Any]:
    return {"RefreshSchedules": list(_schedules(state).values())}


def _delete_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    _schedule(state, params["ScheduleId"])
    del state["schedules"][params["ScheduleId"]]
    return {"ScheduleId": params["ScheduleId"]}


def _put_schedule(state: State, schedule: dict[str, Any]) -> dict[str, Any]:
    if schedule["RefreshType"] == "INCREMENTAL_REFRESH" and "refresh_properties" not in state:
        raise RefusedError("PreconditionNotMetException", "an incremental refresh needs refresh properties")
    _schedules(state)[schedule["ScheduleId"]] = schedule
    return {"ScheduleId": schedule["ScheduleId"]}


def _schedule(state: State, schedule_id: str) -> dict[str, Any]:
    if schedule_id not in _schedules(state):
        raise RefusedError("ResourceNotFoundException", f"there is no schedule {schedule_id}")
    return _schedules(state)[schedule_id]


def _schedules(state: State) -> dict[str, dict[str, Any]]:
    schedules: dict[str, dict[str, Any]] = state.setdefault("schedules", {})
    return schedules


OPERATIONS = {
    "PutDataSetRefreshProperties": _put_refresh_properties,
    "DescribeDataSetRefreshProperties": _describe_refresh_properties,
    "DeleteDataSetRefreshProperties": _delete_refresh_properties,
    "CreateRefreshSchedule": _create_refresh_schedule,
    "UpdateRefreshSchedule": _update_refresh_schedule,
    "ListRefreshSchedules": _list_refresh_schedules,
    "DeleteRefreshSchedule": _delete_refresh_schedule,
}
